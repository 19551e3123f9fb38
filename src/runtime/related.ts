/** From an object that changed to the objects that its change concerns. */

import type { AnyKind, DeepReadonly, OwnerReference, WatcherEvent } from "../core/index.js";
import { type ObjectRef, refOf } from "./object-ref.js";
import { type ReflectedEvent, reflector } from "./reflector.js";
import type { Storable, Store } from "./store.js";

/** Names the objects to reconcile for a related object. Called for the object as it is and as it was. */
export type Mapper<T> = (object: DeepReadonly<T>) => Iterable<ObjectRef>;

/** What is kept of a related object: where it leads. */
interface Related extends Storable {
  readonly refs: readonly ObjectRef[];
}

/** What a change concerns. */
export interface RelatedChange {
  /** The related object that changed. */
  readonly from: ObjectRef;
  /** The objects that it leads to, or led to before. */
  readonly refs: readonly ObjectRef[];
  /** Whether it comes from a list, not from a change. */
  readonly initial: boolean;
}

/** What comes of following a related kind. */
export type RelatedEvent =
  | { readonly type: "change"; readonly change: RelatedChange }
  /** Something outside the cluster asks for an object. */
  | { readonly type: "asked"; readonly ref: ObjectRef; readonly by: string }
  | Extract<ReflectedEvent<never>, { type: "error" }>;

/** Something that is followed: what to wait for before anything runs, and what comes of it. */
export interface Followed {
  readonly store: Pick<Store<unknown>, "whenReady">;
  readonly changes: AsyncIterable<RelatedEvent>;
}

/**
 * Follows a related kind. Holds of each object no more than where it leads, so that the old and the new owner both hear of a
 * change of owner, and owners hear of what vanished while nobody was watching.
 */
export function followRelated<R extends Storable>(
  events: AsyncIterable<WatcherEvent<R>>,
  mapper: (object: R) => Iterable<ObjectRef>,
): Followed {
  const { store, stream } = reflector<Related>(slim(events, mapper));
  return { store, changes: changes(stream) };
}

async function* slim<R extends Storable>(
  events: AsyncIterable<WatcherEvent<R>>,
  mapper: (object: R) => Iterable<ObjectRef>,
): AsyncGenerator<WatcherEvent<Related>, void, undefined> {
  for await (const event of events) {
    yield "object" in event ? { type: event.type, object: relatedOf(event.object, mapper) } : event;
  }
}

function relatedOf<R extends Storable>(object: R, mapper: (object: R) => Iterable<ObjectRef>): Related {
  const { uid, resourceVersion } = object.metadata;
  return { metadata: { ...refOf(object), uid, resourceVersion }, refs: [...mapper(object)] };
}

async function* changes(stream: AsyncIterable<ReflectedEvent<DeepReadonly<Related>>>): AsyncGenerator<RelatedEvent> {
  for await (const event of stream) {
    if (event.type === "error") yield event;
    if (!("object" in event)) continue;
    const old = "old" in event ? (event.old?.refs ?? []) : [];
    const change = {
      from: refOf(event.object),
      refs: [...event.object.refs, ...old],
      initial: event.type === "init-apply",
    };
    yield { type: "change", change };
  }
}

/** Leads from a dependent to the owner that is its controller, if that is of `owner`'s kind in any version. */
export function ownerMapper(owner: AnyKind): Mapper<{ metadata: ObjectRef & { ownerReferences?: OwnerReference[] } }> {
  return ({ metadata }) =>
    (metadata.ownerReferences ?? []).flatMap((reference) => {
      if (reference.controller !== true || reference.kind !== owner.kind || groupOf(reference) !== owner.group)
        return [];
      const { namespace } = metadata;
      return owner.scope === "Cluster" || namespace === undefined
        ? { name: reference.name }
        : { namespace, name: reference.name };
    });
}

function groupOf({ apiVersion }: { readonly apiVersion: string }): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}
