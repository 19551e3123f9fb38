/** The store: what a reflector has seen, for many readers and one writer. */

import { compareResourceVersions, type WatcherEvent } from "../core/index.js";
import { keyOf, type ObjectRef } from "./object-ref.js";
import { Content } from "./store-content.js";

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
  /** The newest version seen; undefined before the first list is complete. */
  readonly resourceVersion: string | undefined;
  /**
   * Resolves once everything up to `resourceVersion` has been seen, such as the version that a write returned.
   *
   * Caveat: within one kind, and only while the reflector's stream is consumed.
   *
   * @throws the signal's reason.
   */
  whenSeen(resourceVersion: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** The objects for which the declared index gave `value`. */
  by(index: Name, value: string): readonly T[];
}

/** The one writer. Stays inside the reflector. */
export class StoreWriter<T extends Storable, Name extends string = never> {
  readonly #indexers: Indexers<T, Name> | undefined;
  readonly #waiting = new Set<Waiting>();
  #content: Content<T>;
  #incoming: Content<T> | undefined;
  #resourceVersion: string | undefined;

  constructor(indexers?: Indexers<T, Name>) {
    this.#indexers = indexers;
    this.#content = new Content(indexers);
  }

  /** The view that readers get. */
  reader(): Store<T, Name> {
    const content = () => this.#content;
    const version = () => this.#resourceVersion;
    return Object.freeze({
      get: (ref: ObjectRef) => content().objects.get(keyOf(ref)),
      values: () => content().objects.values(),
      get size() {
        return content().objects.size;
      },
      get ready() {
        return version() !== undefined;
      },
      get resourceVersion() {
        return version();
      },
      whenReady: ({ signal }: WaitOptions = {}) => this.#until(() => version() !== undefined, signal),
      whenSeen: (wanted: string, { signal }: WaitOptions = {}) => this.#until(() => reaches(version(), wanted), signal),
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
        return this.#swap(event.resourceVersion);
      case "apply":
        this.#content.set(event.object);
        this.#see(event.object.metadata.resourceVersion);
        return [];
      case "delete":
        if (this.#incoming !== undefined) {
          this.#incoming.delete(event.object);
          return [];
        }
        this.#content.delete(event.object);
        this.#see(event.object.metadata.resourceVersion);
        return [];
      case "error":
        return [];
      default:
        throw new TypeError(`unknown event ${JSON.stringify(event satisfies never)}`);
    }
  }

  #swap(resourceVersion: string): readonly T[] {
    if (this.#incoming === undefined) return [];
    const before = this.#content;
    this.#content = this.#incoming;
    this.#incoming = undefined;
    this.#see(resourceVersion);
    return [...before.objects].flatMap(([key, object]) =>
      this.#content.objects.get(key)?.metadata.uid === object.metadata.uid ? [] : [object],
    );
  }

  #see(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    for (const waiting of this.#waiting) {
      if (!waiting.holds()) continue;
      this.#waiting.delete(waiting);
      waiting.wake();
    }
  }

  #until(holds: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(waiting);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const waiting = { holds, wake };
      this.#waiting.add(waiting);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}

interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly holds: () => boolean;
  readonly wake: () => void;
}

function reaches(seen: string | undefined, wanted: string): boolean {
  return seen !== undefined && compareResourceVersions(seen, wanted) >= 0;
}

/**
 * A write, and then the moment at which the store has seen it: whoever reads the store after this reads the write.
 *
 * @example `await seenBy(store, client.api(Thing).namespace(ns).status.apply(…));`
 * @throws what the write throws, or the signal's reason.
 */
export async function seenBy<W extends { readonly metadata: { readonly resourceVersion: string } }>(
  store: Pick<Store<unknown>, "whenSeen">,
  write: Promise<W>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<W> {
  const written = await write;
  await store.whenSeen(written.metadata.resourceVersion, options);
  return written;
}
