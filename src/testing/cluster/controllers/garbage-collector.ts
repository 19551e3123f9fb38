/** The garbage collector: deletes what has lost its owners, and holds owners back for as long as they asked to be. */

import {
  ApiError,
  type DeepReadonly,
  type PropagationPolicy,
  isNotFound,
  type OwnerReference,
  type PartialObjectMetadata,
} from "../../../core/index.js";
import type { Client } from "../../../client/index.js";
import type { Clock } from "../../../runtime/index.js";
import { FollowedKinds } from "./followed-kinds.js";
import { KeyedWork } from "./keyed-work.js";
import {
  foregroundFinalizer,
  type Identity,
  orphanFinalizer,
  type OwnedObject,
  ownedObject,
  OwnerGraph,
  waitsForDependents,
} from "./owner-graph.js";
import { type ServedKind, ServedKinds } from "./served-kinds.js";

/** What the garbage collector works with. */
export interface GarbageCollectorOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

/** The owners that an object names, by what has become of them. */
interface Owners {
  readonly solid: Reference[];
  readonly dangling: Reference[];
  /** Owners that wait for this object to go. */
  readonly waiting: Reference[];
}

type Reference = DeepReadonly<OwnerReference>;
type Live = PartialObjectMetadata;

/**
 * Knows the metadata of every object of the kinds that it follows. What it knows only says when to look; what it does is decided
 * by the live objects, and holds for these by preconditions.
 */
export class GarbageCollector {
  readonly #options: GarbageCollectorOptions;
  readonly #kinds: ServedKinds;
  readonly #graph = new OwnerGraph();
  readonly #work: KeyedWork;
  /** Tell it what is written: it follows these kinds. */
  readonly followed: FollowedKinds;

  constructor(options: GarbageCollectorOptions) {
    this.#options = options;
    this.#kinds = new ServedKinds(options.client);
    this.#work = new KeyedWork({ ...options, run: (uid) => this.#collect(uid) });
    this.followed = new FollowedKinds({
      ...options,
      kinds: this.#kinds,
      graph: this.#graph,
      onChange: (uids) => this.#look(uids),
      // Nothing is decided while objects are still being listed.
      onComplete: (isComplete) => (isComplete ? this.#work.resume() : this.#work.pause()),
    });
  }

  /** Whether nothing is due or running. */
  get idle(): boolean {
    return this.#work.idle;
  }

  /** Resolves when all watches have ended, which they do by the signal. */
  async stopped(): Promise<void> {
    await this.followed.stopped();
    await this.#work.stopped();
  }

  #look(uids: readonly string[]): void {
    for (const uid of uids) {
      const object = this.#graph.get(uid);
      if (object !== undefined && this.#graph.needsWork(object)) this.#work.add(uid);
    }
  }

  async #collect(uid: string): Promise<void> {
    const known = this.#graph.get(uid);
    if (known === undefined || !this.#graph.needsWork(known)) return;
    const live = await this.#live(known);
    if (live === undefined) return this.#look(this.#graph.delete(uid));
    const object = ownedObject(known, live);
    if (object.isDeleting && object.finalizers.includes(orphanFinalizer)) return this.#orphan(object, live);
    if (waitsForDependents(object)) return this.#release(object, live);
    if (object.isDeleting || object.owners.length === 0) return;
    const owners = await this.#classify(object);
    if (owners !== undefined) await this.#decide(object, live, owners);
  }

  async #decide(object: OwnedObject, live: Live, { solid, dangling, waiting }: Owners): Promise<void> {
    if (solid.length > 0) {
      if (dangling.length + waiting.length > 0) await this.#patch(object, live, { ownerReferences: solid });
      return;
    }
    const dependents = this.#graph.dependentsOf(object.uid);
    if (waiting.length > 0 && dependents.length > 0) {
      // Two that wait for each other would wait for ever.
      const unblocked = dependents.some(waitsForDependents) ? await this.#unblock(object, live) : live;
      return this.#delete(object, unblocked, "Foreground");
    }
    await this.#delete(object, live, policyOf(object));
  }

  /** Undefined if an owner can never be: a namespaced one of a cluster-scoped object. */
  async #classify(object: OwnedObject): Promise<Owners | undefined> {
    const owners: Owners = { solid: [], dangling: [], waiting: [] };
    for (const reference of object.owners) {
      if (this.#graph.isGone(object, reference)) {
        owners.dangling.push(reference);
        continue;
      }
      const kind = await this.#kindOf(reference);
      if (kind.scope === "Namespaced" && object.namespace === undefined) return undefined;
      this.followed.follow(kind);
      const owner = { ...reference, namespace: object.namespace };
      const live = await this.#live(owner);
      if (live === undefined) owners.dangling.push(reference);
      else if (waitsForDependents(ownedObject(owner, live))) owners.waiting.push(reference);
      else owners.solid.push(reference);
    }
    return owners;
  }

  /** Once nobody names the owner any more, it may go. */
  async #orphan(owner: OwnedObject, live: Live): Promise<void> {
    for (const dependent of this.#graph.dependentsOf(owner.uid)) {
      const found = await this.#live(dependent);
      const references = found?.metadata.ownerReferences ?? [];
      const left = references.filter(({ uid }) => uid !== owner.uid);
      if (found !== undefined && left.length < references.length)
        await this.#patch(dependent, found, { ownerReferences: left });
    }
    await this.#removeFinalizer(owner, live, orphanFinalizer);
  }

  /** Once no dependent blocks the owner any more, it may go. */
  async #release(owner: OwnedObject, live: Live): Promise<void> {
    const blocking = this.#graph
      .dependentsOf(owner.uid)
      .filter(({ owners }) => owners.some(({ uid, blockOwnerDeletion }) => uid === owner.uid && blockOwnerDeletion));
    if (blocking.length === 0) return this.#removeFinalizer(owner, live, foregroundFinalizer);
    this.#look(blocking.filter((dependent) => !waitsForDependents(dependent)).map(({ uid }) => uid));
  }

  async #removeFinalizer(owner: OwnedObject, live: Live, finalizer: string): Promise<void> {
    await this.#patch(owner, live, { finalizers: owner.finalizers.filter((name) => name !== finalizer) });
  }

  async #unblock(object: OwnedObject, live: Live): Promise<Live> {
    const ownerReferences = object.owners.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
    return (await this.#patch(object, live, { ownerReferences })) ?? live;
  }

  /** Undefined if it is not there, or another has its name. @throws if its kind is not served: then nobody knows. */
  async #live(identity: Identity): Promise<Live | undefined> {
    const { name, uid } = identity;
    try {
      const live = await (await this.#handle(identity)).metadata.get(name);
      return live.metadata.uid === uid ? live : undefined;
    } catch (error) {
      if (isNotFound(error) && error instanceof ApiError && error.status.details?.name === name) return undefined;
      this.#kinds.forget();
      throw error;
    }
  }

  /** Changes the object as it was read. An object that is gone meanwhile needs no change. */
  async #patch(
    identity: Identity,
    { metadata: { resourceVersion } }: Live,
    metadata: { readonly ownerReferences: Reference[] } | { readonly finalizers: string[] },
  ): Promise<Live | undefined> {
    const { metadata: api } = await this.#handle(identity);
    const body = { metadata: { resourceVersion, ...metadata } };
    try {
      return await api.patch(identity.name, { type: "merge", body });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #delete(identity: Identity, live: Live, propagationPolicy: PropagationPolicy): Promise<void> {
    const { uid, resourceVersion } = live.metadata;
    try {
      const api = await this.#handle(identity);
      await api.delete(identity.name, { propagationPolicy, preconditions: { uid, resourceVersion } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#look(this.#graph.delete(uid));
    }
  }

  async #handle(identity: Identity) {
    const kind = await this.#kindOf(identity);
    const api = this.#options.client.api(kind);
    return identity.namespace === undefined || kind.scope === "Cluster" ? api : api.namespace(identity.namespace);
  }

  /** @throws if there is no such kind: perhaps there will be. */
  async #kindOf({ apiVersion, kind }: Pick<Identity, "apiVersion" | "kind">): Promise<ServedKind> {
    const found = await this.#kinds.byKind(apiVersion, kind);
    if (found === undefined)
      throw new Error(`an owner reference names the kind ${kind} of ${apiVersion}, which is not served`);
    return found;
  }
}

/** An earlier deletion's wish counts. */
function policyOf({ finalizers }: OwnedObject): PropagationPolicy {
  if (finalizers.includes(orphanFinalizer)) return "Orphan";
  return finalizers.includes(foregroundFinalizer) ? "Foreground" : "Background";
}
