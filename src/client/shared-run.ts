/** One piece of work for all who ask for it at once. */

/**
 * Wraps `run`, which then runs once for all who ask while it lasts.
 *
 * A caller that aborts stops waiting; the run is aborted when nobody waits any more.
 */
export function sharedRun<T>(run: (signal: AbortSignal) => Promise<T>): (signal?: AbortSignal) => Promise<T> {
  let running: { readonly result: Promise<T>; readonly abort: AbortController; waiting: number } | undefined;
  return (signal) => {
    signal?.throwIfAborted();
    if (running === undefined) {
      const abort = new AbortController();
      const result = run(abort.signal).finally(() => {
        if (running?.abort === abort) running = undefined;
      });
      running = { result, abort, waiting: 0 };
    }
    const joined = running;
    joined.waiting += 1;
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        signal?.removeEventListener("abort", onAbort);
        joined.waiting -= 1;
      };
      const onAbort = () => {
        leave();
        if (joined.waiting === 0) {
          if (running === joined) running = undefined;
          joined.abort.abort(signal?.reason);
        }
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      joined.result.then(resolve, reject).finally(leave);
    });
  };
}
