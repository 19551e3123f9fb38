/** A controller's options, checked and with their defaults. */

import { type DurationLike, durationMs, invalidArgument } from "../core/index.js";
import { type Backoff, reconcileBackoff } from "./backoff.js";
import { type Clock, systemClock } from "./clock.js";
import type { RunOptions } from "./reconcile.js";

/** How much, how long, how often. */
export interface Limits {
  readonly clock: Clock;
  readonly concurrency: number;
  readonly backoff: Backoff;
  readonly debounceMs: number;
  readonly shutdownDeadlineMs: number;
  /** Undefined: a reconcile may take for ever. */
  readonly timeoutMs: number | undefined;
}

/** @throws KindredError `INVALID_ARGUMENT` that names the option. */
export function limitsOf(options: RunOptions): Limits {
  const { concurrency = 8 } = options;
  if (!(Number.isInteger(concurrency) && concurrency > 0)) {
    throw invalidArgument(`a controller's concurrency must be a whole number above 0, but is ${concurrency}`);
  }
  return {
    clock: options.clock ?? systemClock,
    concurrency,
    backoff: options.backoff ?? reconcileBackoff,
    debounceMs: msOf(options.debounce) ?? 0,
    shutdownDeadlineMs: msOf(options.shutdownDeadline) ?? 30_000,
    timeoutMs: msOf(options.timeout),
  };
}

function msOf(duration: DurationLike | undefined): number | undefined {
  return duration === undefined ? undefined : durationMs(duration);
}
