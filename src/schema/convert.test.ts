import { describe, expect, it } from "vitest";
import { toStructural } from "./convert.js";
import { Problems } from "./problems.js";

function convert(jsonSchema: unknown) {
  const problems = new Problems();
  const options = { path: "", problems, preserveUnknownFields: new Set<string>(), sets: new Set<string>() };
  const schema = toStructural(jsonSchema, options);
  return problems.lines.length === 0 ? schema : { problems: problems.lines };
}

const any = { nullable: true, "x-kubernetes-preserve-unknown-fields": true };
const text = { type: "string" };
const object = (properties: object, ...required: readonly string[]) => ({
  type: "object",
  properties,
  ...(required.length === 0 ? {} : { required }),
});

describe("JSON Schema becomes a structural schema", () => {
  it.each<readonly [string, unknown, unknown]>([
    ["anything", {}, any],
    ["true", true, any],
    ["without its dialect", { $schema: "x", $defs: {}, ...text }, text],
    [
      "with its words",
      { ...text, title: "T", description: "D", default: "d", examples: [1] },
      { ...text, title: "T", description: "D", default: "d" },
    ],
    ["a literal", { const: "a" }, { ...text, enum: ["a"] }],
    ["literals", { enum: [1, 2] }, { type: "integer", format: "int64", enum: [1, 2] }],
    ["literals of numbers", { enum: [1, 2.5] }, { type: "number", enum: [1, 2.5] }],
    ["a literal boolean", { const: true }, { type: "boolean", enum: [true] }],
    ["a union of literals", { anyOf: [{ const: "a" }, { const: "b" }] }, { ...text, enum: ["a", "b"] }],
    ["a type or null", { type: ["string", "null"] }, { ...text, nullable: true }],
    [
      "a union with null",
      { anyOf: [text, { type: "null" }], default: null },
      { ...text, nullable: true, default: null },
    ],
    ["nullable literals", { enum: ["a", null] }, { ...text, nullable: true, allOf: [{ enum: ["a"] }] }],
    [
      "a union of literals and null",
      { anyOf: [{ const: "a" }, { const: "b" }, { type: "null" }] },
      { ...text, nullable: true, allOf: [{ enum: ["a", "b"] }] },
    ],
    [
      "int32",
      { type: "integer", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
      { type: "integer", format: "int32", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
    ],
    ["int64", { type: "integer", maximum: 2 ** 31 }, { type: "integer", format: "int64", maximum: 2 ** 31 }],
    [
      "exclusive bounds",
      { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 9 },
      { type: "number", minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: true },
    ],
    [
      "the tighter of two bounds",
      { type: "number", minimum: 1, exclusiveMinimum: 0, maximum: 9, exclusiveMaximum: 9 },
      { type: "number", minimum: 1, maximum: 9, exclusiveMaximum: true },
    ],
    [
      "several patterns",
      { ...text, allOf: [{ pattern: "^a" }, { pattern: "b$" }] },
      { ...text, pattern: "^a", allOf: [{ pattern: "b$" }] },
    ],
    ["a format that is checked", { ...text, format: "date-time" }, { ...text, format: "date-time" }],
    ["a format that is not, by its pattern", { ...text, format: "cuid", pattern: "^c" }, { ...text, pattern: "^c" }],
    [
      "constraints that leave the type to a union",
      {
        minLength: 1,
        anyOf: [
          { ...text, pattern: "a" },
          { ...text, pattern: "b" },
        ],
      },
      { ...text, minLength: 1, anyOf: [{ pattern: "a" }, { pattern: "b" }] },
    ],
    ["a closed object", { ...object({ a: text }), additionalProperties: false }, object({ a: text })],
    [
      "an open object",
      { ...object({ a: text }), additionalProperties: {} },
      { ...object({ a: text }), "x-kubernetes-preserve-unknown-fields": true },
    ],
    ["any object", { type: "object" }, { type: "object", "x-kubernetes-preserve-unknown-fields": true }],
    [
      "a map",
      { type: "object", propertyNames: text, additionalProperties: text },
      { type: "object", additionalProperties: text },
    ],
    [
      "a map of known keys",
      { type: "object", propertyNames: { enum: ["a", "b"] }, additionalProperties: text, required: ["b", "a"] },
      object({ a: text, b: text }, "a", "b"),
    ],
    ["any list", { type: "array" }, { type: "array", items: any }],
    [
      "a reference",
      { ...object({ a: { $ref: "#/$defs/A~1b", description: "D" } }), $defs: { "A/b": text } },
      object({ a: { ...text, description: "D" } }),
    ],
    [
      "a reference used twice",
      { ...object({ a: { $ref: "#/$defs/A" }, b: { $ref: "#/$defs/A" } }), $defs: { A: text } },
      object({ a: text, b: text }),
    ],
    [
      "an intersection",
      { allOf: [object({ a: text }, "a"), object({ a: { ...text, minLength: 1 }, b: text }, "b")] },
      object({ a: { ...text, minLength: 1 }, b: text }, "a", "b"),
    ],
    ["integer or text", { type: ["integer", "string"] }, { "x-kubernetes-int-or-string": true }],
    [
      "a union of integer and text",
      {
        anyOf: [
          { type: "integer", minimum: 0 },
          { ...text, pattern: "%$" },
        ],
      },
      { "x-kubernetes-int-or-string": true, minimum: 0, pattern: "%$" },
    ],
    ["a union of equals", { anyOf: [text, text] }, text],
    ["a union with anything", { anyOf: [text, {}] }, any],
    ["a union of a text and a narrower one", { anyOf: [text, { ...text, pattern: "a" }] }, text],
    [
      "a discriminated union",
      { oneOf: [object({ t: { const: "a" }, x: text }, "t", "x"), object({ t: { const: "b" }, y: text }, "t")] },
      {
        ...object({ t: { ...text, enum: ["a", "b"] }, x: text, y: text }, "t"),
        oneOf: [{ required: ["x"], properties: { t: { enum: ["a"] } } }, { properties: { t: { enum: ["b"] } } }],
      },
    ],
    [
      "a union of closed objects",
      {
        anyOf: [
          { ...object({ a: text }, "a"), additionalProperties: false },
          { ...object({ b: text }, "b"), additionalProperties: false },
          { type: "null" },
        ],
      },
      {
        ...object({ a: text, b: text }),
        nullable: true,
        anyOf: [
          { required: ["a"], not: { anyOf: [{ required: ["b"] }] } },
          { required: ["b"], not: { anyOf: [{ required: ["a"] }] } },
        ],
      },
    ],
    [
      "a union of objects without obligations",
      { anyOf: [object({ a: text }), object({ b: text }, "b")] },
      object({ a: text, b: text }),
    ],
    [
      "a union within a union",
      { anyOf: [{ anyOf: [object({ a: text }, "a"), object({ b: text }, "b")] }, object({ c: text }, "c")] },
      {
        ...object({ a: text, b: text, c: text }),
        anyOf: [{ anyOf: [{ required: ["a"] }, { required: ["b"] }] }, { required: ["c"] }],
      },
    ],
    [
      "Kubernetes' own words",
      { ...object({}), "x-kubernetes-map-type": "atomic" },
      { ...object({}), "x-kubernetes-map-type": "atomic" },
    ],
    [
      "a declared int-or-string",
      { anyOf: [{ type: "number" }, text], "x-kubernetes-int-or-string": true },
      { "x-kubernetes-int-or-string": true },
    ],
  ])("%s", (_title, jsonSchema, structural) => {
    expect(convert(jsonSchema)).toEqual(structural);
  });

  it.each<readonly [string, unknown, string]>([
    ["false", false, ": no value satisfies it. Remove the field."],
    ["if", { ...text, if: {} }, ": the keyword if. Say it as a rule (validations)."],
    ["contains", { type: "array", contains: text }, ": the keyword contains. Say it as a rule"],
    ["a list of differing items", { type: "array", items: [text] }, ": a tuple."],
    [
      "uniqueItems",
      { type: "array", items: text, uniqueItems: true },
      ': uniqueItems. Say fields: { "": { listType: "set" } }.',
    ],
    [
      "a lost reference",
      { $ref: "#/$defs/A" },
      ": the reference #/$defs/A leads nowhere. Refer to a schema inside the same document.",
    ],
    ["a foreign reference", { $ref: "https://example.dev" }, ": the reference https://example.dev leads nowhere."],
    ["a constraint without a type", { minLength: 1 }, ": a constraint without a type. Say which type it constrains."],
    ["an unknown type", { type: "date" }, ": the type date is not known. Use a type of JSON."],
    [
      "a union of lists that differ",
      {
        anyOf: [
          { type: "array", items: text },
          { type: "array", items: { type: "boolean" } },
        ],
      },
      ": a union of arrays that differ.",
    ],
    [
      "a union of a map and an object",
      { anyOf: [{ type: "object", additionalProperties: text }, object({ a: text })] },
      ": a union of a map and another object. Use a field for each.",
    ],
    [
      "a union of open and closed",
      { anyOf: [{ type: "object" }, object({ a: text })] },
      ": a union of objects that do and do not take unknown fields.",
    ],
  ])("but not %s", (_title, jsonSchema, message) => {
    expect(convert(jsonSchema)).toEqual({ problems: [expect.stringContaining(message)] });
  });

  it("without touching what it is given", () => {
    const given = Object.freeze({
      type: "object",
      properties: Object.freeze({ a: Object.freeze({ enum: Object.freeze(["a", null]) }) }),
    });
    expect(() => convert(given)).not.toThrow();
  });
});
