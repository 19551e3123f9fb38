import { describe, expect, it } from "vitest";
import { defineKind } from "../kind.js";
import type { ListOptions, WatchOptions } from "../options.js";
import type { Target } from "./path.js";
import { getRequest, listRequest, watchRequest } from "./read.js";
import { type ApiRequest, formatUrl } from "./request.js";

const Pod = defineKind()({ group: "", version: "v1", kind: "Pod", plural: "pods", scope: "Namespaced" });
const Node = defineKind()({ group: "", version: "v1", kind: "Node", plural: "nodes", scope: "Cluster" });
const Namespace = defineKind()({ group: "", version: "v1", kind: "Namespace", plural: "namespaces", scope: "Cluster" });
const Deployment = defineKind()({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  scope: "Namespaced",
});

const pods: Target = { kind: Pod, namespace: "ns" };
const deployments: Target = { kind: Deployment, namespace: "ns" };
const metadata = { representation: "metadata" } as const;

const json = "application/json";
const partial = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const partialList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const table = "application/json;as=Table;g=meta.k8s.io;v=v1";

describe("requests that read", () => {
  it.each<[string, () => ApiRequest, string, string]>([
    ["get", () => getRequest(deployments, "mydeploy"), "/apis/apps/v1/namespaces/ns/deployments/mydeploy", json],
    [
      "get of metadata",
      () => getRequest({ ...deployments, ...metadata }, "mydeploy"),
      "/apis/apps/v1/namespaces/ns/deployments/mydeploy",
      partial,
    ],
    [
      "get of what is cached",
      () => getRequest(deployments, "mydeploy", { resourceVersion: "0" }),
      "/apis/apps/v1/namespaces/ns/deployments/mydeploy?resourceVersion=0",
      json,
    ],
    [
      "get of metadata at a version",
      () => getRequest({ ...deployments, ...metadata }, "mydeploy", { resourceVersion: "665" }),
      "/apis/apps/v1/namespaces/ns/deployments/mydeploy?resourceVersion=665",
      partial,
    ],
    [
      "get of a row to print",
      () => getRequest({ ...pods, representation: "table" }, "a"),
      "/api/v1/namespaces/ns/pods/a",
      table,
    ],
    [
      "get of a scale",
      () => getRequest({ kind: Node, subresource: "scale" }, "mynode"),
      "/api/v1/nodes/mynode/scale",
      json,
    ],
    [
      "get of a resize",
      () => getRequest({ ...pods, subresource: "resize" }, "mypod"),
      "/api/v1/namespaces/ns/pods/mypod/resize",
      json,
    ],
    ["list", () => listRequest(deployments), "/apis/apps/v1/namespaces/ns/deployments", json],
    ["list in all namespaces", () => listRequest({ kind: Deployment }), "/apis/apps/v1/deployments", json],
    ["list of a cluster-scoped kind", () => listRequest({ kind: Namespace }), "/api/v1/namespaces", json],
    [
      "list of metadata",
      () =>
        listRequest({ ...deployments, ...metadata }, { resourceVersion: "5", resourceVersionMatch: "NotOlderThan" }),
      "/apis/apps/v1/namespaces/ns/deployments?resourceVersion=5&resourceVersionMatch=NotOlderThan",
      partialList,
    ],
    [
      "list of rows to print",
      () => listRequest({ ...pods, representation: "table" }),
      "/api/v1/namespaces/ns/pods",
      table,
    ],
    [
      "watch",
      () => watchRequest(pods, { resourceVersion: "0" }),
      "/api/v1/namespaces/ns/pods?watch=true&timeoutSeconds=290&allowWatchBookmarks=true&resourceVersion=0",
      json,
    ],
    [
      "watch that begins with a list",
      () => watchRequest(pods, { resourceVersion: "0", sendInitialEvents: true }),
      "/api/v1/namespaces/ns/pods?watch=true&timeoutSeconds=290&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=0",
      json,
    ],
    [
      "watch of metadata, whose events hold single objects",
      () => watchRequest({ ...pods, ...metadata }, { resourceVersion: "0" }),
      "/api/v1/namespaces/ns/pods?watch=true&timeoutSeconds=290&allowWatchBookmarks=true&resourceVersion=0",
      partial,
    ],
  ])("%s", (_title, build, url, accept) => {
    const request = build();
    expect(request).toEqual({ method: "GET", path: request.path, query: request.query, headers: { accept } });
    expect(formatUrl(request)).toBe(url);
  });

  it.each<[string, ListOptions, string]>([
    ["the most recent", {}, ""],
    ["undefined is the same as absent", { limit: undefined, labels: undefined, resourceVersion: undefined }, ""],
    [
      "what is cached",
      { resourceVersion: "0", resourceVersionMatch: "NotOlderThan" },
      "?resourceVersion=0&resourceVersionMatch=NotOlderThan",
    ],
    [
      "a limit drops the version 0, at which the server would ignore it",
      { limit: 50, resourceVersion: "0", resourceVersionMatch: "NotOlderThan" },
      "?limit=50",
    ],
    [
      "a token drops the version 0",
      { limit: 50, continue: "1234", resourceVersion: "0", resourceVersionMatch: "NotOlderThan" },
      "?limit=50&continue=1234",
    ],
    [
      "a token drops any version",
      { limit: 50, continue: "1234", resourceVersion: "9999", resourceVersionMatch: "Exact" },
      "?limit=50&continue=1234",
    ],
    [
      "an exact version",
      { resourceVersion: "500", resourceVersionMatch: "Exact" },
      "?resourceVersion=500&resourceVersionMatch=Exact",
    ],
    ["a limit and a version", { limit: 5, resourceVersion: "7" }, "?limit=5&resourceVersion=7"],
    ["a timeout", { timeoutSeconds: 30 }, "?timeoutSeconds=30"],
    ["labels as text", { labels: "env in (development,sandbox)" }, "?labelSelector=env%20in%20(development%2Csandbox)"],
    [
      "selectors as objects, fields first",
      { labels: { app: "web" }, fields: { "metadata.name": "a" } },
      "?fieldSelector=metadata.name%3Da&labelSelector=app%3Dweb",
    ],
    ["selectors that select everything", { labels: {}, fields: "" }, ""],
  ])("list: %s", (_title, options, query) => {
    expect(formatUrl(listRequest(pods, options))).toBe(`/api/v1/namespaces/ns/pods${query}`);
  });

  it.each<[string, WatchOptions, string]>([
    [
      "without bookmarks, selectors between",
      { bookmarks: false, fields: { "metadata.name": "pod" }, labels: { app: "web" }, resourceVersion: "0" },
      "watch=true&timeoutSeconds=290&fieldSelector=metadata.name%3Dpod&labelSelector=app%3Dweb&resourceVersion=0",
    ],
    ["with the longest timeout", { timeoutSeconds: 294 }, "watch=true&timeoutSeconds=294&allowWatchBookmarks=true"],
    [
      "explicitly without initial events",
      { sendInitialEvents: false, resourceVersion: "7" },
      "watch=true&timeoutSeconds=290&allowWatchBookmarks=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=7",
    ],
  ])("watch: %s", (_title, options, query) => {
    expect(formatUrl(watchRequest(pods, options))).toBe(`/api/v1/namespaces/ns/pods?${query}`);
  });

  it.each<[string, () => ApiRequest]>([
    ["get", () => getRequest(pods, "a", { resourceVersion: "0" })],
    ["list", () => listRequest(pods, { limit: 1 })],
    ["watch", () => watchRequest(pods)],
  ])("%s is frozen at every depth", (_title, build) => {
    const request = build();
    for (const part of [request, request.query, ...request.query, request.headers]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe("what makes no sense is refused before it is sent", () => {
  it.each<[string, () => ApiRequest, string]>([
    ["an empty name", () => getRequest(pods, ""), "the name of a Pod must not be empty"],
    [
      "no namespace",
      () => getRequest({ kind: Pod }, "a"),
      "pods live in namespaces, and none was given: choose one with .namespace(name)",
    ],
    [
      "a namespace on a cluster-scoped kind",
      () => listRequest({ kind: Node, namespace: "ns" }),
      'Node is cluster scoped, but namespace "ns" was given: leave the namespace out',
    ],
    [
      "an exact match of version 0",
      () => listRequest(pods, { resourceVersion: "0", resourceVersionMatch: "Exact" }),
      'a list of pods: resourceVersion "0" is whatever the server has cached, which nothing can match exactly: name another version, or match NotOlderThan',
    ],
    ...["NotOlderThan", "Exact"].flatMap((match) =>
      [undefined, ""].map((resourceVersion): [string, () => ApiRequest, string] => [
        `${match} of version ${JSON.stringify(resourceVersion)}`,
        () =>
          listRequest(pods, { resourceVersionMatch: match === "Exact" ? "Exact" : "NotOlderThan", resourceVersion }),
        `a list of pods: resourceVersionMatch ${match} says how a resourceVersion is meant, and none was given: give one, or leave the match out`,
      ]),
    ),
    ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map((limit): [string, () => ApiRequest, string] => [
      `a limit of ${limit}`,
      () => listRequest(pods, { limit }),
      `a list of pods: limit must be a whole number above 0, but is ${limit}`,
    ]),
    ...[295, 100_000, 0, -1, 1.5, Number.NaN].map((timeoutSeconds): [string, () => ApiRequest, string] => [
      `a watch timeout of ${timeoutSeconds}`,
      () => watchRequest(pods, { timeoutSeconds }),
      `a watch of pods: timeoutSeconds must be a whole number from 1 to 294 (many proxies cut a connection at 300), but is ${timeoutSeconds}`,
    ]),
    [
      "initial events without bookmarks",
      () => watchRequest(pods, { sendInitialEvents: true, bookmarks: false }),
      "a watch of pods: sendInitialEvents needs bookmarks, because a bookmark ends the initial events: leave bookmarks on",
    ],
  ])("%s", (_title, build, message) => {
    expect(build).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });
});

it("a table says how much of each object is to come along, by get, list and watch; other representations do not", () => {
  const table: Target = { kind: Pod, namespace: "ns", representation: "table", includeObject: "None" };
  for (const request of [getRequest(table, "a"), listRequest(table), watchRequest(table)]) {
    expect(request.query.at(-1)).toEqual(["includeObject", "None"]);
    expect(request.headers).toEqual({ accept: "application/json;as=Table;g=meta.k8s.io;v=v1" });
  }
  expect(getRequest({ ...table, representation: "object" }, "a").query).toEqual([]);
  expect(getRequest({ ...table, includeObject: undefined }, "a").query).toEqual([]);
});
