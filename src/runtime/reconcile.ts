/** The user's side of a controller: the function that reconciles, what it is given, and how it is run. */

import type { Client } from "../client/index.js";
import { type DeepReadonly, type DurationLike, KindredError, type Tracer } from "../core/index.js";
import type { Action } from "./action.js";
import type { Backoff } from "./backoff.js";
import type { Clock } from "./clock.js";
import type { Metrics } from "./metrics.js";
import type { Reason } from "./outcomes.js";
import type { Store } from "./store.js";

/** Thrown by a reconcile that would fail again however often it ran: it runs again only when the object changes. */
export class TerminalError extends KindredError<"TERMINAL"> {
  override readonly name = "TerminalError";

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("TERMINAL", message, options);
  }
}

/** What a reconcile is given besides its object. */
export interface ReconcileContext<T> {
  /** The client that the controller's handle came from. */
  readonly client: Client;
  /** 1, or more after failures in a row. */
  readonly attempt: number;
  /** Aborts when the reconcile's timeout or the shutdown's deadline passes: hand it to every call. */
  readonly signal: AbortSignal;
  /** Why this run was due, for logs and traces; decide by state, never by these. */
  readonly reasons: readonly Reason[];
  /** Every object of the controller's kind, as of now. */
  readonly store: Store<DeepReadonly<T>>;
}

/**
 * Brings the world in line with one object. Called with its latest state, never twice at once for one object.
 *
 * @returns when to run again besides changes: `requeueAfter(…)`, or nothing.
 * @throws whatever went wrong: it runs again with exponential backoff, or when the object changes; {@link TerminalError}: only then.
 */
export type Reconcile<T> = (
  object: DeepReadonly<T>,
  context: ReconcileContext<T>,
) => Promise<Action | void> | Action | void;

/** How to run a controller. */
export interface RunOptions {
  /** Aborting it stops the controller, as `stop()`. */
  readonly signal?: AbortSignal | undefined;
  /** How many objects are reconciled at once; default 8. */
  readonly concurrency?: number | undefined;
  /** A reconcile that takes longer has failed; its signal aborts. Default: none. */
  readonly timeout?: DurationLike | undefined;
  /** Collect the changes of an object for so long before reconciling it; default: none. */
  readonly debounce?: DurationLike | undefined;
  /** How long a shutdown waits for reconciles that run; default 30 seconds. */
  readonly shutdownDeadline?: DurationLike | undefined;
  /** Delays after failures in a row of one object; default 100 ms doubling to 5 minutes. */
  readonly backoff?: Backoff | undefined;
  /** What the controller is called in metrics, spans and logs; default: its kind in lower case. */
  readonly name?: string | undefined;
  /** Where its metrics go, under controller-runtime's names. */
  readonly metrics?: Metrics | undefined;
  /** Gets a span for each reconcile; with `traceRequests` the requests become its children. */
  readonly tracer?: Tracer | undefined;
  /** Told of failures; `console` will do. Default: failures that nobody reads as outcomes go to `console`. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** A structured logger, as `console` or any other is. */
export interface Logger {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}
