import { expect, expectTypeOf, it } from "vitest";
import { jsonPatch, mergePatch, type MergePatchBody, type Patch, strategicPatch } from "./patch.js";

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
  expectTypeOf(jsonPatch([]).type).toEqualTypeOf<Patch["type"]>();
});
