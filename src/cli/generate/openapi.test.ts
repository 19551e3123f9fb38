import { describe, expect, it } from "vitest";
import { generate } from "./generate.js";
import type { JsonObject } from "./json.js";
import { readOpenApi } from "./openapi.js";

/** A document of one cluster-scoped kind, `Thing` of `example.dev/v1`, written in Go: its own schema and those of its package. */
function documentOf(
  properties: JsonObject,
  options: { readonly required?: string[]; readonly others?: JsonObject } = {},
): JsonObject {
  const kind = { group: "example.dev", version: "v1", kind: "Thing" };
  return {
    openapi: "3.0.0",
    paths: {
      "/apis/example.dev/v1/things/{name}": {
        get: { "x-kubernetes-action": "get", "x-kubernetes-group-version-kind": kind },
      },
    },
    components: {
      schemas: {
        "dev.example.v1.Thing": {
          type: "object",
          required: options.required ?? [],
          properties: {
            apiVersion: { type: "string" },
            kind: { type: "string" },
            metadata: { default: {}, allOf: [ref("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")] },
            ...properties,
          },
          "x-kubernetes-group-version-kind": [kind],
        },
        "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": { type: "object", properties: { name: { type: "string" } } },
        ...options.others,
      },
    },
  };
}

function ref(component: string): JsonObject {
  return { $ref: `#/components/schemas/${component}` };
}

function generateFrom(document: JsonObject) {
  const { files, problems } = generate(readOpenApi([{ source: "thing.json", document }]));
  const text = (path: string) => files.find((file) => file.path === path)?.text ?? "";
  return { files, problems, text };
}

/** The declarations of a file: without its first comment, imports and descriptors. */
function declarationsOf(text: string): string {
  return text
    .split("\n\n")
    .filter((part) => !/^(import|\/\*\* The API group|export const)/.test(part))
    .join("\n\n")
    .trimEnd();
}

const fields: readonly { readonly title: string; readonly schema: unknown; readonly type: string }[] = [
  { title: "a text", schema: { type: "string" }, type: "string" },
  { title: "base64", schema: { type: "string", format: "byte" }, type: "string" },
  { title: "an integer", schema: { type: "integer", format: "int64" }, type: "number" },
  { title: "a fraction", schema: { type: "number", format: "double" }, type: "number" },
  { title: "a truth value", schema: { type: "boolean" }, type: "boolean" },
  { title: "an enum", schema: { type: "string", enum: ["A", "B"] }, type: '"A" | "B"' },
  { title: "an enum that repeats itself", schema: { type: "string", enum: ["A", "A"] }, type: '"A"' },
  { title: "an enum of numbers", schema: { type: "integer", enum: [1, 2] }, type: "1 | 2" },
  { title: "a nullable enum", schema: { type: "string", enum: ["A", null], nullable: true }, type: '"A" | null' },
  { title: "a constant", schema: { const: "A" }, type: '"A"' },
  { title: "a list", schema: { type: "array", items: { type: "string" } }, type: "string[]" },
  {
    title: "a list of an enum",
    schema: { type: "array", items: { type: "string", enum: ["A", "B"] } },
    type: '("A" | "B")[]',
  },
  {
    title: "a list of nullable",
    schema: { type: "array", items: { type: "string", nullable: true } },
    type: "(string | null)[]",
  },
  {
    title: "a map",
    schema: { type: "object", additionalProperties: { type: "integer" } },
    type: "{ [key: string]: number }",
  },
  {
    title: "a map of lists",
    schema: { type: "object", additionalProperties: { type: "array", items: { type: "string" } } },
    type: "{ [key: string]: string[] }",
  },
  { title: "an object of anything", schema: { type: "object" }, type: "{ [key: string]: unknown }" },
  { title: "anything", schema: {}, type: "unknown" },
  {
    title: "a nullable enum, its values under allOf",
    schema: { type: "string", nullable: true, allOf: [{ enum: ["A"] }] },
    type: '"A" | null',
  },
  { title: "a nullable anything", schema: { nullable: true }, type: "unknown" },
  { title: "the schema that allows everything", schema: true, type: "unknown" },
  { title: "a number or a text", schema: { "x-kubernetes-int-or-string": true }, type: "IntOrString" },
  { title: "a number or a text by format", schema: { type: "string", format: "int-or-string" }, type: "IntOrString" },
  { title: "a choice of types", schema: { oneOf: [{ type: "string" }, { type: "number" }] }, type: "string | number" },
  {
    title: "rules without types",
    schema: { type: "string", anyOf: [{ minLength: 1 }, { pattern: "^a" }] },
    type: "string",
  },
  { title: "types as OpenAPI 3.1 lists them", schema: { type: ["string", "null"] }, type: "string | null" },
  { title: "a time", schema: { type: "string", format: "date-time" }, type: "Time" },
  { title: "a duration", schema: { type: "string", format: "duration" }, type: "Duration" },
  {
    title: "Go's time, null when unset",
    schema: ref("io.k8s.apimachinery.pkg.apis.meta.v1.Time"),
    type: "Time | null",
  },
  {
    title: "Go's time with microseconds",
    schema: ref("io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"),
    type: "MicroTime | null",
  },
  { title: "a quantity", schema: ref("io.k8s.apimachinery.pkg.api.resource.Quantity"), type: "Quantity" },
  {
    title: "any object",
    schema: ref("io.k8s.apimachinery.pkg.runtime.RawExtension"),
    type: "{ [key: string]: unknown }",
  },
  {
    title: "metadata of a template",
    schema: ref("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"),
    type: "Partial<ObjectMeta>",
  },
];

describe("a field", () => {
  it.each(fields)("that is $title is $type", ({ schema, type }) => {
    const { text, problems } = generateFrom(documentOf({ field: schema }));
    expect(problems).toEqual([]);
    expect(text("example.dev/v1.ts")).toContain(`\n  field?: ${type};\n`);
  });

  it("that is required has no question mark, and Go's time no null then", () => {
    const { text } = generateFrom(
      documentOf({ field: ref("io.k8s.apimachinery.pkg.apis.meta.v1.Time") }, { required: ["field"] }),
    );
    expect(text("example.dev/v1.ts")).toContain("\n  field: Time;\n");
  });

  it("whose name is no identifier is quoted", () => {
    const { text } = generateFrom(documentOf({ "x-y": { type: "string" }, $ref: { type: "string" } }));
    expect(text("example.dev/v1.ts")).toContain(`  $ref?: string;\n  "x-y"?: string;\n`);
  });

  it("of named fields becomes an interface called after the way to it", () => {
    const { text } = generateFrom(
      documentOf({
        spec: {
          type: "object",
          properties: { "log-level": { type: "object", properties: { value: { type: "string" } } } },
        },
      }),
    );
    expect(text("example.dev/v1.ts")).toContain(`export interface ThingSpecLogLevel {\n  value?: string;\n}\n`);
  });
});

const broken: readonly {
  readonly title: string;
  readonly schema: unknown;
  readonly path: string;
  readonly message: string;
}[] = [
  {
    title: "an unknown type",
    schema: { type: "strng" },
    path: "Thing.example.dev/v1 bad",
    message: 'unknown type "strng"; expected string, integer, number, boolean, array or object',
  },
  { title: "no schema at all", schema: 3, path: "Thing.example.dev/v1 bad", message: "is 3; expected a schema" },
  {
    title: "an integer too large for a number",
    schema: 9007199254740993n,
    path: "Thing.example.dev/v1 bad",
    message: "is 9007199254740993; expected a schema",
  },
  {
    title: "a list without items",
    schema: { type: "array" },
    path: "Thing.example.dev/v1 bad[]",
    message: "an array without items: its elements are unknown",
  },
  {
    title: "a reference to nothing",
    schema: ref("dev.example.v1.Gone"),
    path: "Thing.example.dev/v1 bad",
    message: "$ref to dev.example.v1.Gone, which is not there",
  },
  {
    title: "a reference to another document",
    schema: { $ref: "other.json#/x" },
    path: "Thing.example.dev/v1 bad",
    message: "$ref has to point to #/components/schemas/",
  },
  {
    title: "an enum of objects",
    schema: { type: "string", enum: [{}] },
    path: "Thing.example.dev/v1 bad",
    message: "enum has to list texts, numbers or booleans, at least one",
  },
  {
    title: "a combination",
    schema: { allOf: [{ type: "string" }, { type: "number" }] },
    path: "Thing.example.dev/v1 bad",
    message: "allOf of 2 schemas cannot be one type: it is unknown",
  },
  {
    title: "a fault deep inside",
    schema: {
      type: "object",
      properties: { "a.b": { type: "array", items: { type: "object", additionalProperties: { type: "x" } } } },
    },
    path: 'Thing.example.dev/v1 bad["a.b"][].*',
    message: 'unknown type "x"; expected string, integer, number, boolean, array or object',
  },
];

describe("a schema that cannot be used", () => {
  it.each(broken)(
    "because it has $title is reported with its path, and the rest is generated",
    ({ schema, path, message }) => {
      const { text, problems } = generateFrom(documentOf({ bad: schema, good: { type: "string" } }));
      expect(problems).toEqual([{ path, message }]);
      expect(text("example.dev/v1.ts")).toContain("\n  good?: string;\n");
    },
  );

  it("is no reason to leave its kind out of the index", () => {
    expect(generateFrom(documentOf({ bad: 1 })).text("index.ts")).toContain(
      `export { Thing } from "./example.dev/v1.js";`,
    );
  });
});

describe("a kind of Go", () => {
  const spec = { default: {}, allOf: [ref("dev.example.v1.ThingSpec")] };

  it("always has a struct that is no pointer; create may leave it out if nothing in it is required", () => {
    const { text } = generateFrom(
      documentOf(
        { spec, status: { default: {}, allOf: [ref("dev.example.v1.ThingSpec")] } },
        { others: { "dev.example.v1.ThingSpec": { type: "object", properties: { size: { type: "integer" } } } } },
      ),
    );
    expect(
      declarationsOf(text("example.dev/v1.ts")),
    ).toBe(`/** A {@link Thing} as create takes it: without what the API server fills in. */
export interface NewThing {
  apiVersion: "example.dev/v1";
  kind: "Thing";
  metadata: ObjectMeta;
  spec?: ThingSpec;
}

export interface Thing {
  apiVersion: "example.dev/v1";
  kind: "Thing";
  metadata: ObjectMeta;
  spec: ThingSpec;
  status?: ThingSpec;
}

export interface ThingSpec {
  size?: number;
}`);
    expect(text("example.dev/v1.ts")).toContain("defineKind<Thing, NewThing>()({");
  });

  it("needs such a struct on create too if something in it is required", () => {
    const others = {
      "dev.example.v1.ThingSpec": { type: "object", required: ["size"], properties: { size: { type: "integer" } } },
    };
    const { text } = generateFrom(documentOf({ spec }, { others }));
    expect(text("example.dev/v1.ts")).toContain("defineKind<Thing>()({");
    expect(text("example.dev/v1.ts")).toContain("\n  spec: ThingSpec;\n");
  });

  it("has null for an empty list where Go writes it so, which OpenAPI does not say", () => {
    const kind = { group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole" };
    const root = { get: { "x-kubernetes-action": "get", "x-kubernetes-group-version-kind": kind } };
    const list = { type: "array", items: { type: "string" } };
    const { text } = generateFrom({
      openapi: "3.0.0",
      paths: { "/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}": root },
      components: {
        schemas: {
          "io.k8s.api.rbac.v1.ClusterRole": {
            properties: { metadata: { default: {} }, rules: list, others: list },
            "x-kubernetes-group-version-kind": [kind],
          },
        },
      },
    });
    expect(text("rbac.authorization.k8s.io/v1.ts")).toContain("\n  others?: string[];\n  rules?: string[] | null;\n");
  });

  it("does not promise the defaults that Go states of its zero values", () => {
    const { text } = generateFrom(documentOf({ name: { type: "string", default: "" } }));
    expect(text("example.dev/v1.ts")).toContain("\n  name?: string;\n");
  });

  it("may contain itself", () => {
    const others = {
      "dev.example.v1.Tree": {
        type: "object",
        properties: { children: { type: "array", items: ref("dev.example.v1.Tree") } },
      },
    };
    const { text } = generateFrom(documentOf({ tree: ref("dev.example.v1.Tree") }, { others }));
    expect(text("example.dev/v1.ts")).toContain("export interface Tree {\n  children?: Tree[];\n}\n");
  });

  it("inside another kind has nothing that the API server gives to stored objects", () => {
    const document = documentOf({ twin: ref("dev.example.v1.Thing") });
    const { text } = generateFrom(document);
    expect(text("example.dev/v1.ts")).toContain("\n  twin?: EmbeddedThing;\n");
    expect(text("example.dev/v1.ts")).toContain(
      "export interface EmbeddedThing {\n  apiVersion?: string;\n  kind?: string;\n  metadata?: Partial<ObjectMeta>;\n",
    );
  });

  it("is described by doc comments, which --no-docs leaves out", () => {
    const document = documentOf({ size: { type: "integer", description: "How big.\n\nEnds with */ in it." } });
    const description = readOpenApi([{ source: "thing.json", document }]);
    const textOf = (docs: boolean) => generate(description, { docs }).files[0]?.text;
    expect(textOf(true)).toContain("  /**\n   * How big.\n   *\n   * Ends with *\\/ in it.\n   */\n  size?: number;\n");
    expect(textOf(false)).not.toContain("How big");
  });
});

describe("files", () => {
  it("import what lies in others, under another name where the own one is taken", () => {
    const others = {
      "com.other.v1.Time": { type: "object", properties: { at: { type: "string", format: "date-time" } } },
      "com.other.v1.Thing": { type: "object", properties: { time: ref("com.other.v1.Time") } },
      "com.other.v1.Other": {
        type: "object",
        properties: {},
        "x-kubernetes-group-version-kind": [{ group: "other.com", version: "v1", kind: "Other" }],
      },
    };
    const { text, files } = generateFrom(documentOf({ field: ref("com.other.v1.Thing") }, { others }));
    expect(files.map((file) => file.path)).toEqual(["example.dev/v1.ts", "other.com/v1.ts", "index.ts"]);
    expect(text("example.dev/v1.ts")).toContain('import type { Thing as OtherComV1Thing } from "../other.com/v1.js";');
    expect(text("example.dev/v1.ts")).toContain("\n  field?: OtherComV1Thing;\n");
    expect(text("other.com/v1.ts")).toContain('import type { Time as KindredTime } from "kindred/core";');
    expect(text("other.com/v1.ts")).toContain("export interface Time {\n  at?: KindredTime;\n}\n");
  });

  it("import core from where they are told to, a path being relative to the folder", () => {
    const description = readOpenApi([{ source: "thing.json", document: documentOf({}) }]);
    const textOf = (core: string) => generate(description, { core }).files[0]?.text;
    expect(textOf("../core/index.js")).toContain('from "../../core/index.js";');
    expect(textOf("./core.js")).toContain('from "../core.js";');
    expect(textOf("@my/core")).toContain('from "@my/core";');
  });
});

describe("an input that is no OpenAPI v3 document", () => {
  it.each([
    { document: [], message: "x.json is not an OpenAPI v3 document: it is no JSON object" },
    {
      document: { swagger: "2.0" },
      message: "x.json is not an OpenAPI v3 document: it says swagger 2.0; take /openapi/v3/… instead of /openapi/v2",
    },
    {
      document: { paths: {} },
      message:
        "x.json is not an OpenAPI v3 document: it looks like the index at /openapi/v3; take the documents that it lists, or use --cluster",
    },
    {
      document: { kind: "CustomResourceDefinition" },
      message: "x.json is not an OpenAPI v3 document: it is a CustomResourceDefinition; use --crd",
    },
    { document: {}, message: 'x.json is not an OpenAPI v3 document: it has no field openapi that begins with "3."' },
  ])("is refused with what it is: $message", ({ document, message }) => {
    expect(() => readOpenApi([{ source: "x.json", document }])).toThrow(message);
  });
});
