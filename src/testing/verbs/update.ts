/** PUT, and the end of every patch: from the object that is there to the one that shall be. */

import { recordUpdate } from "../apply/field-manager.js";
import { readObject } from "../body/read-body.js";
import type { FieldError } from "../failure.js";
import { at, isEqual, isObject, type JsonObject, listOf, objectOf, textOf, withAt, without } from "../json.js";
import { badRequest, foreignUid, invalid, mustSpecifyVersion, notFound, stale } from "../messages.js";
import { keepSystemFields, metadataErrors, metadataUpdateErrors, withoutDuplicateOwners } from "../object-meta.js";
import { type WriteOptions, writeOptions } from "../options.js";
import { nameOf } from "../request.js";
import type { Resource } from "../resource.js";
import { type Answer, type Call, callKey, hookContext, liveObject, metaOf, nowOf } from "./call.js";
import { createObject, finalizerErrors, placeIn } from "./create.js";

/** Replaces the object, or its status. */
export function replace(call: Call): Answer {
  const { resource, request, query, formats, warn } = call;
  const options = writeOptions("UpdateOptions", request, query);
  const given = readObject(request, resource, { formats, validation: options.validation, warn });
  checkName(call, given);
  const placed = placeIn(call, given);
  const live = liveObject(call);
  if (live === undefined) {
    if (resource.createOnUpdate && call.subresource === "") return createObject(call, options, placed);
    throw notFound(resource, call.name);
  }
  const uid = textOf(metaOf(placed)["uid"]);
  const liveUid = textOf(metaOf(live)["uid"]);
  if (uid !== "" && uid !== liveUid) throw foreignUid(resource, call.name, uidText(call, uid, liveUid));
  if (textOf(metaOf(placed)["resourceVersion"]) === "" && !resource.unconditionalUpdate) {
    throw mustSpecifyVersion(resource, call.name);
  }
  return updateObject(call, options, { live, next: withoutDuplicateOwners(placed, warn) });
}

function uidText({ resource, namespace, name }: Call, asked: string, found: string): string {
  const key = ["/registry", resource.plural, ...(namespace === "" ? [] : [namespace]), name].join("/");
  return `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${asked}, UID in object meta: ${found}`;
}

/** The name in the body must be that of the URL. */
export function checkName(call: Call, object: JsonObject): void {
  const name = nameOf(object);
  if (name === "") throw badRequest("name must be provided");
  if (name !== call.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`);
  }
}

/** What an update starts from, and what it wants. */
export interface Update {
  readonly live: JsonObject;
  readonly next: JsonObject;
  /** Records ownership; default: as an update by the manager of the options. */
  readonly record?: (object: JsonObject) => JsonObject;
}

/** Checks and stores the new state of an object. */
export function updateObject(call: Call, options: WriteOptions, { live, next, record }: Update): Answer {
  const { resource, subresource } = call;
  const version = textOf(metaOf(next)["resourceVersion"]);
  if (version !== "" && version !== textOf(metaOf(live)["resourceVersion"])) throw stale(resource, call.name);
  const kept = keepSystemFields(next, live);
  const defaulted = resource.hooks.defaults?.(kept) ?? kept;
  const writer = { resource, manager: options.manager, subresource, now: nowOf(call) };
  const recorded = record?.(defaulted) ?? recordUpdate(writer, live, defaulted);
  const context = hookContext(call);
  const isolated = isolate(call, recorded, live);
  const prepared =
    subresource === "status" ? isolated : (resource.hooks.prepareUpdate?.(isolated, live, context) ?? isolated);
  const counted = countGeneration(resource, prepared, live);
  const errors = [
    ...metadataErrors(resource, counted),
    ...(isEqual(at(counted, "metadata", "finalizers"), at(live, "metadata", "finalizers"))
      ? []
      : finalizerErrors(call, counted)),
    ...metadataUpdateErrors(counted, live),
    ...hookErrors(call, counted, live),
  ];
  if (errors.length > 0) throw invalid(resource, call.name, errors);
  for (const warning of resource.hooks.warnings?.(counted) ?? []) call.warn(warning);
  return { type: "object", code: 200, resource, object: commit(call, options, { live, next: counted }) };
}

/** A write to the status is judged by the status alone. */
function hookErrors(call: Call, next: JsonObject, live: JsonObject): readonly FieldError[] {
  const { validate, validateStatus } = call.resource.hooks;
  if (call.subresource === "status") return validateStatus?.(next, live) ?? [];
  return validate?.(next, live, hookContext(call)) ?? [];
}

function commit(call: Call, { dryRun }: WriteOptions, { live, next }: Update): JsonObject {
  const { resource, store } = call;
  const stamped = withAt(next, ["metadata", "resourceVersion"], at(live, "metadata", "resourceVersion"));
  if (isEqual(withoutTimes(stamped), withoutTimes(live))) return live;
  const key = callKey(call);
  if (isReleased(resource, stamped)) {
    if (!dryRun) store.remove(resource.collection, key);
    return stamped;
  }
  if (dryRun) return stamped;
  return resource.fromStored(store.put(resource.collection, key, resource.toStored(stamped)));
}

/** Whether the last thing that held a deleted object is gone. */
function isReleased(resource: Resource, object: JsonObject): boolean {
  const { deletionTimestamp, finalizers, deletionGracePeriodSeconds: grace } = metaOf(object);
  if (deletionTimestamp === undefined || listOf(finalizers).length > 0) return false;
  if (resource.collection === "namespaces") return listOf(at(object, "spec", "finalizers")).length === 0;
  return grace === undefined || grace === 0;
}

/** An object without what a write alone must not change: the times of its managers. */
function withoutTimes(object: JsonObject): JsonObject {
  const entries = at(object, "metadata", "managedFields");
  if (!Array.isArray(entries)) return object;
  const timeless = entries.map((entry) => (isObject(entry) ? without(entry, "time") : entry));
  return withAt(object, ["metadata", "managedFields"], timeless);
}

/** Writes to the object keep its status; writes to the status keep everything else. */
function isolate({ resource, subresource }: Call, next: JsonObject, live: JsonObject): JsonObject {
  if (subresource === "status") {
    const managedFields = at(next, "metadata", "managedFields");
    return withAt(withAt(live, ["status"], next["status"]), ["metadata", "managedFields"], managedFields);
  }
  return resource.hasStatus ? withAt(next, ["status"], live["status"]) : next;
}

function countGeneration(resource: Resource, next: JsonObject, live: JsonObject): JsonObject {
  const generation = at(live, "metadata", "generation");
  if (resource.generation === "none" || typeof generation !== "number") return next;
  const content = (object: JsonObject) =>
    resource.generation === "spec"
      ? objectOf(object["spec"])
      : without(resource.hasStatus ? without(object, "status") : object, "metadata");
  if (isEqual(content(next), content(live))) return next;
  return withAt(next, ["metadata", "generation"], generation + 1);
}
