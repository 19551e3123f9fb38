/** The runner: takes keys from the queue while there is room, calls the reconcile, and decides when a key is due again. */

import type { Client } from "../client/index.js";
import { ApiError, type DeepReadonly, traced, type Tracer } from "../core/index.js";
import type { Action } from "./action.js";
import { attempt, ReconcileTimeout } from "./attempt.js";
import { backoffMs } from "./backoff.js";
import { type RunnerMetrics, runnerMetrics } from "./controller-metrics.js";
import { deepFreeze } from "./freeze.js";
import type { Limits } from "./limits.js";
import type { Metrics } from "./metrics.js";
import { keyOf, type ObjectRef } from "./object-ref.js";
import type { Outcome, Reason } from "./outcomes.js";
import { type Reconcile, TerminalError } from "./reconcile.js";
import type { Store } from "./store.js";
import { type Work, WorkQueue } from "./work-queue.js";

/** What a runner works with. */
export interface RunnerSetup<T> {
  readonly client: Client;
  readonly store: Store<DeepReadonly<T>>;
  readonly reconcile: Reconcile<T>;
  readonly limits: Limits;
  readonly publish: (outcome: Outcome) => void;
  /** What the controller is called. */
  readonly name: string;
  readonly metrics: Metrics | undefined;
  readonly tracer: Tracer | undefined;
  /** Called with an error of ours, never with the user's. */
  readonly crash: (error: unknown) => void;
}

/** A request to reconcile an object. */
export interface RunRequest {
  readonly priority: number;
  readonly reason: Reason;
}

export class Runner<T> {
  readonly #setup: RunnerSetup<T>;
  readonly #queue = new WorkQueue<Reason>();
  readonly #refs = new Map<string, ObjectRef>();
  readonly #failures = new Map<string, number>();
  readonly #runs = new Map<string, { readonly abort: AbortController; readonly startedAt: number }>();
  readonly #metrics: RunnerMetrics | undefined;
  #open = false;
  #cancelTimer: () => void = () => {};
  #idle: () => void = () => {};

  constructor(setup: RunnerSetup<T>) {
    this.#setup = setup;
    const { metrics, name, limits } = setup;
    const figures = {
      waiting: () => this.#queue.size,
      running: () => this.#runs.size,
      startedAt: () => [...this.#runs.values()].map(({ startedAt }) => startedAt),
      now: () => limits.clock.now(),
    };
    this.#metrics = metrics && runnerMetrics(metrics, name, { concurrency: limits.concurrency, figures });
  }

  /** Whether nothing runs and nothing can: what waits for its time, or for the caches, does not count. */
  get idle(): boolean {
    const next = this.#queue.nextAt();
    const isDue = this.#open && next !== undefined && next <= this.#setup.limits.clock.now();
    return this.#runs.size === 0 && !isDue;
  }

  /** Starts to run what is due, and what was requested so far. */
  open(): void {
    this.#open = true;
    this.#pump();
  }

  /** Starts nothing more. */
  close(): void {
    this.#open = false;
    this.#cancelTimer();
    this.#metrics?.close();
  }

  request(ref: ObjectRef, { priority, reason }: RunRequest): void {
    const { clock, debounceMs } = this.#setup.limits;
    const key = keyOf(ref);
    this.#metrics?.requested();
    if (!this.#refs.has(key)) this.#refs.set(key, ref);
    this.#queue.add(key, { at: clock.now() + debounceMs, priority, reason });
    this.#pump();
  }

  /** Waits for what runs, until the deadline; then aborts it with `reason` and names it. */
  async drain(deadlineMs: number, reason: Error): Promise<void> {
    if (this.#runs.size === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#setup.limits.clock.timer(deadlineMs, resolve);
      this.#idle = () => {
        cancel();
        resolve();
      };
    });
    for (const [key, run] of this.#runs) {
      run.abort.abort(reason);
      this.#setup.publish({ type: "abandoned", ref: this.#refs.get(key) ?? { name: key } });
    }
  }

  /** Starts what is due while there is room, and sets the timer for what is next. */
  #pump(): void {
    if (!this.#open) return;
    const { clock, concurrency } = this.#setup.limits;
    this.#cancelTimer();
    const now = clock.now();
    while (this.#runs.size < concurrency) {
      const work = this.#queue.take(now);
      if (work === undefined) break;
      this.#start(work);
    }
    const next = this.#runs.size < concurrency ? this.#queue.nextAt() : undefined;
    if (next !== undefined) this.#cancelTimer = clock.timer(next - now, () => this.#pump());
  }

  #start(work: Work<Reason>): void {
    const { key } = work;
    const ref = this.#refs.get(key);
    const object = ref === undefined ? undefined : this.#setup.store.get(ref);
    if (ref === undefined || object === undefined) {
      // Deleted: nothing to reconcile, and nothing to remember.
      this.#failures.delete(key);
      this.#queue.done(key);
      this.#refs.delete(key);
      return;
    }
    const abort = new AbortController();
    const startedAt = this.#setup.limits.clock.now();
    this.#runs.set(key, { abort, startedAt });
    this.#metrics?.started(Math.max(0, startedAt - work.at));
    this.#execute({ work, ref, object, abort, startedAt }).catch(this.#setup.crash);
  }

  async #execute({ work, ref, object, abort, startedAt }: Run<DeepReadonly<T>>): Promise<void> {
    const { reconcile, client, store, limits, tracer, name } = this.#setup;
    const { key, reasons } = work;
    const { signal } = abort;
    const number = (this.#failures.get(key) ?? 0) + 1;
    const context = { client, attempt: number, signal, reasons, store };
    const reconcileOnce = () => reconcile(deepFreeze(object), context);
    const traceOnce = (by: Tracer) => {
      const attributes = attributesOf(ref, number, reasons);
      return traced(by, { name: `reconcile ${name}`, kind: spanKindInternal, attributes }, reconcileOnce);
    };
    const call = attempt(tracer === undefined ? reconcileOnce : () => traceOnce(tracer), { ...limits, abort });
    const result = await call.result;
    this.#runs.delete(key);
    const facts = { ref, attempt: number, reasons, durationMs: limits.clock.now() - startedAt };
    if (result.type === "done") this.#succeeded(work, result.action, facts);
    else this.#failed(work, result.error, facts);
    if (this.#runs.size === 0) this.#idle();
    this.#pump();
    // After a timeout the key waits until the function has really ended: it must not run twice at once.
    await call.settled;
    this.#queue.done(key);
    this.#pump();
  }

  #succeeded(work: Work<Reason>, action: Action, facts: RunFacts): void {
    this.#failures.delete(work.key);
    this.#metrics?.ended(action.type === "requeue" ? "requeue_after" : "success", facts);
    if (action.type === "requeue") this.#again(work, action.afterMs, { type: "requeued" });
    this.#setup.publish({ type: "reconciled", action, ...facts });
  }

  #failed(work: Work<Reason>, error: unknown, facts: RunFacts): void {
    const outcome = { type: "failed", error, ...facts } as const;
    const terminal = error instanceof TerminalError;
    const timedOut = error instanceof ReconcileTimeout;
    this.#metrics?.ended("error", { ...facts, terminal, timedOut });
    if (terminal) {
      this.#failures.delete(work.key);
      this.#setup.publish(outcome);
      return;
    }
    this.#failures.set(work.key, facts.attempt);
    const { backoff, clock } = this.#setup.limits;
    const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    const retryInMs = Math.max(backoffMs(backoff, facts.attempt, clock.random()), asked);
    this.#metrics?.retried();
    this.#again(work, retryInMs, { type: "retried" });
    this.#setup.publish({ ...outcome, retryInMs });
  }

  /** What was requested while the key ran wins if it is due earlier. */
  #again(work: Work<Reason>, afterMs: number, reason: Reason): void {
    const at = this.#setup.limits.clock.now() + afterMs;
    this.#queue.add(work.key, { at, priority: work.priority, reason, weak: true });
  }
}

interface Run<T> {
  readonly work: Work<Reason>;
  readonly ref: ObjectRef;
  readonly object: T;
  readonly abort: AbortController;
  readonly startedAt: number;
}

/** OpenTelemetry's `SpanKind.INTERNAL`. */
const spanKindInternal = 0;

function attributesOf(ref: ObjectRef, attemptNumber: number, reasons: readonly Reason[]) {
  return {
    "k8s.object.name": ref.name,
    ...(ref.namespace !== undefined && { "k8s.namespace.name": ref.namespace }),
    "reconcile.attempt": attemptNumber,
    "reconcile.reasons": [...new Set(reasons.map(({ type }) => type))].join(","),
  };
}

type RunFacts = Pick<Extract<Outcome, { type: "reconciled" }>, "ref" | "attempt" | "reasons" | "durationMs">;
