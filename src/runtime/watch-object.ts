/** Watching one object by its name. */

import { asReadonly, type DeepReadonly, type WatchedObject, type WatcherFailure } from "../core/index.js";
import { watcher, type WatcherOptions, type WatchSource } from "./watcher.js";

/** How an object is. */
export type ObjectState<T> =
  | { readonly type: "present"; readonly object: DeepReadonly<T> }
  /** There is none by that name. */
  | { readonly type: "absent" }
  /** It is not known at the moment; the watch goes on by itself. */
  | WatcherFailure;

/**
 * How the object called `name` is, and how it is after each change, for as long as the loop runs.
 *
 * Guarantees: what comes first, besides failures, is how it is now; the last state is never missed, states in between may be. The same
 * state may come again after an interruption.
 *
 * @throws the signal's reason.
 * @example
 * ```ts
 * for await (const state of watchObject(client.api(ConfigMap).namespace("default"), "settings")) {
 *   if (state.type === "present") use(state.object.data);
 * }
 * ```
 */
export async function* watchObject<T extends WatchedObject>(
  source: WatchSource<T>,
  name: string,
  options: Omit<WatcherOptions, "labels" | "fields" | "pageSize"> = {},
): AsyncGenerator<ObjectState<T>, void, undefined> {
  let state: ObjectState<T> = { type: "absent" };
  for await (const event of watcher(source, { ...options, fields: { "metadata.name": name } })) {
    if (event.type === "error") yield event;
    if (event.type === "init" || event.type === "delete") state = { type: "absent" };
    if (event.type === "init-apply" || event.type === "apply") {
      state = { type: "present", object: asReadonly(event.object) };
    }
    if (event.type === "init-done" || event.type === "apply" || event.type === "delete") yield state;
  }
}
