/** Comparing two structural schemas of one place: does what the first one admits still pass, whole, under the second? */

import { isEqual, isObject, type JsonObject, objectAt, textAt, textsAt } from "../generate/json.js";
import type { ChangeLog } from "./change.js";
import { compareConstraints } from "./compare-constraints.js";
import { show } from "./show.js";

/** Where the two schemas are, and who is told. */
export interface SchemaPlace {
  /** Empty at the root, `.spec.ports[*].name` below. */
  readonly path: string;
  readonly log: ChangeLog;
}

/** Notes what is different; below a place whose type changed nothing more is said. */
export function compareSchemas(before: JsonObject, after: JsonObject, { path, log }: SchemaPlace): void {
  const place = { path: path === "" ? "schema" : path, log };
  if (!compareTypes(before, after, place)) return;
  compareConstraints(before, after, place);
  compareFields(before, after, { path, log });
  compareDocumentation(before, after, place);
}

/** @returns whether the places are alike enough to look further. */
function compareTypes(before: JsonObject, after: JsonObject, { path, log }: SchemaPlace): boolean {
  const [old, now] = [typeOf(before), typeOf(after)];
  if (old === now) return true;
  const message = `the type is ${now}, it was ${old}`;
  const isWider =
    now === "anything" ||
    (old === "integer" && (now === "number" || now === "integer or string")) ||
    (old === "string" && now === "integer or string");
  if (isWider) log.safe(path, "changed", message);
  else log.breaking(path, "changed", `${message}: stored values of another type are refused`);
  return isWider && now !== "anything";
}

function typeOf(schema: JsonObject): string {
  if (schema["x-kubernetes-int-or-string"] === true) return "integer or string";
  return textAt(schema, "type") || "anything";
}

function compareFields(before: JsonObject, after: JsonObject, { path, log }: SchemaPlace): void {
  const place = path === "" ? "schema" : path;
  if (before["items"] !== undefined && after["items"] !== undefined) {
    compareSchemas(objectAt(before, "items"), objectAt(after, "items"), { path: `${path}[*]`, log });
  }
  const [old, now] = [objectAt(before, "properties"), objectAt(after, "properties")];
  const [oldMap, nowMap] = [mapOf(before), mapOf(after)];
  // The API server sorts them, and the order of lines follows it.
  for (const name of Object.keys(old).toSorted()) {
    const at = `${path}.${name}`;
    const field = Object.hasOwn(now, name) ? objectAt(now, name) : nowMap;
    if (field !== undefined) compareSchemas(objectAt(old, name), field, { path: at, log });
    else if (keepsUnknown(after)) log.safe(at, "removed", "the field is no longer described; its value is kept");
    else log.breaking(at, "removed", "the field is removed: the API server drops its value from stored objects");
  }
  for (const name of Object.keys(now)
    .toSorted()
    .filter((one) => !Object.hasOwn(old, one))) {
    const at = `${path}.${name}`;
    if (oldMap !== undefined) compareSchemas(oldMap, objectAt(now, name), { path: at, log });
    else if (keepsUnknown(before) && typeOf(objectAt(now, name)) !== "anything") {
      log.breaking(at, "added", `it is ${typeOf(objectAt(now, name))}: stored objects may hold any value there`);
    } else log.safe(at, "added", "a new field");
  }
  if (oldMap !== undefined && nowMap !== undefined) compareSchemas(oldMap, nowMap, { path: `${path}[*]`, log });
  else if (oldMap !== undefined && !keepsUnknown(after)) {
    log.breaking(
      `${path}[*]`,
      "removed",
      "it is no longer a map: the API server drops its other keys from stored objects",
    );
  } else if (nowMap !== undefined) log.safe(`${path}[*]`, "added", "it is a map now");
  if (keepsUnknown(before) && !keepsUnknown(after) && nowMap === undefined && typeOf(after) !== "anything") {
    const message = "unknown fields are no longer kept: the API server drops them from stored objects";
    log.breaking(place, "removed", message);
  } else if (!keepsUnknown(before) && keepsUnknown(after)) log.safe(place, "added", "unknown fields are kept");
  compareRequired(before, after, { path, log });
}

function compareRequired(before: JsonObject, after: JsonObject, { path, log }: SchemaPlace): void {
  const [old, now] = [textsAt(before, "required"), textsAt(after, "required")];
  const defaultOf = (schema: JsonObject, name: string) => objectAt(objectAt(schema, "properties"), name)["default"];
  for (const name of now) {
    const at = `${path}.${name}`;
    const value = defaultOf(after, name);
    if (!old.includes(name)) {
      if (value !== undefined) log.safe(at, "changed", `is required, with the default ${show(value)}`);
      else log.breaking(at, "changed", "is required, without a default: stored objects that lack it are refused");
    } else if (value === undefined && defaultOf(before, name) !== undefined) {
      log.breaking(at, "changed", "is required, and its default is gone: stored objects that relied on it are refused");
    }
  }
  for (const name of old.filter((one) => !now.includes(one))) {
    // A field that is gone has been reported as such.
    if (Object.hasOwn(objectAt(after, "properties"), name)) log.safe(`${path}.${name}`, "changed", "is optional now");
  }
}

function compareDocumentation(before: JsonObject, after: JsonObject, { path, log }: SchemaPlace): void {
  const fields = ["description", "title", "example", "externalDocs"].filter((key) => !isEqual(before[key], after[key]));
  if (fields.length > 0) log.safe(path, "changed", `another ${fields.join(" and ")}`);
}

/** The schema of a map's values. */
function mapOf(schema: JsonObject): JsonObject | undefined {
  const values = schema["additionalProperties"];
  return isObject(values) ? values : values === true ? {} : undefined;
}

function keepsUnknown(schema: JsonObject): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true;
}
