/** Outcomes for a log. */

import { keyOf } from "./object-ref.js";
import type { Outcome } from "./outcomes.js";
import type { Logger } from "./reconcile.js";

/** Tells a logger of what went wrong, and that a controller is ready; of successes it says nothing. */
export function logOutcome(logger: Logger, controller: string, outcome: Outcome): void {
  switch (outcome.type) {
    case "ready":
      return logger.info("controller ready", { controller, objects: outcome.objects });
    case "failed":
      return logger.warn("reconcile failed", {
        controller,
        object: keyOf(outcome.ref),
        attempt: outcome.attempt,
        retryInMs: outcome.retryInMs,
        reasons: outcome.reasons,
        error: outcome.error,
      });
    case "watch-failed":
      return logger.warn("watch failed", {
        controller,
        kind: outcome.kind,
        failures: outcome.failures,
        error: outcome.error,
      });
    case "abandoned":
      return logger.warn("reconcile abandoned", { controller, object: keyOf(outcome.ref) });
    case "reconciled":
    case "missed":
      return;
    default:
      throw new TypeError(`unknown outcome ${JSON.stringify(outcome satisfies never)}`);
  }
}

/** Where failures go that nobody reads: a controller that fails in silence helps no one. */
export const fallbackLogger: Logger = Object.freeze({
  info: () => {},
  // oxlint-disable-next-line no-console -- the last resort, when there is neither a reader nor a logger
  warn: (message: string, fields: Readonly<Record<string, unknown>>) => console.warn(`kindred: ${message}`, fields),
});
