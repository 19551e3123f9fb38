/** From a schema to the type that a field has. */

import { formatJson } from "../../core/index.js";
import { type TypeNode, unionOf } from "./declaration.js";
import { isObject, type JsonObject, objectsAt } from "./json.js";
import { isIntOrString, isStruct, referenceOf } from "./schema.js";
import { type AliasName, coreType, nothing, unknown } from "./well-known.js";

/** A place in a schema. */
export interface Place {
  /** The component that the place lies in. */
  readonly component: string;
  readonly module: string;
  /** What an interface at this place is called. */
  readonly name: string;
  /** For problems. */
  readonly path: string;
  readonly custom: boolean;
  /** `new` where the declaration is of what create takes. */
  readonly view: "read" | "new";
}

/** What {@link typeOf} needs from the one who declares. */
export interface TypeContext {
  /** Declares an interface for a schema with named fields. */
  inline(schema: JsonObject, place: Place): TypeNode;
  referTo(component: string, place: Place): TypeNode;
  alias(name: AliasName): TypeNode;
  /** Reports what is wrong at a place, whose type is unknown then. */
  unusable(place: Place, message: string): TypeNode;
}

/** The type of what a schema describes; what cannot be said is `unknown`, and reported. */
export function typeOf(schema: unknown, place: Place, context: TypeContext): TypeNode {
  if (schema === true) return unknown;
  if (!isObject(schema)) return context.unusable(place, `is ${formatJson(schema)}; expected a schema`);
  const type = plainTypeOf(schema, place, context);
  return schema["nullable"] === true ? unionOf([type, nothing]) : type;
}

function plainTypeOf(schema: JsonObject, place: Place, context: TypeContext): TypeNode {
  const reference = referenceOf(schema);
  if (reference !== undefined) return context.referTo(reference, place);
  if (isIntOrString(schema)) return context.alias("IntOrString");
  if (schema["enum"] !== undefined || schema["const"] !== undefined) return literalsOf(schema, place, context);
  const narrowed = enumInAllOf(schema);
  if (narrowed !== undefined) return literalsOf(narrowed, place, context);
  const type = schema["type"];
  if (Array.isArray(type))
    return unionOf(type.map((one: unknown) => plainTypeOf({ ...schema, type: one }, place, context)));
  switch (type) {
    case "string":
      return schema["format"] === "date-time"
        ? coreType("Time")
        : schema["format"] === "duration"
          ? context.alias("Duration")
          : text;
    case "integer":
    case "number":
      return number;
    case "boolean":
      return boolean;
    case "null":
      return nothing;
    case "array":
      return arrayOf(schema, place, context);
    case "object":
      return objectOf(schema, place, context);
    case undefined:
      return untyped(schema, place, context);
    default:
      return context.unusable(
        place,
        `unknown type ${formatJson(type)}; expected string, integer, number, boolean, array or object`,
      );
  }
}

function arrayOf(schema: JsonObject, place: Place, context: TypeContext): TypeNode {
  const items = schema["items"];
  const at = { ...place, path: `${place.path}[]` };
  if (items === undefined) {
    return { type: "array", items: context.unusable(at, "an array without items: its elements are unknown") };
  }
  return { type: "array", items: typeOf(items, at, context) };
}

function objectOf(schema: JsonObject, place: Place, context: TypeContext): TypeNode {
  if (isStruct(schema)) return context.inline(schema, place);
  const values = schema["additionalProperties"];
  if (values === undefined || typeof values === "boolean") return { type: "map", values: unknown };
  return { type: "map", values: typeOf(values, { ...place, path: `${place.path}.*` }, context) };
}

function untyped(schema: JsonObject, place: Place, context: TypeContext): TypeNode {
  if (isStruct(schema)) return context.inline(schema, place);
  if (schema["items"] !== undefined) return arrayOf(schema, place, context);
  for (const key of ["oneOf", "anyOf"]) {
    const members = schema[key];
    // Without types of their own the members only restrict the value.
    if (Array.isArray(members) && members.length > 0 && members.every(hasType)) {
      return unionOf(
        members.map((member, index) =>
          typeOf(
            member,
            { ...place, name: `${place.name}${index + 1}`, path: `${place.path}.${key}[${index}]` },
            context,
          ),
        ),
      );
    }
  }
  if (Array.isArray(schema["allOf"]) && schema["allOf"].some(hasType)) {
    return context.unusable(place, `allOf of ${schema["allOf"].length} schemas cannot be one type: it is unknown`);
  }
  return unknown;
}

/** A nullable field keeps its enumeration under `allOf`, since an enumeration of its own would have to hold null. */
function enumInAllOf(schema: JsonObject): JsonObject | undefined {
  if (schema["type"] === undefined || schema["type"] === "object" || schema["type"] === "array") return undefined;
  return objectsAt(schema, "allOf").find((member) => Array.isArray(member["enum"]));
}

function literalsOf(schema: JsonObject, place: Place, context: TypeContext): TypeNode {
  const values: readonly unknown[] = Array.isArray(schema["enum"])
    ? schema["enum"]
    : [schema["const"] ?? schema["enum"]];
  const members = values.map((value): TypeNode | undefined => {
    if (value === null) return nothing;
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? { type: "literal", value }
      : undefined;
  });
  const literals = members.filter((member) => member !== undefined);
  if (literals.length < values.length || values.length === 0) {
    return context.unusable(place, "enum has to list texts, numbers or booleans, at least one");
  }
  return unionOf(literals);
}

const text: TypeNode = { type: "keyword", name: "string" };
const number: TypeNode = { type: "keyword", name: "number" };
const boolean: TypeNode = { type: "keyword", name: "boolean" };

function hasType(schema: unknown): boolean {
  return isObject(schema) && (schema["type"] !== undefined || referenceOf(schema) !== undefined);
}
