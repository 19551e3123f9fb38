/** POST of a new object. */

import { recordUpdate } from "../apply/field-manager.js";
import { readObject } from "../body/read-body.js";
import { newSuffix, newUid } from "../clock.js";
import type { FieldError } from "../failure.js";
import { failure } from "../failure.js";
import { at, type JsonObject, textOf, withAt, without } from "../json.js";
import { alreadyExists, badRequest, forbidden, internalError, invalid, noUniqueName, notFound } from "../messages.js";
import { metadataErrors, unqualifiedFinalizers, wipeSystemFields, withoutDuplicateOwners } from "../object-meta.js";
import { type WriteOptions, writeOptions } from "../options.js";
import { nameOf, namespaceOf } from "../request.js";
import { keyOf } from "../resource.js";
import { type Answer, type Call, hookContext, metaOf, nowOf } from "./call.js";

/** Creates the object in the body. */
export function create(call: Call): Answer {
  const { resource, request, query, formats, warn } = call;
  const options = writeOptions("CreateOptions", request, query);
  const given = readObject(request, resource, { formats, validation: options.validation, warn });
  if (resource.review !== undefined) {
    return { type: "plain", code: 201, object: resource.review(given, call.user, nowOf(call)) };
  }
  return createObject(call, options, withoutDuplicateOwners(placeIn(call, wipeSystemFields(given)), warn));
}

/** How a new object comes to be, besides by create. */
export interface CreateHow {
  /** Records ownership; default: as an update by the manager of the options. */
  readonly record?: (object: JsonObject) => JsonObject;
}

/** Creates a decoded object; also the end of PUT and apply on a name that is not taken. */
export function createObject(call: Call, options: WriteOptions, given: JsonObject, how: CreateHow = {}): Answer {
  const { resource } = call;
  const { hooks } = resource;
  checkOpen(call);
  const defaulted = hooks.defaults?.(given) ?? given;
  const writer = { resource, manager: options.manager, subresource: "", now: nowOf(call) };
  const recorded = how.record?.(defaulted) ?? recordUpdate(writer, undefined, defaulted);
  admitNamespace(call, nameOf(recorded));
  const identified = withIdentity(call, recorded);
  if (textOf(metaOf(identified)["resourceVersion"]) !== "") {
    throw internalError("resourceVersion should not be set on objects to be created");
  }
  const named = nameOf(identified) !== "" ? [identified] : candidates(call, identified);
  for (const candidate of named) {
    const prepared = prepare(call, candidate);
    const key = keyOf(resource, call.namespace, nameOf(prepared));
    const existing = call.store.get(resource.collection, key);
    if (existing !== undefined) {
      if (named.length > 1) continue;
      throw alreadyExists(resource, nameOf(prepared), {
        deleting: metaOf(existing)["deletionTimestamp"] !== undefined,
      });
    }
    if (options.dryRun) return { type: "object", code: 201, resource, object: prepared };
    const stored = call.store.put(resource.collection, key, resource.toStored(prepared));
    return { type: "object", code: 201, resource, object: resource.fromStored(stored) };
  }
  throw noUniqueName(resource, nameOf(named.at(-1) ?? {}));
}

/** The object in the namespace of the request. */
export function placeIn({ resource, namespace }: Call, object: JsonObject): JsonObject {
  if (resource.scope === "Cluster") return withAt(object, ["metadata", "namespace"], undefined);
  const own = namespaceOf(object);
  if (own !== "" && own !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return withAt(object, ["metadata", "namespace"], namespace);
}

function withIdentity(call: Call, object: JsonObject): JsonObject {
  const identified = withAt(object, ["metadata", "uid"], newUid(call.clock));
  return withAt(identified, ["metadata", "creationTimestamp"], nowOf(call));
}

/** How often a generated name is tried. */
const tries = 8;

function candidates(call: Call, object: JsonObject): readonly JsonObject[] {
  const prefix = textOf(at(object, "metadata", "generateName")).slice(0, 58);
  // Without a prefix the object goes on as it is, and is refused for lack of a name.
  if (prefix === "") return [object];
  return Array.from({ length: tries }, () => withAt(object, ["metadata", "name"], prefix + newSuffix(call.clock)));
}

function prepare(call: Call, object: JsonObject): JsonObject {
  const { resource } = call;
  const context = hookContext(call);
  const bare = resource.hasStatus ? withoutStatus(resource.custom, object) : object;
  const generation = resource.generation === "none" ? undefined : 1;
  const numbered = withAt(bare, ["metadata", "generation"], generation ?? at(bare, "metadata", "generation"));
  const prepared = resource.hooks.prepareCreate?.(numbered, context) ?? numbered;
  const errors = [
    ...metadataErrors(resource, prepared),
    ...finalizerErrors(call, prepared),
    ...(resource.hooks.validate?.(prepared, undefined, context) ?? []),
  ];
  if (errors.length > 0) throw invalid(resource, nameOf(prepared), errors);
  for (const warning of resource.hooks.warnings?.(prepared) ?? []) call.warn(warning);
  return prepared;
}

/** Custom objects lose their status; built-in kinds write an empty one, as Go does. */
function withoutStatus(custom: boolean, object: JsonObject): JsonObject {
  return custom || !Object.hasOwn(object, "status") ? without(object, "status") : { ...object, status: {} };
}

/** Custom kinds only warn of a finalizer without a domain. */
export function finalizerErrors({ resource, warn }: Call, object: JsonObject): readonly FieldError[] {
  const found = unqualifiedFinalizers(object);
  if (!resource.custom) {
    return found.map(({ index, name }) => ({
      type: "FieldValueInvalid",
      field: `metadata.finalizers[${index}]`,
      value: name,
      detail: "name is neither a standard finalizer name nor is it fully qualified",
    }));
  }
  for (const { name } of found) {
    warn(
      `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
  }
  return [];
}

function checkOpen({ resource }: Call): void {
  if (!resource.closed) return;
  throw failure({
    code: 403,
    reason: "Forbidden",
    message: "create not allowed while custom resource definition is terminating",
    details: {},
  });
}

const namespaces = { group: "", version: "v1", kind: "Namespace", plural: "namespaces" };

/** Objects are created only in a namespace that is there to stay. */
function admitNamespace(call: Call, name: string): void {
  const { resource, namespace, store } = call;
  if (resource.scope === "Cluster" || resource.review !== undefined) return;
  const found = store.get("namespaces", namespace);
  if (found === undefined) throw notFound(namespaces, namespace);
  if (at(found, "status", "phase") !== "Terminating") return;
  throw forbidden(
    resource,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    {
      reason: "NamespaceTerminating",
      message: `namespace ${namespace} is being terminated`,
      field: "metadata.namespace",
    },
  );
}
