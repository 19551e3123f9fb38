import { describe, expect, it } from "vitest";
import { standardVerbs } from "../../core/index.js";
import { readCluster } from "./cluster.js";
import { isAggregatedDiscovery, readDiscovery } from "./discovery.js";
import { generate } from "./generate.js";
import type { JsonObject } from "./json.js";
import { readPaths } from "./paths.js";

/** What an API server says of two groups: discovery, and the paths that stand for the same. */
const discovery = {
  kind: "APIGroupDiscoveryList",
  items: [
    {
      metadata: { name: "example.dev" },
      versions: [
        {
          version: "v2",
          resources: [
            {
              resource: "things",
              responseKind: { group: "", version: "", kind: "Thing" },
              scope: "Namespaced",
              verbs: ["watch", "update", "patch", "list", "get", "deletecollection", "delete", "create"],
              subresources: [
                { subresource: "status", responseKind: { kind: "Thing" }, verbs: ["get", "patch", "update"] },
                { subresource: "eject", responseKind: { kind: "Ejection" }, verbs: ["create"] },
                {
                  subresource: "gauge",
                  responseKind: { group: "meters.dev", version: "v1", kind: "Gauge" },
                  verbs: ["get"],
                },
              ],
            },
            { resource: "reviews", responseKind: { kind: "Review" }, scope: "Cluster", verbs: ["create"] },
          ],
        },
      ],
    },
  ],
};

function operation(action: string, kind: string, group = "example.dev", version = "v2"): JsonObject {
  return { "x-kubernetes-action": action, "x-kubernetes-group-version-kind": { group, version, kind } };
}

const root = "/apis/example.dev/v2";
const paths = {
  [`${root}/things`]: { get: operation("list", "Thing") },
  [`${root}/namespaces/{namespace}/things`]: {
    get: operation("list", "Thing"),
    post: operation("post", "Thing"),
    delete: operation("deletecollection", "Thing"),
  },
  [`${root}/namespaces/{namespace}/things/{name}`]: {
    get: operation("get", "Thing"),
    put: operation("put", "Thing"),
    patch: operation("patch", "Thing"),
    delete: operation("delete", "Thing"),
  },
  [`${root}/namespaces/{namespace}/things/{name}/status`]: { get: operation("get", "Thing") },
  [`${root}/namespaces/{namespace}/things/{name}/eject`]: { post: operation("post", "Ejection") },
  [`${root}/namespaces/{namespace}/things/{name}/gauge`]: { get: operation("get", "Gauge", "meters.dev", "v1") },
  [`${root}/namespaces/{namespace}/things/{name}/proxy/{path}`]: { get: operation("connect", "ThingProxyOptions") },
  [`${root}/watch/namespaces/{namespace}/things`]: { get: operation("watchlist", "Thing") },
  [`${root}/reviews`]: { post: operation("post", "Review") },
};

const expected = {
  resources: [
    {
      group: "example.dev",
      version: "v2",
      kind: "Thing",
      plural: "things",
      scope: "Namespaced",
      verbs: standardVerbs,
      subresources: ["eject", "gauge", "status"],
    },
    {
      group: "example.dev",
      version: "v2",
      kind: "Review",
      plural: "reviews",
      scope: "Cluster",
      verbs: ["create"],
      subresources: [],
    },
  ],
  bodies: [
    { group: "example.dev", version: "v2", kind: "Ejection", readable: false },
    { group: "meters.dev", version: "v1", kind: "Gauge", readable: true },
  ],
  problems: [],
};

describe("discovery and paths", () => {
  it("say the same: kinds, verbs, scopes, subresources and bodies", () => {
    expect(readDiscovery([discovery])).toEqual(expected);
    expect(readPaths({ paths })).toEqual(expected);
  });

  it("tell a kind that can be listed and not watched", () => {
    const { [`${root}/watch/namespaces/{namespace}/things`]: _watch, ...others } = paths;
    const listed = { ...others, [`${root}/watch/reviews`]: { get: operation("watchlist", "Review") } };
    expect(readPaths({ paths: listed }).resources[0]?.verbs).not.toContain("watch");
  });

  it("of a custom kind have no path for watch, but the parameter", () => {
    const list = { ...operation("list", "Thing"), parameters: [{ name: "watch", in: "query" }] };
    expect(readPaths({ paths: { [`${root}/things`]: { get: list } } }).resources[0]?.verbs).toEqual(["list", "watch"]);
    expect(
      readPaths({ paths: { [`${root}/things`]: { get: operation("list", "Thing"), parameters: [{ name: "watch" }] } } })
        .resources[0]?.verbs,
    ).toEqual(["list", "watch"]);
  });

  it("report what is stale or nameless, and leave it out", () => {
    const document = {
      kind: "APIGroupDiscoveryList",
      items: [
        {
          metadata: { name: "example.dev" },
          versions: [
            { version: "v1", freshness: "Stale", resources: [{ resource: "things", scope: "Namespaced", verbs: [] }] },
          ],
        },
      ],
    };
    expect(readDiscovery([document])).toEqual({
      resources: [],
      bodies: [],
      problems: [
        { path: "example.dev/v1", message: "the server behind this group does not answer: its kinds may be missing" },
        { path: "example.dev/v1 things", message: "discovery names no kind or no scope for it: left out" },
      ],
    });
  });
});

describe("a cluster", () => {
  const answers: JsonObject = {
    "/api": { kind: "APIGroupDiscoveryList", items: [] },
    "/apis": discovery,
    "/openapi/v3": { paths: { "apis/example.dev/v2": {}, "apis/example.dev": {}, version: {}, "api/v1": {} } },
    "/openapi/v3/api/v1": { openapi: "3.0.0", paths: {} },
    "/openapi/v3/apis/example.dev/v2": {
      openapi: "3.0.0",
      paths,
      components: {
        schemas: {
          "dev.example.v2.Thing": schema("Thing"),
          "dev.example.v2.Review": schema("Review", { allowed: { type: "boolean" } }),
          "dev.example.v2.Ejection": schema("Ejection", { force: { type: "boolean" } }),
        },
      },
    },
  };
  const asked: string[] = [];
  const get = async (path: string) => {
    asked.push(path);
    return answers[path];
  };

  it("is read from discovery and the documents of its versions", async () => {
    const description = await readCluster(get);
    expect(asked).toEqual(["/api", "/apis", "/openapi/v3", "/openapi/v3/api/v1", "/openapi/v3/apis/example.dev/v2"]);
    const { files, problems } = generate(description);
    expect(problems).toEqual([]);
    const text = files[0]?.text ?? "";
    expect(text).toContain('  verbs: ["create"],\n  subresources: [],\n');
    expect(text).toContain('  subresources: ["eject", "gauge", "status"],\n');
    expect(text).toContain(
      'export interface Review {\n  apiVersion: "example.dev/v2";\n  kind: "Review";\n  metadata: Partial<ObjectMeta>;\n',
    );
    expect(text).toContain(
      'export interface Thing {\n  apiVersion: "example.dev/v2";\n  kind: "Thing";\n  metadata: NamespacedObjectMeta;\n',
    );
    expect(text).not.toContain("export const Ejection");
    expect(files[1]?.text).toContain(
      'export type { Ejection } from "./example.dev/v2.js";\nexport { Review, Thing } from',
    );
  });

  it("of which one group is wanted is asked for no other document", async () => {
    asked.length = 0;
    await readCluster(get, { groups: ["example.dev"] });
    expect(asked).not.toContain("/openapi/v3/api/v1");
  });

  it("without aggregated discovery is read from the paths", async () => {
    const description = await readCluster(async (path) => (path === "/apis" ? { kind: "APIGroupList" } : get(path)));
    expect(isAggregatedDiscovery({ kind: "APIGroupList" })).toBe(false);
    expect(description.resources).toEqual(expected.resources);
  });

  it("without OpenAPI v3 is too old", async () => {
    await expect(readCluster(async () => ({}))).rejects.toThrow(
      "/openapi/v3 lists no documents: the API server has to be Kubernetes 1.27 or later",
    );
  });
});

function schema(kind: string, properties: JsonObject = {}): JsonObject {
  return {
    type: "object",
    properties: { metadata: { default: {} }, ...properties },
    "x-kubernetes-group-version-kind": [{ group: "example.dev", version: "v2", kind }],
  };
}
