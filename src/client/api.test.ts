import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { ScriptedTransport } from "../../test/support/scripted-transport.js";
import {
  type AnyKind,
  defineKind,
  type DynamicObject,
  type KindDefinition,
  type KubernetesObject,
  type List,
  jsonPatch,
  mergePatch,
  type NamespacedObject,
  type NamespacedObjectMeta,
  type PartialObjectMetadata,
  type PatchOf,
  pointerInto,
  type Scale,
  type Status,
  strategicPatch,
  type WatchEvent,
} from "../core/index.js";
import type { Api, NamespaceApi } from "./api.js";
import { Client } from "./client.js";
import type { Listing } from "./listing.js";

interface Pod extends NamespacedObject<"v1", "Pod"> {
  spec: { nodeName?: string; containers: { name: string; image?: string }[] };
  status?: { phase?: string };
}
const Pod = defineKind<Pod>()({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  scope: "Namespaced",
  subresources: ["status"],
});
interface Node extends KubernetesObject<"v1", "Node"> {
  spec: { unschedulable?: boolean };
}
const Node = defineKind<Node>()({ group: "", version: "v1", kind: "Node", plural: "nodes", scope: "Cluster" });
interface Review extends KubernetesObject<"authorization.k8s.io/v1", "SelfSubjectAccessReview"> {
  spec: { verb: string };
  status?: { allowed: boolean };
}
const Review = defineKind<Review>()({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  scope: "Cluster",
  verbs: ["create"],
});
interface Scalable extends NamespacedObject<"apps/v1", "Scalable"> {
  spec: { replicas: number };
}
const Scalable = defineKind<Scalable, Scalable & { spec: { replicas?: number } }>()({
  group: "apps",
  version: "v1",
  kind: "Scalable",
  plural: "scalables",
  scope: "Namespaced",
  subresources: ["scale", "log"],
});

interface Custom extends NamespacedObject<"example.dev/v1", "Custom"> {
  spec: { size?: number };
}
const Custom = defineKind<Custom>()({
  group: "example.dev",
  version: "v1",
  kind: "Custom",
  plural: "customs",
  scope: "Namespaced",
  subresources: ["status"],
});

type Has<T, K extends PropertyKey> = K extends keyof T ? true : false;

describe("what a kind does not serve does not exist", () => {
  type Everywhere = Api<typeof Pod>;
  type Here = ReturnType<Everywhere["namespace"]>;

  it("a namespaced kind in all namespaces can be listed and watched, and narrowed", () => {
    expectTypeOf<Exclude<keyof Everywhere, "target" | "client">>().toEqualTypeOf<
      "list" | "page" | "watch" | "openWatch" | "namespace" | "metadata" | "table"
    >();
    expectTypeOf<Exclude<keyof Everywhere["metadata"], "target" | "client">>().toEqualTypeOf<
      "list" | "page" | "watch" | "openWatch"
    >();
    expectTypeOf<Parameters<Everywhere["namespace"]>["length"]>().toEqualTypeOf<1>();
  });

  it("a namespaced kind in one namespace has every verb, and the subresources that it serves", () => {
    expectTypeOf<Exclude<keyof Here, "target" | "client">>().toEqualTypeOf<
      | ("get" | "getOptional" | "list" | "page" | "watch" | "openWatch")
      | ("create" | "replace" | "patch" | "apply" | "delete" | "deleteCollection" | "metadata" | "status")
      | ("entry" | "table")
    >();
    expectTypeOf<Has<Here, "scale">>().toEqualTypeOf<false>();
    expectTypeOf<Exclude<keyof Here["metadata"], "target" | "client">>().toEqualTypeOf<
      "get" | "getOptional" | "list" | "page" | "watch" | "openWatch" | "patch" | "delete" | "deleteCollection"
    >();
  });

  it("a cluster-scoped kind has every verb at once, and no namespace", () => {
    expectTypeOf<Has<Api<typeof Node>, "get" | "apply" | "deleteCollection">>().toEqualTypeOf<true>();
    expectTypeOf<Has<Api<typeof Node>, "namespace">>().toEqualTypeOf<false>();
    expectTypeOf<Has<Api<typeof Node>, "status">>().toEqualTypeOf<false>();
  });

  it("a review can only be created", () => {
    expectTypeOf<
      Exclude<keyof Api<typeof Review>, "target" | "client" | "metadata" | "table">
    >().toEqualTypeOf<"create">();
    expectTypeOf<Exclude<keyof Api<typeof Review>["metadata"], "target" | "client">>().toEqualTypeOf<never>();
  });

  it("a subresource that the kind serves is there, and one that it does not serve is not", () => {
    type Scaled = ReturnType<Api<typeof Scalable>["namespace"]>;
    expectTypeOf<Awaited<ReturnType<Scaled["scale"]["get"]>>>().toEqualTypeOf<Scale>();
    expectTypeOf<Has<Scaled, "status">>().toEqualTypeOf<false>();
    expectTypeOf<Has<Scaled, "log">>().toEqualTypeOf<true>();
  });

  it("a kind that is known only at run time has everything", () => {
    type Method = "get" | "apply" | "replace" | "deleteCollection" | "list" | "namespace" | "status" | "scale";
    expectTypeOf<Has<Api<AnyKind>, Method>>().toEqualTypeOf<true>();
    const facts: KindDefinition = { group: "x.dev", version: "v1", kind: "X", plural: "xs", scope: "Namespaced" };
    const X = defineKind<DynamicObject>()(facts);
    expectTypeOf<Has<Api<typeof X>, Method>>().toEqualTypeOf<true>();
    const { client } = over();
    expectTypeOf(client.api(X).get).returns.resolves.toEqualTypeOf<DynamicObject>();
    expect(client.api(X).namespace("ns").target.kind).toBe(X);
  });
});

describe("what only some kinds have", () => {
  const all = ["eviction", "binding", "ephemeralcontainers", "resize", "token", "approval", "finalize"] as const;
  interface Thing<A extends string, K extends string> extends NamespacedObject<A, K> {
    spec: { a?: number };
  }
  type With<S extends string, A extends string = "v1", K extends string = "Thing"> = NamespaceApi<
    Thing<A, K>,
    Thing<A, K>,
    "get" | "patch",
    S
  >;
  type Rest = "target" | "client" | "metadata" | "table" | "get" | "getOptional" | "patch" | "apply";

  it("is there by the name of the subresource", () => {
    expectTypeOf<Exclude<keyof With<(typeof all)[number]>, Rest>>().toEqualTypeOf<
      "evict" | "bind" | "ephemeralContainers" | "resize" | "createToken" | "approval" | "finalize"
    >();
    expectTypeOf<Exclude<keyof With<"eviction">, Rest>>().toEqualTypeOf<"evict">();
    expectTypeOf<Exclude<keyof With<"status" | "proxy">, Rest>>().toEqualTypeOf<"status">();
    expectTypeOf<Awaited<ReturnType<With<"eviction">["evict"]>>>().toEqualTypeOf<Status>();
    expectTypeOf<Awaited<ReturnType<With<"token">["createToken"]>>["status"]["token"]>().toEqualTypeOf<string>();
    expectTypeOf<Awaited<ReturnType<With<"resize">["resize"]["apply"]>>>().toEqualTypeOf<Thing<"v1", "Thing">>();
    expectTypeOf<Parameters<With<"scale">["scale"]["apply"]>[0]["spec"]>().toEqualTypeOf<
      { readonly replicas?: number } | undefined
    >();
  });

  it("or by the kind: restart, cordon and uncordon", () => {
    expectTypeOf<Exclude<keyof With<never, "apps/v1", "Deployment">, Rest>>().toEqualTypeOf<"restart">();
    expectTypeOf<Exclude<keyof With<never, "apps/v1", "StatefulSet">, Rest>>().toEqualTypeOf<"restart">();
    expectTypeOf<Exclude<keyof With<never, "apps/v1", "DaemonSet">, Rest>>().toEqualTypeOf<"restart">();
    expectTypeOf<Exclude<keyof With<never, "apps/v1", "ReplicaSet">, Rest>>().toEqualTypeOf<never>();
    expectTypeOf<Exclude<keyof With<never, "v1", "Node">, Rest>>().toEqualTypeOf<"cordon" | "uncordon">();
    expectTypeOf<Exclude<keyof With<never, "example.dev/v1", "Node">, Rest>>().toEqualTypeOf<never>();
  });
});

describe("what a verb gives", () => {
  type Here = NamespaceApi<Pod, Pod, "get" | "list" | "watch" | "delete" | "deletecollection" | "patch", "status">;

  it("is the kind's own object", () => {
    expectTypeOf<Awaited<ReturnType<Here["get"]>>>().toEqualTypeOf<Pod>();
    expectTypeOf<Awaited<ReturnType<Here["getOptional"]>>>().toEqualTypeOf<Pod | undefined>();
    expectTypeOf<Awaited<ReturnType<Here["page"]>>>().toEqualTypeOf<List<Pod>>();
    expectTypeOf<ReturnType<Here["list"]>>().toEqualTypeOf<Listing<Pod>>();
    expectTypeOf<ReturnType<Here["watch"]>>().toEqualTypeOf<AsyncIterable<WatchEvent<Pod>>>();
    expectTypeOf<Awaited<ReturnType<Here["delete"]>>>().toEqualTypeOf<Pod | Status>();
    expectTypeOf<Awaited<ReturnType<Here["deleteCollection"]>>>().toEqualTypeOf<List<Pod> | Status>();
    expectTypeOf<Awaited<ReturnType<Here["status"]["get"]>>>().toEqualTypeOf<Pod>();
  });

  it("is metadata alone where it was asked for, with a namespace where there is one", () => {
    expectTypeOf<Awaited<ReturnType<Here["metadata"]["get"]>>>().toEqualTypeOf<
      PartialObjectMetadata<NamespacedObjectMeta>
    >();
    expectTypeOf<Awaited<ReturnType<Here["metadata"]["delete"]>>>().toEqualTypeOf<
      PartialObjectMetadata<NamespacedObjectMeta> | Status
    >();
    expectTypeOf<Awaited<ReturnType<Here["metadata"]["deleteCollection"]>>>().toEqualTypeOf<
      List<PartialObjectMetadata<NamespacedObjectMeta>> | Status
    >();
    expectTypeOf<Api<typeof Node>["metadata"]["get"]>().returns.resolves.toExtend<{
      metadata: { namespace?: string };
    }>();
  });

  it("is told apart by kind after a deletion", () => {
    expectTypeOf<Extract<Pod | Status, { kind: "Status" }>>().toEqualTypeOf<Status>();
    expectTypeOf<Extract<Pod | Status, { kind: "Pod" }>>().toEqualTypeOf<Pod>();
  });
});

describe("what a verb takes", () => {
  const { client, script } = over();
  const pods = client.api(Pod).namespace("ns");
  const customs = client.api(Custom).namespace("ns");
  const read: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a", namespace: "ns", uid: "u", resourceVersion: "5", creationTimestamp: "x", generation: 1 },
    spec: { containers: [] },
    status: { phase: "Running" },
  };
  const me = { manager: "me" };
  const maybe: string | undefined = script.lines[0];

  /** Type checked, and never called. */
  const accepted: readonly (() => unknown)[] = [
    () => pods.create({ metadata: { name: "a" }, spec: { containers: [] } }),
    () => pods.create({ metadata: { generateName: "a-", labels: { a: "b" } }, spec: { containers: [{ name: "c" }] } }),
    () => pods.create({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [] } }),
    () => pods.create({ metadata: { name: "a" }, spec: read.spec } as const),
    () => pods.apply({ metadata: { name: "a" } }, me),
    () => pods.apply({ metadata: { name: "a" }, spec: { containers: [{ image: "x" }] } }, { ...me, force: true }),
    () => pods.status.apply({ metadata: { name: "a" }, status: { phase: "Running" } }, me),
    () => pods.replace(read),
    () => pods.replace({ ...read, spec: { ...read.spec, nodeName: "n" } }),
    () => pods.status.replace(read),
    () => pods.patch("a", mergePatch({ spec: { nodeName: null } })),
    () => pods.patch("a", strategicPatch({ spec: { containers: [{ name: "a", $patch: "delete" }] } })),
    () => pods.patch("a", jsonPatch([{ op: "replace", path: pointerInto<Pod>()("spec", "nodeName"), value: "n" }])),
    () => pods.metadata.patch("a", strategicPatch({ metadata: { labels: { a: null } } })),
    () => customs.patch("a", mergePatch({ spec: { size: 1 } })),
    () => client.api(Pod).namespace(client.defaultNamespace),
    () =>
      client
        .api(Scalable)
        .namespace("ns")
        .create({ metadata: { name: "a" }, spec: { replicas: 1 } }),
    () => client.api(Review).create({ metadata: { name: "a" }, spec: { verb: "get" } }),
    () => pods.list({ labels: maybe, fields: maybe, resourceVersion: maybe, pageSize: undefined, signal: undefined }),
    () => pods.watch({ resourceVersion: maybe, timeoutSeconds: undefined }),
    () => pods.get("a", { resourceVersion: maybe, signal: undefined }),
    () => pods.delete("a", { propagationPolicy: undefined, preconditions: { uid: maybe } }),
    () => pods.apply({ metadata: { name: "a" } }, { ...me, force: undefined, dryRun: undefined }),
  ];

  /** Refused by the compiler. */
  const refused: readonly (() => unknown)[] = [
    // @ts-expect-error -- which namespace?
    () => client.api(Pod).get("web"),
    // @ts-expect-error -- which namespace? client.defaultNamespace is the client's own
    () => client.api(Pod).namespace(),
    // @ts-expect-error -- which namespace?
    () => client.api(Pod).namespace(undefined),
    // @ts-expect-error -- which namespace?
    () => client.api(Pod).namespace(maybe),
    // @ts-expect-error -- custom kinds take merge patches
    () => customs.patch("a", strategicPatch({ spec: { size: 1 } })),
    // @ts-expect-error -- custom kinds take merge patches, of their metadata too
    () => customs.metadata.patch("a", strategicPatch({ metadata: { labels: {} } })),
    // @ts-expect-error -- the status of a custom kind too
    () => customs.status.patch("a", strategicPatch({ spec: {} })),
    // @ts-expect-error -- a pointer begins with a slash
    () => pods.patch("a", jsonPatch([{ op: "remove", path: "spec/nodeName" }])),
    // @ts-expect-error -- metadata has no spec
    () => pods.metadata.patch("a", { type: "merge", body: { spec: {} } }),
    // @ts-expect-error -- only one object can be unreadable
    () => pods.deleteCollection({ ignoreStoreReadErrorWithClusterBreakingPotential: true }),
    // @ts-expect-error -- a table is none, some metadata, or the object
    () => pods.table({ includeObject: "All" }),
    // @ts-expect-error -- Node is cluster scoped
    () => client.api(Node).namespace("x"),
    // @ts-expect-error -- pods have no scale subresource
    () => pods.scale,
    // @ts-expect-error -- a review can only be created
    () => client.api(Review).get("a"),
    // @ts-expect-error -- in all namespaces there is no place to create
    () => client.api(Pod).create({ metadata: { name: "a" }, spec: { containers: [] } }),
    // @ts-expect-error -- metadata cannot be created without the rest
    () => pods.metadata.create,
    // @ts-expect-error -- a name or a generateName
    () => pods.create({ metadata: {}, spec: { containers: [] } }),
    // @ts-expect-error -- the spec is required
    () => pods.create({ metadata: { name: "a" } }),
    // @ts-expect-error -- a status is not created
    () => pods.create({ metadata: { name: "a" }, spec: { containers: [] }, status: {} }),
    // @ts-expect-error -- another kind
    () => pods.create({ kind: "Node", metadata: { name: "a" }, spec: { containers: [] } }),
    // @ts-expect-error -- the server sets creationTimestamp
    () => pods.apply({ metadata: { name: "a", creationTimestamp: "x" } }, me),
    // @ts-expect-error -- the server sets managedFields
    () => pods.apply({ metadata: { name: "a", managedFields: [] } }, me),
    // @ts-expect-error -- no generateName in an apply
    () => pods.apply({ metadata: { generateName: "a" } }, me),
    // @ts-expect-error -- an unknown field
    () => pods.apply({ metadata: { name: "a" }, spec: { nodename: "n" } }, me),
    // @ts-expect-error -- an unknown field in a list
    () => pods.apply({ metadata: { name: "a" }, spec: { containers: [{ img: "n" }] } }, me),
    // @ts-expect-error -- the status has its own endpoint
    () => pods.apply({ metadata: { name: "a" }, status: {} }, me),
    // @ts-expect-error -- without a manager nobody owns the fields
    () => pods.apply({ metadata: { name: "a" } }, {}),
    // @ts-expect-error -- without a manager nobody owns the fields
    () => pods.apply({ metadata: { name: "a" } }),
    // @ts-expect-error -- an apply is `apply`, which has its own type
    () => pods.patch("a", { type: "apply", body: {} }),
    // @ts-expect-error -- not a field of a pod
    () => pods.patch("a", mergePatch({ spec: { nodename: null } }) satisfies PatchOf<Pod>),
    // @ts-expect-error -- force is for apply
    () => pods.patch("a", mergePatch({}), { force: true }),
    // @ts-expect-error -- a node is no pod
    () => pods.replace({ apiVersion: "v1", kind: "Node", metadata: read.metadata, spec: {} }),
  ];

  it("compiles exactly where the server would accept it", () => {
    expect(accepted.length).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    expect(script.requests).toEqual([]);
  });
});

describe("what does not compile says why", () => {
  const lines: readonly (readonly [code: string, message: RegExp])[] = [
    ['pods.get("web");', /^Property 'get' does not exist on type 'AllNamespacesApi<Pod, /],
    ['client.api(Node).namespace("x");', /^Property 'namespace' does not exist on type 'ClusterApi<Node, /],
    ["pods.namespace();", /^Expected 1 arguments, but got 0\.$/],
    [
      "pods.namespace(process.env.NAMESPACE);",
      /^Argument of type 'string \| undefined' is not assignable to parameter of type 'string'/,
    ],
    ['here.evict("a");', /^Property 'evict' does not exist on type 'NamespaceApi<Pod, /],
    ['here.restart("a");', /^Property 'restart' does not exist on type 'NamespaceApi<Pod, /],
    ['client.api(Review).entry("a");', /^Property 'entry' does not exist on type 'ClusterApi<Review, /],
    [
      'customs.patch("a", strategicPatch({ spec: {} }));',
      /not assignable to type '"custom kinds take mergePatch, jsonPatch and apply, but no strategicPatch"'/,
    ],
    [
      'here.patch("a", { type: "merge", body: { spec: { nodename: "n" } } });',
      /'nodename' does not exist in type .* Did you mean to write 'nodeName'\?/,
    ],
    ['jsonPatch([{ op: "remove", path: "spec" }]);', /^Type '"spec"' is not assignable to type 'JsonPointer'/],
    [
      'pointerInto<Pod>()("spec", "nodename");',
      /^Argument of type '"nodename"' is not assignable to parameter of type '"nodeName"'/,
    ],
    ['pods.namespace("default").scale;', /^Property 'scale' does not exist on type 'NamespaceApi<Pod, /],
    [
      'client.api(Review).get("a");',
      /^Property 'get' does not exist on type 'ClusterApi<Review, Review, "create", never>'/,
    ],
    [
      'pods.metadata.get("a");',
      /^Property 'get' does not exist on type 'AllNamespacesMetadataApi<NamespacedObjectMeta, /,
    ],
    ["here.metadata.create;", /^Property 'create' does not exist on type 'MetadataApi<NamespacedObjectMeta, /],
    ["here.create({ metadata: {}, spec: {} });", /^Type '\{\}' is not assignable to type 'NewMeta'/],
    [
      'here.apply({ metadata: { name: "a", creationTimestamp: "x" } }, { manager: "me" });',
      /'creationTimestamp' does not exist in type 'ApplyMeta'/,
    ],
    [
      'here.apply({ metadata: { name: "a" }, spec: { nodename: "n" } }, { manager: "me" });',
      /'nodename' does not exist in type .* Did you mean to write 'nodeName'\?/,
    ],
    [
      'here.apply({ metadata: { name: "a" } }, {});',
      /Property 'manager' is missing in type '\{\}' but required in type 'ApplyOptions'/,
    ],
  ];
  const prelude = `
    import {
      defineKind, jsonPatch, type KubernetesObject, type NamespacedObject, pointerInto, strategicPatch,
    } from ${source("core/index.js")};
    import type { Client } from ${source("client/index.js")};
    declare const client: Client;
    interface Pod extends NamespacedObject<"v1", "Pod"> { spec: { nodeName?: string } }
    interface Node extends KubernetesObject<"v1", "Node"> { spec: { unschedulable?: boolean } }
    interface Review extends KubernetesObject<"authorization.k8s.io/v1", "SelfSubjectAccessReview"> { spec: object }
    interface Custom extends NamespacedObject<"example.dev/v1", "Custom"> { spec: { size?: number } }
    declare const process: { env: { NAMESPACE?: string } };
    const Custom = defineKind<Custom>()({
      group: "example.dev", version: "v1", kind: "Custom", plural: "customs", scope: "Namespaced",
    });
    const customs = client.api(Custom).namespace("ns");
    const core = { group: "", version: "v1" } as const;
    const Pod = defineKind<Pod>()({ ...core, kind: "Pod", plural: "pods", scope: "Namespaced", subresources: ["status"] });
    const Node = defineKind<Node>()({ ...core, kind: "Node", plural: "nodes", scope: "Cluster", subresources: ["status"] });
    const Review = defineKind<Review>()({
      group: "authorization.k8s.io", version: "v1", kind: "SelfSubjectAccessReview", plural: "selfsubjectaccessreviews",
      scope: "Cluster", verbs: ["create"],
    });
    const pods = client.api(Pod);
    const here = pods.namespace("ns");
    void (await here.get("web")).spec.nodeName;
    for await (const pod of pods.list({ labels: { app: "web" } })) void pod.spec.nodeName;
  `;
  let project = "";
  let reported: ReadonlyMap<number, string> = new Map();

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), "kindred-api-"));
    const config = {
      extends: fileURLToPath(new URL("../../tsconfig.base.json", import.meta.url)),
      compilerOptions: {
        composite: false,
        declaration: false,
        noEmit: true,
        lib: ["ES2023", "ESNext.Disposable", "WebWorker", "WebWorker.AsyncIterable"],
      },
      files: ["main.ts"],
    };
    const main = `${prelude.trimEnd()}\n${lines.map(([code]) => code).join("\n")}\n`;
    writeFileSync(join(project, "package.json"), '{ "type": "module" }');
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
    writeFileSync(join(project, "main.ts"), main);
    reported = errorsByLine(project, main.split("\n").length - 1 - lines.length);
  }, 120_000);

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  it.each(lines.map(([code, message], index) => ({ code, message, index })))("$code", ({ message, index }) => {
    const said = reported.get(index) ?? "it compiles";
    expect(said).toMatch(message);
    expect(said.length).toBeLessThan(480);
  });

  it("and nothing else fails", () => {
    expect([...reported.keys()].toSorted((a, b) => a - b)).toEqual(lines.map((_line, index) => index));
  });
});

/** What the real compiler says of main.ts, by the number of lines after the first `skip`. */
function errorsByLine(project: string, skip: number): ReadonlyMap<number, string> {
  const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, "--project", project, "--pretty", "false"], {
    cwd: project,
    encoding: "utf8",
  });
  const found = new Map<number, string>();
  for (const report of stdout.split(/\n(?=\S)/)) {
    const match = /^main\.ts\((\d+),\d+\): error TS\d+: (.*)$/s.exec(report.trim());
    if (match === null && report.trim() !== "") throw new Error(`the compiler said ${report} ${stderr}`);
    if (match !== null) found.set(Number(match[1]) - 1 - skip, match[2] ?? "");
  }
  return found;
}

/** A module of the repository's sources, as a literal to import. */
function source(path: string): string {
  return JSON.stringify(fileURLToPath(new URL(`../${path}`, import.meta.url)));
}

function over() {
  const script = new ScriptedTransport();
  return { script, client: new Client({ transport: script.transport, server: "https://test" }) };
}
