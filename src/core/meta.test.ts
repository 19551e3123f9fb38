import { describe, expect, expectTypeOf, it } from "vitest";
import { asReadonly, type DeepPartial, type DeepReadonly, ownerReference } from "./meta.js";

const owner = {
  apiVersion: "example.dev/v1",
  kind: "Widget",
  metadata: { name: "a", uid: "u", resourceVersion: "5", labels: { x: "y" } },
};

describe("ownerReference", () => {
  const facts = { apiVersion: "example.dev/v1", kind: "Widget", name: "a", uid: "u" };

  it.each([
    [{}, { controller: true, blockOwnerDeletion: true }],
    [{ controller: false }, { controller: false, blockOwnerDeletion: true }],
    [{ blockOwnerDeletion: false }, { controller: true, blockOwnerDeletion: false }],
  ])("with %j is a reference of %j", (options, expected) => {
    expect(ownerReference(owner, options)).toEqual({ ...facts, ...expected });
  });

  it("makes the owner the controller unless told otherwise", () => {
    expect(ownerReference(owner)).toEqual({ ...facts, controller: true, blockOwnerDeletion: true });
  });

  it("needs an owner that the server knows", () => {
    // @ts-expect-error -- without a uid the garbage collector would delete the dependent
    expect(ownerReference({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } }).uid).toBeUndefined();
  });
});

describe("types of depth", () => {
  interface Spec {
    list: { name: string }[];
    map: { [key: string]: number };
    text: string;
    maybe?: { a: number };
  }

  it("make everything readonly", () => {
    expectTypeOf<DeepReadonly<Spec>>().toEqualTypeOf<{
      readonly list: readonly { readonly name: string }[];
      readonly map: { readonly [key: string]: number };
      readonly text: string;
      readonly maybe?: { readonly a: number };
    }>();
    const spec: Spec = { list: [], map: {}, text: "" };
    expect(asReadonly(spec)).toBe(spec);
    expectTypeOf(asReadonly(spec)).toEqualTypeOf<DeepReadonly<Spec>>();
  });

  it("make everything optional", () => {
    const partial: DeepPartial<Spec> = { list: [{}], map: { a: 1 } };
    expect(partial).toEqual({ list: [{}], map: { a: 1 } });
    // @ts-expect-error -- optional is not of any type
    const wrong: DeepPartial<Spec> = { text: 1 };
    expect(wrong.text).toBe(1);
  });
});
