/** A controller at work: pumps watches into the queue, runs what is due, stops in order. */

import type { Client } from "../client/index.js";
import {
  type AnyKind,
  ApiError,
  type DeepReadonly,
  durationMs,
  invalidArgument,
  KindredError,
  type WatcherEvent,
} from "../core/index.js";
import type { Action } from "./action.js";
import { attempt } from "./attempt.js";
import { backoffMs, reconcileBackoff } from "./backoff.js";
import { type Clock, systemClock } from "./clock.js";
import { deepFreeze } from "./freeze.js";
import { keyOf, type ObjectRef, refOf } from "./object-ref.js";
import { type Outcome, Outcomes, type Reason } from "./outcomes.js";
import { type Reconcile, type RunOptions, TerminalError } from "./reconcile.js";
import { type ReflectedEvent, reflector } from "./reflector.js";
import type { RelatedEvent } from "./related.js";
import type { Storable, Store } from "./store.js";
import { type Work, WorkQueue } from "./work-queue.js";

/** Something besides the objects themselves that makes objects due. */
export interface Trigger {
  readonly kind: string;
  follow(options: { readonly signal: AbortSignal; readonly clock: Clock }): {
    readonly store: Pick<Store<unknown>, "whenReady">;
    readonly changes: AsyncIterable<RelatedEvent>;
  };
}

/** All that a run is made of. */
export interface ControllerSetup<T> {
  readonly kind: AnyKind;
  readonly client: Client;
  events(context: { readonly signal: AbortSignal; readonly clock: Clock }): AsyncIterable<WatcherEvent<T>>;
  readonly triggers: readonly Trigger[];
  readonly reconcile: Reconcile<T>;
  readonly options: RunOptions;
}

/** Live changes go before what a list brings: a relist of thousands must not hold up the one that a user just edited. */
const livePriority = 0;
const listPriority = -100;

const defaultConcurrency = 8;
const defaultDeadlineMs = 30_000;

/**
 * A controller that runs by itself. Iterate over it to see what it does; nobody has to. A slow reader misses outcomes and is told
 * how many.
 *
 * If a watch cannot even be asked for, which is the caller's mistake, the controller stops: its loop, `stop()` and `done` throw.
 */
export class RunningController<T extends Storable> implements AsyncIterable<Outcome>, AsyncDisposable {
  /** Every object of the controller's kind, as of now. */
  readonly store: Store<DeepReadonly<T>>;
  /** Settles when the controller has stopped. */
  readonly done: Promise<void>;
  readonly #setup: ControllerSetup<T>;
  readonly #clock: Clock;
  readonly #concurrency: number;
  readonly #queue = new WorkQueue<Reason>();
  readonly #refs = new Map<string, ObjectRef>();
  readonly #failures = new Map<string, number>();
  readonly #runs = new Map<string, AbortController>();
  readonly #outcomes = new Outcomes();
  /** Stops the watches. */
  readonly #watching = new AbortController();
  #ready = false;
  #stopping = false;
  #drained: () => void = () => {};
  #crash: (error: unknown) => void = () => {};
  #cancelTimer: () => void = () => {};

  constructor(setup: ControllerSetup<T>) {
    this.#setup = setup;
    this.#clock = setup.options.clock ?? systemClock;
    this.#concurrency = setup.options.concurrency ?? defaultConcurrency;
    validate(setup.options);
    const context = { signal: this.#watching.signal, clock: this.#clock };
    const { store, stream } = reflector(setup.events(context));
    const triggers = setup.triggers.map((trigger) => ({ kind: trigger.kind, ...trigger.follow(context) }));
    this.store = store;
    const pumps = [
      this.#pumpObjects(stream),
      ...triggers.map(({ kind, changes }) => this.#pumpRelated(kind, changes)),
      this.#begin([store, ...triggers.map((trigger) => trigger.store)]),
      new Promise<never>((_resolve, reject) => {
        this.#crash = reject;
        this.#watching.signal.addEventListener("abort", () => reject(stopped), { once: true });
      }),
    ];
    this.done = this.#supervise(pumps);
    this.#obey(setup.options.signal);
  }

  /** What happens from now on, until the controller stops. @throws what made it stop by itself. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Outcome, void, undefined> {
    yield* this.#outcomes.read();
    await this.done;
  }

  /**
   * Stops: no more watches and no new reconciles; those that run may finish until the deadline, then their signals abort and they
   * are abandoned. Resolves when all is still.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelTimer();
    this.#watching.abort(stopped);
    await this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #obey(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const stop = () => {
      this.#stopping = true;
      this.#watching.abort(stopped);
    };
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true, signal: this.#watching.signal });
  }

  /** Lives as long as the controller: pumps first, then what still runs. */
  async #supervise(pumps: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(pumps);
    } catch (error) {
      if (error !== stopped) throw error;
    } finally {
      this.#stopping = true;
      this.#watching.abort(stopped);
      await Promise.allSettled(pumps);
      await this.#drain();
      this.#cancelTimer();
      this.#outcomes.end();
    }
  }

  async #drain(): Promise<void> {
    if (this.#runs.size === 0) return;
    const deadlineMs = durationMs(this.#setup.options.shutdownDeadline ?? { milliseconds: defaultDeadlineMs });
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.timer(deadlineMs, resolve);
      this.#drained = () => {
        cancel();
        resolve();
      };
    });
    for (const [key, run] of this.#runs) {
      run.abort(
        new KindredError(
          "TIMEOUT",
          `the controller shut down, and this reconcile did not finish within ${deadlineMs} ms`,
        ),
      );
      this.#outcomes.publish({ type: "abandoned", ref: this.#refs.get(key) ?? { name: key } });
    }
  }

  async #begin(stores: readonly Pick<Store<unknown>, "whenReady">[]): Promise<void> {
    await Promise.all(stores.map((store) => store.whenReady({ signal: this.#watching.signal })));
    this.#ready = true;
    this.#outcomes.publish({ type: "ready", objects: this.store.size });
    this.#pump();
  }

  async #pumpObjects(stream: AsyncIterable<ReflectedEvent<DeepReadonly<T>>>): Promise<void> {
    for await (const event of stream) {
      if (event.type === "error") this.#watchFailed(this.#setup.kind.kind, event);
      if (event.type !== "apply" && event.type !== "init-apply") continue;
      const priority = event.type === "apply" ? livePriority : listPriority;
      this.#request(refOf(event.object), { priority, reason: { type: "object-changed" } });
    }
  }

  async #pumpRelated(kind: string, changes: AsyncIterable<RelatedEvent>): Promise<void> {
    for await (const event of changes) {
      if (event.type === "error") {
        this.#watchFailed(kind, event);
        continue;
      }
      const { from, refs, initial } = event.change;
      const reason: Reason = { type: "related-changed", kind, ref: from };
      for (const ref of refs) this.#request(ref, { priority: initial ? listPriority : livePriority, reason });
    }
  }

  #watchFailed(kind: string, failure: { readonly error: Error; readonly failures: number }): void {
    this.#outcomes.publish({ type: "watch-failed", kind, error: failure.error, failures: failure.failures });
  }

  #request(
    ref: ObjectRef,
    request: { readonly priority: number; readonly reason: Reason; readonly afterMs?: number },
  ): void {
    const key = keyOf(ref);
    if (!this.#refs.has(key)) this.#refs.set(key, ref);
    const afterMs = request.afterMs ?? durationMs(this.#setup.options.debounce ?? {});
    this.#queue.add(key, { at: this.#clock.now() + afterMs, priority: request.priority, reason: request.reason });
    this.#pump();
  }

  /** Starts what is due while there is room, and sets the timer for what is next. */
  #pump(): void {
    if (!this.#ready || this.#stopping) return;
    this.#cancelTimer();
    const now = this.#clock.now();
    while (this.#runs.size < this.#concurrency) {
      const work = this.#queue.take(now);
      if (work === undefined) break;
      this.#start(work);
    }
    const next = this.#runs.size < this.#concurrency ? this.#queue.nextAt() : undefined;
    if (next !== undefined) this.#cancelTimer = this.#clock.timer(next - now, () => this.#pump());
  }

  #start(work: Work<Reason>): void {
    const { key } = work;
    const ref = this.#refs.get(key);
    const object = ref === undefined ? undefined : this.store.get(ref);
    if (ref === undefined || object === undefined) {
      // Deleted: nothing to reconcile, and nothing to remember.
      this.#failures.delete(key);
      this.#refs.delete(key);
      this.#queue.done(key);
      return;
    }
    const abort = new AbortController();
    this.#runs.set(key, abort);
    this.#execute({ work, ref, object, abort }).catch(this.#crash);
  }

  async #execute(run: Run<DeepReadonly<T>>): Promise<void> {
    const { work, abort } = run;
    const { reconcile, client, options } = this.#setup;
    const startedAt = this.#clock.now();
    const attemptNumber = (this.#failures.get(work.key) ?? 0) + 1;
    const { signal } = abort;
    const context = { client, attempt: attemptNumber, signal, reasons: work.reasons, store: this.store };
    const call = attempt(() => reconcile(deepFreeze(run.object), context), {
      clock: this.#clock,
      timeoutMs: options.timeout === undefined ? undefined : durationMs(options.timeout),
      abort,
    });
    const result = await call.result;
    this.#runs.delete(work.key);
    const facts = {
      ref: run.ref,
      attempt: attemptNumber,
      reasons: work.reasons,
      durationMs: this.#clock.now() - startedAt,
    };
    if (result.type === "done") this.#succeeded(work, result.action, facts);
    else this.#failed(work, result.error, facts);
    this.#release(work.key, call.settled);
  }

  /** After a timeout the key waits until the function has really ended: it must not run twice at once. */
  #release(key: string, settled: Promise<void>): void {
    settled
      .then(() => {
        this.#queue.done(key);
        this.#pump();
      })
      .catch(this.#crash);
    if (this.#runs.size === 0) this.#drained();
    this.#pump();
  }

  #succeeded(work: Work<Reason>, action: Action, facts: RunFacts): void {
    this.#failures.delete(work.key);
    if (action.type === "requeue") this.#again(work, action.afterMs, { type: "requeued" });
    this.#outcomes.publish({ type: "reconciled", action, ...facts });
  }

  #failed(work: Work<Reason>, error: unknown, facts: RunFacts): void {
    const outcome = { type: "failed", error, ...facts } as const;
    if (error instanceof TerminalError) {
      this.#failures.delete(work.key);
      this.#outcomes.publish(outcome);
      return;
    }
    this.#failures.set(work.key, facts.attempt);
    const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    const backoff = this.#setup.options.backoff ?? reconcileBackoff;
    const retryInMs = Math.max(backoffMs(backoff, facts.attempt, this.#clock.random()), asked);
    this.#again(work, retryInMs, { type: "retried" });
    this.#outcomes.publish({ ...outcome, retryInMs });
  }

  /** What was requested while the key ran wins if it is due earlier. */
  #again(work: Work<Reason>, afterMs: number, reason: Reason): void {
    this.#queue.add(work.key, { at: this.#clock.now() + afterMs, priority: work.priority, reason });
  }
}

interface Run<T> {
  readonly work: Work<Reason>;
  readonly ref: ObjectRef;
  readonly object: T;
  readonly abort: AbortController;
}

type RunFacts = Pick<Extract<Outcome, { type: "reconciled" }>, "ref" | "attempt" | "reasons" | "durationMs">;

/** Why watches end when a controller stops. */
const stopped = new KindredError("CONNECTION", "the controller was stopped");

/** The caller's mistakes, before anything runs. */
function validate({ concurrency, timeout, debounce, shutdownDeadline }: RunOptions): void {
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency > 0)) {
    throw invalidArgument(`a controller's concurrency must be a whole number above 0, but is ${concurrency}`);
  }
  for (const duration of [timeout, debounce, shutdownDeadline]) if (duration !== undefined) durationMs(duration);
}
