/** What a reconcile wants next. */

import { type DurationLike, durationMs } from "../core/index.js";

/** Run again after a while, or wait for a change. */
export type Action =
  | { readonly type: "requeue"; readonly afterMs: number }
  /** What returning nothing means. */
  | { readonly type: "await-change" };

/**
 * Reconcile again after `duration`, or earlier if something changes.
 *
 * @example `return requeueAfter({ minutes: 5 });`
 * @throws KindredError `INVALID_ARGUMENT` for a negative or infinite duration.
 */
export function requeueAfter(duration: DurationLike): Action {
  return Object.freeze({ type: "requeue", afterMs: durationMs(duration) });
}

/** Reconcile again when something changes. */
export const awaitChange: Action = Object.freeze({ type: "await-change" });
