/** One call of a reconcile, contained: whatever the user's function does, a result comes out. */

import { KindredError } from "../core/index.js";
import { type Action, awaitChange } from "./action.js";
import type { Clock } from "./clock.js";

/** A reconcile took longer than it may. */
export class ReconcileTimeout extends KindredError<"TIMEOUT"> {
  constructor(timeoutMs: number) {
    super("TIMEOUT", `the reconcile did not finish within ${timeoutMs} ms: hand context.signal to its calls`);
  }
}

/** How a call went. */
export type AttemptResult =
  | { readonly type: "done"; readonly action: Action }
  | { readonly type: "failed"; readonly error: unknown };

/** A call: its result, and when the function has really come to its end, which after a timeout is later or never. */
export interface Attempt {
  readonly result: Promise<AttemptResult>;
  readonly settled: Promise<void>;
}

/**
 * Calls `reconcile`. Neither promise rejects: a synchronous throw, a rejection with nothing and a result that is no action all
 * become a `failed` result; after `timeoutMs` the call has failed and `abort` is aborted.
 */
export function attempt(
  reconcile: () => Promise<Action | void> | Action | void,
  options: { readonly clock: Clock; readonly timeoutMs: number | undefined; readonly abort: AbortController },
): Attempt {
  const { clock, timeoutMs, abort } = options;
  const call = contain(reconcile);
  const settled = call.then(() => {});
  if (timeoutMs === undefined) return { result: call, settled };
  const result = new Promise<AttemptResult>((resolve) => {
    const cancel = clock.timer(timeoutMs, () => {
      const error = new ReconcileTimeout(timeoutMs);
      abort.abort(error);
      resolve({ type: "failed", error });
    });
    void call.then((outcome) => {
      cancel();
      resolve(outcome);
    });
  });
  return { result, settled };
}

async function contain(reconcile: () => Promise<Action | void> | Action | void): Promise<AttemptResult> {
  try {
    const action = (await reconcile()) ?? awaitChange;
    if (action.type === "requeue" || action.type === "await-change") return { type: "done", action };
    return { type: "failed", error: notAnAction(action) };
  } catch (error) {
    return {
      type: "failed",
      error: error ?? new KindredError("TERMINAL", "the reconcile failed without saying why: it threw nothing"),
    };
  }
}

function notAnAction(value: never): Error {
  return new TypeError(
    `a reconcile returns requeueAfter(…), awaitChange or nothing, but returned ${JSON.stringify(value)}`,
  );
}
