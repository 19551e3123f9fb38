import { describe, expect, test } from "vitest";
import { type OwnedObject, OwnerGraph } from "./owner-graph.js";

const owner = (uid: string, more: object = {}) => ({ apiVersion: "v1", kind: "ConfigMap", name: uid, uid, ...more });

function object(uid: string, owners: readonly string[] = [], more: Partial<OwnedObject> = {}): OwnedObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    namespace: "ns",
    name: uid,
    uid,
    owners: owners.map((name) => owner(name)),
    isDeleting: false,
    finalizers: [],
    ...more,
  };
}

const foreground = { isDeleting: true, finalizers: ["foregroundDeletion"] };

describe("whether the API server must be asked about an object", () => {
  test.each<readonly [string, OwnedObject, boolean]>([
    ["one without owners", object("a"), false],
    ["one whose owner was seen", object("a", ["known"]), false],
    ["one whose owner was never seen", object("a", ["known", "unknown"]), true],
    ["one that names an owner by a wrong name", object("a", [], { owners: [owner("known", { name: "other" })] }), true],
    [
      "one that names an owner of another kind",
      object("a", [], { owners: [owner("known", { kind: "Secret" })] }),
      true,
    ],
    ["one in another namespace than its owner", object("a", ["known"], { namespace: "other" }), true],
    ["one whose owner is cluster-scoped", object("a", ["cluster"]), false],
    ["one whose owner waits for it to go", object("a", ["waiting"]), true],
    ["one that waits for its dependents", object("a", [], foreground), true],
    [
      "one that waits for its dependents to be orphaned",
      object("a", [], { isDeleting: true, finalizers: ["orphan"] }),
      true,
    ],
    ["one on its way out that others hold", object("a", ["unknown"], { isDeleting: true, finalizers: ["x/y"] }), false],
    ["one with a collector's finalizer that is not deleted", object("a", [], { finalizers: ["orphan"] }), false],
  ])("%s: %s", (_title, subject, expected) => {
    const graph = new OwnerGraph();
    graph.set(object("known"));
    graph.set(object("cluster", [], { namespace: undefined }));
    graph.set(object("waiting", [], foreground));
    graph.set(subject);
    expect(graph.needsWork(subject)).toBe(expected);
  });
});

describe("whom a change concerns", () => {
  test("an object that is new, its dependents, which may have come before it", () => {
    const graph = new OwnerGraph();
    graph.set(object("a", ["o"]));
    expect(graph.set(object("o"))).toEqual(["o", "a"]);
    expect(graph.set(object("o"))).toEqual(["o"]);
  });

  test("an owner that is gone, its dependents", () => {
    const graph = new OwnerGraph();
    graph.set(object("o"));
    graph.set(object("a", ["o"]));
    graph.set(object("b", ["o"]));
    expect(graph.delete("o")).toEqual(["a", "b"]);
    expect(graph.delete("o")).toEqual(["a", "b"]);
  });

  test("an owner that begins to wait for its dependents, these", () => {
    const graph = new OwnerGraph();
    graph.set(object("o"));
    graph.set(object("a", ["o"]));
    expect(graph.set(object("o", [], foreground))).toEqual(["o", "a"]);
  });

  test("a dependent that goes or drops its owner, the owner that waits for it", () => {
    const graph = new OwnerGraph();
    graph.set(object("o", [], foreground));
    graph.set(object("a", ["o"]));
    graph.set(object("b", ["o"]));
    expect(graph.delete("a")).toEqual(["o"]);
    expect(graph.set(object("b"))).toEqual(["b", "o"]);
    expect(graph.dependentsOf("o")).toEqual([]);
  });
});

test("the objects of a kind are found", () => {
  const graph = new OwnerGraph();
  graph.set(object("a"));
  graph.set(object("b", [], { kind: "Secret" }));
  expect(graph.uidsOf({ apiVersion: "v1", kind: "ConfigMap" })).toEqual(["a"]);
});
