/** A worker that goes through keys one by one, each once until it is done, and tries again what failed. */

import { isConflict } from "../../../core/index.js";
import { type Backoff, backoffMs, type Clock, WorkQueue } from "../../../runtime/index.js";

/** What is done, and by which clock. */
export interface KeyedWorkOptions {
  readonly run: (key: string) => Promise<void>;
  readonly clock: Clock;
  /** Aborting it takes no more keys. */
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

/** As client-go's controllers have it, but never longer than a minute: a kind that is missing may come. */
const backoff: Backoff = Object.freeze({ baseMs: 5, maxMs: 60_000, factor: 2, jitter: 0 });
/** A conflict is settled by reading anew: time does not help. */
const conflictTries = 5;

/** Keys that wait for their turn, in the order in which they came. Begins paused. */
export class KeyedWork {
  readonly #options: KeyedWorkOptions;
  readonly #queue = new WorkQueue<undefined>();
  readonly #failures = new Map<string, number>();
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isPaused = true;
  #cancelTimer: () => void = () => {};

  constructor(options: KeyedWorkOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#cancelTimer(), { once: true });
  }

  /** Whether nothing runs and nothing can. */
  get idle(): boolean {
    const next = this.#queue.nextAt();
    return !this.#isRunning && (this.#isPaused || next === undefined || next > this.#options.clock.now());
  }

  /** Takes no further key until {@link resume}. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#start();
  }

  add(key: string, afterMs = 0): void {
    this.#queue.add(key, { at: this.#options.clock.now() + afterMs, priority: 0, reason: undefined });
    this.#start();
  }

  /** Resolves when the key that runs is done. */
  async stopped(): Promise<void> {
    await this.#running;
  }

  #start(): void {
    if (this.#isRunning || this.#isPaused) return;
    this.#isRunning = true;
    this.#cancelTimer();
    this.#running = this.#work();
  }

  async #work(): Promise<void> {
    const { clock, signal } = this.#options;
    // Whoever adds several keys adds them all before the first is taken.
    await Promise.resolve();
    while (!this.#isPaused && !signal.aborted) {
      const work = this.#queue.take(clock.now());
      if (work === undefined) break;
      await this.#run(work.key);
    }
    this.#isRunning = false;
    const next = this.#queue.nextAt();
    if (next !== undefined && !this.#isPaused && !signal.aborted)
      this.#cancelTimer = clock.timer(next - clock.now(), () => this.#start());
  }

  async #run(key: string): Promise<void> {
    const { run, signal, onFailure } = this.#options;
    const failures = this.#failures.get(key) ?? 0;
    try {
      await run(key);
      this.#failures.delete(key);
      this.#queue.done(key);
    } catch (error) {
      this.#queue.done(key);
      if (signal.aborted) return;
      this.#failures.set(key, failures + 1);
      if (isConflict(error) && failures < conflictTries) return this.add(key);
      onFailure(error);
      this.add(key, backoffMs(backoff, failures + 1, 0));
    }
  }
}
