/** The reflector: a watcher's events, and a store that they keep up to date. */

import type { DeepReadonly, WatcherEvent } from "../core/index.js";
import { type Indexers, type Storable, type Store, StoreWriter } from "./store.js";

/** Options of a reflector. */
export interface ReflectorOptions<T, Name extends string> {
  /** How objects can be found besides by name: `{ byNode: (pod) => [pod.spec.nodeName ?? ""] }`. */
  readonly indexes?: Indexers<DeepReadonly<T>, Name>;
}

/** A watcher's event; with a change comes the object as it was known before, if it was. */
export type ReflectedEvent<T> =
  | Exclude<WatcherEvent<T>, { type: "init-apply" | "apply" }>
  | { readonly type: "init-apply" | "apply"; readonly object: T; readonly old?: T };

/** A reader, and the stream that must be consumed to keep it current. */
export interface Reflection<T, Name extends string> {
  readonly store: Store<DeepReadonly<T>, Name>;
  /** The watcher's events, each after the store has taken it, with a `delete` for every object that a relist found gone. */
  readonly stream: AsyncIterable<ReflectedEvent<DeepReadonly<T> & Storable>>;
}

/**
 * Keeps a store of what a watcher sees. The writer never leaves this function: only this stream changes the store.
 *
 * @example
 * ```ts
 * const { store, stream } = reflector(watcher(client.api(Pod)), { indexes: { byNode: (pod) => [pod.spec.nodeName ?? ""] } });
 * for await (const event of stream) console.log(event.type, store.size, store.by("byNode", "n1").length);
 * ```
 */
export function reflector<T extends Storable, Name extends string = never>(
  events: AsyncIterable<WatcherEvent<T>>,
  options: ReflectorOptions<T, Name> = {},
): Reflection<T, Name> {
  const writer = new StoreWriter<DeepReadonly<T> & Storable, Name>(options.indexes);
  return { store: writer.reader(), stream: reflect(readonlyView(events), writer) };
}

async function* reflect<T extends Storable>(
  events: AsyncIterable<WatcherEvent<T>>,
  writer: Pick<StoreWriter<T>, "current" | "take">,
): AsyncGenerator<ReflectedEvent<T>, void, undefined> {
  for await (const event of events) {
    const changed = event.type === "init-apply" || event.type === "apply" ? event : undefined;
    const old = changed && writer.current(changed.object.metadata);
    for (const object of writer.take(event)) yield { type: "delete", object };
    yield changed === undefined || old === undefined ? event : { ...changed, old };
  }
}

/** The same events: whoever gets them from here shares the objects, so none may write. */
export function readonlyView<T>(
  events: AsyncIterable<WatcherEvent<T>>,
): AsyncIterable<WatcherEvent<DeepReadonly<T> & Storable>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as asReadonly, for every object of the stream
  return events as AsyncIterable<WatcherEvent<DeepReadonly<T> & Storable>>;
}
