/**
 * JSON Schema, as schema libraries write it, to a structural schema. Pure: what cannot be expressed is noted with its path and
 * its cure, and never widened in silence.
 */

import { intersectionOf } from "./intersect.js";
import {
  annotationsOf,
  constrains,
  enumOf,
  hasOwnConstraints,
  isNever,
  isNull,
  isUntyped,
  type Node,
  pick,
  requiredOf,
  typesOf,
  typesOfValues,
  withAnnotations,
  withTypes,
} from "./keywords.js";
import type { Place } from "./problems.js";
import { isRecord } from "./record.js";
import { cureOfMark, cureOfMixedTypes, refuseKeywords } from "./refused.js";
import { intOrString, numberConstraints, stringConstraints } from "./scalars.js";
import { anything, type StructuralSchema } from "./structural.js";
import { unionOf } from "./union.js";
import { unsupported } from "./vendor.js";

/** How to convert one schema. */
export interface ConvertOptions extends Place {
  /** Paths that may hold any JSON, whatever the schema says of them. */
  readonly preserveUnknownFields: ReadonlySet<string>;
  /** Paths of lists whose items must differ. */
  readonly sets: ReadonlySet<string>;
}

/** @returns the structural schema; not to be used if a problem was noted. */
export function toStructural(jsonSchema: unknown, options: ConvertOptions): StructuralSchema {
  return convert(jsonSchema, { ...options, root: jsonSchema, references: [] });
}

interface Context extends ConvertOptions {
  readonly root: unknown;
  /** The references that led here: one met again is a recursion. */
  readonly references: readonly string[];
}

function convert(node: unknown, context: Context): StructuralSchema {
  const { path, problems } = context;
  if (context.preserveUnknownFields.has(path)) return { ...annotationsOf(isRecord(node) ? node : {}), ...anything };
  if (node === true) return anything;
  if (!isRecord(node) || isNever(node)) {
    problems.add(path, "no value satisfies it", "Remove the field.");
    return {};
  }
  const mark = node[unsupported];
  if (typeof mark === "string") {
    problems.add(path, `${mark} has no equivalent in a CustomResourceDefinition`, cureOfMark(mark));
    return {};
  }
  if (typeof node["$ref"] === "string") return followReference(node["$ref"], node, context);
  refuseKeywords(node, context);
  const { types, nullable } = typesOf(node);
  const combined = (["anyOf", "oneOf", "allOf"] as const).filter((keyword) => Array.isArray(node[keyword]));
  if (node["x-kubernetes-int-or-string"] === true) return withAnnotations(intOrString(node, context), node, nullable);
  const parts = combined.map((keyword) => combine(keyword, node, types, context));
  const isOwn = hasOwnConstraints(node) || combined.length === 0;
  // Constraints beside a combinator may leave the type to it: { format: "uuid", anyOf: [{ type: "string" }, ...] }.
  const ownTypes = types.length > 0 ? types : commonType(parts);
  const all = isOwn ? [ownSchema(node, ownTypes, context), ...parts] : parts;
  return withAnnotations(intersectionOf(all, path, problems), node, nullable);
}

function commonType([first, ...others]: readonly StructuralSchema[]): readonly string[] {
  return first?.type !== undefined && others.every(({ type }) => type === first.type) ? [first.type] : [];
}

/** The schema that a node is without its combinators. */
function ownSchema(node: Node, types: readonly string[], context: Context): StructuralSchema {
  const { path, problems } = context;
  const enumeration = enumOf(node);
  const found = types.length > 0 ? types : typesOfValues(enumeration ?? []);
  if (found.length === 0) {
    if (enumeration !== undefined) return nullOnly(context);
    if (Object.keys(node).some((keyword) => constrains[keyword] !== undefined)) {
      problems.add(path, "a constraint without a type", "Say which type it constrains.");
    }
    return anything;
  }
  const [type = "null"] = found;
  if (found.length > 1) {
    const kinds = [...found].toSorted().join(" or ");
    if (enumeration === undefined && kinds === "integer or string") return intOrString(node, context);
    problems.add(path, `a value of type ${kinds}`, cureOfMixedTypes(found, path));
    return {};
  }
  const constraint = enumeration === undefined ? {} : { enum: enumeration };
  switch (type) {
    case "object":
      return { ...objectSchema(node, context), ...constraint };
    case "array":
      return { ...arraySchema(node, context), ...constraint };
    case "string":
      return { type, ...stringConstraints(node, context), ...constraint };
    case "integer":
    case "number":
      return { type, ...numberConstraints(node, type), ...constraint };
    case "boolean":
      return { type, ...constraint };
    case "null":
      return nullOnly(context);
    default:
      problems.add(path, `the type ${type} is not known`, "Use a type of JSON.");
      return {};
  }
}

function nullOnly({ path, problems }: Context): StructuralSchema {
  problems.add(path, "only null satisfies it", "Make it nullable, with a type of its own, or remove the field.");
  return {};
}

function objectSchema(node: Node, context: Context): StructuralSchema {
  const { path, problems } = context;
  const rest = node["additionalProperties"];
  const names = isRecord(node["propertyNames"]) ? enumOf(node["propertyNames"]) : undefined;
  const isOpen = rest === true || (isRecord(rest) && Object.keys(rest).length === 0);
  const base = {
    type: "object",
    ...pick(node, "minProperties", "maxProperties"),
    ...requiredOf(node),
  } as const;
  if (names !== undefined) {
    const properties = names.map((name) => [String(name), convert(rest, below(context, `.${String(name)}`))] as const);
    return { ...base, properties: Object.fromEntries(properties) };
  }
  const properties = isRecord(node["properties"])
    ? Object.fromEntries(
        Object.entries(node["properties"]).map(([name, property]) => [
          name,
          convert(property, below(context, `.${name}`)),
        ]),
      )
    : undefined;
  // Without a word on properties, an object is one of any content.
  if (isOpen || (properties === undefined && rest === undefined)) {
    const known = properties === undefined || Object.keys(properties).length === 0 ? {} : { properties };
    return { ...base, ...known, "x-kubernetes-preserve-unknown-fields": true };
  }
  if (!isRecord(rest)) return properties === undefined ? base : { ...base, properties };
  if (properties !== undefined && Object.keys(properties).length > 0) {
    problems.add(
      path,
      "both fields and a map of further ones",
      "Move the map into a field of its own, or allow any further field (a loose object).",
    );
  }
  return { ...base, additionalProperties: convert(rest, below(context, "[*]")) };
}

function arraySchema(node: Node, context: Context): StructuralSchema {
  const { path, problems } = context;
  if (Array.isArray(node["prefixItems"]) || Array.isArray(node["items"])) {
    problems.add(path, "a tuple", "Use an object with a named field for each part, or a list of one type.");
    return {};
  }
  if (node["uniqueItems"] === true && !context.sets.has(path)) {
    problems.add(path, "uniqueItems", `Say fields: { "${path}": { listType: "set" } }.`);
  }
  return {
    type: "array",
    ...pick(node, "minItems", "maxItems"),
    items: node["items"] === undefined ? anything : convert(node["items"], below(context, "[*]")),
  };
}
function combine(
  keyword: "anyOf" | "oneOf" | "allOf",
  node: Node,
  types: readonly string[],
  context: Context,
): StructuralSchema {
  const branches = Array.isArray(node[keyword]) ? (node[keyword] as readonly unknown[]) : [];
  // A branch may leave the type to what it stands in: { type: "string", allOf: [{ pattern }, { pattern }] }.
  const typed = branches.map((branch) => (isUntyped(branch) ? withTypes(branch, types) : branch));
  const schemas = typed.filter((branch) => !isNull(branch)).map((branch) => convert(branch, context));
  if (keyword === "allOf") return intersectionOf(schemas, context.path, context.problems);
  const isClosed = typed
    .filter((branch) => !isNull(branch))
    .map((branch) => isRecord(branch) && branch["additionalProperties"] === false);
  const union = unionOf(
    schemas.map((schema, i) => ({ schema, isClosed: isClosed[i] ?? false })),
    { ...context, keyword },
  );
  return typed.some(isNull) ? { ...union, nullable: true } : union;
}

function followReference(
  reference: string,
  { $ref: _reference, ...siblings }: Node,
  context: Context,
): StructuralSchema {
  const { path, problems, references, root } = context;
  if (references.includes(reference) || reference === "#") {
    problems.add(
      path,
      "the schema contains itself, and a CustomResourceDefinition cannot",
      `Say fields: { "${path}": { preserveUnknownFields: true } } to let the API server take any JSON there.`,
    );
    return {};
  }
  const target = resolve(reference, root);
  if (!isRecord(target)) {
    problems.add(path, `the reference ${reference} leads nowhere`, "Refer to a schema inside the same document.");
    return {};
  }
  return convert({ ...target, ...siblings }, { ...context, references: [...references, reference] });
}

function resolve(reference: string, root: unknown): unknown {
  if (!reference.startsWith("#/")) return undefined;
  return reference
    .slice(2)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), root);
}

function below(context: Context, step: string): Context {
  return { ...context, path: `${context.path}${step}` };
}
