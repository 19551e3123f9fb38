/** What happens, in words for a terminal: a word on whom it is about, and a sentence. */

import { keyOf, type Outcome, type Reason } from "kindred";
import type { Happening } from "./happenings.js";

/** One line about one change. */
export function narrateHappening({ kind, name, content, change, by }: Happening): string {
  const what = `${kind} ${name} ${change === "is there" ? change : `was ${change}`}`;
  if (change === "deleted") return line("cluster", what);
  const verb = kind === "ConfigMap" ? "holds" : "asks for";
  return line("cluster", `${what}: it ${verb} ${JSON.stringify(content)}${by === undefined ? "" : ` (by ${by})`}`);
}

/** One line about what the controller did. */
export function narrateOutcome(outcome: Outcome): string {
  switch (outcome.type) {
    case "ready":
      return line("controller", `has seen everything there is: ${outcome.objects} ConfigMapGenerator(s)`);
    case "reconciled":
      return line(
        "controller",
        `reconciled ${keyOf(outcome.ref)} in ${outcome.durationMs.toFixed(0)} ms, because ${why(outcome.reasons)}`,
      );
    case "failed": {
      const retry =
        outcome.retryInMs === undefined ? "when it changes" : `in ${(outcome.retryInMs / 1000).toFixed(1)} s`;
      const attempt = outcome.attempt === 1 ? "" : `, attempt ${outcome.attempt}`;
      return line(
        "controller",
        `failed on ${keyOf(outcome.ref)}${attempt}, and tries again ${retry}: ${messageOf(outcome.error)}`,
      );
    }
    case "watch-failed":
      return line(
        "controller",
        `lost its watch of ${outcome.kind}s, and tries again by itself: ${outcome.error.message}`,
      );
    case "abandoned":
      return line("controller", `did not finish ${keyOf(outcome.ref)} in time`);
    case "missed":
      return line("controller", `did ${outcome.count} more things, too fast to print`);
    default:
      return outcome satisfies never;
  }
}

/** A line: on whom it is about, and what. */
export function line(about: "server" | "cluster" | "controller" | "you", text: string): string {
  return `${about.padEnd(11)} ${text}`;
}

function why(reasons: readonly Reason[]): string {
  return [...new Set(reasons.map(because))].join(" and ");
}

function because(reason: Reason): string {
  switch (reason.type) {
    case "object-changed":
      return "it is new or changed";
    case "related-changed":
      return `its ${reason.kind} changed`;
    case "asked":
      return `${reason.by} asked for it`;
    case "requeued":
      return "it looks after it from time to time";
    case "retried":
      return "it had failed before";
    default:
      return reason satisfies never;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
