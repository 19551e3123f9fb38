/** Which objects a list, watch or deletion concerns: the selectors of a request, with the API server's refusals. */

import {
  type FieldRequirement,
  KindredError,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
} from "../core/index.js";
import { at, isObject, type JsonObject, textOf } from "./json.js";
import { parseLabels, SelectorError } from "./label-selector.js";
import { badRequest } from "./messages.js";
import { nameOf, namespaceOf } from "./request.js";
import type { Resource } from "./resource.js";

/** Whether an object is selected, and whether any selector was given. */
export interface Selection {
  readonly isEmpty: boolean;
  /** The name that the field selector asks for, if it asks for one. */
  readonly name: string | undefined;
  matches(object: JsonObject): boolean;
}

/** Reads `labelSelector` and `fieldSelector`. */
export function selectionOf(resource: Resource, query: URLSearchParams): Selection {
  const labels = parsed(query.get("labelSelector") ?? "", parseLabels, (why) => why);
  const text = query.get("fieldSelector") ?? "";
  const fields = parsed(text, parseFieldSelector, () => `invalid selector: '${text}'; can't understand '${text}'`);
  for (const { field } of fields) {
    if (!isSelectable(resource, field)) throw badRequest(unknownField(resource, field));
  }
  const isEmpty = labels.length === 0 && fields.length === 0;
  const name = fields.find(({ field, operator }) => field === "metadata.name" && operator === "Equals")?.value;
  return {
    isEmpty,
    name,
    matches: isEmpty
      ? () => true
      : (object) => matchesLabels(labels, labelsOf(object)) && matchesFields(fields, fieldsOf(fields, object)),
  };
}

/** The labels of an object; what is no string counts as absent. */
export function labelsOf(object: JsonObject): { readonly [key: string]: string } {
  const labels = at(object, "metadata", "labels");
  if (!isObject(labels)) return {};
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, textOf(value)]));
}

function parsed<T>(
  text: string,
  parse: (text: string) => readonly T[],
  message: (why: string) => string,
): readonly T[] {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof KindredError || error instanceof SelectorError) throw badRequest(message(error.message));
    throw error;
  }
}

function isSelectable(resource: Resource, field: string): boolean {
  return field === "metadata.name" || field === "metadata.namespace" || resource.selectable.includes(field);
}

/** Kinds with fields of their own refuse in other words than those with none. */
function unknownField(resource: Resource, field: string): string {
  return resource.custom || resource.selectable.length > 0
    ? `field label not supported: ${field}`
    : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function fieldsOf(requirements: readonly FieldRequirement[], object: JsonObject): { readonly [field: string]: string } {
  return Object.fromEntries(requirements.map(({ field }) => [field, fieldValue(object, field)]));
}

function fieldValue(object: JsonObject, field: string): string {
  if (field === "metadata.name") return nameOf(object);
  if (field === "metadata.namespace") return namespaceOf(object);
  const value = at(object, ...field.split("."));
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
