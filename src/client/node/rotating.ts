/** A value that somebody else changes: a file, or what a program prints. */

import { sharedRun } from "../shared-run.js";
import { allowManyListeners } from "./signal-listeners.js";

/** A value as it is now. */
export interface Rotating<T> {
  /** Loads it at the first call, and again once it is no longer fresh. Many calls at once load once. */
  current(signal?: AbortSignal): Promise<T>;
  /** After `used` was refused: loads it again, unless it has changed already. */
  renew(used: T, signal?: AbortSignal): Promise<T>;
}

/** A value, and how long it may be relied on, in milliseconds since 1970. */
export interface Loaded<T> {
  readonly value: T;
  /** When to load it again. */
  readonly freshUntil: number;
  /** Until when it will do if loading fails. */
  readonly validUntil: number;
}

/** Options of {@link rotating}. */
export interface RotatingOptions<T> {
  readonly now: () => number;
  readonly same: (a: T, b: T) => boolean;
  /** Whether `renew` gives the old value if loading fails: another failure then tells the caller. Default false: it throws. */
  readonly keepsOld?: boolean;
}

/** After a failure that an old value bridges, loading waits so long before it is tried again. */
const failurePauseMs = 10_000;

/**
 * A value that `load` loads.
 *
 * Guarantees: at most one load at a time. A caller that aborts stops waiting; the load is aborted when nobody waits any more. When a
 * load fails, the old value is kept as long as it is valid.
 */
export function rotating<T>(
  load: (signal: AbortSignal) => Promise<Loaded<T>>,
  { now, same, keepsOld = false }: RotatingOptions<T>,
): Rotating<T> {
  let state: Loaded<T> | undefined;
  const shared = sharedRun(async (signal) => {
    const loaded = await load(signal);
    // The same object for the same value: what hangs on it need not be made anew.
    state = state !== undefined && same(state.value, loaded.value) ? { ...loaded, value: state.value } : loaded;
    return state.value;
  });
  const reload = (signal: AbortSignal | undefined) => {
    allowManyListeners(signal);
    return shared(signal);
  };
  return Object.freeze({
    current: async (signal?: AbortSignal) => {
      const known = state;
      if (known !== undefined && now() < known.freshUntil) return known.value;
      try {
        return await reload(signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (known === undefined || now() >= known.validUntil) throw error;
        state = { ...known, freshUntil: Math.min(known.validUntil, now() + failurePauseMs) };
        return known.value;
      }
    },
    renew: async (used: T, signal?: AbortSignal) => {
      if (state !== undefined && !same(state.value, used)) return state.value;
      try {
        return await reload(signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!keepsOld) throw error;
        return used;
      }
    },
  });
}

/** A value that never changes. */
export function fixed<T>(value: T): Rotating<T> {
  return Object.freeze({ current: async () => value, renew: async () => value });
}
