/**
 * Getting JSON Schema out of a schema library without loss. Left to their defaults, zod and valibot throw on what JSON Schema
 * cannot say, without the path, and arktype writes `{}`. Each has a hook; with it what cannot be said is marked where it stands.
 */

import { isRecord } from "./record.js";
import type { Schema } from "./standard.js";

/** The keyword of the mark: its value says what stands there. */
export const unsupported = "x-kindred-unsupported";

/** The JSON Schema of what may be written, and of what comes out of validation. */
export interface JsonSchemas {
  readonly input: unknown;
  /** Undefined if `input` marks transforms already. */
  readonly output: unknown;
}

/** @throws whatever a library without a known hook throws for what it cannot convert. */
export function jsonSchemasOf(schema: Schema): JsonSchemas {
  const { vendor, jsonSchema } = schema["~standard"];
  const whole = vendor === "arktype" ? wholeArkType(schema) : undefined;
  if (whole !== undefined) return { input: whole, output: undefined };
  const libraryOptions = libraryOptionsOf[vendor];
  const options = { target: "draft-2020-12", ...(libraryOptions === undefined ? {} : { libraryOptions }) } as const;
  return { input: jsonSchema.input(options), output: jsonSchema.output(options) };
}

const libraryOptionsOf: { readonly [vendor: string]: Record<string, unknown> | undefined } = {
  zod: {
    unrepresentable: "any",
    override: (context: unknown) => {
      const jsonSchema = at(context, "jsonSchema");
      const problem = problemInZod(at(context, "zodSchema", "_zod", "def"));
      if (isRecord(jsonSchema) && problem !== undefined) jsonSchema[unsupported] = problem;
    },
  },
  valibot: {
    errorMode: "ignore",
    overrideSchema: (context: unknown) => {
      const schema = at(context, "valibotSchema");
      const type = at(schema, "type");
      if (type === "loose_object") return { ...record(at(context, "jsonSchema")), additionalProperties: {} };
      if (at(schema, "fallback") !== undefined) return marked(context, "a fallback");
      return at(context, "errors") === undefined ? undefined : marked(context, `the type ${String(type)}`);
    },
    overrideAction: (context: unknown) => {
      const type = String(at(context, "valibotAction", "type"));
      if (at(context, "errors") === undefined) return undefined;
      // Checks in code run locally only, in every library.
      return /check|custom|guard|brand|readonly|flavor/.test(type)
        ? record(at(context, "jsonSchema"))
        : marked(
            context,
            `the ${at(context, "valibotAction", "kind") === "validation" ? "check" : "transform"} ${type}`,
          );
    },
  },
};

const zodTypesOutsideJson = new Set([
  "bigint",
  "catch",
  "custom",
  "date",
  "file",
  "function",
  "map",
  "nan",
  "promise",
  "set",
  "symbol",
  "transform",
  "undefined",
  "void",
]);

function problemInZod(def: unknown): string | undefined {
  const type = at(def, "type");
  if (typeof type !== "string") return undefined;
  if (zodTypesOutsideJson.has(type)) return `the type ${type}`;
  if (type === "literal" && array(at(def, "values")).some((v) => typeof v === "bigint" || v === undefined))
    return "a literal that JSON does not have";
  if (type === "pipe" && at(def, "in", "_zod", "def", "type") === "transform") return "the type preprocess";
  if (at(def, "coerce") === true) return "coercion";
  if (array(at(def, "checks")).some((check) => at(check, "_zod", "def", "check") === "overwrite"))
    return "a change of the text (trim and the like)";
  return undefined;
}

/**
 * arktype's standard conversion leaves defaults out; that of the schema itself has them, and says where it meets a morph.
 *
 * @see https://arktype.io/docs/configuration#tojsonschema
 */
function wholeArkType(schema: Schema): unknown {
  if (!("toJsonSchema" in schema) || typeof schema.toJsonSchema !== "function") return undefined;
  const whole: unknown = schema.toJsonSchema({
    target: "draft-2020-12",
    fallback: (context: unknown) => {
      const base = record(at(context, "base"));
      const code = String(at(context, "code"));
      if (code === "predicate") return base;
      if (code === "patternIntersection") return { ...base, allOf: [{ pattern: at(context, "pattern") }] };
      return { ...base, [unsupported]: arkTypeNames[code] ?? `the ${code} of arktype` };
    },
  });
  return whole;
}

const arkTypeNames: { readonly [code: string]: string | undefined } = {
  date: "the type Date",
  domain: "the type bigint or symbol",
  morph: "a transform",
  unit: "a literal that JSON does not have",
  proto: "an instance of a class",
};

function marked(context: unknown, what: string): Record<string, unknown> {
  return { ...record(at(context, "jsonSchema")), [unsupported]: what };
}

function at(value: unknown, ...keys: readonly string[]): unknown {
  // Schemas are functions in some libraries.
  return keys.reduce<unknown>(
    (inner, key) =>
      (typeof inner === "object" && inner !== null) || typeof inner === "function"
        ? (Reflect.get(inner, key) as unknown)
        : undefined,
    value,
  );
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
