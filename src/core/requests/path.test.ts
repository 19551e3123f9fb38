import { describe, expect, it } from "vitest";
import { defineKind } from "../kind.js";
import { collectionPath, objectPath, type Target } from "./path.js";
import { formatUrl } from "./request.js";

const Pod = defineKind()({ group: "", version: "v1", kind: "Pod", plural: "pods", scope: "Namespaced" });
const Node = defineKind()({ group: "", version: "v1", kind: "Node", plural: "nodes", scope: "Cluster" });
const Deployment = defineKind()({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  scope: "Namespaced",
});

describe("the path of a collection", () => {
  it.each<[string, Target, string]>([
    ["the core group, all namespaces", { kind: Pod }, "/api/v1/pods"],
    ["the core group, one namespace", { kind: Pod, namespace: "ns" }, "/api/v1/namespaces/ns/pods"],
    ["another group, all namespaces", { kind: Deployment }, "/apis/apps/v1/deployments"],
    ["another group, one namespace", { kind: Deployment, namespace: "ns" }, "/apis/apps/v1/namespaces/ns/deployments"],
    ["a cluster-scoped kind", { kind: Node }, "/api/v1/nodes"],
    ["a namespace that needs escaping", { kind: Pod, namespace: "a b?" }, "/api/v1/namespaces/a%20b%3F/pods"],
  ])("of %s", (_title, target, path) => {
    expect(collectionPath(target)).toBe(path);
  });
});

describe("the path of an object", () => {
  it.each<[Target, string, string]>([
    [{ kind: Pod, namespace: "ns" }, "a", "/api/v1/namespaces/ns/pods/a"],
    [{ kind: Node }, "a", "/api/v1/nodes/a"],
    [{ kind: Node, subresource: "status" }, "a", "/api/v1/nodes/a/status"],
    [{ kind: Node }, "system:node?#é", "/api/v1/nodes/system%3Anode%3F%23%C3%A9"],
    [{ kind: Node }, "...", "/api/v1/nodes/..."],
  ])("%j %j", (target, name, path) => {
    expect(objectPath(target, name)).toBe(path);
  });
});

describe("bad names are refused, and the message says what and why", () => {
  it.each(["a/b", "/", ".", "..", "%", "a%2Fb", "../a"])("the name %j", (name) => {
    expect(() => objectPath({ kind: Pod, namespace: "ns" }, name)).toThrow(
      invalid(badSegment("the name of a Pod", name)),
    );
  });

  it.each(["a/b", ".", "..", "%"])("the namespace %j", (namespace) => {
    expect(() => collectionPath({ kind: Pod, namespace })).toThrow(invalid(badSegment("a namespace", namespace)));
  });

  it.each<[string, () => string, string]>([
    ["an empty name", () => objectPath({ kind: Pod, namespace: "ns" }, ""), "the name of a Pod must not be empty"],
    ["an empty namespace", () => collectionPath({ kind: Pod, namespace: "" }), "a namespace must not be empty"],
    [
      "no namespace",
      () => objectPath({ kind: Deployment }, "a"),
      "deployments.apps live in namespaces, and none was given: choose one with .namespace(name)",
    ],
    [
      "a namespace on a cluster-scoped kind",
      () => objectPath({ kind: Node, namespace: "ns" }, "a"),
      'Node is cluster scoped, but namespace "ns" was given: leave the namespace out',
    ],
  ])("%s", (_title, build, message) => {
    expect(build).toThrow(invalid(message));
  });
});

describe("a URL", () => {
  it.each<[string, readonly (readonly [string, string])[], string]>([
    ["without a query has no question mark", [], "/p"],
    ["with one parameter", [["a", "b"]], "/p?a=b"],
    [
      "with two",
      [
        ["a", "b"],
        ["c", "d"],
      ],
      "/p?a=b&c=d",
    ],
    [
      "with a repeated one",
      [
        ["a", "b"],
        ["a", "c"],
      ],
      "/p?a=b&a=c",
    ],
    ["escapes", [["a&", "x=y,z é+ "]], "/p?a%26=x%3Dy%2Cz%20%C3%A9%2B%20"],
    ["keeps an empty value", [["a", ""]], "/p?a="],
  ])("%s", (_title, query, url) => {
    expect(formatUrl({ path: "/p", query })).toBe(url);
  });
});

function invalid(message: string) {
  return expect.objectContaining({ code: "INVALID_ARGUMENT", message });
}

function badSegment(what: string, value: string): string {
  return `${what} must not be ".", ".." or contain "/" or "%", but is ${JSON.stringify(value)}`;
}
