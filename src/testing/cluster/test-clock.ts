/** The one clock of a test: the server's, the controllers' and the faults'. */

import { type DurationLike, durationMs } from "../../core/index.js";
import type { Clock } from "../../runtime/index.js";
import { machineClock, seededClock } from "../clock.js";

/**
 * The clock of a {@link TestCluster}: hand it to whatever takes a `clock`, so that time is the same for all.
 *
 * `now()` counts milliseconds since 1970 and never goes back; `random()` follows from the cluster's seed.
 */
export interface ClusterClock extends Clock {
  /**
   * Lets time pass. A clock that stands still fires what falls due on the way, in order, and all that each firing sets off has come to
   * rest before the next, unless it takes hundreds of requests; the machine's clock waits so long. Either way the cluster has settled
   * when this resolves.
   */
  advance(duration: DurationLike): Promise<void>;
}

/** What a clock is made of. */
export interface TestClockOptions {
  readonly seed: number;
  /** Where time begins. Default: the first of January 2026. */
  readonly now?: Date | undefined;
  /** Resolves when nothing is left to do but to wait; or, if `patience` is given, after so many requests. */
  readonly rest: (patience?: number) => Promise<void>;
}

/**
 * After so many requests time passes all the same. Two that undo each other's work, because one has not heard of the other yet, would
 * otherwise never get to the moment at which it does.
 */
const patience = 200;

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class TestClock implements ClusterClock {
  readonly random: () => number;
  readonly #rest: TestClockOptions["rest"];
  readonly #timers = new Set<Timer>();
  #orders = 0;
  #now: number;

  constructor(options: TestClockOptions) {
    this.#now = options.now?.getTime() ?? Date.UTC(2026, 0, 1);
    this.#rest = options.rest;
    const chance = seededClock(options.seed);
    this.random = () => chance.random();
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#now);
  }

  timer(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(ms, 0), order: this.#orders++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  async advance(duration: DurationLike): Promise<void> {
    const end = this.#now + durationMs(duration);
    await this.#rest(patience);
    for (let next = this.#first(end); next !== undefined; next = this.#first(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await this.#rest(patience);
    }
    this.#now = end;
    await this.#rest();
  }

  #first(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  }
}

/** The machine's time, which passes by itself, with chance from a seed. */
export function machineTime({ seed, rest }: Omit<TestClockOptions, "now">): ClusterClock {
  const origin = Date.now() - performance.now();
  const now = () => origin + performance.now();
  const clock = seededClock(seed, machineClock);
  return Object.freeze({
    now,
    timer: (ms: number, callback: () => void) => clock.timer(ms, callback),
    random: () => clock.random(),
    date: () => new Date(now()),
    advance: async (duration: DurationLike) => {
      await new Promise<void>((resolve) => {
        clock.timer(durationMs(duration), resolve);
      });
      await rest();
    },
  });
}
