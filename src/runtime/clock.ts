/** Time and chance, passed in: the only file of this room that touches a timer. */

/** Where time and randomness come from. */
export interface Clock {
  /** Milliseconds on a monotonic scale. */
  now(): number;
  /** The calendar's time, for timestamps. */
  date(): Date;
  /** At least 0, below 1. */
  random(): number;
  /** Calls back once, after `ms` milliseconds. @returns what cancels it. */
  timer(ms: number, callback: () => void): () => void;
}

/** `setTimeout` fires at once for a longer delay: it counts in 32 bits. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  date: () => new Date(),
  random: () => Math.random(),
  timer: (ms: number, callback: () => void) => {
    const handle = setTimeout(callback, Math.min(Math.max(ms, 0), longestTimerMs));
    return () => clearTimeout(handle);
  },
});

/**
 * Waits.
 *
 * @throws the signal's reason as soon as it aborts.
 */
export function sleep(
  clock: Clock,
  ms: number,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.timer(ms, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}
