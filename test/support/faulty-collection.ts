/**
 * A collection in memory that keeps the API server's promises and breaks everything it does not promise: lists are snapshots, versions
 * order all changes, and requests and connections fail by a plan that a seed draws.
 *
 * Of a line that comes twice, only whole lines are repeated, at once: a repeated chunk of bytes would break HTTP's framing before any
 * client sees it, and a line repeated later would be a history that never was.
 */

import type { CallOptions, Client, WatchItem, WatchStream } from "../../src/client/index.js";
import {
  type AnyKind,
  ApiError,
  KindredError,
  type List,
  type ListOptions,
  type Status,
  statusOf,
  type WatchEvent,
  type WatchOptions,
} from "../../src/core/index.js";
import type { Clock, WatchSource } from "../../src/runtime/index.js";
import { sleep } from "../../src/runtime/clock.js";
import { Thing } from "./fake-collection.js";
import type { Random } from "./random.js";

/** What can go wrong with a request before its answer. */
const requestFaults = {
  none: 60,
  reset: 6,
  "never answers": 2,
  slow: 6,
  "bad json": 3,
  "401": 2,
  "403": 2,
  "404": 2,
  "410": 3,
  "429": 4,
  "500": 4,
  "503": 4,
  "refuses streaming": 1,
} as const;

/** What can go wrong with a connection that is open, after some of its lines. */
const streamFaults = {
  none: 25,
  end: 8,
  "cut mid-line": 8,
  reset: 8,
  silence: 5,
  "garbage between": 5,
  "garbage instead": 8,
  "ERROR 410": 6,
  "ERROR 500": 4,
  "ERROR 429": 3,
  twice: 10,
} as const;

/** Everything that {@link FaultyCollection.faults} can count. */
export const faultNames: readonly string[] = [
  ...new Set([...Object.keys(requestFaults), ...Object.keys(streamFaults)].filter((name) => name !== "none")),
].toSorted();

interface Version {
  readonly version: number;
  readonly content: ReadonlyMap<string, Thing>;
}

export class FaultyCollection implements WatchSource<Thing> {
  readonly target: { readonly kind: AnyKind } = { kind: Thing };
  readonly client = { server: "https://simulated" } as unknown as Client;
  /** What has happened, and how often. */
  readonly faults = new Map<string, number>();
  /** Whether it marks the end of the initial events; a server from before streaming lists does not. */
  readonly #endsInitialEvents: boolean;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #streams = new Set<Stream>();
  /** What was, at each version of this world. */
  #history: Version[] = [{ version: 10 ** 9, content: new Map() }];
  #log: { readonly version: number; readonly event: WatchEvent<Thing> }[] = [];
  #compacted = 10 ** 9;
  #uids = 0;
  #calm = false;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#endsInitialEvents = random.chance(0.8);
  }

  get names(): readonly string[] {
    return [...this.#now.content.keys()];
  }

  get version(): number {
    return this.#now.version;
  }

  /** A fresh list: what every store must come to hold. */
  get content(): ReadonlyMap<string, Thing> {
    return this.#now.content;
  }

  /** What was there at a version, if this world has been at it. */
  at(version: number): ReadonlyMap<string, Thing> | undefined {
    return this.#history.findLast((entry) => entry.version <= version)?.content;
  }

  /** From now on new requests succeed; what is broken already stays so. */
  calm(): void {
    this.#calm = true;
  }

  put(name: string, value: number): Thing {
    const old = this.#now.content.get(name);
    const version = this.version + 1;
    const object: Thing = Object.freeze({
      apiVersion: "example.dev/v1",
      kind: "Thing",
      metadata: Object.freeze({
        name,
        namespace: "ns",
        uid: old?.metadata.uid ?? `uid-${++this.#uids}`,
        resourceVersion: String(version),
        creationTimestamp: "2026-01-01T00:00:00Z",
      }),
      spec: Object.freeze({ value }),
    });
    this.#append(version, new Map(this.#now.content).set(name, object), {
      type: old === undefined ? "ADDED" : "MODIFIED",
      object,
    });
    return object;
  }

  remove(name: string): void {
    const content = new Map(this.#now.content);
    const old = content.get(name);
    if (old === undefined) throw new Error(`there is no ${name}`);
    content.delete(name);
    const version = this.version + 1;
    const object = { ...old, metadata: { ...old.metadata, resourceVersion: String(version) } };
    this.#append(version, content, { type: "DELETED", object });
  }

  /** Something else in the cluster changed. */
  pass(versions: number): void {
    this.#history.push({ ...this.#now, version: this.version + versions });
  }

  /** Forgets history: whoever watches from before is answered 410. */
  compact(): void {
    this.#compacted = this.version;
    this.#log = [];
    for (const stream of this.#streams) if (this.#random.chance(0.5)) stream.end();
  }

  /**
   * Another world: versions start over, other objects may be there, and every connection breaks. Each world has far fewer versions
   * behind it than the one before: from one that has overtaken what was seen before it is asked, no client could tell that it is another.
   */
  wipe(keep: number): void {
    for (const stream of this.#streams) stream.end(reset());
    const version = Math.floor(this.#compacted / 10_000);
    this.#log = [];
    this.#history = [{ version, content: new Map() }];
    for (let index = 0; index < keep; index++) this.put(`t${index}`, this.#random.below(1000));
    this.compact();
  }

  /** All open connections end, as when the server stops. */
  drop(): void {
    for (const stream of this.#streams) stream.end(this.#random.chance(0.5) ? reset() : undefined);
  }

  bookmark(): void {
    for (const stream of this.#streams) stream.bookmark(this.version);
  }

  async page(options: ListOptions & CallOptions = {}): Promise<List<Thing>> {
    await this.#request(options.signal);
    const first = options.resourceVersion === "0" ? this.#cached() : this.version;
    const [from = first, start = 0] = (options.continue ?? "").split(":").filter(Boolean).map(Number);
    if (from < this.#compacted || from > this.version) throw new ApiError(gone(), at);
    const all = [...(this.at(from)?.values() ?? [])].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const end = Math.min(start + (options.limit ?? all.length), all.length);
    const metadata = { resourceVersion: String(from), ...(end < all.length && { continue: `${from}:${end}` }) };
    return { apiVersion: "example.dev/v1", kind: "ThingList", metadata, items: all.slice(start, end) };
  }

  async openWatch(options: WatchOptions & CallOptions = {}): Promise<WatchStream<Thing>> {
    await this.#request(options.signal, options.sendInitialEvents);
    const fault = this.#draw(streamFaults);
    const stream = new Stream(
      options.sendInitialEvents === true ? 0 : Number(options.resourceVersion ?? 0),
      fault === "none" ? undefined : { type: fault, after: this.#random.below(6), strikes: () => this.#count(fault) },
      () => {
        this.#streams.delete(stream);
        cancelTimeout();
        options.signal?.removeEventListener("abort", abort);
      },
    );
    const { timeoutSeconds = 290 } = options;
    const cancelTimeout = this.#clock.timer(timeoutSeconds * 1000, () => stream.end());
    const abort = () => stream.end(options.signal?.reason);
    options.signal?.addEventListener("abort", abort, { once: true });
    if (options.sendInitialEvents === true) {
      const from = options.resourceVersion === "0" ? this.#cached() : this.version;
      for (const object of this.at(from)?.values() ?? []) stream.send({ type: "ADDED", object });
      if (this.#endsInitialEvents) stream.bookmark(from, { "k8s.io/initial-events-end": "true" });
      for (const { version, event } of this.#log) if (version > from) stream.send(event);
    } else if (stream.from < this.#compacted) stream.error(gone());
    // As the real server does: who asks for what has not happened yet hears nothing until it has.
    else for (const { event } of this.#log) stream.send(event);
    if (!stream.ended) this.#streams.add(stream);
    return stream;
  }

  get #now(): Version {
    return this.#history.at(-1) ?? { version: 0, content: new Map() };
  }

  /** A version that a server's cache may still show. */
  #cached(): number {
    const known = this.#history.filter(({ version }) => version >= this.#compacted);
    return known[this.#random.below(known.length)]?.version ?? this.version;
  }

  #append(version: number, content: ReadonlyMap<string, Thing>, event: WatchEvent<Thing>): void {
    this.#history.push({ version, content });
    this.#log.push({ version, event });
    for (const stream of this.#streams) stream.send(event);
  }

  #draw<Name extends string>(weights: Readonly<Record<Name, number>> & { readonly none: number }): Name | "none" {
    const fault = this.#random.weighted(weights);
    return this.#calm ? "none" : fault;
  }

  readonly #count = (fault: string): void => {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  };

  async #request(signal: AbortSignal | undefined, streaming = false): Promise<void> {
    signal?.throwIfAborted();
    const fault = this.#draw(requestFaults);
    if (fault !== "none" && (fault !== "refuses streaming" || streaming)) this.#count(fault);
    switch (fault) {
      case "none":
        return;
      case "slow":
        return this.#wait(this.#random.below(20_000), signal);
      case "never answers":
        // A transport gives up at last.
        await this.#wait(295_000, signal);
        throw reset();
      case "reset":
        throw reset();
      case "bad json":
        throw new KindredError("PROTOCOL", "the answer is no JSON");
      case "refuses streaming":
        if (streaming) throw new ApiError(statusOf(422, "sendInitialEvents is forbidden"), at);
        return;
      default: {
        const code = Number(fault);
        const retryAfterSeconds = code === 429 ? this.#random.below(10) : undefined;
        throw new ApiError(code === 410 ? gone() : statusOf(code, ""), { ...at, retryAfterSeconds });
      }
    }
  }

  #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return sleep(this.#clock, ms, { signal });
  }
}

const at = { method: "GET", path: "/things" } as const;
const reset = () => new KindredError("CONNECTION", "the connection was reset");
const gone = (): Status => ({ ...statusOf(410, "too old resource version"), reason: "Expired" });

interface StreamFault {
  readonly type: Exclude<keyof typeof streamFaults, "none">;
  /** After so many lines. */
  readonly after: number;
  readonly strikes: () => void;
}

/** One connection, with at most one fault after some lines. */
class Stream implements AsyncIterableIterator<WatchItem<Thing>> {
  readonly from: number;
  readonly #fault: StreamFault | undefined;
  readonly #closed: () => void;
  readonly #items: WatchItem<Thing>[] = [];
  #lines = 0;
  #silent = false;
  #end: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(from: number, fault: StreamFault | undefined, closed: () => void) {
    this.from = from;
    this.#fault = fault;
    this.#closed = closed;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  send(event: WatchEvent<Thing>): void {
    if (event.type === "ERROR" || Number(event.object.metadata.resourceVersion) <= this.from) return;
    this.#line({ type: "event", event });
  }

  bookmark(version: number, annotations: { [key: string]: string } = {}): void {
    const object = {
      apiVersion: "example.dev/v1",
      kind: "Thing",
      metadata: { resourceVersion: String(version), annotations },
    };
    if (version > this.from) this.#line({ type: "event", event: { type: "BOOKMARK", object } });
  }

  error(status: Status): void {
    this.#push({ type: "event", event: { type: "ERROR", object: status } });
    this.end();
  }

  end(error?: unknown): void {
    if (this.#silent && error === undefined) return;
    this.#end ??= { error };
    this.#closed();
    this.#wake();
  }

  #line(item: WatchItem<Thing>): void {
    if (this.#lines++ !== this.#fault?.after) return this.#push(item);
    this.#fault.strikes();
    const bad: WatchItem<Thing> = {
      type: "bad-line",
      error: new KindredError("PROTOCOL", "a line of the watch is not a watch event: %$"),
    };
    switch (this.#fault.type) {
      case "end":
        return this.end();
      case "cut mid-line":
        return this.end(new KindredError("PROTOCOL", "the watch was cut in the middle of a line"));
      case "reset":
        return this.end(reset());
      case "silence":
        this.#silent = true;
        return;
      case "garbage between":
        this.#push(bad);
        return this.#push(item);
      case "garbage instead":
        return this.#push(bad);
      case "ERROR 410":
        return this.error(gone());
      case "ERROR 500":
        return this.error(statusOf(500, "etcd: no leader"));
      case "ERROR 429":
        return this.error({ ...statusOf(429, "later"), details: { retryAfterSeconds: 3 } });
      case "twice":
        this.#push(item);
        return this.#push(item);
      default:
        throw new TypeError(`unknown fault ${JSON.stringify(this.#fault.type satisfies never)}`);
    }
  }

  #push(item: WatchItem<Thing>): void {
    if (this.#silent || this.#end !== undefined) return;
    this.#items.push(item);
    this.#wake();
  }

  async next(): Promise<IteratorResult<WatchItem<Thing>, undefined>> {
    for (;;) {
      const value = this.#items.shift();
      if (value !== undefined) return { done: false, value };
      if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<WatchItem<Thing>, undefined>> {
    this.#silent = false;
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
