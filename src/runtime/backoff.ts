/** Exponential backoff as a pure function. */

/** How delays grow with failures in a row. */
export interface Backoff {
  /** The delay after the first failure, in milliseconds. */
  readonly baseMs: number;
  readonly maxMs: number;
  readonly factor: number;
  /** Up to this share of the delay is added by chance, so that many do not come back at once. */
  readonly jitter: number;
}

/** The numbers of client-go's reflector. @see https://pkg.go.dev/k8s.io/client-go/tools/cache */
export const watchBackoff: Backoff = Object.freeze({ baseMs: 800, maxMs: 30_000, factor: 2, jitter: 1 });

/** For one object's failures: soon enough for a conflict, slow enough for an outage. */
export const reconcileBackoff: Backoff = Object.freeze({ baseMs: 100, maxMs: 300_000, factor: 2, jitter: 0.1 });

/**
 * The delay after `failures` failures in a row, in milliseconds; 0 failures wait for nothing.
 *
 * @param chance at least 0, below 1.
 */
export function backoffMs(backoff: Backoff, failures: number, chance: number): number {
  if (failures <= 0) return 0;
  const delay = Math.min(backoff.baseMs * backoff.factor ** (failures - 1), backoff.maxMs);
  return delay * (1 + backoff.jitter * chance);
}
