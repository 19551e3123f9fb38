import { describe, expect, it } from "vitest";
import { answer, RecordingTransport } from "../../test/support/recording-transport.js";
import { KindredError, type Manifest, statusOf } from "../core/index.js";
import { applyManifests, type ApplyManifestsOptions, type ManifestResult } from "./apply-manifests.js";
import { Client } from "./client.js";
import type { TransportRequest, TransportResponse } from "./transport.js";

const resource = (plural: string, kind: string, scope = "Namespaced") => ({
  resource: plural,
  responseKind: { kind },
  scope,
  verbs: ["get", "patch"],
});
const group = (name: string, ...resources: readonly object[]) => ({
  metadata: { name },
  versions: [{ version: "v1", resources }],
});
const gadgets = group("example.dev", resource("gadgets", "Gadget"));

/** An API server that keeps what is applied, and serves Gadgets once their definition was read `until` times. */
class Server extends RecordingTransport {
  readonly objects = new Map<string, { metadata: object; [field: string]: unknown }>();
  readonly refusals = new Map<string, number>();
  readonly client = new Client({ transport: (request) => this.transport(request), server: "https://test" });
  readonly slept: number[] = [];
  until = 0;
  #version = 0;

  constructor() {
    super((request) => this.#answer(request));
  }

  async apply(manifests: readonly Manifest[], options: Partial<ApplyManifestsOptions> = {}) {
    let now = 0;
    const sleep = async (ms: number) => void this.slept.push((now += ms));
    const clock = { now: () => now, sleep };
    const results: ManifestResult[] = [];
    for await (const one of applyManifests(this.client, manifests, { manager: "me", clock, ...options }))
      results.push(one);
    return results;
  }

  get patches(): readonly string[] {
    return this.requests.filter(({ method }) => method === "PATCH").map(({ url }) => url);
  }

  #answer({ method, url, body }: TransportRequest): TransportResponse {
    const [path = ""] = url.split("?");
    const refusal = this.refusals.get(`${method} ${path}`);
    if (refusal !== undefined) return answer(refusal, statusOf(refusal, "refused"));
    if (path === "/api" || path === "/apis")
      return answer(200, { kind: "APIGroupDiscoveryList", items: this.#groups(path) });
    const before = this.objects.get(path);
    if (method === "GET")
      return before === undefined ? answer(404, statusOf(404, "")) : answer(200, this.#read(path, before));
    const sent: unknown = JSON.parse(String(body));
    const { resourceVersion: _, ...metadata } = { resourceVersion: "", ...before?.metadata };
    const object = { ...before, ...(sent as object), metadata: { ...metadata, ...(sent as Manifest).metadata } };
    const changed = JSON.stringify({ ...object, status: 0 }) !== JSON.stringify({ ...before, metadata, status: 0 });
    this.#version += changed ? 1 : 0;
    const stored = changed
      ? { ...object, metadata: { ...object.metadata, resourceVersion: `${this.#version}` } }
      : { ...this.#read(path, { ...before }), metadata: { ...before?.metadata } };
    if (!url.includes("dryRun=All")) this.objects.set(path, stored);
    return answer(200, stored);
  }

  #groups(path: string): readonly object[] {
    const crds = group(
      "apiextensions.k8s.io",
      resource("customresourcedefinitions", "CustomResourceDefinition", "Cluster"),
    );
    const core = group("", resource("configmaps", "ConfigMap"), resource("namespaces", "Namespace", "Cluster"));
    const defined = this.objects.has(definitionPath) && this.until <= 0;
    return path === "/api" ? [core] : defined ? [crds, gadgets] : [crds];
  }

  #read(path: string, object: object): object {
    if (path !== definitionPath) return object;
    const established = { type: "Established", status: this.until <= 0 ? "True" : "False", message: "it takes time" };
    this.until -= 1;
    return { ...object, status: { conditions: [{ type: "NamesAccepted", status: "True" }, established] } };
  }
}

const configMap = (name: string, more: object = {}): Manifest => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  ...more,
});
const namespace: Manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
const definition: Manifest = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "gadgets.example.dev" },
  spec: { group: "example.dev", names: { kind: "Gadget" } },
};
const definitionPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.example.dev";
const gadget: Manifest = { apiVersion: "example.dev/v1", kind: "Gadget", metadata: { name: "g" } };

const show = (results: readonly ManifestResult[]) =>
  results.map(({ kind, name, outcome }) => `${kind}/${name} ${outcome}`);

describe("manifests are applied", () => {
  it("in the order given, after what they need", async () => {
    const server = new Server();
    expect(show(await server.apply([configMap("b"), gadget, configMap("a"), namespace, definition]))).toEqual([
      "Namespace/shop created",
      "CustomResourceDefinition/gadgets.example.dev created",
      "ConfigMap/b created",
      "Gadget/g created",
      "ConfigMap/a created",
    ]);
  });

  it("as kubectl does: strictly, by the manager, with force and dry run if asked for", async () => {
    const server = new Server();
    await server.apply([configMap("a")]);
    await server.apply([configMap("a")], { force: true, dryRun: true, fieldValidation: "Warn" });
    expect(server.patches).toEqual([
      "/api/v1/namespaces/default/configmaps/a?fieldManager=me&fieldValidation=Strict",
      "/api/v1/namespaces/default/configmaps/a?dryRun=All&force=true&fieldManager=me&fieldValidation=Warn",
    ]);
  });

  it("one after the other, while the results are read", async () => {
    const server = new Server();
    for await (const _ of applyManifests(server.client, [configMap("a"), configMap("b")], { manager: "me" })) break;
    expect(server.patches).toHaveLength(1);
  });

  it("until the signal is aborted, whose reason is thrown", async () => {
    const server = new Server();
    const abort = new AbortController();
    const run = applyManifests(server.client, [configMap("a"), configMap("b")], {
      manager: "me",
      signal: abort.signal,
    });
    await run.next();
    const reason = new KindredError("TIMEOUT", "enough");
    abort.abort(reason);
    await expect(run.next()).rejects.toBe(reason);
  });
});

describe("the outcome", () => {
  it("tells created from configured from unchanged", async () => {
    const server = new Server();
    const runs = [configMap("a"), configMap("a"), configMap("a", { data: { b: "1" } })];
    const results = [];
    for (const manifest of runs) results.push(...(await server.apply([manifest])));
    expect(results.map(({ outcome }) => outcome)).toEqual(["created", "unchanged", "configured"]);
    expect(results[2]).toMatchObject({ namespace: "default", object: { data: { b: "1" } } });
  });

  it("is told in a dry run too", async () => {
    const server = new Server();
    await server.apply([configMap("a")]);
    const dry = await server.apply([configMap("a"), configMap("a", { data: {} }), configMap("b")], { dryRun: true });
    expect(show(dry)).toEqual(["ConfigMap/a unchanged", "ConfigMap/a configured", "ConfigMap/b created"]);
  });

  it("is configured if the object may not be read", async () => {
    const server = new Server();
    server.refusals.set("GET /api/v1/namespaces/default/configmaps/a", 403);
    expect(show(await server.apply([configMap("a")]))).toEqual(["ConfigMap/a configured"]);
  });
});

describe("a failure", () => {
  it("is a result like another, and stops nothing", async () => {
    const server = new Server();
    server.refusals.set("PATCH /api/v1/namespaces/default/configmaps/a", 409);
    const unknown = { apiVersion: "v1", kind: "ConfigMop", metadata: { name: "c" } };
    const nameless = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "c-" } };
    const results = await server.apply([configMap("a"), unknown, nameless, configMap("b")]);
    expect(results).toMatchObject([
      { name: "a", namespace: "default", outcome: "failed", error: { code: "API", statusCode: 409 } },
      { name: "c", outcome: "failed", error: { code: "UNKNOWN_KIND" } },
      { name: "", outcome: "failed", error: { code: "INVALID_ARGUMENT" } },
      { name: "b", outcome: "created" },
    ]);
  });

  it("that is no failure of the cluster's is thrown", async () => {
    const server = new Server();
    server.respond = () => {
      throw new TypeError("a bug");
    };
    await expect(server.apply([configMap("a")])).rejects.toThrow("a bug");
  });
});

describe("the namespace", () => {
  const placed = configMap("a", { metadata: { name: "a", namespace: "shop" } });

  it("is the manifest's own, else the one asked for, else the client's", async () => {
    const server = new Server();
    await server.apply([placed, configMap("b")]);
    await server.apply([placed, configMap("b"), namespace], { namespace: "shop" });
    expect(server.patches.map((url) => url.replace(/\?.*/, ""))).toEqual([
      "/api/v1/namespaces/shop/configmaps/a",
      "/api/v1/namespaces/default/configmaps/b",
      "/api/v1/namespaces/shop",
      "/api/v1/namespaces/shop/configmaps/a",
      "/api/v1/namespaces/shop/configmaps/b",
    ]);
    expect(server.requests.at(-1)?.body).toContain('"namespace":"shop"');
  });

  it("of an object of a cluster-scoped kind means nothing", async () => {
    const placed = { ...namespace, metadata: { name: "shop", namespace: "office" } };
    const server = new Server();
    expect(await server.apply([placed], { namespace: "shop" })).toMatchObject([{ outcome: "created" }]);
    expect(server.requests.at(-1)?.body).not.toContain("office");
  });

  it("that was asked for is no other than the manifest's", async () => {
    const [result] = await new Server().apply([placed], { namespace: "office" });
    expect(result).toMatchObject({
      outcome: "failed",
      error: { message: 'ConfigMap "a" is of namespace "shop", and "office" was asked for: leave one of them out' },
    });
  });
});

describe("an object of a kind that is defined along with it", () => {
  it("waits until the server has established the definition and serves the kind", async () => {
    const server = new Server();
    server.until = 3;
    expect(show(await server.apply([gadget, definition, gadget]))).toEqual([
      "CustomResourceDefinition/gadgets.example.dev created",
      "Gadget/g created",
      "Gadget/g unchanged",
    ]);
    expect(server.slept).toEqual([100, 200, 300]);
  });

  it("is found though discovery was asked before the definition was made", async () => {
    const server = new Server();
    await server.client.discovery.apis();
    await server.apply([definition]);
    expect(show(await server.apply([definition, gadget]))).toEqual([
      "CustomResourceDefinition/gadgets.example.dev unchanged",
      "Gadget/g created",
    ]);
  });

  it("fails after 30 seconds, with what the server says of the definition", async () => {
    const server = new Server();
    server.until = Number.POSITIVE_INFINITY;
    expect(await server.apply([definition, gadget, configMap("a")])).toMatchObject([
      { outcome: "created" },
      {
        outcome: "failed",
        error: {
          code: "TIMEOUT",
          message: "the CustomResourceDefinition gadgets.example.dev is not served after 30 seconds: it takes time",
        },
      },
      { outcome: "created" },
    ]);
  });

  it("fails in a dry run, which defines nothing", async () => {
    const server = new Server();
    expect(await server.apply([definition, gadget], { dryRun: true })).toMatchObject([
      { outcome: "created" },
      { outcome: "failed", error: { code: "UNKNOWN_KIND" } },
    ]);
    expect(server.slept).toEqual([]);
  });
});
