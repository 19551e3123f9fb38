/** Once more from the start, when somebody else was faster. */

import { isConflict } from "../core/index.js";
import { type RetryClock, systemClock } from "./clock.js";

/** How often to try, and how long to wait in between. The defaults are client-go's. */
export interface RetryOnConflictOptions {
  /** All attempts, the first included. Default 5. */
  readonly attempts?: number | undefined;
  /** The wait before the second attempt, in milliseconds. Default 10. */
  readonly waitMs?: number | undefined;
  /** Each further wait is so many times the one before. Default 1. */
  readonly factor?: number | undefined;
  /** Each wait is longer by a random part, up to this share of it. Default 0.1. */
  readonly jitter?: number | undefined;
  /** Which errors are worth another attempt. Default {@link isConflict}. */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Time and chance, for tests. */
  readonly clock?: RetryClock | undefined;
}

/**
 * Runs `action` again as long as it ends in a conflict: it must read the object anew each time.
 *
 * @param action gets the number of the attempt, from 1.
 * @throws the last conflict when the attempts are used up, any other error at once, or the signal's reason.
 * @example
 * ```ts
 * await retryOnConflict(async () => {
 *   const map = await maps.get("settings");
 *   return maps.replace({ ...map, data: { ...map.data, color: "blue" } });
 * });
 * ```
 */
export async function retryOnConflict<T>(
  action: (attempt: number) => Promise<T>,
  options: RetryOnConflictOptions = {},
): Promise<T> {
  const {
    attempts = 5,
    waitMs = 10,
    factor = 1,
    jitter = 0.1,
    retryIf = isConflict,
    signal,
    clock = systemClock,
  } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await action(attempt);
    } catch (error) {
      if (attempt >= attempts || !retryIf(error)) throw error;
    }
    await clock.sleep(waitMs * factor ** (attempt - 1) * (1 + jitter * clock.random()), signal);
  }
}
