/** One watch and one store for many: controllers and readers of the same kind share what they see. */

import type { Client, HandleFacts } from "../client/index.js";
import { type DeepReadonly, invalidArgument, KindredError, type WatcherEvent } from "../core/index.js";
import { type Reflection, type ReflectedEvent, readonlyView } from "./reflector.js";
import { type Indexers, type Storable, type Store, StoreWriter } from "./store.js";
import { modified } from "./streams.js";
import { Subscription } from "./subscription.js";
import { type WatcherOptions, type WatchSource, watcher } from "./watcher.js";

/** Which objects, and how they are fetched and kept. */
export interface SharedWatchOptions<T, Name extends string = never> extends Omit<WatcherOptions, "signal"> {
  /** What is kept of each object, and so given to all: `withoutManagedFields`. Keep name, namespace, uid and resourceVersion. */
  readonly transform?: ((object: T) => T) | undefined;
  /** How objects can be found besides by name, as of a reflector. */
  readonly indexes?: Indexers<DeepReadonly<T>, Name> | undefined;
}

/**
 * A watch that many follow.
 *
 * Guarantees: one watch however many follow it, begun with the first and ended with the last; whoever comes late is given what is
 * there; a slow reader holds up nobody, because what it has not read yet is merged by object: it may miss states in between, never
 * the last one.
 *
 * @example
 * ```ts
 * const pods = sharedWatch(client.api(Pod));
 * const a = new Controller(pods).run(reconcileA);
 * const b = new Controller(client.api(Thing)).watches(pods, (pod) => […]).run(reconcileB);
 * ```
 */
export class SharedWatch<T extends Storable, Name extends string = never> implements HandleFacts {
  readonly target: HandleFacts["target"];
  readonly client: Client;
  /** What is known; current while somebody follows. */
  readonly store: Store<DeepReadonly<T> & Storable, Name>;
  readonly #source: WatchSource<T>;
  readonly #options: Omit<WatcherOptions, "signal">;
  readonly #transform: ((object: T) => T) | undefined;
  readonly #writer: StoreWriter<DeepReadonly<T> & Storable, Name>;
  readonly #subscriptions = new Set<Subscription<DeepReadonly<T> & Storable>>();
  #running: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;

  constructor(source: WatchSource<T> & HandleFacts, options: SharedWatchOptions<T, Name> = {}) {
    const { transform, indexes, ...watch } = options;
    if ("signal" in options && options.signal !== undefined) {
      throw invalidArgument(
        "a shared watch takes no signal: it ends when nobody follows it; give each follower its own",
      );
    }
    this.target = source.target;
    this.client = source.client;
    this.#writer = new StoreWriter(indexes);
    this.store = this.#writer.reader();
    this.#source = source;
    this.#options = watch;
    this.#transform = transform;
  }

  /** Follows: what is there, then every change. The shared store takes each event before its followers do. */
  reflect(options: { readonly signal?: AbortSignal | undefined } = {}): Reflection<T, Name> {
    return { store: this.store, stream: this.#follow(options.signal) };
  }

  async *#follow(
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ReflectedEvent<DeepReadonly<T> & Storable>, void, undefined> {
    signal?.throwIfAborted();
    const subscription = new Subscription<DeepReadonly<T> & Storable>();
    const { resourceVersion } = this.store;
    // A store that nobody kept current is listed anew before anything is said.
    if (this.#running !== undefined && resourceVersion !== undefined)
      subscription.begin(this.store.values(), resourceVersion);
    this.#subscriptions.add(subscription);
    const abort = () => subscription.end(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    this.#start();
    try {
      for (;;) yield await subscription.next();
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#subscriptions.delete(subscription);
      await this.#stopIfUnused();
    }
  }

  #start(): void {
    if (this.#running !== undefined) return;
    const abort = new AbortController();
    this.#running = { abort, done: this.#pump(abort.signal) };
  }

  async #stopIfUnused(): Promise<void> {
    const running = this.#running;
    if (this.#subscriptions.size > 0 || running === undefined) return;
    this.#running = undefined;
    running.abort.abort(unused);
    await running.done;
  }

  async #pump(signal: AbortSignal): Promise<void> {
    const events = watcher(this.#source, { ...this.#options, signal });
    try {
      for await (const event of readonlyView(modified(events, this.#transform))) this.#take(event);
    } catch (error) {
      if (error === unused) return;
      this.#running = undefined;
      for (const subscription of this.#subscriptions) subscription.end(error);
    }
  }

  /** Followers hear of a list only when it is through: what changed by it, as changes. */
  readonly #listed: (DeepReadonly<T> & Storable)[] = [];

  #take(event: WatcherEvent<DeepReadonly<T> & Storable>): void {
    const old = "object" in event ? this.#writer.current(event.object.metadata) : undefined;
    const gone = this.#writer.take(event);
    switch (event.type) {
      case "init":
        this.#listed.length = 0;
        return;
      case "init-apply":
        if (old?.metadata.resourceVersion !== event.object.metadata.resourceVersion) this.#listed.push(event.object);
        return;
      case "init-done":
        for (const subscription of this.#subscriptions) {
          if (!subscription.begun) subscription.begin(this.store.values(), event.resourceVersion);
          else {
            for (const object of gone) subscription.offer({ type: "delete", object });
            for (const object of this.#listed) subscription.offer({ type: "apply", object });
          }
        }
        this.#listed.length = 0;
        return;
      case "apply":
        this.#offer(old === undefined ? event : { ...event, old });
        return;
      case "delete":
      case "error":
        this.#offer(event);
        return;
      default:
        throw new TypeError(`unknown event ${JSON.stringify(event satisfies never)}`);
    }
  }

  #offer(event: ReflectedEvent<DeepReadonly<T> & Storable>): void {
    for (const subscription of this.#subscriptions)
      if (subscription.begun || event.type === "error") subscription.offer(event);
  }
}

/** A watch that many can follow. */
export function sharedWatch<T extends Storable, Name extends string = never>(
  source: WatchSource<T> & HandleFacts,
  options: SharedWatchOptions<T, Name> = {},
): SharedWatch<T, Name> {
  return new SharedWatch(source, options);
}

/** Why the watch ends with its last follower. */
const unused = new KindredError("CONNECTION", "nobody follows the watch any more");
