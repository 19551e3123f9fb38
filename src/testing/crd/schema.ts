/** Structural schemas at work: pruning, nulls, defaults, and the shape that ownership of fields needs. */

import { shapeOfType } from "../builtin/parse-types.js";
import { decodeAs } from "../body/decode.js";
import { at, compareText, isObject, type JsonObject, listOf, objectOf, textsOf } from "../json.js";
import { anyShape, type Field, plainPatch, type Shape, type StructShape } from "../shape.js";

/** A schema as a CustomResourceDefinition holds it: JSON of unknown content, read field by field. */
export type Schema = JsonObject;

/** Whether a schema keeps the fields that it does not name. */
export function keepsUnknown(schema: Schema): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true;
}

/** The schema of a field; undefined if the schema does not know it. */
export function propertyOf(schema: Schema, key: string): Schema | undefined {
  const property = at(schema, "properties", key);
  if (isObject(property)) return property;
  const additional = schema["additionalProperties"];
  if (isObject(additional)) return additional;
  return additional === true ? { "x-kubernetes-preserve-unknown-fields": true } : undefined;
}

/** The schema of a list's items. */
export function itemsOf(schema: Schema): Schema {
  return objectOf(schema["items"]);
}

/** A value without the fields that its schema does not know; their paths are added to `unknown`. */
export function prune(schema: Schema, value: unknown, path: string, unknown: string[]): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => prune(itemsOf(schema), item, `${path}[${index}]`, unknown));
  if (!isObject(value)) return value;
  const isWhole = schema["x-kubernetes-embedded-resource"] === true;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const place = path === "" ? key : `${path}.${key}`;
      if (isWhole && key === "metadata") return [[key, decodeMeta(inner, place, unknown)] as const];
      if (isWhole && (key === "apiVersion" || key === "kind")) return [[key, inner] as const];
      const property = propertyOf(schema, key);
      if (property !== undefined) return [[key, prune(property, inner, place, unknown)] as const];
      if (keepsUnknown(schema)) return [[key, inner] as const];
      unknown.push(place);
      return [];
    }),
  );
}

/** A value with nulls dropped that its schema does not allow, and with its defaults filled in. */
export function withDefaults(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return value.map((item) => withDefaults(items, item));
  }
  if (!isObject(value)) return value;
  const entries = new Map<string, unknown>();
  for (const [key, inner] of Object.entries(value)) {
    const property = propertyOf(schema, key);
    if (inner === null && property !== undefined && property["nullable"] !== true && !keepsUnknown(property)) continue;
    entries.set(key, property === undefined ? inner : withDefaults(property, inner));
  }
  for (const [key, property] of Object.entries(objectOf(schema["properties"]))) {
    const fallback = objectOf(property)["default"];
    if (fallback !== undefined && !entries.has(key)) entries.set(key, withDefaults(objectOf(property), fallback));
  }
  return Object.fromEntries(entries);
}

function decodeMeta(value: unknown, path: string, unknown: string[]): JsonObject {
  const meta = decodeAs(shapeOfType("meta.v1.ObjectMeta"), value ?? {});
  unknown.push(...meta.unknown.map((field) => `${path}.${field}`));
  return meta.object;
}

/** An object of a custom kind with metadata checked, unknown fields dropped, and defaults filled in. */
export function decodeCustom(schema: Schema, value: JsonObject) {
  const { apiVersion, kind, metadata, ...rest } = value;
  const unknownInMeta: string[] = [];
  const meta = decodeMeta(metadata, "metadata", unknownInMeta);
  const unknown: string[] = [];
  const content = withDefaults(schema, prune(schema, rest, "", unknown));
  const object = { apiVersion, kind, metadata: meta, ...objectOf(content) };
  return { object, unknown: [...unknownInMeta, ...unknown.toSorted(compareText)] };
}

/** The shape of a custom kind's objects. */
export function shapeOfSchema(name: string, schema: Schema): StructShape {
  const content = shapeOf(schema, name);
  const fields = content.type === "struct" ? content.fields : new Map<string, Field>();
  const text = fieldOf(() => ({ type: "scalar", scalar: "string" }));
  return {
    type: "struct",
    name,
    atomic: false,
    rest: keepsUnknown(schema) || content.type === "any" ? anyShape : undefined,
    fields: new Map([
      ...fields,
      ["apiVersion", text],
      ["kind", text],
      ["metadata", fieldOf(() => shapeOfType("meta.v1.ObjectMeta"))],
    ]),
  };
}

function fieldOf(shape: () => Shape, fallback?: unknown): Field {
  return { shape, required: false, inline: false, fallback, patch: plainPatch };
}

function shapeOf(schema: Schema, name: string): Shape {
  if (schema["x-kubernetes-int-or-string"] === true) return { type: "scalar", scalar: "intOrString" };
  switch (schema["type"]) {
    case "object":
      return objectShape(schema, name);
    case "array": {
      const kind = schema["x-kubernetes-list-type"];
      return {
        type: "list",
        items: () => shapeOf(itemsOf(schema), name),
        kind: kind === "set" || kind === "map" ? kind : "atomic",
        keys: textsOf(schema["x-kubernetes-list-map-keys"]),
      };
    }
    case "string":
      return { type: "scalar", scalar: "string" };
    case "integer":
      return { type: "scalar", scalar: "int64" };
    case "number":
      return { type: "scalar", scalar: "number" };
    case "boolean":
      return { type: "scalar", scalar: "boolean" };
    default:
      return anyShape;
  }
}

function objectShape(schema: Schema, name: string): Shape {
  const atomic = schema["x-kubernetes-map-type"] === "atomic";
  const properties = Object.entries(objectOf(schema["properties"]));
  const additional = schema["additionalProperties"];
  if (properties.length === 0 && isObject(additional)) {
    return { type: "map", atomic, values: () => shapeOf(additional, name) };
  }
  if (properties.length === 0 && !atomic) return anyShape;
  return {
    type: "struct",
    name,
    atomic,
    rest: keepsUnknown(schema) ? anyShape : undefined,
    fields: new Map(
      properties.map(([key, property]) => [
        key,
        fieldOf(() => shapeOf(objectOf(property), key), objectOf(property)["default"]),
      ]),
    ),
  };
}

/** Every schema below and including this one that stands for a value. */
export function* subschemas(schema: Schema): Iterable<Schema> {
  yield schema;
  for (const property of Object.values(objectOf(schema["properties"]))) yield* subschemas(objectOf(property));
  for (const key of ["items", "additionalProperties"]) {
    const inner = schema[key];
    if (isObject(inner)) yield* subschemas(inner);
  }
  for (const key of ["allOf", "anyOf", "oneOf"])
    for (const inner of listOf(schema[key])) yield* subschemas(objectOf(inner));
}
