/** DELETE of an object or a collection. */

import { readRaw } from "../body/read-body.js";
import { formatTime } from "../clock.js";
import { at, isEqual, isObject, type JsonObject, listOf, textOf, textsOf, withAt } from "../json.js";
import { badRequest, forbidden, notFound, preconditionFailed, uidMismatch, versionMismatch } from "../messages.js";
import { type DeletionOptions, deletionOptions, readOptions } from "../options.js";
import { bodyLength, nameOf, namespaceOf } from "../request.js";
import { keyOf, type Resource } from "../resource.js";
import { selectionOf } from "../selectors.js";
import { type Answer, type Call, metaOf, nowOf, spanOf } from "./call.js";

/** Deletes the object, or marks it for deletion if something holds it. */
export function deleteOne(call: Call): Answer {
  const options = deletionOptions(readOptionsBody(call), call.query);
  const { resource, name } = call;
  const live = call.store.get(resource.collection, keyOf(resource, call.namespace, name));
  if (live === undefined) throw notFound(resource, name);
  const { object, gone } = deleteObject(call, options, live);
  if (!gone || resource.returnsDeleted) {
    return { type: "object", code: 200, resource, object: resource.fromStored(object) };
  }
  return { type: "plain", code: 200, object: successOf(resource, object) };
}

/** Deletes all objects that the selectors select. */
export function deleteCollection(call: Call): Answer {
  const { resource, store } = call;
  const options = deletionOptions(readOptionsBody(call), call.query);
  readOptions(call.query, false);
  const selection = selectionOf(resource, call.query);
  const snapshot = store.snapshot(resource.collection);
  const { first, end } = spanOf(call, snapshot.keys, selection.name);
  const deleted = [...snapshot.keys.between(first, end)].flatMap((key) => {
    const object = snapshot.get(key);
    if (object === undefined) return [];
    if (!selection.matches(resource.fromStored(object))) return [];
    return [resource.fromStored(deleteObject(call, options, object).object)];
  });
  return { type: "list", resource, metadata: { resourceVersion: String(store.revision) }, items: deleted };
}

function readOptionsBody(call: Call): JsonObject | undefined {
  if (bodyLength(call.request) === 0) return undefined;
  const { value } = readRaw(call.request, call.formats, (why) => badRequest(`error decoding: ${why}`));
  if (!isObject(value)) throw badRequest("the body of a deletion must be DeleteOptions");
  const kind = textOf(value["kind"]);
  if (kind !== "" && kind !== "DeleteOptions") {
    throw badRequest(`decoded object cannot be converted to DeleteOptions`);
  }
  return value;
}

function successOf(resource: Resource, object: JsonObject): JsonObject {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name: nameOf(object),
      ...(resource.group === "" ? {} : { group: resource.group }),
      kind: resource.plural,
      uid: metaOf(object)["uid"],
    },
  };
}

interface Deleted {
  /** The object as it was last, or as it waits. */
  readonly object: JsonObject;
  readonly gone: boolean;
}

/** Deletes an object as the options say. @throws Failure if a precondition does not hold. */
export function deleteObject(call: Call, options: DeletionOptions, live: JsonObject): Deleted {
  const { resource, store } = call;
  checkPreconditions(resource, options, live);
  checkImmortal(resource, nameOf(live));
  const key = keyOf(resource, namespaceOf(live), nameOf(live));
  const marked = mark(call, options, live);
  if (marked === undefined) {
    const last = options.dryRun ? live : (store.remove(resource.collection, key) ?? live);
    return { object: resource.collection === "pods" ? withDeletion(last, nowOf(call), 0) : last, gone: true };
  }
  if (options.dryRun || isEqual(marked, live)) return { object: marked, gone: false };
  return { object: store.put(resource.collection, key, marked), gone: false };
}

/** The object as it waits for its finalizers or its grace period; undefined if nothing holds it. */
function mark(call: Call, options: DeletionOptions, live: JsonObject): JsonObject | undefined {
  const { resource } = call;
  const finalizers = finalizersFor(resource, options, live);
  const isNamespace = resource.collection === "namespaces";
  const grace = resource.collection === "pods" ? podGrace(options, live) : 0;
  const isHeld = finalizers.length > 0 || (isNamespace && listOf(at(live, "spec", "finalizers")).length > 0);
  if (!isHeld && grace === 0) return undefined;
  const kept = withAt(live, ["metadata", "finalizers"], finalizers.length === 0 ? undefined : finalizers);
  const before = at(live, "metadata", "deletionGracePeriodSeconds");
  if (metaOf(live)["deletionTimestamp"] !== undefined && (typeof before !== "number" || before <= grace)) return kept;
  const deletionTimestamp = formatTime(call.clock.now() + grace * 1000);
  const marked = withDeletion(kept, deletionTimestamp, isNamespace ? undefined : grace);
  const cleaned = isNamespace ? withAt(marked, ["metadata", "deletionGracePeriodSeconds"], undefined) : marked;
  return isNamespace ? withAt(cleaned, ["status", "phase"], "Terminating") : cleaned;
}

/** A deletion is a new generation, once; that it may take less time is none. */
function withDeletion(object: JsonObject, deletionTimestamp: string, grace: number | undefined): JsonObject {
  const metadata = metaOf(object);
  const { generation } = metadata;
  const isFirst = metadata["deletionTimestamp"] === undefined;
  const counted = isFirst && typeof generation === "number" && generation > 0 ? { generation: generation + 1 } : {};
  return { ...object, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: grace, ...counted } };
}

/** Finalizers of the garbage collector, by what shall become of the dependents. */
function finalizersFor(resource: Resource, options: DeletionOptions, live: JsonObject): readonly string[] {
  const present = textsOf(at(live, "metadata", "finalizers"));
  const extra = resource.collection === "customresourcedefinitions.apiextensions.k8s.io" ? [crdFinalizer] : [];
  if (resource.collection === "events" || extra.length > 0) {
    return [...present, ...extra.filter((name) => !present.includes(name))];
  }
  const policy = options.propagation ?? inherited(resource, present);
  const others = present.filter((name) => name !== "orphan" && name !== "foregroundDeletion");
  if (policy === "Orphan") return [...others, "orphan"];
  return policy === "Foreground" ? [...others, "foregroundDeletion"] : others;
}

const crdFinalizer = "customresourcecleanup.apiextensions.k8s.io";

/** Without a policy, an earlier deletion's counts, then the kind's. */
function inherited(resource: Resource, present: readonly string[]): DeletionOptions["propagation"] {
  if (present.includes("orphan")) return "Orphan";
  if (present.includes("foregroundDeletion")) return "Foreground";
  return resource.orphansByDefault ? "Orphan" : undefined;
}

/** Only pods that run somewhere are given time. */
function podGrace({ gracePeriodSeconds }: DeletionOptions, pod: JsonObject): number {
  const phase = at(pod, "status", "phase");
  if (textOf(at(pod, "spec", "nodeName")) === "" || phase === "Succeeded" || phase === "Failed") return 0;
  const wanted = at(pod, "spec", "terminationGracePeriodSeconds");
  return gracePeriodSeconds ?? (typeof wanted === "number" ? wanted : 30);
}

function checkPreconditions(resource: Resource, { uid, resourceVersion }: DeletionOptions, live: JsonObject): void {
  const found = metaOf(live);
  if (uid !== undefined && uid !== found["uid"]) {
    throw preconditionFailed(resource, nameOf(live), uidMismatch(uid, textOf(found["uid"])));
  }
  if (resourceVersion !== undefined && resourceVersion !== found["resourceVersion"]) {
    throw preconditionFailed(
      resource,
      nameOf(live),
      versionMismatch(resourceVersion, textOf(found["resourceVersion"])),
    );
  }
}

const immortal = new Set(["default", "kube-system", "kube-public"]);

function checkImmortal(resource: Resource, name: string): void {
  if (resource.collection === "namespaces" && immortal.has(name)) {
    throw forbidden(resource, name, "this namespace may not be deleted");
  }
}
