/** What a follower of a reflector and a reconcile have been told, checked against what they were promised. */

import type { ReflectedEvent, Storable } from "../../src/runtime/index.js";
import { keyOf, type ObjectRef } from "../../src/runtime/index.js";

/** Believes every event it is given, as the protocol says: what a list brings counts once the list is through. */
export class Believer {
  /** The uid of every object that is said to be there. */
  readonly alive = new Map<string, string>();
  #listed: Map<string, string> | undefined;

  take(event: ReflectedEvent<Storable>): void {
    if (event.type === "init") this.#listed = new Map();
    if (event.type === "init-done") {
      for (const [uid, key] of this.#listed ?? []) this.alive.set(uid, key);
      this.#listed = undefined;
    }
    if (!("object" in event)) return;
    const { uid } = event.object.metadata;
    if (event.type === "delete") {
      this.#listed?.delete(uid);
      this.alive.delete(uid);
      return;
    }
    // A change whose object was another one before says that this other one is gone.
    const { old } = event;
    if (event.type === "apply" && old !== undefined && old.metadata.uid !== uid) this.alive.delete(old.metadata.uid);
    (event.type === "apply" ? this.alive : (this.#listed ?? this.alive)).set(uid, keyOf(event.object.metadata));
  }
}

/** Writes down every run of a reconcile. */
export class RunLog {
  /** The version that the last run of each key that succeeded has seen. */
  readonly seen = new Map<string, string>();
  /** Keys that ran twice at once. */
  readonly overlaps: string[] = [];
  runs = 0;
  readonly #running = new Set<string>();

  /** Runs `work` for an object. */
  async run(
    object: { readonly metadata: ObjectRef & { readonly resourceVersion: string } },
    work: () => Promise<void>,
  ): Promise<void> {
    const key = keyOf(object.metadata);
    if (this.#running.has(key)) this.overlaps.push(key);
    this.#running.add(key);
    this.runs += 1;
    try {
      await work();
      this.seen.set(key, object.metadata.resourceVersion);
    } finally {
      this.#running.delete(key);
    }
  }
}
