import { describe, expect, it } from "vitest";
import { compareCrds } from "./compare.js";
import type { JsonObject } from "../generate/json.js";

const text = { type: "string" };
const whole = { type: "integer" };

function crd(schema: object, version: object = {}, spec: object = {}): JsonObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.dev" },
    spec: {
      group: "example.dev",
      scope: "Namespaced",
      names: { kind: "Widget", plural: "widgets" },
      versions: [{ ...v("v1", schema), storage: true, ...version }],
      ...spec,
    },
  };
}

function v(name: string, schema: object = {}) {
  return { name, served: true, storage: false, schema: { openAPIV3Schema: { type: "object", properties: schema } } };
}

/** The changes as lines, `!` before the breaking ones. */
function lines(before: JsonObject, after: JsonObject): readonly string[] {
  return compareCrds(before, after).map(({ breaking, path, message }) => `${breaking ? "! " : ""}${path}: ${message}`);
}

const field = (before: object, after: object) => lines(crd({ a: before }), crd({ a: after }));
const keep = { "x-kubernetes-preserve-unknown-fields": true };
const map = (values: object) => ({ type: "object", additionalProperties: values });
const list = (rest: object = {}) => ({ type: "array", items: text, ...rest });
const rule = (...rules: readonly object[]) => ({ ...text, "x-kubernetes-validations": rules });
const struct = (properties: object, rest: object = {}) => ({ type: "object", properties, ...rest });

describe("a field", () => {
  it.each<readonly [string, object, object, readonly string[]]>([
    ["as it was", { ...text, enum: ["a"], default: "a" }, { default: "a", enum: ["a"], ...text }, []],
    [
      "of another type",
      whole,
      text,
      ["! v1 .a: the type is string, it was integer: stored values of another type are refused"],
    ],
    [
      "of a narrower type",
      { type: "number" },
      whole,
      ["! v1 .a: the type is integer, it was number: stored values of another type are refused"],
    ],
    ["of a wider type", whole, { type: "number" }, ["v1 .a: the type is number, it was integer"]],
    [
      "that may be text too",
      whole,
      { "x-kubernetes-int-or-string": true },
      ["v1 .a: the type is integer or string, it was integer"],
    ],
    [
      "that may no longer be text",
      { "x-kubernetes-int-or-string": true },
      whole,
      ["! v1 .a: the type is integer, it was integer or string: stored values of another type are refused"],
    ],
    ["that may be anything", text, keep, ["v1 .a: the type is anything, it was string"]],
    [
      "that could be anything",
      keep,
      text,
      ["! v1 .a: the type is string, it was anything: stored values of another type are refused"],
    ],
    ["that may be null", text, { ...text, nullable: true }, ["v1 .a: null is allowed"]],
    [
      "that may not be null",
      { ...text, nullable: true },
      text,
      ["! v1 .a: null is no longer allowed: stored objects that hold it lose it, or are refused"],
    ],
    [
      "with fewer values",
      { ...text, enum: ["a", "b"] },
      { ...text, enum: ["b"] },
      ['! v1 .a: may no longer be "a": stored objects that hold it are refused'],
    ],
    ["with more values", { ...text, enum: ["a"] }, { ...text, enum: ["b", "a"] }, ['v1 .a: may also be "b"']],
    [
      "with few values",
      text,
      { ...text, enum: ["a"] },
      ['! v1 .a: may only be one of ["a"]: other stored values are refused'],
    ],
    ["with any value", { ...text, enum: ["a"] }, text, ['v1 .a: may be more than ["a"]']],
    [
      "of 32 bits",
      { ...whole, format: "int64" },
      { ...whole, format: "int32" },
      ["! v1 .a: the format is int32, it was int64: stored values of another form are refused"],
    ],
    [
      "of 64 bits",
      { ...whole, format: "int32" },
      { ...whole, format: "int64" },
      ["v1 .a: the format is int64, it was int32"],
    ],
    [
      "with a format",
      text,
      { ...text, format: "date-time" },
      ["! v1 .a: the format is date-time, it was free: stored values of another form are refused"],
    ],
    [
      "with a pattern",
      text,
      { ...text, pattern: "^a" },
      ['! v1 .a: pattern is "^a": stored values that do not match are refused'],
    ],
    ["without its pattern", { ...text, pattern: "^a" }, text, ['v1 .a: pattern is gone, it was "^a"']],
    [
      "with a higher minimum",
      { ...whole, minimum: 1 },
      { ...whole, minimum: 2 },
      ["! v1 .a: minimum is 2, it was 1: stored values outside are refused"],
    ],
    ["with a lower minimum", { ...whole, minimum: 1 }, { ...whole, minimum: 0 }, ["v1 .a: minimum is 0, it was 1"]],
    [
      "with a maximum",
      whole,
      { ...whole, maximum: 5 },
      ["! v1 .a: maximum is 5, it was none: stored values outside are refused"],
    ],
    ["without a maximum", { ...whole, maximum: 5 }, whole, ["v1 .a: maximum is none, it was 5"]],
    [
      "that excludes its maximum",
      { ...whole, maximum: 5 },
      { ...whole, maximum: 5, exclusiveMaximum: true },
      ["! v1 .a: maximum 5 itself is excluded: stored objects that hold it are refused"],
    ],
    [
      "that includes its maximum",
      { ...whole, maximum: 5, exclusiveMaximum: true },
      { ...whole, maximum: 5 },
      ["v1 .a: maximum 5 itself is included"],
    ],
    [
      "of fewer multiples",
      { ...whole, multipleOf: 2 },
      { ...whole, multipleOf: 4 },
      ["! v1 .a: multipleOf is 4, it was 2: stored values outside are refused"],
    ],
    [
      "of more multiples",
      { ...whole, multipleOf: 4 },
      { ...whole, multipleOf: 2 },
      ["v1 .a: multipleOf is 2, it was 4"],
    ],
    [
      "of a shorter text",
      { ...text, maxLength: 5 },
      { ...text, maxLength: 4 },
      ["! v1 .a: maxLength is 4, it was 5: stored values outside are refused"],
    ],
    [
      "of a longer list",
      list(),
      list({ minItems: 1 }),
      ["! v1 .a: minItems is 1, it was none: stored values outside are refused"],
    ],
    [
      "that is a set",
      list(),
      list({ "x-kubernetes-list-type": "set" }),
      ["! v1 .a: the list type is set, it was atomic: stored lists with the same element twice are refused"],
    ],
    [
      "that is a set no more",
      list({ "x-kubernetes-list-type": "set" }),
      list(),
      ["v1 .a: the list type is atomic, it was set"],
    ],
    [
      "with other keys",
      list({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a", "b"] }),
      list({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"] }),
      ['! v1 .a: the list\'s keys are ["a"], they were ["a","b"]: stored lists with the same keys twice are refused'],
    ],
    [
      "that is an atomic map",
      map(text),
      { ...map(text), "x-kubernetes-map-type": "atomic" },
      ["v1 .a: the map type is atomic, it was granular"],
    ],
    [
      "of other elements",
      list(),
      { type: "array", items: whole },
      ["! v1 .a[*]: the type is integer, it was string: stored values of another type are refused"],
    ],
    [
      "of other values",
      map(text),
      map(whole),
      ["! v1 .a[*]: the type is integer, it was string: stored values of another type are refused"],
    ],
    [
      "with a rule",
      text,
      rule({ rule: "self != 'x'" }),
      ["! v1 .a: the rule \"self != 'x'\": stored objects that fail it are refused"],
    ],
    [
      "with a transition rule",
      text,
      rule({ rule: "self == oldSelf" }),
      ['v1 .a: the transition rule "self == oldSelf"'],
    ],
    [
      "with a transition rule for creation too",
      text,
      rule({ rule: "oldSelf.hasValue()", optionalOldSelf: true }),
      ['! v1 .a: the rule "oldSelf.hasValue()": stored objects that fail it are refused'],
    ],
    [
      "with another message",
      rule({ rule: "r", message: "a" }),
      rule({ rule: "r", message: "b" }),
      ['v1 .a: the rule "r" fails in other words'],
    ],
    ["without a rule", rule({ rule: "r" }), text, ['v1 .a: the rule "r"']],
    [
      "with a combination",
      struct({}),
      struct({}, { oneOf: [{ required: ["b"] }] }),
      ['! v1 .a: oneOf is [{"required":["b"]}]: stored values that do not match are refused'],
    ],
    [
      "that is a whole object",
      struct({}),
      struct({}, { "x-kubernetes-embedded-resource": true }),
      ["! v1 .a: is a whole object: stored values without apiVersion, kind and metadata are refused"],
    ],
    ["with a default", text, { ...text, default: "d" }, ['v1 .a: the default is "d", it was nothing']],
    ["in other words", { ...text, description: "a" }, { ...text, description: "b" }, ["v1 .a: another description"]],
    [
      "that is gone",
      struct({ b: text }),
      struct({}),
      ["! v1 .a.b: the field is removed: the API server drops its value from stored objects"],
    ],
    [
      "that is gone, its value kept",
      struct({ b: text }),
      struct({}, keep),
      ["v1 .a.b: the field is no longer described; its value is kept", "v1 .a: unknown fields are kept"],
    ],
    ["that is new", struct({}), struct({ b: text }), ["v1 .a.b: a new field"]],
    [
      "that is new where any was kept",
      struct({}, keep),
      struct({ b: text }, keep),
      ["! v1 .a.b: it is string: stored objects may hold any value there"],
    ],
    [
      "that keeps no more",
      struct({}, keep),
      struct({}),
      ["! v1 .a: unknown fields are no longer kept: the API server drops them from stored objects"],
    ],
    ["that becomes a map", struct({ b: text }), map(text), ["v1 .a[*]: it is a map now"]],
    [
      "that becomes a map of others",
      struct({ b: text }),
      map(whole),
      [
        "! v1 .a.b: the type is integer, it was string: stored values of another type are refused",
        "v1 .a[*]: it is a map now",
      ],
    ],
    [
      "that was a map",
      map(text),
      struct({ b: text }),
      ["! v1 .a[*]: it is no longer a map: the API server drops its other keys from stored objects"],
    ],
    [
      "that is required",
      struct({ b: text }),
      struct({ b: text }, { required: ["b"] }),
      ["! v1 .a.b: is required, without a default: stored objects that lack it are refused"],
    ],
    [
      "that is new and required",
      struct({}),
      struct({ b: text }, { required: ["b"] }),
      ["v1 .a.b: a new field", "! v1 .a.b: is required, without a default: stored objects that lack it are refused"],
    ],
    [
      "that is required with a default",
      struct({}),
      struct({ b: { ...text, default: "d" } }, { required: ["b"] }),
      ["v1 .a.b: a new field", 'v1 .a.b: is required, with the default "d"'],
    ],
    [
      "that is required and loses its default",
      struct({ b: { ...text, default: "d" } }, { required: ["b"] }),
      struct({ b: text }, { required: ["b"] }),
      [
        'v1 .a.b: the default is nothing, it was "d"',
        "! v1 .a.b: is required, and its default is gone: stored objects that relied on it are refused",
      ],
    ],
    ["that is optional", struct({ b: text }, { required: ["b"] }), struct({ b: text }), ["v1 .a.b: is optional now"]],
  ])("%s", (_title, before, after, expected) => {
    expect(field(before, after)).toEqual(expected);
  });
});

describe("a definition", () => {
  const v1 = crd({ a: text });
  const versions = (...all: readonly object[]) => crd({}, {}, { versions: all });
  const stored = { storage: true };
  const another = "to the API server this is another kind, and stored objects are not of it";
  it.each<readonly [string, JsonObject, JsonObject, readonly string[]]>([
    [
      "with what the API server adds",
      v1,
      {
        ...crd(
          { a: text },
          {},
          {
            conversion: { strategy: "None" },
            names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
          },
        ),
        status: { storedVersions: ["v1"] },
      },
      [],
    ],
    [
      "of another scope",
      v1,
      crd({ a: text }, {}, { scope: "Cluster" }),
      [`! spec.scope: "Cluster", it was "Namespaced": ${another}`],
    ],
    [
      "of another group",
      v1,
      crd({ a: text }, {}, { group: "example.com" }),
      [`! spec.group: "example.com", it was "example.dev": ${another}`],
    ],
    [
      "of another plural",
      v1,
      crd({ a: text }, {}, { names: { kind: "Widget", plural: "widgetry" } }),
      [`! spec.names.plural: "widgetry", it was "widgets": ${another}`],
    ],
    [
      "with short names",
      v1,
      crd({ a: text }, {}, { names: { kind: "Widget", plural: "widgets", shortNames: ["w"] } }),
      ['spec.names.shortNames: ["w"], it was []'],
    ],
    [
      "with a label",
      v1,
      { ...v1, metadata: { name: "widgets.example.dev", labels: { team: "a" } } },
      ['metadata.labels["team"]: "a"'],
    ],
    ["without somebody else's label", { ...v1, metadata: { labels: { other: "a" } } }, v1, []],
    [
      "with a new version",
      versions({ ...v("v1"), ...stored }),
      versions({ ...v("v1"), ...stored }, v("v2")),
      ["v2: a new version"],
    ],
    [
      "without a version",
      versions({ ...v("v1"), ...stored }, v("v2")),
      versions({ ...v("v1"), ...stored }),
      ["! v2: the version is removed: clients that use it find nothing"],
    ],
    [
      "without a version that objects are stored in",
      { ...versions({ ...v("v2"), ...stored }, v("v1")), status: { storedVersions: ["v1", "v2"] } },
      versions({ ...v("v2"), ...stored }),
      [
        "! v1: the version is removed, and objects are stored in it: rewrite them in another one, and take this one out of status.storedVersions, first",
      ],
    ],
    [
      "that serves its stored version no more",
      v1,
      crd({ a: text }, { served: false }),
      ["! v1: the stored version is no longer served: clients that use it find nothing"],
    ],
    [
      "that serves a version no more",
      versions({ ...v("v1"), ...stored }, v("v2")),
      versions({ ...v("v1"), ...stored }, { ...v("v2"), served: false }),
      ["! v2: the version is no longer served: clients that use it find nothing"],
    ],
    [
      "that stores none",
      v1,
      crd({ a: text }, { storage: false }),
      ["! spec.versions: no version is stored: the API server refuses the definition"],
    ],
    [
      "that stores another version, alike",
      versions({ ...v("v1", { a: text }), ...stored }, v("v2", { a: text })),
      versions(v("v1", { a: text }), { ...v("v2", { a: text }), ...stored }),
      ["spec.versions: the stored version is v2, it was v1"],
    ],
    [
      "that stores another version, in another shape",
      versions({ ...v("v1", { a: text }), ...stored }),
      versions(v("v1", { a: text }), { ...v("v2", { b: text }), ...stored }),
      [
        "v2: a new version",
        "spec.versions: the stored version is v2, it was v1",
        "! v1 read as v2 .a: the field is removed: the API server drops its value from stored objects",
      ],
    ],
    ["that is deprecated", v1, crd({ a: text }, { deprecated: true }), ["v1: is deprecated now"]],
    [
      "with columns",
      v1,
      crd({ a: text }, { additionalPrinterColumns: [{}] }),
      ["v1 additionalPrinterColumns: other columns"],
    ],
    [
      "without its status",
      crd({}, { subresources: { status: {} } }),
      crd({}),
      ["! v1 subresources.status: clients that use /status find nothing"],
    ],
    [
      "with a status",
      crd({}),
      crd({}, { subresources: { status: {} } }),
      ["v1 subresources.status: /status is served"],
    ],
    [
      "without a selectable field",
      crd({}, { selectableFields: [{ jsonPath: ".a" }] }),
      crd({}),
      ["! v1 selectableFields: .a: field selectors that use it are refused"],
    ],
    [
      "that prunes now",
      crd({}, {}, { preserveUnknownFields: true }),
      crd({}),
      [
        "! spec.preserveUnknownFields: unknown fields are no longer kept: the API server drops them from stored objects",
      ],
    ],
  ])("%s", (_title, before, after, expected) => {
    expect(lines(before, after)).toEqual(expected);
  });

  it("that converts by a webhook is not compared across versions", () => {
    const webhook = { conversion: { strategy: "Webhook" } };
    const before = crd({}, {}, { versions: [{ ...v("v1", { a: text }), storage: true }], ...webhook });
    const after = crd({}, {}, { versions: [v("v1", { a: text }), { ...v("v2"), storage: true }], ...webhook });
    expect(lines(before, after)).toEqual(["v2: a new version", "spec.versions: the stored version is v2, it was v1"]);
  });
});
