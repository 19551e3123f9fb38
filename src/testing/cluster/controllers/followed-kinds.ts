/** Which kinds the garbage collector follows, and what it knows of their objects by that. */

import { apiVersionOf, isNotFound } from "../../../core/index.js";
import type { Client } from "../../../client/index.js";
import { CustomResourceDefinition } from "../../../resources/apiextensions.k8s.io/v1.js";
import { applied, type Clock, isEstablished, reflector, watcher } from "../../../runtime/index.js";
import { ownedObject, type OwnerGraph } from "./owner-graph.js";
import type { ServedKind, ServedKinds } from "./served-kinds.js";

/** What following works with. */
export interface FollowedKindsOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Aborting it ends all watches. */
  readonly signal: AbortSignal;
  readonly kinds: ServedKinds;
  /** Kept up to date. */
  readonly graph: OwnerGraph;
  /** Told which objects a change may concern. */
  readonly onChange: (uids: readonly string[]) => void;
  /** Told whether the objects of every kind that is followed are known. */
  readonly onComplete: (isComplete: boolean) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Among the kinds that are followed, whose keys have a slash. */
const definitionsKey = "definitions";

/** Follows kinds by their metadata, each once, from when it is first told of them. */
export class FollowedKinds {
  readonly #options: FollowedKindsOptions;
  readonly #watches = new Map<string, Promise<void>>();
  #incomplete = 0;

  constructor(options: FollowedKindsOptions) {
    this.#options = options;
  }

  /** Resolves when all watches have ended. */
  async stopped(): Promise<void> {
    await Promise.all(this.#watches.values());
  }

  /** Every kind that is served. */
  async followAll(): Promise<void> {
    this.#followDefinitions();
    const finished = this.#begin();
    try {
      for (const kind of await this.#options.kinds.all()) this.follow(kind);
    } finally {
      finished();
    }
  }

  /** A kind of which something is written. */
  async followWritten(group: string, version: string, plural: string): Promise<void> {
    if (plural === CustomResourceDefinition.plural) this.#followDefinitions();
    if (this.#watches.has(`${group}/${plural}`)) return;
    const finished = this.#begin();
    try {
      const kind = await this.#options.kinds.byPlural(group, version, plural);
      if (kind !== undefined) this.follow(kind);
    } finally {
      finished();
    }
  }

  /** A kind that is known. */
  follow(kind: ServedKind): void {
    const key = `${kind.group}/${kind.plural}`;
    const isFit = (["delete", "list", "watch"] as const).every((verb) => kind.verbs.includes(verb));
    // Events are not collected: they expire.
    if (!isFit || kind.plural === "events" || this.#watches.has(key) || this.#options.signal.aborted) return;
    const complete = this.#begin();
    const watching = this.#unlessStopped(this.#watch(kind, complete)).finally(() => {
      complete();
      this.#watches.delete(key);
    });
    this.#watches.set(key, watching);
  }

  async #watch(kind: ServedKind, complete: () => void): Promise<void> {
    const { client, clock, graph, onChange } = this.#options;
    const signal = this.#ownSignal();
    const identity = { apiVersion: apiVersionOf(kind), kind: kind.kind };
    const events = watcher(client.api(kind).metadata, { clock, signal, strategy: "streaming" });
    const { store, stream } = reflector(events);
    for await (const event of stream) {
      if (event.type === "apply" || event.type === "init-apply")
        onChange(graph.set(ownedObject(identity, event.object)));
      if (event.type === "delete") onChange(graph.delete(event.object.metadata.uid));
      if (event.type === "init-done") {
        // What went while the kind was not followed.
        const present = new Set([...store.values()].map(({ metadata }) => metadata.uid));
        for (const uid of graph.uidsOf(identity)) if (!present.has(uid)) onChange(graph.delete(uid));
        complete();
      }
      // Served no more. It is followed again when it is served or written again.
      if (event.type === "error" && isNotFound(event.error)) return;
    }
  }

  /**
   * Custom kinds are followed as soon as they are served: by the time that something of them is written they may be on their way out,
   * and then nobody could be asked about it.
   */
  #followDefinitions(): void {
    if (this.#watches.has(definitionsKey) || this.#options.signal.aborted) return;
    this.#watches.set(definitionsKey, this.#unlessStopped(this.#watchDefinitions()));
  }

  async #watchDefinitions(): Promise<void> {
    const { client, clock, onFailure } = this.#options;
    const signal = this.#ownSignal();
    const definitions = watcher(client.api(CustomResourceDefinition), { clock, signal, strategy: "streaming" });
    for await (const definition of applied(definitions)) {
      const { group, names, versions } = definition.spec;
      const version = versions.find(({ served }) => served)?.name;
      if (version === undefined || !isEstablished(definition)) continue;
      await this.followWritten(group, version, names.plural).catch(onFailure);
    }
  }

  /** Of each watch its own: Node warns of a signal that more than ten listen to. */
  #ownSignal(): AbortSignal {
    return AbortSignal.any([this.#options.signal]);
  }

  async #unlessStopped(watching: Promise<void>): Promise<void> {
    const { signal, onFailure } = this.#options;
    try {
      await watching;
    } catch (error) {
      if (!signal.aborted) onFailure(error);
    }
  }

  /** @returns what is to be called, once at least, when that which begins is complete. */
  #begin(): () => void {
    let isOpen = true;
    this.#incomplete += 1;
    this.#options.onComplete(false);
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#incomplete -= 1;
      if (this.#incomplete === 0) this.#options.onComplete(true);
    };
  }
}
