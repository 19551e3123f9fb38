/** The store: what a reflector has seen, for many readers and one writer. */

import type { WatcherEvent } from "../core/index.js";
import { keyOf, type ObjectRef } from "./object-ref.js";

/** An object that can be stored. */
export interface Storable {
  readonly metadata: ObjectRef & { readonly uid: string; readonly resourceVersion: string };
}

/** Named functions from an object to the values it is found by. */
export type Indexers<T, Name extends string = string> = Readonly<Record<Name, (object: T) => readonly string[]>>;

/**
 * What is known of a kind, kept up to date by the reflector that made it.
 *
 * Guarantees: no reader can change it; a relist swaps all of it at once, until then the old content is seen.
 */
export interface Store<T, Name extends string = never> {
  get(ref: ObjectRef): T | undefined;
  /** In no particular order. */
  values(): IterableIterator<T>;
  readonly size: number;
  /** Whether the first list is complete. */
  readonly ready: boolean;
  /** Resolves once the first list is complete. @throws the signal's reason. */
  whenReady(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** The objects for which the declared index gave `value`. */
  by(index: Name, value: string): readonly T[];
}

/** The one writer. Stays inside the reflector. */
export class StoreWriter<T extends Storable, Name extends string = never> {
  readonly #indexers: Indexers<T, Name> | undefined;
  readonly #waiting = new Set<() => void>();
  #content: Content<T>;
  #incoming: Content<T> | undefined;
  #ready = false;

  constructor(indexers?: Indexers<T, Name>) {
    this.#indexers = indexers;
    this.#content = new Content(indexers);
  }

  /** The view that readers get. */
  reader(): Store<T, Name> {
    const content = () => this.#content;
    const isReady = () => this.#ready;
    return Object.freeze({
      get: (ref: ObjectRef) => content().objects.get(keyOf(ref)),
      values: () => content().objects.values(),
      get size() {
        return content().objects.size;
      },
      get ready() {
        return isReady();
      },
      whenReady: (options: { readonly signal?: AbortSignal | undefined } = {}) => this.#whenReady(options.signal),
      by: (index: Name, value: string) => content().by(index, value),
    });
  }

  /** The object as readers see it now. */
  current(ref: ObjectRef): T | undefined {
    return this.#content.objects.get(keyOf(ref));
  }

  /** Takes an event. @returns what a relist found gone: the objects as they were last seen. */
  take(event: WatcherEvent<T>): readonly T[] {
    switch (event.type) {
      case "init":
        this.#incoming = new Content(this.#indexers);
        return [];
      case "init-apply":
        this.#incoming?.set(event.object);
        return [];
      case "init-done":
        return this.#swap();
      case "apply":
        this.#content.set(event.object);
        return [];
      case "delete":
        (this.#incoming ?? this.#content).delete(event.object);
        return [];
      case "error":
        return [];
      default:
        throw new TypeError(`unknown event ${JSON.stringify(event satisfies never)}`);
    }
  }

  #swap(): readonly T[] {
    if (this.#incoming === undefined) return [];
    const before = this.#content;
    this.#content = this.#incoming;
    this.#incoming = undefined;
    this.#ready = true;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    return [...before.objects].flatMap(([key, object]) =>
      this.#content.objects.get(key)?.metadata.uid === object.metadata.uid ? [] : [object],
    );
  }

  #whenReady(signal: AbortSignal | undefined): Promise<void> {
    if (this.#ready) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const abort = () => {
        this.#waiting.delete(wake);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}

/** Objects by key, and by the values of each index. */
class Content<T extends Storable> {
  readonly objects = new Map<string, T>();
  readonly #indexers: readonly (readonly [string, (object: T) => readonly string[]])[];
  readonly #indexes: ReadonlyMap<string, Map<string, Set<string>>>;

  constructor(indexers: Indexers<T> | undefined) {
    this.#indexers = Object.entries(indexers ?? {});
    this.#indexes = new Map(this.#indexers.map(([name]) => [name, new Map<string, Set<string>>()]));
  }

  set(object: T): void {
    const key = keyOf(object.metadata);
    const old = this.objects.get(key);
    if (old !== undefined) this.#unindex(key, old);
    this.objects.set(key, object);
    for (const [name, valuesOf] of this.#indexers) {
      const index = this.#indexes.get(name);
      for (const value of valuesOf(object)) {
        const keys = index?.get(value) ?? new Set<string>();
        index?.set(value, keys.add(key));
      }
    }
  }

  delete(object: T): void {
    const key = keyOf(object.metadata);
    const old = this.objects.get(key);
    if (old === undefined) return;
    this.#unindex(key, old);
    this.objects.delete(key);
  }

  by(index: string, value: string): readonly T[] {
    const keys = this.#indexes.get(index)?.get(value) ?? [];
    return [...keys].flatMap((key) => this.objects.get(key) ?? []);
  }

  #unindex(key: string, object: T): void {
    for (const [name, valuesOf] of this.#indexers) {
      const index = this.#indexes.get(name);
      for (const value of valuesOf(object)) {
        const keys = index?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index?.delete(value);
      }
    }
  }
}
