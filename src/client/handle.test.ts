import { describe, expect, it } from "vitest";
import { type Answer, ScriptedTransport } from "../../test/support/scripted-transport.js";
import {
  type AnyKind,
  defineKind,
  type KubernetesObject,
  mergePatch,
  type NamespacedObject,
  type Scale,
  type WatchEvent,
} from "../core/index.js";
import { Client } from "./client.js";

interface Deployment extends NamespacedObject<"apps/v1", "Deployment"> {
  spec: { replicas?: number; note?: string };
  status?: { replicas?: number };
}
const Deployment = defineKind<Deployment>()({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  scope: "Namespaced",
  subresources: ["scale", "status"],
});
interface Node extends KubernetesObject<"v1", "Node"> {
  spec: { unschedulable?: boolean };
}
const Node = defineKind<Node>()({ group: "", version: "v1", kind: "Node", plural: "nodes", scope: "Cluster" });
interface Pod extends NamespacedObject<"v1", "Pod"> {
  spec: { nodeName?: string };
}
/** One that serves everything. */
const Pod = defineKind<Pod>()({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  scope: "Namespaced",
  subresources: ["approval", "binding", "ephemeralcontainers", "eviction", "finalize", "resize", "token"],
});
const Dynamic = defineKind<NamespacedObject>()({
  group: "example.dev",
  version: "v1",
  kind: "Widget",
  plural: "widgets",
  scope: "Namespaced",
});

const meta = (name: string) => ({
  name,
  namespace: "ns",
  uid: "u",
  resourceVersion: "5",
  creationTimestamp: "2026-01-01T00:00:00Z",
});
const deployment: Deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: meta("a"), spec: {} };
const scale: Scale = { apiVersion: "autoscaling/v1", kind: "Scale", metadata: meta("a"), spec: { replicas: 3 } };
const podObject: Pod = { apiVersion: "v1", kind: "Pod", metadata: meta("p"), spec: {} };
const pod = "/api/v1/namespaces/ns/pods/p";
const base = "/apis/apps/v1/namespaces/ns/deployments";
const notFound: Answer = { status: 404, body: { kind: "Status", code: 404, reason: "NotFound" } };

function over(...answers: readonly Answer[]) {
  const script = new ScriptedTransport(...answers);
  const client = new Client({ transport: script.transport, server: "https://test", defaultNamespace: "mine" });
  const everywhere = client.api(Deployment);
  return {
    script,
    client,
    everywhere,
    deployments: everywhere.namespace("ns"),
    nodes: client.api(Node),
    pods: client.api(Pod).namespace("ns"),
  };
}
type Subject = ReturnType<typeof over>;

describe("each verb sends one request to its place", () => {
  it.each<[string, (subject: Subject) => Promise<unknown>]>([
    [`GET ${base}/a`, ({ deployments }) => deployments.get("a")],
    [`GET ${base}/a?resourceVersion=0`, ({ deployments }) => deployments.get("a", { resourceVersion: "0" })],
    [`POST ${base}`, ({ deployments }) => deployments.create({ metadata: { name: "a" }, spec: {} })],
    [`PUT ${base}/a`, ({ deployments }) => deployments.replace(deployment)],
    [`PATCH ${base}/a`, ({ deployments }) => deployments.patch("a", mergePatch({ spec: { note: null } }))],
    [
      `PATCH ${base}/a?force=true&fieldManager=me`,
      ({ deployments }) => deployments.apply({ metadata: { name: "a" } }, { manager: "me", force: true }),
    ],
    [`DELETE ${base}/a`, ({ deployments }) => deployments.delete("a")],
    [`DELETE ${base}?labelSelector=a%3Db`, ({ deployments }) => deployments.deleteCollection({ labels: "a=b" })],
    [
      "GET /apis/apps/v1/namespaces/mine/deployments/a",
      ({ everywhere }) => everywhere.namespace(everywhere.client.defaultNamespace).get("a"),
    ],
    ["GET /api/v1/nodes/n", ({ nodes }) => nodes.get("n")],
    [`GET ${base}/a/status`, ({ deployments }) => deployments.status.get("a")],
    [`PUT ${base}/a/status`, ({ deployments }) => deployments.status.replace(deployment)],
    [`PATCH ${base}/a/status`, ({ deployments }) => deployments.status.patch("a", mergePatch({ status: null }))],
    [
      `PATCH ${base}/a/status?fieldManager=me`,
      ({ deployments }) =>
        deployments.status.apply({ metadata: { name: "a" }, status: { replicas: 1 } }, { manager: "me" }),
    ],
    [`GET ${base}/a/scale`, ({ deployments }) => deployments.scale.get("a")],
    [`PUT ${base}/a/scale`, ({ deployments }) => deployments.scale.replace(scale)],
    [`PATCH ${base}/a/scale`, ({ deployments }) => deployments.scale.patch("a", mergePatch({ spec: { replicas: 1 } }))],
    [
      `PATCH ${base}/a/scale?fieldManager=me`,
      ({ deployments }) =>
        deployments.scale.apply({ metadata: { name: "a" }, spec: { replicas: 1 } }, { manager: "me" }),
    ],
    [`DELETE ${base}/a`, ({ deployments }) => deployments.metadata.delete("a")],
    [
      `DELETE ${base}?labelSelector=a%3Db`,
      ({ deployments }) => deployments.metadata.deleteCollection({ labels: "a=b" }),
    ],
    [`GET ${pod}/resize`, ({ pods }) => pods.resize.get("p")],
    [`PUT ${pod}/resize?dryRun=All`, ({ pods }) => pods.resize.replace(podObject, { dryRun: true })],
    [`PATCH ${pod}/ephemeralcontainers`, ({ pods }) => pods.ephemeralContainers.patch("p", mergePatch({ spec: {} }))],
    [
      `PATCH ${pod}/resize?force=true&fieldManager=me`,
      ({ pods }) => pods.resize.apply({ metadata: { name: "p" } }, { manager: "me", force: true }),
    ],
    [`PUT ${pod}/finalize?fieldManager=me`, ({ pods }) => pods.finalize(podObject, { manager: "me" })],
    [`PUT ${pod}/approval`, ({ pods }) => pods.approval.replace(podObject)],
    [`POST ${pod}/eviction`, ({ pods }) => pods.evict("p", { dryRun: true })],
    [`POST ${pod}/binding?fieldManager=me`, ({ pods }) => pods.bind("p", "n", { manager: "me" })],
    [`POST ${pod}/token?dryRun=All`, ({ pods }) => pods.createToken("p", {}, { dryRun: true })],
    [`PATCH /api/v1/nodes/n?fieldManager=me`, ({ nodes }) => nodes.cordon("n", { manager: "me" })],
    [`PATCH /api/v1/nodes/n?dryRun=All`, ({ nodes }) => nodes.uncordon("n", { dryRun: true })],
    [`GET ${base}/a`, ({ deployments }) => deployments.metadata.get("a")],
    [`PATCH ${base}/a`, ({ deployments }) => deployments.metadata.patch("a", mergePatch({ metadata: {} }))],
  ])("%s", async (line, call) => {
    const subject = over({ body: deployment });
    expect(await call(subject)).toEqual(deployment);
    expect(subject.script.lines).toEqual([line]);
  });

  it("asks for metadata alone where the handle says so", async () => {
    const { script, deployments, everywhere } = over({}, { body: { metadata: {}, items: [] } }, { chunks: [] });
    await deployments.metadata.get("a");
    await everywhere.metadata.page();
    await everywhere.metadata.openWatch();
    expect(script.requests.map((request) => request.headers["accept"])).toEqual([
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
      "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
    ]);
  });

  it("writes back what it read, fields that no type knows, nulls and long integers included", async () => {
    const text =
      '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","namespace":"ns"},"spec":{"new":{"n":9007199254740993,"x":null}},"y":null}';
    const { script, deployments } = over({ body: text }, { body: text });
    await deployments.replace(await deployments.get("a"));
    expect(script.requests[1]?.body).toBe(text);
  });

  it("fills in apiVersion and kind of what is written, and sends a scale as it is", async () => {
    const { script, deployments } = over({}, {}, {});
    await deployments.create({ metadata: { name: "a" }, spec: {} });
    await deployments.apply({ metadata: { name: "a" } }, { manager: "me" });
    await deployments.scale.replace(scale);
    expect(script.requests.map((request) => request.body)).toEqual([
      '{"metadata":{"name":"a"},"spec":{},"apiVersion":"apps/v1","kind":"Deployment"}',
      '{"metadata":{"name":"a"},"apiVersion":"apps/v1","kind":"Deployment"}',
      JSON.stringify(scale),
    ]);
  });

  it.each<[string, (subject: Subject, signal: AbortSignal) => Promise<unknown>]>([
    ["get", ({ deployments }, signal) => deployments.get("a", { signal })],
    ["page", ({ deployments }, signal) => deployments.page({ signal })],
    ["list", ({ deployments }, signal) => deployments.list({ signal }).toArray()],
    ["openWatch", ({ deployments }, signal) => deployments.openWatch({ signal })],
    ["create", ({ deployments }, signal) => deployments.create({ metadata: { name: "a" }, spec: {} }, { signal })],
    ["replace", ({ deployments }, signal) => deployments.replace(deployment, { signal })],
    ["patch", ({ deployments }, signal) => deployments.patch("a", mergePatch({}), { signal })],
    ["apply", ({ deployments }, signal) => deployments.apply(deployment, { manager: "me", signal })],
    ["delete", ({ deployments }, signal) => deployments.delete("a", { signal })],
    ["deleteCollection", ({ deployments }, signal) => deployments.deleteCollection({ signal })],
  ])("%s sends nothing once its signal is aborted, and rethrows the reason", async (_verb, call) => {
    const subject = over();
    const reason = new Error("enough");
    await expect(call(subject, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(subject.script.requests).toEqual([]);
  });
});

describe("a caller's mistake rejects before any request", () => {
  it.each<[string, (subject: Subject) => Promise<unknown>]>([
    ["must not be empty", ({ deployments }) => deployments.get("")],
    ["must not be empty", ({ deployments }) => deployments.getOptional("")],
    ['but is "a/b"', ({ deployments }) => deployments.delete("a/b")],
    ["limit must be", ({ deployments }) => deployments.page({ limit: 0 })],
    ["limit must be", ({ deployments }) => deployments.list({ pageSize: 0 }).toArray()],
    ["timeoutSeconds must be", ({ deployments }) => deployments.openWatch({ timeoutSeconds: 295 })],
    ["needs a manager", ({ deployments }) => deployments.apply({ metadata: { name: "a" } }, { manager: "" })],
    ["128 bytes", ({ deployments }) => deployments.replace(deployment, { manager: "é".repeat(65) })],
    ["writes into namespace", ({ everywhere }) => everywhere.namespace("other").replace(deployment)],
  ])("%s", async (message, call) => {
    const subject = over();
    const error: unknown = await call(subject).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) });
    expect(subject.script.requests).toEqual([]);
  });

  it("an undefined namespace is not the client's own", () => {
    const everywhere: { namespace(name: unknown): unknown } = over().everywhere as never;
    expect(() => everywhere.namespace(undefined)).toThrow(
      "a namespace must be a text, but is undefined: for the namespace that the client is configured with, use client.defaultNamespace",
    );
  });

  it("an empty namespace is not all namespaces", () => {
    const { everywhere } = over();
    expect(() => everywhere.namespace("")).toThrow(/must not be empty; for all namespaces use the handle as it is/);
  });
});

describe("getOptional", () => {
  it("is undefined if there is no such object", async () => {
    expect(await over(notFound).deployments.getOptional("a")).toBeUndefined();
  });

  it("is the object if there is one", async () => {
    expect(await over({ body: deployment }).deployments.getOptional("a")).toEqual(deployment);
  });

  it("fails with any other refusal", async () => {
    await expect(over({ status: 403 }).deployments.getOptional("a")).rejects.toMatchObject({ statusCode: 403 });
  });
});

describe("lists", () => {
  it("fill in the apiVersion and kind that the server leaves out of items", async () => {
    const { deployments } = over(listOf([bare("a"), { ...bare("b"), kind: "Deployment", apiVersion: "apps/v1" }]));
    const page = await deployments.page();
    expect(page.items.map(({ apiVersion, kind }) => [apiVersion, kind])).toEqual([
      ["apps/v1", "Deployment"],
      ["apps/v1", "Deployment"],
    ]);
    expect(page.metadata.resourceVersion).toBe("9");
  });

  it("of metadata keep the kind that the server gave", async () => {
    const item = { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata", metadata: meta("a") };
    expect((await over(listOf([item])).deployments.metadata.page()).items).toEqual([item]);
  });

  it("whose items are null are empty", async () => {
    expect((await over(listOf(null)).deployments.page()).items).toEqual([]);
  });

  it("go on from page to page, and start no request after the loop is left", async () => {
    const { script, everywhere } = over(listOf([bare("a")], { continue: "t 1" }), listOf([bare("b"), bare("c")]));
    const names: string[] = [];
    for await (const { metadata } of everywhere.list({ labels: { app: "web" }, pageSize: 1 })) {
      names.push(metadata.name);
      if (metadata.name === "b") break;
    }
    expect(names).toEqual(["a", "b"]);
    expect(script.lines).toEqual([
      "GET /apis/apps/v1/deployments?labelSelector=app%3Dweb&limit=1",
      "GET /apis/apps/v1/deployments?labelSelector=app%3Dweb&limit=1&continue=t%201",
    ]);
  });

  it("go on with the token that an expired page's Status brings", async () => {
    const status = { kind: "Status", code: 410, reason: "Expired", metadata: { continue: "t2" } };
    const { script, everywhere } = over(
      listOf([bare("a")], { continue: "t1" }),
      { status: 410, body: status },
      listOf([bare("b")]),
    );
    expect((await everywhere.list().toArray()).map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
    expect(script.lines.at(-1)).toBe("GET /apis/apps/v1/deployments?limit=500&continue=t2");
  });

  it("fail as the server said if an expired page's Status has no metadata at all", async () => {
    const { everywhere } = over(listOf([bare("a")], { continue: "t1" }), { status: 410, body: { kind: "Status" } });
    await expect(everywhere.list().toArray()).rejects.toMatchObject({ code: "API", statusCode: 410 });
  });

  it.each([{ a: 1 }, [], "text", null, { items: [] }, { items: {}, metadata: {} }])(
    "that are none are refused: %j",
    async (body) => {
      const { deployments } = over({ body: JSON.stringify(body) });
      await expect(deployments.page()).rejects.toMatchObject({
        code: "PROTOCOL",
        message: `GET ${base}: the server answered with something that is not a list`,
      });
    },
  );
});

describe("deletions", () => {
  const status = { apiVersion: "v1", kind: "Status", metadata: {}, status: "Success" };

  it("answer with the object if it is still there, and else with a Status", async () => {
    const { deployments } = over({ body: deployment }, { body: status });
    expect(await deployments.delete("a")).toEqual(deployment);
    expect(await deployments.delete("a")).toEqual(status);
  });

  it("of a collection answer with a list, whose items are completed, or a Status", async () => {
    const { deployments } = over(
      { body: { metadata: {}, items: [{ metadata: meta("a"), spec: {} }] } },
      { body: status },
    );
    expect(await deployments.deleteCollection()).toMatchObject({ items: [{ kind: "Deployment" }] });
    expect(await deployments.deleteCollection()).toEqual(status);
  });

  it("send their options in the body", async () => {
    const { script, deployments } = over({});
    await deployments.delete("a", { propagationPolicy: "Foreground", preconditions: { uid: "u" } });
    expect(script.requests[0]?.body).toBe('{"propagationPolicy":"Foreground","preconditions":{"uid":"u"}}');
  });
});

describe("a watch", () => {
  it("yields the events of one connection until the server ends it", async () => {
    const { script, deployments } = over({ chunks: [line("ADDED", "a"), line("DELETED", "a")] });
    expect(await namesOf(deployments.watch({ resourceVersion: "5" }))).toEqual({
      names: ["ADDED a", "DELETED a"],
      error: undefined,
    });
    expect(script.lines).toEqual([
      `GET ${base}?watch=true&timeoutSeconds=290&allowWatchBookmarks=true&resourceVersion=5`,
    ]);
  });

  it("yields the server's ERROR as an event", async () => {
    const { deployments } = over({ chunks: ['{"type":"ERROR","object":{"kind":"Status","code":410}}\n'] });
    expect(await namesOf(deployments.watch())).toEqual({ names: ["ERROR"], error: undefined });
  });

  it.each([401, 403, 404, 410, 429, 500])("fails at the start if the server answers %i", async (status) => {
    const { deployments } = over({ status }, { status });
    await expect(deployments.openWatch()).rejects.toMatchObject({ code: "API", statusCode: status, method: "GET" });
    expect(await namesOf(deployments.watch())).toMatchObject({ names: [], error: { statusCode: status } });
  });

  it.each<[string, Answer, object]>([
    ["is cut in the middle of a line", { chunks: [line("ADDED", "a"), '{"type"'] }, { code: "PROTOCOL" }],
    ["has a line that is no event", { chunks: [line("ADDED", "a"), "x\n"] }, { code: "PROTOCOL" }],
    ["breaks", { chunks: [line("ADDED", "a")], breaks: new Error("reset") }, { message: "reset" }],
  ])("that %s fails after the events before", async (_title, answer, error) => {
    expect(await namesOf(over(answer).deployments.watch())).toMatchObject({ names: ["ADDED a"], error });
  });

  it("rethrows the reason of its signal", async () => {
    const { script, deployments } = over({ chunks: [line("ADDED", "a")], open: true });
    const abort = new AbortController();
    const reason = new Error("enough");
    const events = deployments.watch({ signal: abort.signal })[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: "ADDED" });
    const next = events.next();
    abort.abort(reason);
    await expect(next).rejects.toBe(reason);
    expect(script.closed).toBe(1);
  });

  it("closes its connection when the loop is left", async () => {
    const { script, deployments } = over({ chunks: [line("ADDED", "a")], open: true });
    for await (const event of deployments.watch()) {
      expect(event.type).toBe("ADDED");
      break;
    }
    expect(script.closed).toBe(1);
  });

  it.each([
    [undefined, 295_000],
    [10, 15_000],
  ])("of %s seconds counts as dead a little later: after %i ms", async (timeoutSeconds, idleTimeoutMs) => {
    const { script, deployments } = over({ chunks: [] });
    await deployments.openWatch({ timeoutSeconds });
    expect(script.requests[0]).toMatchObject({ idleTimeoutMs });
  });
});

describe("a restart", () => {
  const restartedAt = new Date("2026-01-02T03:04:05.678Z");

  it("marks the template as kubectl does", async () => {
    const { script, deployments } = over({ body: deployment }, { body: deployment });
    await deployments.restart("a", { restartedAt, manager: "me" });
    expect(script.lines).toEqual([`GET ${base}/a`, `PATCH ${base}/a?fieldManager=me`]);
    expect(script.requests[1]?.body).toBe(
      '{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-01-02T03:04:05Z"}}}}}',
    );
  });

  it("of a paused deployment would start nothing, and is refused", async () => {
    const { script, deployments } = over({ body: { ...deployment, spec: { paused: true } } });
    await expect(deployments.restart("a")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: 'a restart of deployments "a": it is paused: resume it first, with spec.paused false',
    });
    expect(script.requests).toHaveLength(1);
  });

  it("of a kind that cannot be restarted is refused before any request, where only the compiler knew", async () => {
    const { script, client } = over();
    const kind: AnyKind = Pod;
    await expect(client.api(kind).namespace("ns").restart("p")).rejects.toThrow(
      "v1 Pod has no restart: only apps/v1 Deployment, apps/v1 StatefulSet, apps/v1 DaemonSet",
    );
    await expect(client.api(kind).namespace("ns").cordon("p")).rejects.toThrow("v1 Pod has no cordon: only v1 Node");
    expect(script.requests).toEqual([]);
  });
});

it("a node is cordoned by true, and uncordoned by nothing", async () => {
  const { script, nodes } = over({}, {});
  await nodes.cordon("n");
  await nodes.uncordon("n");
  expect(script.requests.map(({ body }) => body)).toEqual([
    '{"spec":{"unschedulable":true}}',
    '{"spec":{"unschedulable":null}}',
  ]);
});

it("a handle says what it is about, and nobody can change that", () => {
  const { client, everywhere, deployments } = over();
  expect(everywhere.target).toEqual({ kind: Deployment });
  expect(deployments.target).toEqual({ kind: Deployment, namespace: "ns" });
  expect(deployments.metadata.target).toEqual({ kind: Deployment, namespace: "ns", representation: "metadata" });
  expect(deployments.client).toBe(client);
  expect(Object.isFrozen(deployments.target)).toBe(true);
  expect(client.api(Dynamic).namespace("ns").target.kind.plural).toBe("widgets");
});

/** An object as the server sends it in a list. */
function bare(name: string) {
  return { metadata: meta(name), spec: {} };
}

function listOf(items: unknown, metadata: object = { resourceVersion: "9" }): Answer {
  return { body: { apiVersion: "apps/v1", kind: "DeploymentList", metadata, items } };
}

function line(type: string, name: string): string {
  return `${JSON.stringify({ type, object: { ...deployment, metadata: meta(name) } })}\n`;
}

/** The events of a watch, and how it ends. */
async function namesOf(events: AsyncIterable<WatchEvent<Deployment>>) {
  const names: string[] = [];
  try {
    for await (const { type, object } of events)
      names.push("spec" in object ? `${type} ${object.metadata.name}` : type);
  } catch (error) {
    return { names, error };
  }
  return { names, error: undefined };
}
