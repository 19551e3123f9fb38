/** A controller at work: its watches feed the runner, its caches open it, its signal stops it in order. */

import type { Client } from "../client/index.js";
import { type AnyKind, type DeepReadonly, KindredError } from "../core/index.js";
import type { Clock } from "./clock.js";
import { followSignal } from "./follow-signal.js";
import { type Limits, limitsOf } from "./limits.js";
import { fallbackLogger, logOutcome } from "./log-outcome.js";
import { type ObjectRef, refOf } from "./object-ref.js";
import { type Outcome, Outcomes, type Reason } from "./outcomes.js";
import type { Logger, Reconcile, RunOptions } from "./reconcile.js";
import type { ReflectedEvent, Reflection } from "./reflector.js";
import type { Followed, RelatedEvent } from "./related.js";
import { Runner } from "./runner.js";
import type { Storable, Store } from "./store.js";
import { type Aspect, differs } from "./streams.js";

/** What a watch of a controller is run with. */
export interface WatchContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Something besides the objects themselves that makes objects due. */
export interface Trigger {
  readonly kind: string;
  follow(context: WatchContext): Followed;
}

/** All that a run is made of. */
export interface ControllerSetup<T> {
  readonly kind: AnyKind;
  readonly client: Client;
  reflect(context: WatchContext): Reflection<T, never>;
  /** Which changes of the objects count. */
  readonly when: Aspect<DeepReadonly<T>> | undefined;
  readonly triggers: readonly Trigger[];
  readonly reconcile: Reconcile<T>;
  readonly options: RunOptions;
}

/** Live changes go before what a list brings: a relist of thousands must not hold up the one that a user just edited. */
const livePriority = 0;
const listPriority = -100;

/**
 * A controller that runs by itself. Iterate over it to see what it does; nobody has to. A slow reader misses outcomes and is told
 * how many.
 *
 * If a watch cannot even be asked for, which is the caller's mistake, the controller stops: its loop, `stop()` and `done` throw.
 */
export class RunningController<T extends Storable> implements AsyncIterable<Outcome>, AsyncDisposable {
  /** Every object of the controller's kind, as of now. */
  readonly store: Store<DeepReadonly<T>>;
  /** What the controller is called. */
  readonly name: string;
  /** Settles when the controller has stopped. */
  readonly done: Promise<void>;
  readonly #kind: AnyKind;
  readonly #logger: Logger | undefined;
  readonly #limits: Limits;
  #ready = false;
  readonly #runner: Runner<T>;
  readonly #outcomes = new Outcomes();
  /** Aborts the watches, and with them everything. */
  readonly #stopping = new AbortController();

  constructor(setup: ControllerSetup<T>) {
    this.#limits = limitsOf(setup.options);
    this.#kind = setup.kind;
    this.name = setup.options.name ?? setup.kind.kind.toLowerCase();
    this.#logger = setup.options.logger;
    const context = { signal: this.#stopping.signal, clock: this.#limits.clock };
    const { store, stream } = setup.reflect(context);
    const triggers = setup.triggers.map((trigger) => ({ kind: trigger.kind, ...trigger.follow(context) }));
    const crash = rejection();
    this.store = store;
    this.#runner = new Runner({
      client: setup.client,
      store,
      reconcile: setup.reconcile,
      limits: this.#limits,
      publish: this.#publish,
      metrics: setup.options.metrics,
      tracer: setup.options.tracer,
      name: this.name,
      crash: crash.reject,
    });
    this.done = this.#supervise(crash.promise, [
      this.#pumpObjects(stream, setup.when),
      ...triggers.map(({ kind, changes }) => this.#pumpRelated(kind, changes)),
      this.#begin([store, ...triggers.map((trigger) => trigger.store)]),
    ]);
    this.#obey(setup.options.signal);
  }

  /** Whether every cache has been complete: reconciling has begun. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Reconciles every object once more, as after a change of what is outside the cluster; live changes go first. */
  reconcileAll(): void {
    const reason: Reason = { type: "asked", by: "reconcileAll" };
    for (const object of this.store.values()) this.#runner.request(refOf(object), { priority: listPriority, reason });
  }

  /** Whether nothing is being reconciled and nothing is due: what waits for its time does not count. */
  get idle(): boolean {
    return this.#runner.idle;
  }

  /** What happens from now on, until the controller stops. @throws what made it stop by itself. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Outcome, void, undefined> {
    yield* this.#outcomes.follow();
    await this.done;
  }

  /**
   * Stops: no more watches and no new reconciles; those that run may finish until the deadline, then their signals abort and they
   * are abandoned. Resolves when all is still.
   */
  async stop(): Promise<void> {
    this.#runner.close();
    this.#stopping.abort(stopped);
    await this.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #obey(signal: AbortSignal | undefined): void {
    const stop = () => {
      this.#runner.close();
      this.#stopping.abort(stopped);
    };
    if (signal?.aborted === true) stop();
    else followSignal(signal)?.addEventListener("abort", stop, { once: true, signal: this.#stopping.signal });
  }

  /** Lives as long as the controller: while the pumps do, and then while something still runs. */
  async #supervise(crashed: Promise<never>, pumps: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.race([Promise.all(pumps), crashed]);
    } catch (error) {
      if (error !== stopped) throw error;
    } finally {
      this.#runner.close();
      this.#stopping.abort(stopped);
      await Promise.allSettled(pumps);
      const { shutdownDeadlineMs } = this.#limits;
      await this.#runner.drain(shutdownDeadlineMs, tooLate(shutdownDeadlineMs));
      this.#outcomes.end();
    }
  }

  async #begin(stores: readonly Pick<Store<unknown>, "whenReady">[]): Promise<void> {
    await Promise.all(stores.map((store) => store.whenReady({ signal: followSignal(this.#stopping.signal) })));
    this.#ready = true;
    this.#publish({ type: "ready", objects: this.store.size });
    this.#runner.open();
  }

  async #pumpObjects(
    stream: AsyncIterable<ReflectedEvent<DeepReadonly<T> & Storable>>,
    when: Aspect<DeepReadonly<T>> | undefined,
  ): Promise<void> {
    const reason: Reason = { type: "object-changed" };
    // The store shows what a list brings only when the list is through: not before may it be reconciled.
    let listed: ObjectRef[] = [];
    for await (const event of stream) {
      if (event.type === "error") this.#watchFailed(this.#kind.kind, event);
      if (event.type === "init") listed = [];
      if (event.type === "init-done") {
        for (const ref of listed) this.#runner.request(ref, { priority: listPriority, reason });
        listed = [];
      }
      // Nothing is left to reconcile; what waits for the object's time, though it be hours away, is let go of.
      if (event.type === "delete") this.#runner.request(refOf(event.object), { priority: livePriority, reason });
      if (event.type !== "apply" && event.type !== "init-apply") continue;
      if (when !== undefined && !differs(when, event.old, event.object)) continue;
      if (event.type === "init-apply") listed.push(refOf(event.object));
      else this.#runner.request(refOf(event.object), { priority: livePriority, reason });
    }
  }

  async #pumpRelated(kind: string, changes: AsyncIterable<RelatedEvent>): Promise<void> {
    for await (const event of changes) {
      if (event.type === "error") {
        this.#watchFailed(kind, event);
        continue;
      }
      if (event.type === "asked") {
        this.#runner.request(event.ref, { priority: livePriority, reason: { type: "asked", by: event.by } });
        continue;
      }
      const { from, refs, initial } = event.change;
      const reason: Reason = { type: "related-changed", kind, ref: from };
      for (const ref of refs) this.#runner.request(ref, { priority: initial ? listPriority : livePriority, reason });
    }
  }

  #watchFailed(kind: string, { error, failures }: { readonly error: Error; readonly failures: number }): void {
    this.#publish({ type: "watch-failed", kind, error, failures });
  }

  readonly #publish = (outcome: Outcome): void => {
    if (this.#logger !== undefined) logOutcome(this.#logger, this.name, outcome);
    else if (!this.#outcomes.read) logOutcome(fallbackLogger, this.name, outcome);
    this.#outcomes.publish(outcome);
  };
}

/** Why watches end when a controller stops. */
const stopped = new KindredError("CONNECTION", "the controller was stopped");

function tooLate(deadlineMs: number): Error {
  return new KindredError(
    "TIMEOUT",
    `the controller shut down, and this reconcile did not finish within ${deadlineMs} ms`,
  );
}

/** A promise that only ever rejects, and what rejects it. */
function rejection(): { readonly promise: Promise<never>; readonly reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_resolve, rejectPromise) => {
    reject = rejectPromise;
  });
  return { promise, reject };
}
