/** The store: every object, and the log of every change, under one counter of revisions. */

import { freeze, type JsonObject, withAt } from "../json.js";
import { SortedKeys } from "./sorted-keys.js";

/** One change of one object. */
export interface Change {
  readonly revision: number;
  readonly collection: string;
  /** `namespace/name`, or the name alone of a cluster-scoped object. */
  readonly key: string;
  /** The object before; undefined if it was created. */
  readonly previous: JsonObject | undefined;
  /** The object after; undefined if it was deleted. */
  readonly next: JsonObject | undefined;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** The objects of one collection at one revision, in the order of their keys. */
export interface Snapshot {
  readonly revision: number;
  readonly keys: SortedKeys;
  get(key: string): JsonObject | undefined;
}

/** How much of the past is kept. */
export interface StoreOptions {
  readonly now: () => number;
  /** How long changes are kept. Default: five minutes, as etcd is compacted. */
  readonly windowMs?: number | undefined;
  /** How many changes are kept at most. Default: 20000. */
  readonly maxChanges?: number | undefined;
}

interface Collection {
  readonly objects: Map<string, JsonObject>;
  keys: SortedKeys;
}

/**
 * Objects and their history.
 *
 * Guarantees: revisions rise by one with every change, over all collections. Objects are frozen and carry their revision as
 * `metadata.resourceVersion`. Listeners are called before `put` and `remove` return, in the order of the revisions.
 *
 * Caveats: it knows no rule of Kubernetes; whoever writes has checked everything before, without waiting in between.
 */
export class Store {
  readonly #options: StoreOptions;
  readonly #collections = new Map<string, Collection>();
  readonly #listeners = new Set<(change: Change) => void>();
  #log: Change[] = [];
  #revision = 0;
  #compacted = 0;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** The revision of the last change. */
  get revision(): number {
    return this.#revision;
  }

  /** The last revision whose state can no longer be read: what followed it can. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  get(collection: string, key: string): JsonObject | undefined {
    return this.#collections.get(collection)?.objects.get(key);
  }

  /** Creates or replaces an object. @returns it as stored. */
  put(collection: string, key: string, object: JsonObject): JsonObject {
    const revision = this.#revision + 1;
    const stored = freeze(withAt(object, ["metadata", "resourceVersion"], String(revision)));
    this.#record(revision, collection, key, stored);
    return stored;
  }

  /** Deletes an object. @returns its last state, with the revision of its deletion. */
  remove(collection: string, key: string): JsonObject | undefined {
    const previous = this.get(collection, key);
    if (previous === undefined) return undefined;
    const revision = this.#revision + 1;
    this.#record(revision, collection, key, undefined);
    return freeze(withAt(previous, ["metadata", "resourceVersion"], String(revision)));
  }

  /** Puts back what was stored before, at the revision that it had. For start-up only: nobody is told. */
  restore(change: Pick<Change, "collection" | "key" | "next" | "revision">): void {
    this.#revision = Math.max(this.#revision, change.revision);
    this.#compacted = this.#revision;
    this.#apply(change.collection, change.key, change.next === undefined ? undefined : freeze(change.next));
  }

  /** The collection as it is now. */
  snapshot(collection: string): Snapshot {
    const held = this.#collections.get(collection);
    if (held === undefined) return { revision: this.#revision, keys: SortedKeys.empty, get: () => undefined };
    const { objects, keys } = held;
    return { revision: this.#revision, keys, get: (key) => objects.get(key) };
  }

  /** The collection as it was; undefined if that is too long ago, or has not been yet. */
  snapshotAt(collection: string, revision: number): Snapshot | undefined {
    if (revision === this.#revision) return this.snapshot(collection);
    if (revision < this.#compacted || revision > this.#revision) return undefined;
    const now = this.snapshot(collection);
    // What has changed since, as it was before the first of its changes.
    const before = new Map<string, JsonObject | undefined>();
    for (let index = this.#indexAfter(revision); index < this.#log.length; index++) {
      const change = this.#log[index];
      if (change?.collection === collection && !before.has(change.key)) before.set(change.key, change.previous);
    }
    return {
      revision,
      keys: keysBefore(now, before),
      get: (key) => (before.has(key) ? before.get(key) : now.get(key)),
    };
  }

  /** The next change of a collection after a revision; "expired" if changes after it are no longer known. */
  nextChange(collection: string, after: number): Change | "expired" | undefined {
    if (after < this.#compacted) return "expired";
    for (let index = this.#indexAfter(after); index < this.#log.length; index++) {
      const change = this.#log[index];
      if (change?.collection === collection) return change;
    }
    return undefined;
  }

  /** Calls back with every change from now on. @returns what ends it. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets every change up to a revision. Default: all. */
  compact(revision: number = this.#revision): void {
    this.#log = this.#log.slice(this.#indexAfter(revision));
    this.#compacted = Math.max(this.#compacted, Math.min(revision, this.#revision));
  }

  /** All that is stored, for whoever keeps it. */
  *entries(): Iterable<{ readonly collection: string; readonly key: string; readonly object: JsonObject }> {
    for (const [collection, { objects }] of this.#collections) {
      for (const [key, object] of objects) yield { collection, key, object };
    }
  }

  #record(revision: number, collection: string, key: string, next: JsonObject | undefined): void {
    const previous = this.get(collection, key);
    const change = Object.freeze({ revision, collection, key, previous, next, at: this.#options.now() });
    this.#revision = revision;
    this.#log.push(change);
    this.#apply(collection, key, next);
    this.#forget(change.at);
    for (const listener of this.#listeners) listener(change);
  }

  #apply(collection: string, key: string, next: JsonObject | undefined): void {
    const held = this.#collections.get(collection) ?? this.#begin(collection);
    const { objects } = held;
    if (next === undefined) {
      if (objects.delete(key)) held.keys = held.keys.without(key);
    } else {
      if (!objects.has(key)) held.keys = held.keys.with(key);
      objects.set(key, next);
    }
  }

  #forget(now: number): void {
    const { windowMs = 300_000, maxChanges = 20_000 } = this.#options;
    const first = this.#log[0];
    if (first === undefined || (now - first.at <= windowMs && this.#log.length <= maxChanges)) return;
    // The change that was just recorded is young.
    const young = this.#log.findIndex(({ at }) => now - at <= windowMs);
    const old = young > 0 ? (this.#log[young - 1]?.revision ?? 0) : 0;
    // A tenth is dropped at once, so that a full log is not copied with every change.
    const excess = this.#log.length > maxChanges ? (this.#log[Math.ceil(maxChanges / 10)]?.revision ?? 0) : 0;
    this.compact(Math.max(old, excess));
  }

  #begin(collection: string): Collection {
    const held: Collection = { objects: new Map(), keys: SortedKeys.empty };
    this.#collections.set(collection, held);
    return held;
  }

  /** The log holds every revision from the compaction on, without gaps. */
  #indexAfter(revision: number): number {
    const first = this.#log[0]?.revision ?? this.#revision + 1;
    return Math.max(0, revision + 1 - first);
  }
}

/** The keys of a collection as they were, from what it is now and what has changed since. */
function keysBefore(now: Snapshot, before: ReadonlyMap<string, JsonObject | undefined>): SortedKeys {
  let { keys } = now;
  for (const [key, object] of before) {
    const isThere = now.get(key) !== undefined;
    if (object === undefined && isThere) keys = keys.without(key);
    if (object !== undefined && !isThere) keys = keys.with(key);
  }
  return keys;
}
