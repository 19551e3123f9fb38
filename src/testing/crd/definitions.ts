/** What becomes of CustomResourceDefinitions: names are accepted, kinds served, and objects cleaned up when a definition goes. */

import { administrator } from "../access.js";
import { nowOf, type Call, type Parts } from "../verbs/call.js";
import { deleteCollection } from "../verbs/delete.js";
import { at, isEqual, type JsonObject, listOf, objectOf, textOf, textsOf, withAt } from "../json.js";
import type { Resource } from "../resource.js";
import type { Change } from "../store/store.js";
import { compileDefinition } from "./compile.js";

const collection = "customresourcedefinitions.apiextensions.k8s.io";
const cleanup = "customresourcecleanup.apiextensions.k8s.io";

/** Serves what definitions define. It reacts to the store, after the request that wrote has been answered. */
export class Definitions implements Disposable {
  readonly #parts: Parts;
  readonly #served = new Map<string, readonly Resource[]>();
  readonly #pending = new Set<string>();
  readonly #stop: () => void;
  readonly #onGone: (collection: string) => void;

  /** @param onGone told which collection is served no more. */
  constructor(parts: Parts, onGone: (collection: string) => void) {
    this.#parts = parts;
    this.#onGone = onGone;
    for (const name of parts.store.snapshot(collection).keys) this.#settle(name);
    this.#stop = parts.store.listen((change) => this.#notice(change));
  }

  /** Definitions have no effect any more. */
  [Symbol.dispose](): void {
    this.#stop();
  }

  #notice({ collection: changed, key }: Change): void {
    if (changed === collection) this.#schedule(key);
    else if (this.#served.get(changed)?.[0]?.closed === true) this.#schedule(changed);
  }

  #schedule(name: string): void {
    if (this.#pending.has(name)) return;
    this.#pending.add(name);
    queueMicrotask(() => {
      this.#pending.delete(name);
      this.#settle(name);
    });
  }

  #settle(name: string): void {
    const { store } = this.#parts;
    const definition = store.get(collection, name);
    if (definition === undefined) return this.#withdraw(name);
    const conflicts = this.#conflicts(definition);
    const accepted = acceptedNames(definition, conflicts);
    const next =
      at(definition, "metadata", "deletionTimestamp") === undefined
        ? withConditions(definition, namesConditions(conflicts), nowOf(this.#parts))
        : withConditions(definition, [deleting], nowOf(this.#parts));
    const named = withAt(next, ["status", "acceptedNames"], accepted);
    if (!isEqual(named, definition)) {
      store.put(collection, name, named);
      return this.#settle(name);
    }
    this.#serve(name, definition);
    if (at(definition, "metadata", "deletionTimestamp") !== undefined) this.#clean(name, definition);
  }

  #serve(name: string, definition: JsonObject): void {
    const { registry } = this.#parts;
    const isEstablished = listOf(at(definition, "status", "conditions")).some(
      (condition) => at(condition, "type") === "Established" && at(condition, "status") === "True",
    );
    for (const resource of this.#served.get(name) ?? []) registry.remove(resource);
    const resources = isEstablished ? compileDefinition(definition) : [];
    for (const resource of resources) registry.add(resource);
    this.#served.set(name, resources);
  }

  #withdraw(name: string): void {
    const resources = this.#served.get(name);
    if (resources === undefined) return;
    this.#served.delete(name);
    for (const resource of resources) this.#parts.registry.remove(resource);
    this.#onGone(name);
  }

  #clean(name: string, definition: JsonObject): void {
    const { store } = this.#parts;
    const finalizers = textsOf(at(definition, "metadata", "finalizers"));
    if (!finalizers.includes(cleanup)) return;
    const [resource] = this.#served.get(name) ?? [];
    if (resource !== undefined) deleteCollection(this.#callFor(resource));
    if (store.snapshot(name).keys.size > 0) return;
    const others = finalizers.filter((finalizer) => finalizer !== cleanup);
    const done = withConditions(definition, [deleted], nowOf(this.#parts));
    store.put(collection, name, withAt(done, ["metadata", "finalizers"], others.length === 0 ? undefined : others));
    if (others.length === 0) store.remove(collection, name);
  }

  #callFor(resource: Resource): Call {
    const request = { method: "DELETE", url: "", headers: {} };
    const place = { namespace: "", name: "", subresource: "" };
    return {
      ...this.#parts,
      ...place,
      request,
      resource,
      query: new URLSearchParams(),
      user: administrator,
      warn: () => undefined,
    };
  }

  /** Names that another kind of the group has. */
  #conflicts(definition: JsonObject): readonly Conflict[] {
    const own = namesOf(definition);
    const name = textOf(at(definition, "metadata", "name"));
    const { store } = this.#parts;
    const snapshot = store.snapshot(collection);
    const others = [...snapshot.keys]
      .filter((key) => key !== name)
      .map((key) => snapshot.get(key))
      .filter((other) => at(other, "spec", "group") === at(definition, "spec", "group"))
      .map((other) => objectOf(at(other, "status", "acceptedNames")));
    const taken = (fields: readonly string[]) =>
      new Set(others.flatMap((other) => fields.flatMap((field) => [textOf(other[field]), ...textsOf(other[field])])));
    const resources = taken(["plural", "singular", "shortNames"]);
    const kinds = taken(["kind", "listKind"]);
    const check = (field: NameField, values: readonly string[], used: ReadonlySet<string>): readonly Conflict[] =>
      values
        .filter((value) => value !== "" && used.has(value))
        .map((value) => ({ field, value, reason: `${field.charAt(0).toUpperCase()}${field.slice(1)}Conflict` }));
    return [
      ...check("plural", [textOf(own["plural"])], resources),
      ...check("singular", [textOf(own["singular"])], resources),
      ...check("shortNames", textsOf(own["shortNames"]), resources),
      ...check("kind", [textOf(own["kind"])], kinds),
      ...check("listKind", [textOf(own["listKind"])], kinds),
    ];
  }
}

type NameField = "plural" | "singular" | "shortNames" | "kind" | "listKind";

interface Conflict {
  readonly field: NameField;
  readonly reason: string;
  readonly value: string;
}

/** The names that are free, and those that the definition had already. */
function acceptedNames(definition: JsonObject, conflicts: readonly Conflict[]): JsonObject {
  const refused = new Set<string>(conflicts.map(({ field }) => field));
  const before = objectOf(at(definition, "status", "acceptedNames"));
  const names = { ...namesOf(definition) };
  if (refused.size === 0) return names;
  const free = Object.entries(names).filter(([field]) => !refused.has(field));
  const kept = [...refused].flatMap((field) => (before[field] === undefined ? [] : [[field, before[field]] as const]));
  return { plural: "", kind: "", ...Object.fromEntries([...free, ...kept]) };
}

interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

const namesOf = (definition: JsonObject): JsonObject => objectOf(at(definition, "spec", "names"));

const deleting: Condition = {
  type: "Terminating",
  status: "True",
  reason: "InstanceDeletionInProgress",
  message: "CustomResource deletion is in progress",
};

const deleted: Condition = {
  type: "Terminating",
  status: "False",
  reason: "InstanceDeletionCompleted",
  message: "removed all instances",
};

function namesConditions(conflicts: readonly Conflict[]): readonly Condition[] {
  const conflict = conflicts.at(-1);
  if (conflict === undefined) {
    return [
      { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
      {
        type: "Established",
        status: "True",
        reason: "InitialNamesAccepted",
        message: "the initial names have been accepted",
      },
    ];
  }
  // Of several conflicts the last one is told.
  const message = `${JSON.stringify(conflict.value)} is already in use`;
  return [
    { type: "NamesAccepted", status: "False", reason: conflict.reason, message },
    { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" },
  ];
}

/** Sets conditions; a time changes only with the status. What is established stays so. */
function withConditions(definition: JsonObject, wanted: readonly Condition[], now: string): JsonObject {
  const present = listOf(at(definition, "status", "conditions")).map(objectOf);
  const next = [...present];
  for (const condition of wanted) {
    const index = next.findIndex(({ type }) => type === condition.type);
    const old = next[index];
    if (old?.["status"] === condition.status && old["reason"] === condition.reason) continue;
    if (condition.type === "Established" && old?.["status"] === "True") continue;
    const { type, ...rest } = condition;
    const stamped = { type, status: rest.status, lastTransitionTime: now, reason: rest.reason, message: rest.message };
    if (index === -1) next.push(stamped);
    else next[index] = stamped;
  }
  return isEqual(next, present) ? definition : withAt(definition, ["status", "conditions"], next);
}
