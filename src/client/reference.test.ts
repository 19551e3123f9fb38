import { describe, expect, expectTypeOf, it } from "vitest";
import { type Answer, ScriptedTransport } from "../../test/support/scripted-transport.js";
import { defineKind, type DynamicObject, type KubernetesObject, type NamespacedObject } from "../core/index.js";
import { Client } from "./client.js";
import type { FetchOptions, KindSources, Reference } from "./reference.js";

interface Set extends NamespacedObject<"apps/v1", "Set"> {
  spec: { replicas?: number };
}
const Set = defineKind<Set>()({ group: "apps", version: "v1", kind: "Set", plural: "sets", scope: "Namespaced" });
const OldSet = defineKind<Set>()({
  group: "apps",
  version: "v1beta1",
  kind: "Set",
  plural: "sets",
  scope: "Namespaced",
});
const OtherSet = defineKind<Set>()({ group: "x.dev", version: "v1", kind: "Set", plural: "sets", scope: "Namespaced" });
interface Node extends KubernetesObject<"v1", "Node"> {
  spec: { podCIDR?: string };
}
const Node = defineKind<Node>()({ group: "", version: "v1", kind: "Node", plural: "nodes", scope: "Cluster" });

const owner = { apiVersion: "apps/v1", kind: "Set", name: "a", uid: "u" };
const set = { apiVersion: "apps/v1", kind: "Set", metadata: { name: "a", uid: "u" } };

function over(...answers: readonly Answer[]) {
  const script = new ScriptedTransport(...answers);
  return { script, client: new Client({ transport: script.transport, server: "https://test" }) };
}

describe("a reference leads to", () => {
  const namespace = "ns";
  it.each<[string, Reference, KindSources & FetchOptions, string]>([
    [
      "an owner in the dependent's namespace",
      owner,
      { kinds: [Node, Set], namespace },
      "/apis/apps/v1/namespaces/ns/sets/a",
    ],
    [
      "an owner that is cluster scoped",
      { apiVersion: "v1", kind: "Node", name: "n" },
      { kinds: [Set, Node], namespace },
      "/api/v1/nodes/n",
    ],
    [
      "an object in the namespace that it names itself",
      { ...owner, namespace: "own" },
      { kinds: [Set], namespace },
      "/apis/apps/v1/namespaces/own/sets/a",
    ],
    [
      "a name, where only one kind is meant",
      { name: "a" },
      { kinds: [Set], namespace },
      "/apis/apps/v1/namespaces/ns/sets/a",
    ],
    [
      "the version that it names, if that is there",
      { ...owner, apiVersion: "apps/v1beta1" },
      { kinds: [Set, OldSet], namespace },
      "/apis/apps/v1beta1/namespaces/ns/sets/a",
    ],
    [
      "another version of the same kind, if not",
      { ...owner, apiVersion: "apps/v1alpha1" },
      { kinds: [OtherSet, Set], namespace },
      "/apis/apps/v1/namespaces/ns/sets/a",
    ],
    [
      "a kind that is looked up",
      owner,
      { kinds: [Node], resolve: async () => Set, namespace },
      "/apis/apps/v1/namespaces/ns/sets/a",
    ],
    [
      "a cached answer",
      owner,
      { kinds: [Set], namespace, resourceVersion: "0" },
      "/apis/apps/v1/namespaces/ns/sets/a?resourceVersion=0",
    ],
  ])("%s", async (_title, reference, options, url) => {
    const { script, client } = over({ body: set });
    expect(await client.fetch({ ...reference, uid: "u" }, options)).toEqual(set);
    expect(script.lines).toEqual([`GET ${url}`]);
  });

  it("nothing, if the object is gone or another one has its name", async () => {
    const { client } = over(
      { status: 404, body: { kind: "Status", code: 404, reason: "NotFound" } },
      { body: set },
      { status: 403 },
    );
    const options = { kinds: [Set], namespace };
    expect(await client.fetch(owner, options)).toBeUndefined();
    expect(await client.fetch({ ...owner, uid: "before" }, options)).toBeUndefined();
    await expect(client.fetch(owner, options)).rejects.toMatchObject({ statusCode: 403 });
  });
});

it.each<[Reference, KindSources & FetchOptions, string]>([
  [{ apiVersion: "apps/v1", kind: "Set" }, { kinds: [Set] }, "the reference to apps/v1 Set has no name"],
  [{}, { kinds: [Set] }, "the reference to nothing has no name"],
  [
    owner,
    { kinds: [Node] },
    "the reference to apps/v1 Set a: no such kind is known: give it in `kinds`, or look it up with `resolve`",
  ],
  [owner, { resolve: () => undefined }, "the reference to apps/v1 Set a: no such kind is known"],
  [{ name: "a" }, { kinds: [Set, Node] }, "the reference to a: no such kind is known"],
  [owner, { kinds: [Set] }, "sets live in namespaces, and it names none: give that of the object that holds it"],
])("a reference that leads nowhere is refused before any request: %j", async (reference, options, message) => {
  const { script, client } = over();
  await expect(client.fetch(reference, options)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining(message),
  });
  expect(script.requests).toEqual([]);
});

it("what comes back is of the kinds that were given, or of any", () => {
  const { client } = over();
  const ask = () => client.fetch(owner, { kinds: [Set, Node], namespace: "ns" });
  expectTypeOf<Awaited<ReturnType<typeof ask>>>().toEqualTypeOf<Set | Node | undefined>();
  const resolve = () => client.fetch(owner, { resolve: () => Set, namespace: "ns" });
  expectTypeOf<Awaited<ReturnType<typeof resolve>>>().toEqualTypeOf<DynamicObject | undefined>();
});
