/** Helpers for streams of watcher events. For anything else, an ordinary `for await` is enough. */

import type { ObjectMeta, WatcherEvent } from "../core/index.js";

/** Every object as it is listed, created or changed. */
export async function* applied<T>(events: AsyncIterable<WatcherEvent<T>>): AsyncGenerator<T, void, undefined> {
  for await (const event of events) if (event.type === "apply" || event.type === "init-apply") yield event.object;
}

/** Every object as it is listed, created, changed or deleted. */
export async function* touched<T>(events: AsyncIterable<WatcherEvent<T>>): AsyncGenerator<T, void, undefined> {
  for await (const event of events) if ("object" in event) yield event.object;
}

/**
 * The same events with every object replaced: to drop what a cache need not hold.
 *
 * Keep `metadata.name`, `namespace`, `uid` and `resourceVersion`; an object that will be replaced on the server must be whole.
 *
 * @example `reflector(modified(watcher(client.api(Pod)), withoutManagedFields))`
 */
export function modified<T, R>(
  events: AsyncIterable<WatcherEvent<T>>,
  change: (object: T) => R,
): AsyncIterable<WatcherEvent<R>>;
/** Without a change, the events themselves. */
export function modified<T>(
  events: AsyncIterable<WatcherEvent<T>>,
  change: ((object: T) => T) | undefined,
): AsyncIterable<WatcherEvent<T>>;
export function modified<T>(
  events: AsyncIterable<WatcherEvent<T>>,
  change: ((object: T) => T) | undefined,
): AsyncIterable<WatcherEvent<T>> {
  return change === undefined ? events : modify(events, change);
}

async function* modify<T, R>(
  events: AsyncIterable<WatcherEvent<T>>,
  change: (object: T) => R,
): AsyncGenerator<WatcherEvent<R>, void, undefined> {
  for await (const event of events)
    yield "object" in event ? { type: event.type, object: change(event.object) } : event;
}

/**
 * The object without `metadata.managedFields`, often half of it. Replacing an object without them leaves them as they are. To `delete`
 * them saves nothing: as long as nobody reads them, their text stays with the object.
 */
export function withoutManagedFields<T extends { readonly metadata: Pick<ObjectMeta, "managedFields"> }>(object: T): T {
  if (!Object.hasOwn(object.metadata, "managedFields")) return object;
  return { ...object, metadata: copyWithout(object.metadata, "managedFields") };
}

/** A rest pattern would read what it leaves out, and so have it parsed. */
function copyWithout<T extends object>(value: T, name: keyof T): Partial<T> {
  const copy: Partial<T> = {};
  for (const key in value) if (key !== name) copy[key] = value[key];
  return copy;
}

/** What of an object matters: two objects with the same value are the same to whoever asks. */
export type Aspect<T> = (object: T) => unknown;

interface WithMeta {
  readonly metadata: {
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
}

/** The aspects that most ask for. */
export const aspects = Object.freeze({
  /** The specification, whose changes the server counts, and deletion; a status does not count. */
  generation: ({ metadata }: WithMeta): unknown => [metadata.generation, metadata.deletionTimestamp],
  /** Everything. */
  resourceVersion: ({ metadata }: WithMeta): unknown => metadata.resourceVersion,
  labels: ({ metadata }: WithMeta): unknown => sorted(metadata.labels),
  annotations: ({ metadata }: WithMeta): unknown => sorted(metadata.annotations),
  finalizers: ({ metadata }: WithMeta): unknown => metadata.finalizers,
}) satisfies Readonly<Record<string, Aspect<WithMeta>>>;

/** A change of any of these. */
export function anyOf<T>(...aspects: readonly Aspect<T>[]): Aspect<T> {
  return (object) => aspects.map((aspect) => aspect(object));
}

/** Whether an object differs from what it was in this aspect; one that is new, or another under the old name, does. */
export function differs<T extends { readonly metadata: { readonly uid: string } }>(
  aspect: Aspect<T>,
  old: T | undefined,
  object: T,
): boolean {
  if (old === undefined || old.metadata.uid !== object.metadata.uid) return true;
  return fingerprint(aspect(old)) !== fingerprint(aspect(object));
}

/**
 * Only those changes that change an aspect of an object; deletions and the frame of a list pass. Remembers one short text per object.
 *
 * @example `changed(watcher(client.api(Deployment)), anyOf(aspects.generation, aspects.labels))`
 */
export async function* changed<T extends { readonly metadata: { readonly uid: string } }>(
  events: AsyncIterable<WatcherEvent<T>>,
  aspect: Aspect<T>,
): AsyncGenerator<WatcherEvent<T>, void, undefined> {
  const known = new Map<string, string>();
  let listed: Set<string> | undefined;
  for await (const event of events) {
    if (event.type === "init") listed = new Set();
    if (event.type === "init-done") {
      for (const uid of known.keys()) if (listed?.has(uid) === false) known.delete(uid);
      listed = undefined;
    }
    if (event.type === "delete") known.delete(event.object.metadata.uid);
    if (event.type === "apply" || event.type === "init-apply") {
      const { uid } = event.object.metadata;
      const value = fingerprint(aspect(event.object));
      listed?.add(uid);
      if (known.get(uid) === value && event.type === "apply") continue;
      known.set(uid, value);
    }
    yield event;
  }
}

/** Several streams as one, each item as it comes; fails as soon as one does. Leaving the loop leaves them all. */
export async function* merge<T>(...streams: readonly AsyncIterable<T>[]): AsyncGenerator<T, void, undefined> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const pending = new Map(iterators.map((iterator) => [iterator, take(iterator)]));
  try {
    while (pending.size > 0) {
      const { iterator, result } = await Promise.race(pending.values());
      if (result.done === true) {
        pending.delete(iterator);
        continue;
      }
      // To the end of the line, so that a busy stream does not starve the others.
      pending.delete(iterator);
      pending.set(iterator, take(iterator));
      yield result.value;
    }
  } finally {
    for (const [iterator, next] of pending) {
      next.catch(() => {});
      void iterator.return?.()?.catch?.(() => {});
    }
  }
}

async function take<T>(
  iterator: AsyncIterator<T>,
): Promise<{ readonly iterator: AsyncIterator<T>; readonly result: IteratorResult<T> }> {
  return { iterator, result: await iterator.next() };
}

function fingerprint(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

function sorted(record: Readonly<Record<string, string>> | undefined): readonly (readonly [string, string])[] {
  return Object.entries(record ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
