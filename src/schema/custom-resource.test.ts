/** One kind per library: the same definition gives the same CustomResourceDefinition, types and validation. */

import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { customResource, type Schema } from "./index.js";

const facts = { group: "example.dev", version: "v1", kind: "Widget", scope: "Namespaced" } as const;

const specs = {
  zod: z.object({
    name: z.string().min(1),
    count: z.number().min(1).default(3),
    color: z.enum(["green", "red"]).optional(),
    note: z.string().nullable(),
    labels: z.record(z.string(), z.string()).optional(),
    inner: z.object({ on: z.boolean().default(true) }),
    items: z.array(z.object({ key: z.string() })).optional(),
  }),
  valibot: toStandardJsonSchema(
    v.object({
      name: v.pipe(v.string(), v.minLength(1)),
      count: v.optional(v.pipe(v.number(), v.minValue(1)), 3),
      color: v.optional(v.picklist(["green", "red"])),
      note: v.nullable(v.string()),
      labels: v.optional(v.record(v.string(), v.string())),
      inner: v.object({ on: v.optional(v.boolean(), true) }),
      items: v.optional(v.array(v.object({ key: v.string() }))),
    }),
  ),
  arktype: type({
    name: "string >= 1",
    count: "number >= 1 = 3",
    "color?": "'red' | 'green'",
    note: "string | null",
    "labels?": "Record<string, string>",
    inner: { on: "boolean = true" },
    "items?": type({ key: "string" }).array(),
  }),
};

const structural = {
  type: "object",
  required: ["inner", "name", "note"],
  properties: {
    name: { type: "string", minLength: 1 },
    count: { type: "number", minimum: 1, default: 3 },
    color: { type: "string", enum: ["green", "red"] },
    note: { type: "string", nullable: true },
    labels: { type: "object", additionalProperties: { type: "string" } },
    inner: { type: "object", properties: { on: { type: "boolean", default: true } } },
    items: {
      type: "array",
      items: { type: "object", required: ["key"], properties: { key: { type: "string" } } },
    },
  },
};

describe.each(Object.entries(specs))("a kind whose spec is a schema of %s", (_library, spec) => {
  const Widget = customResource({ ...facts, spec });

  it("has the structural schema that its types say", () => {
    expect(Widget.crd().spec.versions[0]?.schema.openAPIV3Schema.properties?.["spec"]).toEqual(structural);
  });

  it("builds an object with defaults filled in", () => {
    const object = Widget.build({ metadata: { name: "a" }, spec: { name: "n", note: null, inner: {} } });
    expect(object).toEqual({
      apiVersion: "example.dev/v1",
      kind: "Widget",
      metadata: { name: "a" },
      spec: { name: "n", note: null, count: 3, inner: { on: true } },
    });
  });

  it("refuses to build what does not satisfy the schema, and says where", () => {
    expect(() =>
      Widget.build({ metadata: { name: "a" }, spec: { name: "", note: null, inner: {}, count: 0 } }),
    ).toThrow(/^Widget a does not satisfy its schema:\n {2}\.spec\.(name|count): .+\n {2}\.spec\.(name|count): .+$/);
  });
});

/** Everything that an author can say, in one kind. */
const Everything = customResource({
  ...facts,
  plural: "widgetry",
  singular: "widgie",
  shortNames: ["wd"],
  categories: ["all"],
  description: "A widget.",
  spec: z.object({
    replicas: z.int32().default(1),
    when: z.iso.datetime().optional(),
    tags: z.array(z.string()).optional(),
    ports: z.array(z.object({ name: z.string() })).optional(),
    selector: z.record(z.string(), z.string()).optional(),
    template: z.looseObject({ apiVersion: z.string(), kind: z.string() }).optional(),
  }),
  status: z.object({ replicas: z.int32().optional(), selector: z.string().optional() }),
  scale: {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    labelSelectorPath: ".status.selector",
  },
  printerColumns: [
    { name: "Replicas", jsonPath: ".spec.replicas", description: "How many", priority: 1, format: "int32" },
    { name: "When", jsonPath: ".spec.when" },
    { name: "First", jsonPath: ".spec.ports[0].name" },
    { name: "Tags", jsonPath: ".spec.tags" },
    { name: "App", jsonPath: ".metadata.labels.app\\.kubernetes\\.io/name" },
  ],
  selectableFields: [".spec.when"],
  fields: {
    ".spec.tags": { listType: "set" },
    ".spec.ports": { listType: "map", listMapKeys: ["name"] },
    ".spec.selector": { mapType: "atomic" },
    ".spec.template": { embeddedResource: true },
    ".spec.replicas": { validations: [{ rule: "self >= oldSelf", message: "it only grows", optionalOldSelf: false }] },
  },
  validations: [{ rule: "self.spec.replicas < 10", reason: "FieldValueForbidden", fieldPath: ".spec.replicas" }],
  labels: { team: "a" },
  annotations: { owner: "b" },
  served: false,
  deprecated: "use v2",
});

describe("a definition", () => {
  it("says all that its author said", () => {
    expect(Everything.crd()).toEqual({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "widgetry.example.dev", labels: { team: "a" }, annotations: { owner: "b" } },
      spec: {
        group: "example.dev",
        scope: "Namespaced",
        names: {
          kind: "Widget",
          listKind: "WidgetList",
          plural: "widgetry",
          singular: "widgie",
          shortNames: ["wd"],
          categories: ["all"],
        },
        versions: [
          {
            name: "v1",
            served: false,
            storage: true,
            deprecated: true,
            deprecationWarning: "use v2",
            schema: {
              openAPIV3Schema: {
                type: "object",
                description: "A widget.",
                required: ["spec"],
                "x-kubernetes-validations": [
                  { rule: "self.spec.replicas < 10", reason: "FieldValueForbidden", fieldPath: ".spec.replicas" },
                ],
                properties: {
                  spec: {
                    type: "object",
                    properties: {
                      replicas: {
                        type: "integer",
                        format: "int32",
                        minimum: -2147483648,
                        maximum: 2147483647,
                        default: 1,
                        "x-kubernetes-validations": [
                          { rule: "self >= oldSelf", message: "it only grows", optionalOldSelf: false },
                        ],
                      },
                      when: { type: "string", format: "date-time", pattern: expect.any(String) },
                      tags: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set" },
                      ports: {
                        type: "array",
                        items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["name"],
                      },
                      selector: {
                        type: "object",
                        additionalProperties: { type: "string" },
                        "x-kubernetes-map-type": "atomic",
                      },
                      template: {
                        type: "object",
                        required: ["apiVersion", "kind"],
                        properties: { apiVersion: { type: "string" }, kind: { type: "string" } },
                        "x-kubernetes-preserve-unknown-fields": true,
                        "x-kubernetes-embedded-resource": true,
                      },
                    },
                  },
                  status: {
                    type: "object",
                    properties: {
                      replicas: { type: "integer", format: "int32", minimum: -2147483648, maximum: 2147483647 },
                      selector: { type: "string" },
                    },
                  },
                },
              },
            },
            subresources: {
              status: {},
              scale: {
                specReplicasPath: ".spec.replicas",
                statusReplicasPath: ".status.replicas",
                labelSelectorPath: ".status.selector",
              },
            },
            additionalPrinterColumns: [
              {
                name: "Replicas",
                type: "integer",
                jsonPath: ".spec.replicas",
                format: "int32",
                description: "How many",
                priority: 1,
              },
              { name: "When", type: "date", jsonPath: ".spec.when" },
              { name: "First", type: "string", jsonPath: ".spec.ports[0].name" },
              { name: "Tags", type: "string", jsonPath: ".spec.tags" },
              { name: "App", type: "string", jsonPath: ".metadata.labels.app\\.kubernetes\\.io/name" },
            ],
            selectableFields: [{ jsonPath: ".spec.when" }],
          },
        ],
      },
    });
  });

  it("leaves out what its author did not say", () => {
    const crd = customResource({ ...facts, spec: z.object({}) }).crd();
    expect(crd).toEqual({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "widgets.example.dev" },
      spec: {
        group: "example.dev",
        scope: "Namespaced",
        names: { kind: "Widget", listKind: "WidgetList", plural: "widgets", singular: "widget" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: "object",
                required: ["spec"],
                properties: { spec: { type: "object", properties: {} } },
              },
            },
          },
        ],
      },
    });
  });

  it("is a descriptor with the subresources that it turned on", () => {
    expect(Everything).toMatchObject({ ...facts, plural: "widgetry", subresources: ["status", "scale"] });
    expect(customResource({ ...facts, spec: z.object({}) }).subresources).toEqual([]);
  });

  it("is frozen, and shares nothing with what it was made from", () => {
    const rules = [{ rule: "true" }];
    const crd = customResource({ ...facts, spec: z.object({}), validations: rules }).crd();
    expect(Object.isFrozen(crd.spec.versions[0]?.schema.openAPIV3Schema)).toBe(true);
    expect(Object.isFrozen(rules)).toBe(false);
  });

  const wrong = z.object({ a: z.string(), n: z.number(), list: z.array(z.object({ k: z.string().optional() })) });
  const base = { ...facts, spec: wrong, status: z.object({ m: z.int() }) };

  // Known only at run time: the compiler cannot check what is an object to it.
  it.each<readonly [object, string]>([
    [
      { printerColumns: [{ name: "B", jsonPath: ".spec.b" }] },
      'printerColumns "B": .spec.b leads nowhere: there is no .spec.b. Name a field of the schema. There are: a, n, list.',
    ],
    [
      { printerColumns: [{ name: "B", jsonPath: "spec.a" }] },
      'printerColumns "B": spec.a leads nowhere: there is no spec.a. Name a field of the schema.',
    ],
    [
      { selectableFields: [".spec.list[0].k"] },
      "selectableFields: .spec.list[0].k enters a list. Choose a field outside of lists.",
    ],
    [
      { selectableFields: [".spec.list"] },
      "selectableFields: .spec.list is array. Choose a text, an integer or a boolean.",
    ],
    [{ selectableFields: [".spec.n"] }, "selectableFields: .spec.n is number. Choose a text, an integer or a boolean."],
    [
      { scale: { specReplicasPath: ".spec.a", statusReplicasPath: ".status.m" } },
      "scale.specReplicasPath: .spec.a is string. Choose a field of type integer.",
    ],
    [
      { scale: { specReplicasPath: ".status.m", statusReplicasPath: ".status.m" } },
      "scale.specReplicasPath: .status.m is not under .spec.",
    ],
    [
      { fields: { ".spec.b": { mapType: "atomic" } } },
      ".spec.b: fields names it, and the schema has no such field. Write it as .spec.name, with [*] for each element.",
    ],
    [
      { fields: { ".spec.a": { listType: "set" } } },
      ".spec.a: listType on string. Only lists have it; objects have mapType.",
    ],
    [
      { fields: { ".spec.list": { listType: "set" } } },
      '.spec.list: listType "set" of objects or lists. Use "map" with listMapKeys, or say ".spec.list[*]": { mapType: "atomic" }.',
    ],
    [
      { fields: { ".spec.list": { listType: "map" } } },
      '.spec.list: listType "map" without listMapKeys. Name the fields that tell its objects apart.',
    ],
    [
      { fields: { ".spec.list": { listType: "map", listMapKeys: ["z"] } } },
      ".spec.list: listMapKeys names z, which its objects do not have. They have k.",
    ],
    [
      { fields: { ".spec.list": { listType: "map", listMapKeys: ["k"] } } },
      ".spec.list: the key k may be missing. Make it required, or give it a default.",
    ],
    [{ fields: { ".spec.a": { mapType: "atomic" } } }, ".spec.a: mapType on string. Only objects have it."],
    [
      { fields: { ".spec.a": { embeddedResource: true } } },
      ".spec.a: embeddedResource on string. Make the field an object.",
    ],
    [
      { validations: [{ rule: " " }] },
      "validations: a validation without a rule. Write the rule, or drop the validation.",
    ],
    [
      { validations: [{ rule: "true &&\ntrue" }] },
      "validations: a rule of several lines without a message. Add a message.",
    ],
    [{ group: "example" }, 'group: "example" is no domain name. Use one that you own: example.dev.'],
    [{ group: "a.k8s.io" }, 'group: "a.k8s.io" belongs to Kubernetes. Use a domain that you own, or give annotations'],
    [{ version: "V1" }, 'version: "V1" is no version. Write it as v1 or v1beta1.'],
    [{ kind: "my-kind" }, 'kind: "my-kind" is no kind. Write it as ConfigMapGenerator.'],
    [{ plural: "Widgets" }, 'plural: "Widgets" is not lower case. Use lower-case letters, digits and dashes.'],
    [{ shortNames: ["WD"] }, 'shortNames and categories [0]: "WD" is not lower case.'],
  ])("is refused with %j", (change, message) => {
    expect(() => customResource({ ...base, ...change })).toThrow(expect.objectContaining({ code: "SCHEMA" }));
    expect(() => customResource({ ...base, ...change })).toThrow(`cannot be a CustomResourceDefinition:\n  ${message}`);
  });

  it("takes a key of a list that has a default, and unknown fields of a loose object in valibot", () => {
    const list = z.array(z.object({ k: z.string().default("x") }));
    const fields = { ".spec.list": { listType: "map", listMapKeys: ["k"] } } as const;
    expect(() => customResource({ ...facts, spec: z.object({ list }), fields })).not.toThrow();
    const Loose = customResource({ ...facts, spec: toStandardJsonSchema(v.looseObject({ a: v.string() })) });
    expect(Loose.crd().spec.versions[0]?.schema.openAPIV3Schema.properties?.["spec"]).toMatchObject({
      "x-kubernetes-preserve-unknown-fields": true,
    });
  });

  it("is refused with all that is wrong at once", () => {
    expect(() =>
      customResource({ ...facts, group: "x", spec: z.object({ a: z.date(), b: z.tuple([z.string()]) }) }),
    ).toThrow(
      /^Widget \(x\/v1\) cannot be a CustomResourceDefinition:\n {2}group: .+\n {2}\.spec\.a: .+\n {2}\.spec\.b: .+$/,
    );
  });
});

describe("parse", () => {
  const Widget = customResource({
    ...facts,
    spec: z.object({ a: z.string(), n: z.number().default(1), list: z.array(z.object({ k: z.string() })).optional() }),
    status: z.object({ ok: z.boolean() }),
  });
  const metadata = {
    name: "a",
    namespace: "b",
    uid: "u",
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T00:00:00Z",
  };
  const object = { apiVersion: "example.dev/v1", kind: "Widget", metadata, spec: { a: "x", n: 2 } };

  it("fills defaults in and keeps fields that the schema does not know, at every depth", () => {
    const read = { ...object, spec: { a: "x", newer: 1, list: [{ k: "k", newer: 2 }] }, newer: 3 };
    expect(Widget.parse(read)).toEqual({ ...read, spec: { ...read.spec, n: 1 } });
    expect(read.spec).not.toHaveProperty("n");
  });

  it("checks the status if there is one", () => {
    expect(Widget.parse({ ...object, status: { ok: true } }).status).toEqual({ ok: true });
    expect(() => Widget.parse({ ...object, status: { ok: 1 } })).toThrow(/^Widget b\/a does .+\n {2}\.status\.ok: .+$/);
  });

  it.each([
    [null, "Widget does not satisfy its schema:\n  it is not an object"],
    [{ ...object, apiVersion: "example.dev/v2" }, '.apiVersion: expected example.dev/v1, found "example.dev/v2"'],
    [{ ...object, kind: undefined }, ".kind: expected Widget, found nothing"],
    [{ ...object, metadata: [] }, ".metadata: expected an object, found a list"],
    [{ ...object, metadata: { ...metadata, uid: 1 } }, ".metadata.uid: expected a text, found a value of type number"],
    [{ ...object, metadata: { ...metadata, namespace: null } }, ".metadata.namespace: expected a text, found null"],
    [{ ...object, spec: { a: "x", list: [{ k: 1 }] } }, ".spec.list[0].k: "],
  ])("refuses %j", (value, message) => {
    expect(() => Widget.parse(value)).toThrow(expect.objectContaining({ code: "VALIDATION" }));
    expect(() => Widget.parse(value)).toThrow(message);
  });

  it("does not ask a cluster-scoped object for a namespace", () => {
    const Cluster = customResource({ ...facts, scope: "Cluster", spec: z.object({}) });
    const { namespace: _, ...rest } = metadata;
    expect(Cluster.parse({ ...object, metadata: rest, spec: {} }).metadata.name).toBe("a");
  });

  it("refuses a schema that validates asynchronously", () => {
    const Late = customResource({ ...facts, spec: late });
    expect(() => Late.build({ metadata: { name: "a" }, spec: { a: "x" } })).toThrow(
      /^\.spec: its schema validates asynchronously, and kindred does not wait\. Remove the asynchronous check/,
    );
  });
});

const late: Schema<{ a: string }, { a: string }> = {
  "~standard": {
    version: 1,
    vendor: "late",
    validate: async () => ({ issues: [] }),
    jsonSchema: {
      input: () => ({ type: "object", properties: { a: { type: "string" } } }),
      output: () => ({ type: "object", properties: { a: { type: "string" } } }),
    },
  },
};
