/** What a structural schema cannot express, in the words of each library: refused when the kind is defined, with path and cure. */

import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { scope, type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { customResource, type Schema } from "./index.js";

const facts = { group: "example.dev", version: "v1", kind: "Thing", scope: "Cluster" } as const;

/** The lines of the refusal after the first. */
function refusalOf(spec: Schema): string {
  try {
    customResource({ ...facts, spec });
  } catch (error) {
    expect(error).toMatchObject({ code: "SCHEMA" });
    return String(error).replace(/^.*:\n {2}/, "");
  }
  throw new Error("it was not refused");
}

const stored = "Describe what is stored, and transform it where you read it.";
const equivalent = "has no equivalent in a CustomResourceDefinition";
const json = "Use a text, a number, a boolean, a list, an object or a map of these.";
const date = "Use a text in RFC 3339, and make a Date of it where you need one.";
const digits = "Use an integer, or a text of digits.";
const returned = `what validation returns is not what is stored (a transform). ${stored}`;
const oneType = (path: string) =>
  `Use one type or an object with a field for each, or take any JSON by fields: { "${path}": { preserveUnknownFields: true } }.`;
const itself = (path: string) =>
  `${path}: the schema contains itself, and a CustomResourceDefinition cannot. Say fields: { "${path}": { preserveUnknownFields: true } } to let the API server take any JSON there.`;
const tuple = "a tuple. Use an object with a named field for each part, or a list of one type.";
const intOrText = "Use an integer or a text, which Kubernetes knows as IntOrString.";

const zodTree = z.object({
  text: z.string(),
  get children() {
    return z.array(zodTree);
  },
});

const zodFields: readonly (readonly [string, z.ZodType, string])[] = [
  ["recursion", zodTree, itself(".spec.a.children[*]")],
  ["a tuple", z.tuple([z.string(), z.int()]), `.spec.a: ${tuple}`],
  ["a tuple in a list", z.array(z.tuple([z.string()])), `.spec.a[*]: ${tuple}`],
  ["a date", z.date(), `.spec.a: the type date ${equivalent}. ${date}`],
  ["a date in a map", z.record(z.string(), z.date()), `.spec.a[*]: the type date ${equivalent}. ${date}`],
  ["an optional bigint", z.bigint().optional(), `.spec.a: the type bigint ${equivalent}. ${digits}`],
  ["a literal bigint", z.literal(1n), `.spec.a: a literal that JSON does not have ${equivalent}. ${json}`],
  ["a function", z.function(), `.spec.a: the type function ${equivalent}. ${json}`],
  ["a set", z.set(z.string()), `.spec.a: the type set ${equivalent}. ${json}`],
  ["a Map", z.map(z.string(), z.string()), `.spec.a: the type map ${equivalent}. ${json}`],
  ["NaN", z.nan(), `.spec.a: the type nan ${equivalent}. ${json}`],
  ["undefined", z.undefined(), `.spec.a: the type undefined ${equivalent}. ${json}`],
  ["a class", z.instanceof(URL), `.spec.a: the type custom ${equivalent}. ${json}`],
  ["a transform", z.string().transform((s) => s.length), `.spec.a: the type transform ${equivalent}. ${stored}`],
  ["a codec", z.stringbool(), `.spec.a: ${returned}`],
  ["trim", z.string().trim(), `.spec.a: a change of the text (trim and the like) ${equivalent}. ${stored}`],
  ["coercion", z.coerce.number(), `.spec.a: coercion ${equivalent}. ${stored}`],
  ["preprocess", z.preprocess((x) => x, z.number()), `.spec.a: the type preprocess ${equivalent}. ${stored}`],
  ["catch", z.string().catch("x"), `.spec.a: the type catch ${equivalent}. Use a default.`],
  ["never", z.never(), ".spec.a: no value satisfies it. Remove the field."],
  ["null", z.null(), ".spec.a: only null satisfies it. Make it nullable, with a type of its own, or remove the field."],
  ["text or number", z.union([z.string(), z.number()]), `.spec.a: a value of type number or string. ${intOrText}`],
  [
    "text or list",
    z.union([z.string(), z.array(z.string())]),
    `.spec.a: a union of string and array. ${oneType(".spec.a")}`,
  ],
  ["literals of two types", z.literal([1, "a"]), `.spec.a: a value of type integer or string. ${oneType(".spec.a")}`],
  [
    "branches that disagree",
    z.union([z.object({ b: z.string() }), z.object({ b: z.object({}) })]),
    ".spec.a.b: it has different shapes in the branches of a union. Give it one shape, or another name in each branch.",
  ],
  [
    "a default in one branch",
    z.discriminatedUnion("t", [
      z.object({ t: z.literal("a"), x: z.string().default("q") }),
      z.object({ t: z.literal("b") }),
    ]),
    ".spec.a.x: a default in one branch of a union. The API server would set it in all of them: drop the default.",
  ],
  [
    "branches that look alike",
    z.xor([z.object({ b: z.string().optional() }), z.object({ c: z.string() })]),
    ".spec.a: branches that the API server cannot tell apart. Give each branch a required field with a literal of its own.",
  ],
  [
    "a contradiction",
    z.intersection(z.object({ b: z.string() }), z.object({ b: z.number() })),
    ".spec.a.b: it must be string and number at once. Make the parts of the intersection agree.",
  ],
  [
    "fields and a map",
    z.object({ b: z.string() }).catchall(z.number()),
    ".spec.a: both fields and a map of further ones. Move the map into a field of its own, or allow any further field (a loose object).",
  ],
  [
    "constrained keys",
    z.record(z.string().regex(/^a/), z.string()),
    ".spec.a: a constraint on the keys of a map. Say it as a rule: validations: [{ rule: \"self.all(k, k.matches('^a'))\" }].",
  ],
  [
    "patterns of keys",
    z.looseRecord(z.string().regex(/^a/), z.string()),
    ".spec.a: the keyword patternProperties. Use a map (a record) with a rule for its keys: validations: [{ rule: \"self.all(k, k.matches('^a'))\" }].",
  ],
  [
    "lookahead",
    z.string().regex(/^(?!a)/),
    ".spec.a: the API server's regular expressions lack lookaround `(?!`, in ^(?!a). Use a simpler pattern.",
  ],
  ["an unknown format", z.jwt(), ".spec.a: the API server does not check the format jwt. Add a pattern (regex)."],
];

const valibotTree: v.GenericSchema = v.object({ text: v.string(), children: v.lazy(() => v.array(valibotTree)) });

const valibotFields: readonly (readonly [string, v.GenericSchema, string])[] = [
  ["recursion", valibotTree, "the schema contains itself, and a CustomResourceDefinition cannot."],
  ["a tuple", v.tuple([v.string(), v.number()]), `.spec.a: ${tuple}`],
  ["a date", v.date(), `.spec.a: the type date ${equivalent}. ${date}`],
  ["a bigint", v.optional(v.bigint()), `.spec.a: the type bigint ${equivalent}. ${digits}`],
  ["a function", v.function(), `.spec.a: the type function ${equivalent}. ${json}`],
  ["a Map", v.map(v.string(), v.string()), `.spec.a: the type map ${equivalent}. ${json}`],
  [
    "a transform",
    v.pipe(
      v.string(),
      v.transform((s) => s.length),
    ),
    `.spec.a: the transform transform ${equivalent}. ${stored}`,
  ],
  ["a transform and a type", v.pipe(v.string(), v.transform(Number), v.number()), `.spec.a: ${returned}`],
  ["trim", v.pipe(v.string(), v.trim()), `.spec.a: the transform trim ${equivalent}. ${stored}`],
  ["a fallback", v.fallback(v.string(), "a"), `.spec.a: a fallback ${equivalent}. Use a default.`],
  [
    "flags of a pattern",
    v.pipe(v.string(), v.regex(/a/i)),
    `.spec.a: the check regex ${equivalent}. Check it by a plain pattern, by bounds, or by a rule (validations).`,
  ],
  [
    "not",
    v.pipe(v.string(), v.notValue("a")),
    ".spec.a: the keyword not. Say it as a rule: validations: [{ rule: \"self != 'x'\" }].",
  ],
  ["text or number", v.union([v.string(), v.number()]), `.spec.a: a union of string and number. ${intOrText}`],
  [
    "a contradiction",
    v.intersect([v.object({ b: v.string() }), v.object({ b: v.number() })]),
    ".spec.a.b: it must be string and number at once.",
  ],
  [
    "fields and a map",
    v.objectWithRest({ b: v.string() }, v.number()),
    ".spec.a: both fields and a map of further ones.",
  ],
  [
    "an unknown format",
    v.pipe(v.string(), v.isoTime()),
    ".spec.a: the API server does not check the format time. Add a pattern (regex).",
  ],
];

const arkTypeFields: readonly (readonly [string, Schema, string])[] = [
  ["recursion", scope({ node: { text: "string", children: "node[]" } }).export().node, itself(".spec.children[*]")],
  ["a tuple", type({ a: ["string", "number"] }), `.spec.a: ${tuple}`],
  ["a date", type({ a: "Date" }), `.spec.a: the type Date ${equivalent}. ${date}`],
  ["a bigint", type({ "a?": "bigint" }), `.spec.a: the type bigint or symbol ${equivalent}. ${digits}`],
  ["a class", type({ a: "Set" }), `.spec.a: an instance of a class ${equivalent}. ${json}`],
  ["undefined", type({ a: "string | undefined" }), `.spec.a: a literal that JSON does not have ${equivalent}. ${json}`],
  ["a morph", type({ a: "string.numeric.parse" }), `.spec.a: a transform ${equivalent}. ${stored}`],
  ["a pipe", type({ a: type("string").pipe((s) => s.length) }), `.spec.a: a transform ${equivalent}. ${stored}`],
  ["text or number", type({ a: "string | number" }), `.spec.a: a union of number and string. ${intOrText}`],
  ["patterns of keys", type({ "[/^a/]": "string" }), ".spec: the keyword patternProperties."],
  ["fields and a map", type({ "[string]": "number", a: "1" }), ".spec: both fields and a map of further ones."],
];

describe("a definition is refused", () => {
  it.each(zodFields)("with zod for %s", (_title, field, message) => {
    expect(refusalOf(z.object({ a: field }))).toBe(message);
  });

  it.each(valibotFields)("with valibot for %s", (_title, field, message) => {
    expect(refusalOf(toStandardJsonSchema(v.object({ a: field })))).toContain(message);
  });

  it.each(arkTypeFields)("with arktype for %s", (_title, spec, message) => {
    expect(refusalOf(spec)).toContain(message);
  });

  it("for a spec that is no object", () => {
    expect(refusalOf(z.string())).toBe(".spec: it is string. Make it an object: Kubernetes expects one here.");
  });

  it("with what an unknown library says", () => {
    const unknown: Schema = {
      "~standard": {
        version: 1,
        vendor: "acme",
        validate: (value) => ({ value }),
        jsonSchema: {
          input: () => {
            throw new Error("no dates here");
          },
          output: () => ({}),
        },
      },
    };
    expect(refusalOf(unknown)).toBe(
      ".spec: acme cannot write it as JSON Schema (no dates here). Use types of JSON, without transforms.",
    );
  });

  it("unless the author lets the API server take any JSON there", () => {
    const Tree = customResource({
      ...facts,
      spec: z.object({ root: zodTree }),
      fields: { ".spec.root.children[*]": { preserveUnknownFields: true } },
    });
    expect(Tree.crd().spec.versions[0]?.schema.openAPIV3Schema.properties?.["spec"]?.properties?.["root"]).toEqual({
      type: "object",
      required: ["children", "text"],
      properties: {
        text: { type: "string" },
        children: { type: "array", items: { nullable: true, "x-kubernetes-preserve-unknown-fields": true } },
      },
    });
  });

  it("but not for checks in code, which run locally", () => {
    const checked = [
      z.object({ a: z.string().refine((s) => s !== "x") }),
      toStandardJsonSchema(
        v.object({
          a: v.pipe(
            v.string(),
            v.check((s) => s !== "x"),
          ),
        }),
      ),
      type({ a: type("string").narrow((s) => s !== "x") }),
    ];
    for (const spec of checked) {
      const Thing = customResource({ ...facts, spec });
      expect(Thing.crd().spec.versions[0]?.schema.openAPIV3Schema.properties?.["spec"]).toEqual({
        type: "object",
        required: ["a"],
        properties: { a: { type: "string" } },
      });
      expect(() => Thing.build({ metadata: { name: "a" }, spec: { a: "x" } })).toThrow(/\.spec\.a: /);
    }
  });
});
