/** Questions about one schema. */

import { isObject, type JsonObject, objectAt, textAt, textsAt } from "./json.js";

/** The component that a schema is a reference to, written plainly or as the only member of `allOf`. */
export function referenceOf(schema: JsonObject): string | undefined {
  const plain = textAt(schema, "$ref");
  if (plain !== "") return componentOf(plain);
  const all = schema["allOf"];
  if (!Array.isArray(all) || all.length !== 1) return undefined;
  const [only]: readonly unknown[] = all;
  const nested = isObject(only) ? textAt(only, "$ref") : "";
  return nested === "" ? undefined : componentOf(nested);
}

/** Whether the value is a number or a text, by any of the ways to say so. */
export function isIntOrString(schema: JsonObject): boolean {
  return schema["x-kubernetes-int-or-string"] === true || schema["format"] === "int-or-string";
}

/** Whether fields that the schema does not name are kept. */
export function isOpen(schema: JsonObject): boolean {
  return schema["x-kubernetes-preserve-unknown-fields"] === true || schema["x-kubernetes-embedded-resource"] === true;
}

/** Whether a schema has named fields, so that it becomes an interface. */
export function isStruct(schema: JsonObject): boolean {
  return Object.keys(objectAt(schema, "properties")).length > 0 || schema["x-kubernetes-embedded-resource"] === true;
}

/**
 * Whether a kind's schema is that of a custom kind: there a `default` is a promise of the API server, while on Go types it mostly
 * states Go's zero value. The server leaves the default of `metadata` out for custom kinds only.
 */
export function isCustom(root: JsonObject): boolean {
  const metadata = objectAt(root, "properties")["metadata"];
  return isObject(metadata) && metadata["default"] === undefined;
}

/** Whether a new object may leave out what a read one has, at any depth of a custom kind's schema. */
export function hasDefaults(schema: unknown): boolean {
  if (!isObject(schema) || referenceOf(schema) !== undefined) return false;
  const fields = Object.values(objectAt(schema, "properties"));
  return (
    fields.some((field) => isDefaulted(field) || hasDefaults(field)) ||
    hasDefaults(schema["items"]) ||
    hasDefaults(schema["additionalProperties"])
  );
}

/** Whether a field of a custom kind has a default, and one that is not `null`. */
export function isDefaulted(field: unknown): boolean {
  return isObject(field) && field["default"] !== undefined && field["default"] !== null;
}

/** A struct of Go that is no pointer: the API server writes it as `{}` when nothing is in it. */
export function isGoStruct(field: unknown): boolean {
  return (
    isObject(field) &&
    isObject(field["default"]) &&
    Object.keys(field["default"]).length === 0 &&
    referenceOf(field) !== undefined
  );
}

/** Whether `{}` satisfies a schema, as far as `required` says. */
export function allowsEmpty(schema: unknown): boolean {
  return !isObject(schema) || textsAt(schema, "required").length === 0;
}

/** The part of a `$ref` that names the component; `""` if it points elsewhere. */
function componentOf(reference: string): string {
  const prefix = "#/components/schemas/";
  return reference.startsWith(prefix) ? reference.slice(prefix.length).replaceAll("~1", "/").replaceAll("~0", "~") : "";
}
