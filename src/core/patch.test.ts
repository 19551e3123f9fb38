import { expect, expectTypeOf, it } from "vitest";
import {
  checkJsonPatch,
  jsonPatch,
  type JsonPatchOperation,
  mergePatch,
  type MergePatchBody,
  type Patch,
  type PatchOf,
  strategicPatch,
  type StrategicPatchBody,
} from "./patch.js";

interface Spec {
  replicas: number;
  list: { name: string }[];
  nested?: { a: number; b: string };
}

it.each<[Patch, Patch]>([
  [
    jsonPatch([{ op: "test", path: "/a", value: null }]),
    { type: "json", body: [{ op: "test", path: "/a", value: null }] },
  ],
  [mergePatch({ a: null }), { type: "merge", body: { a: null } }],
  [strategicPatch({ a: 1 }), { type: "strategic", body: { a: 1 } }],
])("a patch is a tagged value: %j", (patch, expected) => {
  expect(patch).toEqual(expected);
});

it("a merge patch is any part of an object, with null for what is to go, and lists whole", () => {
  const body: MergePatchBody<Spec> = { replicas: null, nested: { a: null } };
  expect(mergePatch(body).body).toEqual({ replicas: null, nested: { a: null } });
  // @ts-expect-error -- a merge patch replaces lists whole, so their elements must be whole
  const partialList: MergePatchBody<Spec> = { list: [{}] };
  // @ts-expect-error -- not a field
  const unknownField: MergePatchBody<Spec> = { replica: 1 };
  expect([partialList, unknownField]).toHaveLength(2);
});

it("each JSON patch operation needs what RFC 6902 says", () => {
  // @ts-expect-error -- add needs a value
  expect(jsonPatch([{ op: "add", path: "/a" }]).type).toBe("json");
  // @ts-expect-error -- move needs from
  expect(jsonPatch([{ op: "move", path: "/a" }]).type).toBe("json");
  expectTypeOf(jsonPatch([]).type).toEqualTypeOf<"json">();
});

it("a strategic patch is any part of an object, of its lists' elements too, with directives", () => {
  const body: StrategicPatchBody<Spec> = {
    list: [{ name: "a", $patch: "delete" }, {}],
    "$setElementOrder/list": [{ name: "b" }],
    nested: { $retainKeys: ["a"] },
  };
  expect(strategicPatch(body).body).toBe(body);
  // @ts-expect-error -- not a field
  const unknownField: StrategicPatchBody<Spec> = { replica: 1 };
  // @ts-expect-error -- not a directive
  const unknownDirective: StrategicPatchBody<Spec> = { $patch: "drop" };
  // @ts-expect-error -- nested is no list
  const noList: StrategicPatchBody<Spec> = { "$setElementOrder/nested": [] };
  expect([unknownField, unknownDirective, noList]).toHaveLength(3);
});

it("a strategic patch is for built-in kinds, and for those that are not known", () => {
  type StrategicOf<T> = Extract<PatchOf<T>, { type: "strategic" }>["body"];
  interface Of<A extends string> {
    apiVersion: A;
    spec: { a: number };
  }
  expectTypeOf<StrategicOf<Of<"v1">>>().toEqualTypeOf<StrategicPatchBody<Of<"v1">>>();
  expectTypeOf<StrategicOf<Of<"apps/v1">>>().toEqualTypeOf<StrategicPatchBody<Of<"apps/v1">>>();
  expectTypeOf<StrategicOf<Of<string>>>().toEqualTypeOf<StrategicPatchBody<Of<string>>>();
  expectTypeOf<StrategicOf<Of<"example.dev/v1">>>().toBeString();
  expectTypeOf<StrategicOf<Of<"gateway.networking.k8s.io/v1">>>().toBeString();
});

it.each<[readonly unknown[], string]>([
  [
    [{ op: "delete", path: "/a" }],
    'operation 0 is "delete", but must be one of add, remove, replace, move, copy, test',
  ],
  [
    [
      { op: "remove", path: "/a" },
      { op: "add", path: "a", value: 1 },
    ],
    "operation 1 (add): path must be a JSON pointer",
  ],
  [[{ op: "move", path: "/a", from: "b" }], "operation 0 (move): from must be a JSON pointer"],
  [[{ op: "add", path: "/a", value: undefined }], "operation 0 (add /a): the value is undefined"],
])("a JSON patch that the server would refuse is refused here: %j", (operations, message) => {
  // What no compiler has seen.
  const unchecked = operations as readonly JsonPatchOperation[];
  expect(() => checkJsonPatch(unchecked, "a patch")).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(`a patch: ${message}`) }),
  );
});

it("a JSON patch that is one is accepted", () => {
  const operations = jsonPatch([
    { op: "test", path: "/a", value: null },
    { op: "move", path: "/b", from: "/a" },
    { op: "remove", path: "/c~1d" },
  ]).body;
  expect(() => checkJsonPatch(operations, "a patch")).not.toThrow();
});
