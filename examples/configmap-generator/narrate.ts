/** What a controller does, in words for a terminal. */

import { keyOf, type Outcome, type Reason } from "kindred";

/** One line about one outcome; undefined for what is not worth one. */
export function narrate(outcome: Outcome): string | undefined {
  switch (outcome.type) {
    case "ready":
      return `ready      the caches are complete: ${outcome.objects} ConfigMapGenerator(s)`;
    case "reconciled":
      return `reconciled ${keyOf(outcome.ref)} in ${outcome.durationMs.toFixed(0)} ms, because ${why(outcome.reasons)}`;
    case "failed": {
      const retry =
        outcome.retryInMs === undefined ? "until it changes" : `for ${(outcome.retryInMs / 1000).toFixed(1)} s`;
      return `failed     ${keyOf(outcome.ref)}, attempt ${outcome.attempt}, waits ${retry}: ${messageOf(outcome.error)}`;
    }
    case "watch-failed":
      return `waiting    the watch of ${outcome.kind} failed ${outcome.failures} time(s), and is retried: ${outcome.error.message}`;
    case "abandoned":
      return `abandoned  ${keyOf(outcome.ref)} did not finish in time`;
    case "missed":
      return `…          ${outcome.count} outcomes went by too fast to print`;
    default:
      return outcome satisfies never;
  }
}

function why(reasons: readonly Reason[]): string {
  return [...new Set(reasons.map(because))].join(" and ");
}

function because(reason: Reason): string {
  switch (reason.type) {
    case "object-changed":
      return "it changed";
    case "related-changed":
      return `its ${reason.kind} ${reason.ref.name} changed`;
    case "asked":
      return `${reason.by} asked for it`;
    case "requeued":
      return "its time had come";
    case "retried":
      return "it had failed before";
    default:
      return reason satisfies never;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
