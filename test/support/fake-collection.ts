/** A collection in memory that lists and watches as an API server does: what runtime's tests run against. */

import {
  type AnyKind,
  defineKind,
  KindredError,
  type List,
  type ListOptions,
  type NamespacedObject,
  type WatchEvent,
  type WatchOptions,
} from "../../src/core/index.js";
import type { CallOptions, WatchItem, WatchStream } from "../../src/client/index.js";
import type { WatchSource } from "../../src/runtime/index.js";

export interface Thing extends NamespacedObject<"example.dev/v1", "Thing"> {
  spec: { value: number };
}

export const Thing = defineKind<Thing>()({
  group: "example.dev",
  version: "v1",
  kind: "Thing",
  plural: "things",
  scope: "Namespaced",
});

type Call =
  | { readonly type: "page"; readonly options: ListOptions }
  | { readonly type: "watch"; readonly options: WatchOptions };

/** A request that is refused, a request that is never answered, and a watch that brings only so much. */
type Failure<T> =
  | { readonly on: "page" | "watch"; readonly error: Error | "no answer" }
  | { readonly on: "watch"; readonly brings: readonly WatchItem<T>[] };

/** Objects of one kind under one growing version, with faults on demand. */
export class FakeCollection<T extends Thing = Thing> implements WatchSource<T> {
  readonly target: { readonly kind: AnyKind };
  readonly calls: Call[] = [];
  readonly #objects = new Map<string, T>();
  #log: { readonly version: number; readonly event: WatchEvent<T> }[] = [];
  #version = 100;
  #uids = 0;
  #compacted = 0;
  #streams = new Set<Stream<T>>();
  /** Whether it marks the end of the initial events; a server from before streaming lists sends them without an end. */
  endsInitialEvents = true;
  /** What becomes of the next requests, in order. */
  readonly failures: Failure<T>[] = [];

  constructor(kind: AnyKind = Thing) {
    this.target = { kind };
  }

  get openWatches(): number {
    return this.#streams.size;
  }

  /** Creates or changes an object. */
  put(name: string, value: number, meta: Partial<T["metadata"]> = {}): T {
    const old = this.#objects.get(name);
    const object = this.#object(name, value, { uid: old?.metadata.uid ?? `uid-${++this.#uids}`, ...meta });
    this.#objects.set(name, object);
    this.#append({ type: old === undefined ? "ADDED" : "MODIFIED", object });
    return object;
  }

  remove(name: string): void {
    const old = this.#objects.get(name);
    if (old === undefined) throw new Error(`there is no ${name}`);
    this.#objects.delete(name);
    const metadata = { ...old.metadata, resourceVersion: String(this.#version + 1) };
    this.#append({ type: "DELETED", object: { ...old, metadata } });
  }

  /** Forgets history: whoever watches from before must list again. */
  compact(): void {
    this.#compacted = this.#version;
    this.#log = [];
  }

  /** Loses everything and begins again, as a cluster whose data is wiped. */
  wipe(): void {
    this.drop(new KindredError("CONNECTION", "the connection was reset"));
    this.#objects.clear();
    this.#log = [];
    this.#version = 1;
    this.#compacted = 0;
  }

  /** Ends every open watch, as a server's timeout does, or breaks it. */
  drop(error?: Error): void {
    for (const stream of this.#streams) stream.end(error);
    this.#streams.clear();
  }

  /** The connections stay open and bring nothing more, as when a machine between is gone. */
  silence(): void {
    this.#streams.clear();
  }

  /** Sends an event to every open watch that is no change. */
  send(item: WatchItem<T>): void {
    for (const stream of this.#streams) stream.push(item);
  }

  async page(options: ListOptions & CallOptions = {}): Promise<List<T>> {
    const { signal, ...asked } = options;
    signal?.throwIfAborted();
    this.calls.push({ type: "page", options: asked });
    await this.#failIf("page", signal);
    const all = [...this.#objects.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const start = Number(options.continue ?? 0);
    const items = all.slice(start, start + (options.limit ?? all.length)).map((object) => structuredClone(object));
    const end = start + items.length;
    const metadata = { resourceVersion: String(this.#version), ...(end < all.length && { continue: String(end) }) };
    return { apiVersion: "example.dev/v1", kind: "ThingList", metadata, items };
  }

  async openWatch(options: WatchOptions & CallOptions = {}): Promise<WatchStream<T>> {
    const { signal, ...asked } = options;
    signal?.throwIfAborted();
    this.calls.push({ type: "watch", options: asked });
    const brings = await this.#failIf("watch", signal);
    if (brings !== undefined) {
      const short = new Stream<T>(signal, () => {});
      for (const item of brings) short.push(item);
      short.end();
      return short;
    }
    const from = Number(options.resourceVersion ?? 0);
    const stream = new Stream<T>(signal, () => this.#streams.delete(stream));
    if (options.sendInitialEvents === true) this.#sendInitial(stream);
    else if (from < this.#compacted) stream.push({ type: "event", event: expired() });
    else for (const { version, event } of this.#log) if (version > from) stream.push({ type: "event", event });
    this.#streams.add(stream);
    return stream;
  }

  #sendInitial(stream: Stream<T>): void {
    for (const object of this.#objects.values()) stream.push({ type: "event", event: { type: "ADDED", object } });
    if (!this.endsInitialEvents) return;
    const annotations = { "k8s.io/initial-events-end": "true" };
    const metadata = { resourceVersion: String(this.#version), annotations };
    stream.push({
      type: "event",
      event: { type: "BOOKMARK", object: { apiVersion: "example.dev/v1", kind: "Thing", metadata } },
    });
  }

  #object(name: string, value: number, meta: Partial<T["metadata"]>): T {
    const fixed = {
      name,
      namespace: "ns",
      resourceVersion: String(this.#version + 1),
      creationTimestamp: "2026-01-01T00:00:00Z",
    };
    return {
      apiVersion: "example.dev/v1",
      kind: "Thing",
      metadata: { ...fixed, ...meta },
      spec: { value },
    } as unknown as T;
  }

  #append(event: WatchEvent<T>): void {
    this.#log.push({ version: ++this.#version, event });
    this.send({ type: "event", event });
  }

  async #failIf(on: "page" | "watch", signal: AbortSignal | undefined): Promise<readonly WatchItem<T>[] | undefined> {
    const index = this.failures.findIndex((failure) => failure.on === on);
    const [failure] = index === -1 ? [] : this.failures.splice(index, 1);
    if (failure === undefined || "brings" in failure) return failure?.brings;
    if (failure.error !== "no answer") throw failure.error;
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  }
}

function expired<T>(): WatchEvent<T> {
  return {
    type: "ERROR",
    object: {
      apiVersion: "v1",
      kind: "Status",
      metadata: {},
      status: "Failure",
      code: 410,
      reason: "Expired",
      message: "too old",
    },
  };
}

class Stream<T> implements AsyncIterableIterator<WatchItem<T>> {
  readonly #items: WatchItem<T>[] = [];
  readonly #closed: () => void;
  #end: { readonly error?: Error } | undefined;
  #wake: () => void = () => {};

  constructor(signal: AbortSignal | undefined, closed: () => void) {
    this.#closed = closed;
    signal?.addEventListener("abort", () => this.end(signal.reason), { once: true });
  }

  push(item: WatchItem<T>): void {
    this.#items.push(item);
    this.#wake();
  }

  end(error?: Error): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#closed();
    this.#wake();
  }

  async next(): Promise<IteratorResult<WatchItem<T>, undefined>> {
    for (;;) {
      const value = this.#items.shift();
      if (value !== undefined) return { done: false, value };
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async return(): Promise<IteratorResult<WatchItem<T>, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
