/** Who owns whom: what the garbage collector knows, as a data structure without requests. */

import type { DeepReadonly, OwnerReference, PartialObjectMetadata } from "../../../core/index.js";

/** What an object is called. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
}

/** An object, as it was seen last. */
export interface OwnedObject extends Identity {
  readonly owners: readonly DeepReadonly<OwnerReference>[];
  readonly isDeleting: boolean;
  readonly finalizers: readonly string[];
}

/** Held until its dependents are gone. */
export const foregroundFinalizer = "foregroundDeletion";
/** Held until its dependents no longer name it as an owner. */
export const orphanFinalizer = "orphan";

/** As many as upstream remembers. */
const goneLimit = 500;

/** An object as a watch of its metadata shows it. */
export function ownedObject(
  { apiVersion, kind }: Pick<Identity, "apiVersion" | "kind">,
  { metadata }: DeepReadonly<PartialObjectMetadata>,
): OwnedObject {
  const { namespace, name, uid, ownerReferences = [], deletionTimestamp, finalizers = [] } = metadata;
  const isDeleting = deletionTimestamp !== undefined;
  return { apiVersion, kind, namespace, name, uid, owners: ownerReferences, isDeleting, finalizers };
}

/** Whether it is on its way out and waits for its dependents to go first. */
export function waitsForDependents({ isDeleting, finalizers }: OwnedObject): boolean {
  return isDeleting && finalizers.includes(foregroundFinalizer);
}

/**
 * Objects by uid, and the objects that name them as owners, whether they exist or not.
 *
 * Guarantees: `set` and `delete` tell whom the change may concern: nobody else's state has changed by it.
 */
export class OwnerGraph {
  readonly #objects = new Map<string, OwnedObject>();
  readonly #dependents = new Map<string, Set<string>>();
  /** Owners that were seen to go: their kinds may be gone with them, and nobody can be asked. */
  readonly #gone = new Map<string, OwnedObject>();

  get(uid: string): OwnedObject | undefined {
    return this.#objects.get(uid);
  }

  /** Whether an owner was seen to go. No other gets its uid. */
  isGone(object: Pick<OwnedObject, "namespace">, reference: DeepReadonly<OwnerReference>): boolean {
    return isMeant(this.#gone.get(reference.uid), object, reference);
  }

  /** The objects that name this one as an owner. */
  dependentsOf(uid: string): readonly OwnedObject[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#objects.get(dependent) ?? []);
  }

  /** Takes an object as it is now. @returns the uids that it may concern. */
  set(object: OwnedObject): readonly string[] {
    const before = this.#objects.get(object.uid);
    this.#objects.set(object.uid, object);
    for (const { uid } of before?.owners ?? []) this.#unlink(uid, object.uid);
    for (const { uid } of object.owners) this.#link(uid, object.uid);
    const waits = waitsForDependents(object) && (before === undefined || !waitsForDependents(before));
    const dependents = waits || before === undefined ? [...(this.#dependents.get(object.uid) ?? [])] : [];
    return [object.uid, ...dependents, ...this.#waitingOwners(before)];
  }

  /** Forgets an object that is gone. @returns the uids that it may concern. */
  delete(uid: string): readonly string[] {
    const before = this.#objects.get(uid);
    this.#objects.delete(uid);
    if (before !== undefined && this.#dependents.has(uid)) this.#remember(before);
    for (const owner of before?.owners ?? []) this.#unlink(owner.uid, uid);
    return [...(this.#dependents.get(uid) ?? []), ...this.#waitingOwners(before)];
  }

  /** The objects of a kind. */
  uidsOf({ apiVersion, kind }: Pick<Identity, "apiVersion" | "kind">): readonly string[] {
    const all = [...this.#objects.values()];
    return all.filter((object) => object.kind === kind && object.apiVersion === apiVersion).map(({ uid }) => uid);
  }

  /** Whether something is to be done about an object, by all that is known: then the API server is asked. */
  needsWork(object: OwnedObject): boolean {
    if (object.isDeleting) return waitsForDependents(object) || object.finalizers.includes(orphanFinalizer);
    return object.owners.some((reference) => !this.#isSolid(object, reference));
  }

  /** An owner that was seen, is what the reference says, and is not waiting for this object to go. */
  #isSolid(object: OwnedObject, reference: DeepReadonly<OwnerReference>): boolean {
    const owner = this.#objects.get(reference.uid);
    return isMeant(owner, object, reference) && !waitsForDependents(owner);
  }

  #remember(object: OwnedObject): void {
    const [oldest] = this.#gone.keys();
    if (this.#gone.size === goneLimit && oldest !== undefined) this.#gone.delete(oldest);
    this.#gone.set(object.uid, object);
  }

  #waitingOwners(object: OwnedObject | undefined): readonly string[] {
    return (object?.owners ?? []).flatMap(({ uid }) => {
      const owner = this.#objects.get(uid);
      return owner !== undefined && waitsForDependents(owner) ? uid : [];
    });
  }

  #link(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner) ?? new Set();
    this.#dependents.set(owner, dependents.add(dependent));
  }

  #unlink(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner);
    dependents?.delete(dependent);
    if (dependents?.size === 0) this.#dependents.delete(owner);
  }
}

/** Whether an owner is the one that a reference describes; where it is not, the API server decides. */
function isMeant(
  owner: OwnedObject | undefined,
  { namespace }: Pick<OwnedObject, "namespace">,
  reference: DeepReadonly<OwnerReference>,
): owner is OwnedObject {
  return (
    owner !== undefined &&
    owner.name === reference.name &&
    owner.kind === reference.kind &&
    owner.apiVersion === reference.apiVersion &&
    (owner.namespace === undefined || owner.namespace === namespace)
  );
}
