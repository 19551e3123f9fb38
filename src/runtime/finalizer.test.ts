import { beforeEach, describe, expect, test } from "vitest";
import { Thing } from "../../test/support/fake-collection.js";
import { answer, RecordingTransport } from "../../test/support/recording-transport.js";
import { Client } from "../client/index.js";
import { requeueAfter } from "./action.js";
import { withFinalizer } from "./finalizer.js";
import type { ReconcileContext } from "./reconcile.js";

const name = "example.dev/f";
let server: RecordingTransport;
let steps: string[];

beforeEach(() => {
  server = new RecordingTransport(() => answer(200, {}));
  steps = [];
});

function run(meta: { finalizers?: string[]; deletionTimestamp?: string }, cleanup = async () => {}) {
  const thing: Thing = {
    apiVersion: "example.dev/v1",
    kind: "Thing",
    metadata: { name: "a", namespace: "ns", uid: "u", resourceVersion: "1", creationTimestamp: "t", ...meta },
    spec: { value: 1 },
  };
  const context = {
    client: new Client({ transport: server.transport, server: "https://fake" }),
    signal: new AbortController().signal,
  } as unknown as ReconcileContext<Thing>;
  const reconcile = withFinalizer<Thing>(Thing, name, {
    apply: () => {
      steps.push("apply");
      return requeueAfter({ minutes: 1 });
    },
    cleanup: async () => {
      steps.push("cleanup");
      await cleanup();
    },
  });
  return reconcile(thing, context);
}

const deletionTimestamp = "2026-01-01T00:00:00Z";

describe("an object that", () => {
  test.each([
    {
      title: "lives without any finalizer gets it, guarded by there being none",
      meta: {},
      did: [],
      patch: [
        { op: "test", path: "/metadata/finalizers", value: null },
        { op: "add", path: "/metadata/finalizers", value: [name] },
      ],
    },
    {
      title: "lives with others' finalizers gets it, guarded by the whole list",
      meta: { finalizers: ["x.io/a"] },
      did: [],
      patch: [
        { op: "test", path: "/metadata/finalizers", value: ["x.io/a"] },
        { op: "add", path: "/metadata/finalizers/-", value: name },
      ],
    },
    { title: "lives and has it is applied", meta: { finalizers: ["x.io/a", name] }, did: ["apply"], patch: undefined },
    {
      title: "is being deleted and has it is cleaned up, then let go",
      meta: { finalizers: ["x.io/a", name], deletionTimestamp },
      did: ["cleanup"],
      patch: [
        { op: "test", path: "/metadata/finalizers/1", value: name },
        { op: "remove", path: "/metadata/finalizers/1" },
      ],
    },
    {
      title: "is being deleted and is held by others is left alone",
      meta: { finalizers: ["x.io/a"], deletionTimestamp },
      did: [],
      patch: undefined,
    },
  ])("$title", async ({ meta, did, patch }) => {
    await run(meta);
    expect(steps).toEqual(did);
    expect(server.bodies).toEqual(patch === undefined ? [] : [patch]);
    if (patch === undefined) return;
    expect(server.requests[0]).toMatchObject({
      method: "PATCH",
      url: "/apis/example.dev/v1/namespaces/ns/things/a",
      headers: { "content-type": "application/json-patch+json" },
    });
  });
});

test("what apply returns is returned", async () => {
  expect(await run({ finalizers: [name] })).toEqual(requeueAfter({ minutes: 1 }));
});

test("a cleanup that fails keeps the finalizer", async () => {
  const failing = async () => {
    throw new Error("the bucket is not empty");
  };
  await expect(run({ finalizers: [name], deletionTimestamp }, failing)).rejects.toThrow("the bucket is not empty");
  expect(server.requests).toEqual([]);
});

test("a race that was lost is a failure, and so tried again", async () => {
  server.respond = () => answer(422, {});
  await expect(run({})).rejects.toMatchObject({ code: "API" });
});

test.each(["bare", "", "a/b/c", "a b/c"])("the name %o is refused at once", (bad) => {
  expect(() => withFinalizer(Thing, bad, { apply: () => {}, cleanup: () => {} })).toThrow("domain/name");
});
