/** Objects that something outside the cluster names: a webhook, a queue, a timer. */

import type { ObjectRef } from "./object-ref.js";
import type { Followed, RelatedEvent } from "./related.js";

/** Follows a stream of names; `signal` ends it, even if the stream itself does not heed it. */
export function followAsked(stream: AsyncIterable<ObjectRef>, by: string, signal: AbortSignal): Followed {
  return { store: { whenReady: async () => {} }, changes: changes(stream, by, signal) };
}

async function* changes(
  stream: AsyncIterable<ObjectRef>,
  by: string,
  signal: AbortSignal,
): AsyncGenerator<RelatedEvent, void, undefined> {
  const refs = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessAborted(refs.next(), signal);
      if (next.done === true) return;
      yield { type: "asked", ref: next.value, by };
    }
  } finally {
    // Not awaited: a generator ends only when what it waits for does.
    Promise.resolve(refs.return?.()).catch(() => {});
  }
}

function unlessAborted<R>(promise: Promise<R>, signal: AbortSignal): Promise<R> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
