/** What every Kubernetes object has: type, metadata, owners; and the forms an object takes on its way in. */

/** A time as RFC 3339 with seconds, UTC: `2026-11-24T18:51:27Z`. Kept as text, as the API server wrote it. */
export type Time = string;

/** A time as RFC 3339 with exactly six fractional digits, which the API server insists on. */
export type MicroTime = string;

/** The reference of a dependent to its owner: the garbage collector follows it. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  /** At most one owner of an object is its controller. */
  controller?: boolean;
  /** Whether foreground deletion of the owner waits for this dependent. */
  blockOwnerDeletion?: boolean;
}

/** Which fields a manager owns, as server-side apply records it. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: "Apply" | "Update";
  apiVersion?: string;
  time?: Time;
  fieldsType?: string;
  fieldsV1?: { [key: string]: unknown };
  subresource?: string;
}

/** Metadata as it is read: the five fields that the API server always sets are required. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  /** Opaque: compare for equality, hand back, never compute with. */
  resourceVersion: string;
  creationTimestamp: Time;
  generateName?: string;
  generation?: number;
  labels?: { [key: string]: string };
  annotations?: { [key: string]: string };
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  /** Set once deletion was asked for and finalizers or a grace period hold the object. */
  deletionTimestamp?: Time;
  deletionGracePeriodSeconds?: number;
  managedFields?: ManagedFieldsEntry[];
  selfLink?: string;
}

/** Metadata of an object that lives in a namespace, as it is read. */
export interface NamespacedObjectMeta extends ObjectMeta {
  namespace: string;
}

/** Metadata of a list: the snapshot's version and, on a page, where to go on. */
export interface ListMeta {
  resourceVersion?: string;
  continue?: string;
  /** How many objects follow this page; only without selectors. */
  remainingItemCount?: number;
}

/** Any Kubernetes object as it is read. */
export interface KubernetesObject<A extends string = string, K extends string = string> {
  apiVersion: A;
  kind: K;
  metadata: ObjectMeta;
}

/** Any Kubernetes object of a namespaced kind as it is read. */
export interface NamespacedObject<A extends string = string, K extends string = string> extends KubernetesObject<A, K> {
  metadata: NamespacedObjectMeta;
}

/** An object whose fields are known only at run time. */
export interface DynamicObject extends KubernetesObject {
  [field: string]: unknown;
}

/** An object asked for without its content: `metadata` is complete, nothing else is there. */
export interface PartialObjectMetadata<M extends ObjectMeta = ObjectMeta> {
  apiVersion: "meta.k8s.io/v1";
  kind: "PartialObjectMetadata";
  metadata: M;
}

/** One response to a list: every object, or one page of them. */
export interface List<T> {
  apiVersion: string;
  kind: string;
  metadata: ListMeta;
  items: T[];
}

/** `T` with every property readonly at every depth: what a cache hands out. */
export type DeepReadonly<T> = T extends (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [P in keyof T]: DeepReadonly<T[P]> }
    : T;

/** The same value, which its holder shares and so must not write. */
export function asReadonly<T>(value: T): DeepReadonly<T> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- true of every T, but the compiler cannot see through a mapped type of a type parameter
  return value as DeepReadonly<T>;
}

/** `T` with every property optional at every depth; arrays hold partial elements. */
export type DeepPartial<T> = T extends (infer E)[]
  ? readonly DeepPartial<E>[]
  : T extends object
    ? { readonly [P in keyof T]?: DeepPartial<T[P]> }
    : T;

interface WritableMeta {
  readonly namespace?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly Readonly<OwnerReference>[];
}

/** Metadata of an intent: a name and what this manager wants; what the server sets is refused. */
export interface ApplyMeta extends WritableMeta {
  readonly name: string;
  /** Only with {@link https://kubernetes.io/docs/reference/using-api/server-side-apply/ | a version}: fail if the object has moved on. */
  readonly resourceVersion?: string;
  readonly uid?: string;
}

/** Metadata of an object to create: a name, or a prefix that the server completes. */
export type NewMeta = WritableMeta &
  (
    | { readonly name: string; readonly generateName?: string }
    | { readonly name?: never; readonly generateName: string }
  );

type TypeMetaOf<T> = {
  readonly apiVersion?: T extends { apiVersion: infer A } ? A : string;
  readonly kind?: T extends { kind: infer K } ? K : string;
};

type Content<T> = Omit<T, "apiVersion" | "kind" | "metadata" | "status">;

/** What server-side apply takes: only the fields that this manager wants to own; the status has its own endpoint. */
export type ApplyObject<T> = string extends keyof T
  ? TypeMetaOf<T> & { readonly metadata: ApplyMeta; readonly [field: string]: unknown }
  : TypeMetaOf<T> & { readonly metadata: ApplyMeta } & DeepPartial<Content<T>>;

/** What server-side apply of a status takes. */
export type ApplyStatus<T> = TypeMetaOf<T> & {
  readonly metadata: ApplyMeta;
  readonly status: T extends { status?: infer S } ? DeepPartial<S> : unknown;
};

/** What create takes: the fields that a reader gets, without those that the server sets. */
export type NewObject<T> = string extends keyof T
  ? TypeMetaOf<T> & { readonly metadata: NewMeta; readonly [field: string]: unknown }
  : TypeMetaOf<T> & NewMetaOf<T> & DeepReadonly<Content<T>>;

/** A review has no name: it is answered and not kept. */
type NewMetaOf<T> = T extends { metadata: infer M }
  ? M extends { name: string }
    ? { readonly metadata: NewMeta }
    : { readonly metadata?: Partial<NewMeta> }
  : { readonly metadata: NewMeta };

/** What replace takes: an object as it was read and edited; without `resourceVersion` it overwrites whatever is there. */
export type ReplaceObject<T> = TypeMetaOf<T> & {
  readonly metadata: ApplyMeta & {
    readonly [P in keyof Omit<ObjectMeta, keyof ApplyMeta>]?: DeepReadonly<ObjectMeta[P]>;
  };
} & DeepReadonly<Omit<T, "apiVersion" | "kind" | "metadata">>;

/** The least of an object that a reference to it needs. */
export interface Referable {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string };
}

/**
 * The owner reference that makes `owner` the controller of a dependent.
 *
 * The owner must be in the dependent's namespace or cluster scoped; the garbage collector deletes the dependent otherwise.
 *
 * @param options.controller default true: the dependent's changes wake the owner's controller.
 * @param options.blockOwnerDeletion default true: foreground deletion of the owner waits for the dependent.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
 */
export function ownerReference(
  owner: Referable,
  options: { readonly controller?: boolean; readonly blockOwnerDeletion?: boolean } = {},
): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: options.controller ?? true,
    blockOwnerDeletion: options.blockOwnerDeletion ?? true,
  };
}
