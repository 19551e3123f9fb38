import { describe, expect, expectTypeOf, it } from "vitest";
import {
  apiVersionOf,
  defineKind,
  type Infer,
  type InferNew,
  type KindDefinition,
  resourceNameOf,
  standardVerbs,
  type Verb,
} from "./kind.js";
import type { NamespacedObject } from "./meta.js";

interface Widget extends NamespacedObject<"example.dev/v1", "Widget"> {
  spec: { size: number; colour: string };
}
interface NewWidget extends NamespacedObject<"example.dev/v1", "Widget"> {
  spec: { size: number; colour?: string };
}
const facts = {
  group: "example.dev",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  scope: "Namespaced",
} as const;

describe("a descriptor", () => {
  it("is frozen data with the standard verbs and no subresource, unless told otherwise", () => {
    const Widget = defineKind<Widget>()(facts);
    expect(Widget).toEqual({ ...facts, verbs: standardVerbs, subresources: [] });
    expect(Object.isFrozen(Widget)).toBe(true);
    expectTypeOf(Widget.verbs[0]).toEqualTypeOf<"create">();
    expectTypeOf(Widget.subresources).toEqualTypeOf<readonly []>();
  });

  it("keeps its facts as literal types", () => {
    const Widget = defineKind<Widget>()({ ...facts, verbs: ["create"], subresources: ["status"] });
    expect(Widget.verbs).toEqual(["create"]);
    expectTypeOf(Widget.verbs).toEqualTypeOf<readonly ["create"]>();
    expectTypeOf(Widget.subresources).toEqualTypeOf<readonly ["status"]>();
    expectTypeOf(Widget.scope).toEqualTypeOf<"Namespaced">();
    expectTypeOf(Widget.kind).toEqualTypeOf<"Widget">();
  });

  it("that is known only at run time may have any verb and any subresource", () => {
    const atRunTime: KindDefinition = { ...facts, subresources: ["status"] };
    const Widget = defineKind<Widget>()(atRunTime);
    expect(Widget.subresources).toEqual(["status"]);
    expectTypeOf(Widget.verbs).toEqualTypeOf<readonly Verb[]>();
    expectTypeOf(Widget.subresources).toEqualTypeOf<readonly string[]>();
  });

  it("carries the type of an object as it is read and as it is created", () => {
    const Widget = defineKind<Widget, NewWidget>()(facts);
    expect(Widget["~object"]).toBeUndefined();
    expectTypeOf<Infer<typeof Widget>>().toEqualTypeOf<Widget>();
    expectTypeOf<InferNew<typeof Widget>>().toEqualTypeOf<NewWidget>();
  });

  it("refuses what is no fact about a kind", () => {
    // @ts-expect-error -- a scope is Namespaced or Cluster
    const scope = defineKind<Widget>()({ ...facts, scope: "namespaced" });
    // @ts-expect-error -- PUT is called update
    const verb = defineKind<Widget>()({ ...facts, verbs: ["put"] });
    expect([scope.scope, verb.verbs]).toEqual(["namespaced", ["put"]]);
  });

  it("has a verb for each that discovery knows", () => {
    expectTypeOf<(typeof standardVerbs)[number]>().toEqualTypeOf<Verb>();
    expect(standardVerbs).toEqual(["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]);
  });
});

describe("names of a kind", () => {
  it.each([
    ["", "v1", "pods", "v1", "pods"],
    ["apps", "v1", "deployments", "apps/v1", "deployments.apps"],
    ["example.dev", "v1beta1", "widgets", "example.dev/v1beta1", "widgets.example.dev"],
  ])("in the group %j", (group, version, plural, apiVersion, resource) => {
    expect(apiVersionOf({ group, version })).toBe(apiVersion);
    expect(resourceNameOf({ group, plural })).toBe(resource);
  });
});
