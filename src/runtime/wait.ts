/** Waiting for one object to become what is needed. */

import { type DeepReadonly, type DurationLike, durationMs, KindredError, type WatchedObject } from "../core/index.js";
import { type Clock, systemClock } from "./clock.js";
import { watchObject } from "./watch-object.js";
import type { WatcherOptions, WatchSource } from "./watcher.js";

/**
 * Whether an object is what is awaited; undefined stands for an object that does not exist. It may throw to say that the awaited
 * can no longer happen.
 */
export type AwaitedCondition<T> = (object: DeepReadonly<T> | undefined) => boolean;

/** How long to wait. */
export interface WaitOptions extends Pick<WatcherOptions, "backoff"> {
  /** Default one minute. */
  readonly timeout?: DurationLike | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** What is awaited, for the message of a timeout: `to be established`. */
  readonly what?: string | undefined;
}

/**
 * Waits until `condition` holds for the object called `name`, by a watch on that object alone.
 *
 * A connection that breaks meanwhile is taken up again.
 *
 * @returns the object, undefined if it does not exist and the condition wants it so.
 * @throws KindredError `TIMEOUT` naming what was awaited and the last failure, what `condition` throws, or the signal's reason.
 * @example
 * ```ts
 * await waitFor(client.api(CustomResourceDefinition), "widgets.example.dev", isEstablished, { timeout: { seconds: 30 } });
 * ```
 */
export async function waitFor<T extends WatchedObject>(
  source: WatchSource<T>,
  name: string,
  options: WaitOptions & { readonly until: AwaitedCondition<T> },
): Promise<DeepReadonly<T> | undefined> {
  const clock = options.clock ?? systemClock;
  const timeoutMs = durationMs(options.timeout ?? { minutes: 1 });
  const abort = new AbortController();
  const forward = () => abort.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", forward, { once: true });
  const seen: { failure?: Error } = {};
  const cancel = clock.timer(timeoutMs, () =>
    abort.abort(timedOut(source, name, { ...options, timeoutMs, failure: seen.failure })),
  );
  try {
    options.signal?.throwIfAborted();
    const watch = { signal: abort.signal, clock, backoff: options.backoff };
    for await (const state of watchObject(source, name, watch)) {
      if (state.type === "error") {
        seen.failure = state.error;
        continue;
      }
      const object = state.type === "present" ? state.object : undefined;
      if (options.until(object)) return object;
    }
    throw new TypeError("a watcher ended by itself");
  } finally {
    cancel();
    options.signal?.removeEventListener("abort", forward);
  }
}

function timedOut(
  source: WatchSource<unknown>,
  name: string,
  facts: { readonly what?: string | undefined; readonly timeoutMs: number; readonly failure: Error | undefined },
): Error {
  const { kind, namespace } = source.target;
  const where = namespace === undefined ? "" : ` in namespace ${JSON.stringify(namespace)}`;
  const failure = facts.failure === undefined ? "" : `; the last failure: ${facts.failure.message}`;
  return new KindredError(
    "TIMEOUT",
    `waited ${facts.timeoutMs / 1000} s for ${kind.kind} ${JSON.stringify(name)}${where} ${facts.what ?? "to meet the condition"}, in vain${failure}`,
    { cause: facts.failure },
  );
}
