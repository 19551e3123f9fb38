/** The structural schema of a whole custom object, from the schemas of its spec and its status. */

import { toStructural } from "./convert.js";
import type { FieldOptions } from "./definition.js";
import { checkRules, withFields } from "./fields.js";
import { Problems } from "./problems.js";
import { isEqual } from "./record.js";
import { cureOfTransform } from "./refused.js";
import type { Schema } from "./standard.js";
import type { StructuralSchema, ValidationRule } from "./structural.js";
import { jsonSchemasOf } from "./vendor.js";

/** What the schema of a kind's objects follows from. */
export interface RootOptions {
  readonly spec: Schema;
  readonly status?: Schema | undefined;
  readonly description?: string | undefined;
  readonly fields?: { readonly [path: string]: FieldOptions | undefined } | undefined;
  readonly validations?: readonly ValidationRule[] | undefined;
}

/** The schema of version's objects; what it cannot express is noted as a problem. */
export function rootSchemaOf(options: RootOptions, problems: Problems): StructuralSchema {
  const { spec, status, description, fields = {}, validations = [] } = options;
  const part = (name: "spec" | "status", schema: Schema) => {
    const converted = partOf(schema, `.${name}`, fields, problems);
    if (converted.type !== undefined && converted.type !== "object") {
      problems.add(`.${name}`, `it is ${converted.type}`, "Make it an object: Kubernetes expects one here.");
    }
    return converted;
  };
  const properties = { spec: part("spec", spec), ...(status === undefined ? {} : { status: part("status", status) }) };
  checkRules(validations, "validations", problems);
  const whole: StructuralSchema = {
    type: "object",
    ...(description === undefined ? {} : { description }),
    required: ["spec"],
    properties,
    ...(validations.length === 0 ? {} : { "x-kubernetes-validations": validations }),
  };
  return problems.lines.length === 0 ? withFields(whole, fields, problems) : whole;
}

function partOf(
  schema: Schema,
  path: string,
  fields: { readonly [path: string]: FieldOptions | undefined },
  problems: Problems,
): StructuralSchema {
  const named = Object.entries(fields);
  const options = {
    path,
    preserveUnknownFields: new Set(named.filter(([, f]) => f?.preserveUnknownFields === true).map(([p]) => p)),
    sets: new Set(named.filter(([, f]) => f?.listType === "set").map(([p]) => p)),
  };
  const jsonSchemas = readJsonSchemas(schema, path, problems);
  if (jsonSchemas === undefined) return {};
  const input = toStructural(jsonSchemas.input, { ...options, problems });
  if (jsonSchemas.output === undefined) return input;
  const ofOutput = new Problems();
  const output = toStructural(jsonSchemas.output, { ...options, problems: ofOutput });
  problems.addAll(ofOutput);
  const difference = problems.lines.length === 0 ? differenceOf(input, output, path) : undefined;
  if (difference !== undefined) {
    problems.add(difference, "what validation returns is not what is stored (a transform)", cureOfTransform);
  }
  return input;
}

function readJsonSchemas(schema: Schema, path: string, problems: Problems) {
  try {
    return jsonSchemasOf(schema);
  } catch (error) {
    const { vendor } = schema["~standard"];
    const message = error instanceof Error ? error.message : String(error);
    problems.add(
      path,
      `${vendor} cannot write it as JSON Schema (${message})`,
      "Use types of JSON, without transforms.",
    );
    return undefined;
  }
}

/** Where two schemas do not accept the same values, but for what defaults make of them. */
function differenceOf(a: StructuralSchema, b: StructuralSchema, path: string): string | undefined {
  if (!isEqual(ownConstraintsOf(a), ownConstraintsOf(b))) return path;
  const names = [...new Set([...Object.keys(a.properties ?? {}), ...Object.keys(b.properties ?? {})])];
  const children = [
    ...names.map((name) => [a.properties?.[name], b.properties?.[name], `${path}.${name}`] as const),
    [a.items, b.items, `${path}[*]`] as const,
    [a.additionalProperties, b.additionalProperties, `${path}[*]`] as const,
  ];
  for (const [inA, inB, place] of children) {
    if (inA === undefined && inB === undefined) continue;
    const difference = inA === undefined || inB === undefined ? place : differenceOf(inA, inB, place);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function ownConstraintsOf(schema: StructuralSchema): StructuralSchema {
  const {
    title: _title,
    description: _description,
    default: _default,
    required: _required,
    properties: _properties,
    items: _items,
    additionalProperties: _additionalProperties,
    // Unions of objects: their branches differ in what they require, as defaults have it.
    allOf: _allOf,
    anyOf: _anyOf,
    oneOf: _oneOf,
    not: _not,
    ...own
  } = schema;
  return own;
}
