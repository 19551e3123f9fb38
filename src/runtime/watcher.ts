/** The watcher: the watch state machine driven over real requests and real time. */

import {
  type Delay,
  initialWatchState,
  KindredError,
  type List,
  type ListOptions,
  type ListStrategy,
  type SelectorOptions,
  stepWatch,
  type WatchedObject,
  type WatcherEvent,
  type WatchEffect,
  type WatchInput,
  type WatchMachineOptions,
  type WatchOptions,
} from "../core/index.js";
import type { CallOptions, HandleFacts, WatchItem, WatchStream } from "../client/index.js";
import { type Backoff, backoffMs, watchBackoff } from "./backoff.js";
import { type Clock, sleep, systemClock } from "./clock.js";
import { followSignal } from "./follow-signal.js";

/** What can be watched: every handle of a kind that serves list and watch, and its `metadata` handle. */
export interface WatchSource<T> {
  readonly target: HandleFacts["target"];
  page(options?: ListOptions & CallOptions): Promise<List<T>>;
  openWatch(options?: WatchOptions & CallOptions): Promise<WatchStream<T>>;
}

/** Options of a watcher. */
export interface WatcherOptions extends SelectorOptions {
  /** Aborting it ends the stream with the signal's reason, at once. */
  readonly signal?: AbortSignal | undefined;
  /** `paging` (default), or `streaming`: the list as the first events of the watch, falling back to paging if refused. */
  readonly strategy?: ListStrategy | undefined;
  /** Objects per page; default 500. */
  readonly pageSize?: number | undefined;
  /** `most-recent` (default) reads what is committed, `any` takes what the server has cached. */
  readonly semantic?: WatchMachineOptions["semantic"] | undefined;
  /** The server ends each watch after so long; default 290, at most 294. */
  readonly timeoutSeconds?: number | undefined;
  /** Delays after failures in a row; default 800 ms doubling to 30 s, with jitter. */
  readonly backoff?: Backoff | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Everything that is there and every change to it, for as long as the loop runs.
 *
 * Guarantees: starts with `init`, an `init-apply` for each object, `init-done`; then `apply` and `delete` in the server's order.
 * After any interruption it goes on where it was; if the server no longer knows that point, a new `init` … `init-done` follows, and
 * what is not between them is gone. Failures come as `error` events and are retried by themselves, with backoff. Leaving the loop
 * closes the connection.
 *
 * Caveats: events of one object may be merged while disconnected. A bare watcher holds no objects, so it cannot name those that
 * vanished while it was disconnected; {@link reflector} does.
 *
 * @throws the signal's reason, and nothing else.
 * @example
 * ```ts
 * for await (const event of watcher(client.api(Pod), { labels: { app: "web" } })) {
 *   if (event.type === "apply") console.log(event.object.metadata.name);
 * }
 * ```
 */
export async function* watcher<T extends WatchedObject>(
  source: WatchSource<T>,
  options: WatcherOptions = {},
): AsyncGenerator<WatcherEvent<T>, void, undefined> {
  const clock = options.clock ?? systemClock;
  const context = (): { now: number; options: WatchMachineOptions } => ({ now: clock.now(), options: machine });
  const machine: WatchMachineOptions = {
    strategy: options.strategy ?? "paging",
    pageSize: options.pageSize ?? 500,
    semantic: options.semantic ?? "most-recent",
  };
  const connection = new Connection(source, { ...options, signal: followSignal(options.signal) }, clock);
  try {
    let step = stepWatch<T>(initialWatchState(machine), { type: "start" }, context());
    for (;;) {
      yield* step.events;
      step = stepWatch(step.state, await connection.perform(step.effect), context());
    }
  } finally {
    await connection.close();
  }
}

/** How long past its own timeout a server may keep silent before its connection counts as dead. */
const idleGraceSeconds = 5;
const defaultTimeoutSeconds = 290;

/** Carries out effects; owns the one open watch. */
class Connection<T> {
  readonly #source: WatchSource<T>;
  readonly #options: WatcherOptions;
  readonly #clock: Clock;
  readonly #idleMs: number;
  #open: OpenWatch<T> | undefined;

  constructor(source: WatchSource<T>, options: WatcherOptions, clock: Clock) {
    this.#source = source;
    this.#options = options;
    this.#clock = clock;
    this.#idleMs = ((options.timeoutSeconds ?? defaultTimeoutSeconds) + idleGraceSeconds) * 1000;
  }

  async perform(effect: WatchEffect): Promise<WatchInput<T>> {
    this.#options.signal?.throwIfAborted();
    switch (effect.type) {
      case "read":
        return this.#read(effect.withinSeconds);
      case "list":
        await this.#pause(effect.delay);
        return this.#list(effect.options);
      case "watch":
        await this.#pause(effect.delay);
        return this.#watch(effect.options);
      default:
        throw new TypeError(`unknown effect ${JSON.stringify(effect satisfies never)}`);
    }
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.close();
  }

  async #pause(delay: Delay): Promise<void> {
    await this.close();
    const ms = backoffMs(this.#options.backoff ?? watchBackoff, delay.failures, this.#clock.random());
    const wait = Math.max(ms, delay.atLeastSeconds * 1000);
    if (wait > 0) await sleep(this.#clock, wait, { signal: this.#options.signal });
  }

  async #list(options: ListOptions): Promise<WatchInput<T>> {
    const { labels, fields, signal } = this.#options;
    try {
      return { type: "page", page: await this.#source.page({ labels, fields, ...options, signal }) };
    } catch (error) {
      return { type: "list-failed", error: this.#failure(error) };
    }
  }

  async #watch(options: WatchOptions): Promise<WatchInput<T>> {
    const { labels, fields, signal, timeoutSeconds = defaultTimeoutSeconds } = this.#options;
    const open = new OpenWatch<T>(this.#clock, { idleMs: this.#idleMs, signal });
    try {
      await open.start((connected) =>
        this.#source.openWatch({ labels, fields, timeoutSeconds, ...options, signal: connected }),
      );
    } catch (error) {
      await open.close();
      return { type: "open-failed", error: this.#failure(error) };
    }
    this.#open = open;
    return { type: "opened" };
  }

  async #read(withinSeconds: number | undefined): Promise<WatchInput<T>> {
    if (this.#open === undefined) return { type: "ended" };
    this.#open.allow(withinSeconds === undefined ? this.#idleMs : withinSeconds * 1000);
    try {
      const item = await this.#open.next();
      if (item === undefined) return { type: "ended" };
      return item.type === "event" ? { type: "event", event: item.event } : item;
    } catch (error) {
      if (this.#open.silent) return { type: "idle" };
      return { type: "broken", error: this.#failure(error) };
    }
  }

  /** An abort is no failure of the watch: it ends it. */
  #failure(error: unknown): Error {
    this.#options.signal?.throwIfAborted();
    if (error instanceof KindredError && error.code === "INVALID_ARGUMENT") throw error;
    return error instanceof Error
      ? error
      : new KindredError("CONNECTION", `the watch failed: ${String(error)}`, { cause: error });
  }
}

/** One connection, with a watchdog that cuts it when it has been silent for too long. */
class OpenWatch<T> {
  readonly #clock: Clock;
  #idleMs: number;
  readonly #outer: AbortSignal | undefined;
  readonly #abort = new AbortController();
  #items: AsyncIterator<WatchItem<T>> | undefined;
  /** While somebody waits for the next item: what nobody asks for may be there unread. */
  #waitingSince: number | undefined;
  #cancelWatchdog: () => void = () => {};
  silent = false;

  constructor(clock: Clock, options: { readonly idleMs: number; readonly signal: AbortSignal | undefined }) {
    this.#clock = clock;
    this.#idleMs = options.idleMs;
    this.#outer = options.signal;
    this.#outer?.addEventListener("abort", this.#forward, { once: true });
  }

  async start(connect: (signal: AbortSignal) => Promise<WatchStream<T>>): Promise<void> {
    this.#waitingSince = this.#clock.now();
    this.#watchdog(this.#idleMs);
    this.#items = (await connect(this.#abort.signal))[Symbol.asyncIterator]();
  }

  /** Sets how long it may be silent from now on. */
  allow(idleMs: number): void {
    if (idleMs === this.#idleMs) return;
    this.#idleMs = idleMs;
    this.#cancelWatchdog();
    this.#watchdog(idleMs);
  }

  async next(): Promise<WatchItem<T> | undefined> {
    this.#waitingSince = this.#clock.now();
    const result = await this.#items?.next();
    this.#waitingSince = undefined;
    return result === undefined || result.done === true ? undefined : result.value;
  }

  async close(): Promise<void> {
    this.#cancelWatchdog();
    this.#outer?.removeEventListener("abort", this.#forward);
    this.#abort.abort(closed);
    try {
      await this.#items?.return?.();
    } catch {
      // The connection is given up: how it ends is of no interest.
    }
  }

  readonly #forward = (): void => this.#abort.abort(this.#outer?.reason);

  /** One timer for the connection's life instead of one per event. */
  #watchdog(ms: number): void {
    this.#cancelWatchdog = this.#clock.timer(ms, () => {
      const quiet = this.#waitingSince === undefined ? 0 : this.#clock.now() - this.#waitingSince;
      if (quiet < this.#idleMs) return this.#watchdog(this.#idleMs - quiet);
      this.silent = true;
      this.#abort.abort(new KindredError("CONNECTION", `nothing came for ${this.#idleMs / 1000} seconds`));
    });
  }
}

const closed = new KindredError("CONNECTION", "the watch was closed");
