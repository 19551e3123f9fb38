/** PATCH: JSON patch, merge patch, strategic merge patch, and server-side apply. */

import { applyObject } from "../apply/field-manager.js";
import { decodeObject, maxBody, mediaType } from "../body/read-body.js";
import { parseJsonStrictly } from "../body/parse-json.js";
import { type FieldError, failure } from "../failure.js";
import { formatJson } from "../core-json.js";
import { at, isObject, type JsonObject, textOf, withAt } from "../json.js";
import {
  badRequest,
  internalError,
  invalid,
  invalidPatch,
  notFound,
  rejectedPatch,
  tooLarge,
  tooManyOperations,
  unsupportedMediaType,
} from "../messages.js";
import { type WriteOptions, writeOptions } from "../options.js";
import { asConversion, formatGo } from "../patch/go-text.js";
import { applyJsonPatch, PatchError } from "../patch/json-patch.js";
import { applyMergePatch } from "../patch/merge-patch.js";
import { applyStrategicPatch, StrategicPatchError } from "../patch/strategic-patch.js";
import { bodyLength, bodyText, nameOf } from "../request.js";
import { groupVersionOf, type Resource } from "../resource.js";
import { type Answer, type Call, liveObject, nowOf } from "./call.js";
import { createObject, placeIn } from "./create.js";
import { checkName, updateObject } from "./update.js";

const jsonPatchType = "application/json-patch+json";
const mergePatchType = "application/merge-patch+json";
const strategicPatchType = "application/strategic-merge-patch+json";
const applyPatchType = "application/apply-patch+yaml";

/** Patches the object, or its status. */
export function patch(call: Call): Answer {
  const type = patchTypeOf(call);
  const options = patchOptions(call, type);
  const live = liveObject(call);
  if (type === applyPatchType) return apply(call, options, live);
  if (live === undefined) throw notFound(call.resource, call.name);
  const { value, duplicates, body } = patchedValue(call, type, live);
  if (!isObject(value)) throw invalidPatch(formatJson(value), "json: cannot unmarshal into an object");
  checkPatchedKind(call.resource, value);
  checkName(call, value);
  const next = decodeObject(value, call.resource, {
    validation: options.validation,
    warn: call.warn,
    duplicates,
    refuse: (why) =>
      type === strategicPatchType
        ? invalidPatch(formatGo(body), asConversion(why))
        : invalidPatch(formatJson(value), why),
  });
  return updateObject(call, options, { live, next: placeIn(call, next) });
}

/** The media type of a patch, if the kind takes it. */
export function patchTypeOf({ request, resource }: Call): string {
  const type = mediaType(request);
  const known = resource.custom
    ? [jsonPatchType, mergePatchType, applyPatchType]
    : [jsonPatchType, mergePatchType, strategicPatchType, applyPatchType];
  if (known.includes(type)) return type;
  if (resource.custom) throw unsupportedMediaType(known);
  throw failure({ code: 415, reason: "UnsupportedMediaType", message: "415: Unsupported Media Type", details: {} });
}

/** The options of a patch; some go with server-side apply only. */
export function patchOptions({ request, query }: Call, type: string): WriteOptions {
  const errors: FieldError[] = [];
  if (type === applyPatchType) {
    if ((query.get("fieldManager") ?? "") === "") {
      errors.push({ type: "FieldValueRequired", field: "fieldManager", detail: "is required for apply patch" });
    }
  } else if (query.has("force")) {
    errors.push({ type: "FieldValueForbidden", field: "force", detail: "may not be specified for non-apply patch" });
  }
  return writeOptions("PatchOptions", request, query, errors);
}

const maxOperations = 10_000;

/** The value with the patch in the body laid over it. */
export function patchedValue(
  call: Call,
  type: string,
  live: JsonObject,
): { readonly value: unknown; readonly duplicates: readonly string[]; readonly body: unknown } {
  if (bodyLength(call.request) > maxBody) throw tooLarge(maxBody);
  const { value: body, duplicates } = parsePatch(bodyText(call.request));
  try {
    if (type === jsonPatchType) {
      if (!Array.isArray(body)) throw undecodable(body, "[]handlers.jsonPatchOp");
      if (body.length > maxOperations) throw tooManyOperations(body.length);
      return { value: applyJsonPatch(live, body), duplicates: [], body };
    }
    if (!isObject(body)) throw undecodable(body, "map[string]interface {}");
    const value =
      type === mergePatchType ? applyMergePatch(live, body) : applyStrategicPatch(call.resource.shape, live, body);
    return { value, duplicates, body };
  } catch (error) {
    if (error instanceof PatchError) throw rejectedPatch();
    if (error instanceof StrategicPatchError) throw badRequest(error.message);
    throw error;
  }
}

function parsePatch(text: string) {
  try {
    return parseJsonStrictly(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest("invalid JSON patch");
    throw error;
  }
}

function undecodable(body: unknown, type: string): Error {
  const word = Array.isArray(body) ? "array" : body === null ? "null" : typeof body;
  return badRequest(`error decoding patch: json: cannot unmarshal ${word} into Go value of type ${type}`);
}

function checkPatchedKind(resource: Resource, value: JsonObject): void {
  const kind = textOf(value["kind"]);
  const apiVersion = textOf(value["apiVersion"]);
  if (apiVersion !== groupVersionOf(resource)) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${groupVersionOf(resource)})`,
    );
  }
  if (kind === resource.kind) return;
  throw invalid({ group: resource.group, kind }, nameOf(value), [
    { type: "FieldValueInvalid", field: "kind", value: kind, detail: `must be ${resource.kind}` },
  ]);
}

function apply(call: Call, options: WriteOptions, live: JsonObject | undefined): Answer {
  const { resource, warn } = call;
  const force = call.query.get("force") === "true" || call.query.get("force") === "1";
  const { object: applied, duplicates } = appliedObject(call);
  if (duplicates.length > 0 && options.validation === "Strict") {
    throw badRequest(`error strict decoding patch: ${duplicates.join(", ")}`);
  }
  if (options.validation === "Warn") for (const duplicate of duplicates) warn(duplicate);
  const writer = { resource, manager: options.manager, subresource: call.subresource, now: nowOf(call) };
  if (live === undefined) {
    if (call.subresource !== "") throw notFound(resource, call.name);
    const uid = textOf(at(applied, "metadata", "uid"));
    if (uid !== "") {
      throw failure({
        code: 409,
        reason: "Conflict",
        message: `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
      });
    }
    const created = decodeObject(applyObject(writer, undefined, applied, { force }), resource, {
      validation: "Ignore",
      warn,
    });
    const unversioned = withAt(created, ["metadata", "resourceVersion"], undefined);
    return createObject(call, options, placeIn(call, unversioned), { record: (object) => object });
  }
  const next = decodeObject(applyObject(writer, live, applied, { force }), resource, { validation: "Ignore", warn });
  return updateObject(call, options, { live, next: placeIn(call, next), record: (object) => object });
}

function appliedObject(call: Call): { readonly object: JsonObject; readonly duplicates: readonly string[] } {
  if (bodyLength(call.request) > maxBody) throw tooLarge(maxBody);
  const text = bodyText(call.request);
  const parse = call.formats.parseYaml ?? parseJsonStrictly;
  let parsed: { readonly value: unknown; readonly duplicates: readonly string[] };
  try {
    parsed = parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(`error decoding YAML: ${error.message}`);
    throw error;
  }
  const { value, duplicates } = parsed;
  if (!isObject(value)) throw badRequest("error decoding YAML: the body is not an object");
  checkAppliedKind(call.resource, value);
  const name = nameOf(value);
  if (name !== "" && name !== call.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`);
  }
  placeIn(call, value);
  return { object: withAt(value, ["metadata", "name"], call.name), duplicates };
}

function checkAppliedKind(resource: Resource, value: JsonObject): void {
  const apiVersion = textOf(value["apiVersion"]);
  const kind = textOf(value["kind"]);
  if (apiVersion === groupVersionOf(resource) && kind === resource.kind) return;
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  if (apiVersion === "" || kind === "") throw badRequest(`invalid object type: ${group}/${version}, Kind=${kind}`);
  throw internalError(
    `failed to convert new object (${nameOf(value)}; ${group}/${version}, Kind=${kind}) to proper version (${groupVersionOf(resource)}): no kind ${JSON.stringify(kind)} is registered`,
  );
}
