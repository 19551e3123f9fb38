/** Faults: what a real API server and a real network do on a bad day, by rule. */

import type { DurationLike } from "../../core/index.js";
import type { RequestMatch } from "./request-facts.js";

/** What goes wrong. */
export type FaultEffect =
  /** 409: somebody else has changed the object. The write does not happen. */
  | { readonly fault: "conflict" }
  /** 410: for a list as its answer, for a watch as its only event, as the API server does. */
  | { readonly fault: "expired" }
  /** 429 with a `Retry-After` of whole seconds; default one second. */
  | { readonly fault: "too-many-requests"; readonly retryAfter?: DurationLike | undefined }
  /** 500: the server failed, and did nothing. */
  | { readonly fault: "internal-error" }
  /** The request reaches the server only after so long, by the cluster's clock. */
  | { readonly fault: "delay"; readonly by: DurationLike }
  /** The connection breaks before the server has got the request, or after it has carried it out, so that its answer is lost. */
  | { readonly fault: "disconnect"; readonly when: "before" | "after" }
  /** A watch breaks after so many events; default none. */
  | { readonly fault: "drop-watch"; readonly afterEvents?: number | undefined }
  /** A list shows what was there when the rule was made, as an API server does that lags behind. A watch from there catches up. */
  | { readonly fault: "stale-list" };

/** A fault, which requests it strikes, and how often. */
export type FaultRule = FaultEffect &
  RequestMatch & {
    /** So many that match are spared first. Default none. */
    readonly skip?: number | undefined;
    /** So many are struck at most. Default: all, until the rule is disposed of. */
    readonly times?: number | undefined;
    /** The chance of each, from the cluster's seed. Default 1. */
    readonly probability?: number | undefined;
  };

/** A rule at work: disposing of it ends it. */
export interface Fault extends Disposable {
  /** How many requests it has struck. */
  readonly hits: number;
}
