/** Reading the keywords of a JSON Schema node. */

import { isRecord } from "./record.js";
import type { StructuralSchema } from "./structural.js";

/** A JSON Schema that is not just true or false. */
export type Node = Readonly<Record<string, unknown>>;

/** All keywords that constrain a node by themselves. */
export const constrains: { readonly [keyword: string]: true | undefined } = {
  type: true,
  enum: true,
  const: true,
  format: true,
  pattern: true,
  minLength: true,
  maxLength: true,
  minimum: true,
  maximum: true,
  exclusiveMinimum: true,
  exclusiveMaximum: true,
  multipleOf: true,
  items: true,
  prefixItems: true,
  minItems: true,
  maxItems: true,
  uniqueItems: true,
  properties: true,
  additionalProperties: true,
  propertyNames: true,
  required: true,
  minProperties: true,
  maxProperties: true,
};

/** A type beside combinators is only handed down to them. */
export function hasOwnConstraints(node: Node): boolean {
  return Object.keys(node).some((keyword) => keyword !== "type" && constrains[keyword] !== undefined);
}

/** The types that a node names, and whether null is one of its values. */
export function typesOf(node: Node): { readonly types: readonly string[]; readonly nullable: boolean } {
  const { type } = node;
  const all = (Array.isArray(type) ? type : [type]).filter((one): one is string => typeof one === "string");
  const types = all.filter((one) => one !== "null");
  const values = valuesOf(node);
  const hasNull = values === undefined ? all.includes("null") : values.includes(null);
  const hasMore = types.length > 0 || (values ?? []).some((value) => value !== null);
  return {
    types: hasMore || values !== undefined ? types : all,
    nullable: node["nullable"] === true || (hasNull && hasMore),
  };
}

function valuesOf(node: Node): readonly unknown[] | undefined {
  if (node["const"] !== undefined) return [node["const"]];
  return Array.isArray(node["enum"]) ? node["enum"] : undefined;
}

/** The allowed values but for null, which {@link StructuralSchema.nullable} says. */
export function enumOf(node: Node): readonly unknown[] | undefined {
  return valuesOf(node)?.filter((value) => value !== null);
}

export function typesOfValues(values: readonly unknown[]): readonly string[] {
  const types = new Set(
    values.map((value) =>
      Array.isArray(value) ? "array" : typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value,
    ),
  );
  if (types.has("number")) types.delete("integer");
  return [...types];
}

export function requiredOf(node: Node): { readonly required?: readonly string[] } {
  const { required } = node;
  if (!Array.isArray(required) || required.length === 0) return {};
  return { required: required.map(String).toSorted() };
}

export function annotationsOf(node: Node): StructuralSchema {
  return pick(node, "title", "description", "default");
}

const extensions = [
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-embedded-resource",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-map-type",
  "x-kubernetes-validations",
] as const;

export function withAnnotations(schema: StructuralSchema, node: Node, nullable: boolean): StructuralSchema {
  const all = { ...schema, ...annotationsOf(node), ...pick(node, ...extensions), ...(nullable ? { nullable } : {}) };
  const { enum: values, ...rest } = all;
  // The API server compares null with an enumeration, and never finds it there; it does not look at allOf for null.
  return all.nullable === true && values !== undefined
    ? { ...rest, allOf: [...(all.allOf ?? []), { enum: values }] }
    : all;
}

/** Some keywords of a node, copied as they are: their types are those that JSON Schema gives them. */
export function pick(node: Node, ...keywords: readonly (keyof StructuralSchema)[]): StructuralSchema {
  return Object.fromEntries(keywords.filter((k) => node[k] !== undefined).map((k) => [k, node[k]]));
}

export function isNull(node: unknown): boolean {
  return isRecord(node) && (node["type"] === "null" || node["const"] === null);
}

export function isNever(node: Node): boolean {
  return isRecord(node["not"]) && Object.keys(node["not"]).length === 0;
}

export function withTypes(branch: Node, types: readonly string[]): Node {
  return types.length === 0 ? branch : { ...branch, type: types };
}

export function isUntyped(branch: unknown): branch is Node {
  return (
    isRecord(branch) &&
    ["type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"].every((k) => branch[k] === undefined)
  );
}
