/** One signal may end many streams. */

/**
 * A signal that aborts when `signal` does, with its reason. Node warns of a leak at the eleventh listener of one signal, but that of a
 * controller ends every watch of it: each of them listens to a signal of its own, which is gone when nobody listens any more.
 */
export function followSignal(signal: AbortSignal): AbortSignal;
export function followSignal(signal: AbortSignal | undefined): AbortSignal | undefined;
export function followSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  return signal === undefined ? undefined : AbortSignal.any([signal]);
}
