import { expect, test } from "vitest";
import * as z from "zod";
import { ownerReference } from "../../core/index.js";
import { Client } from "../../client/index.js";
import { CustomResourceDefinition } from "../../resources/apiextensions.k8s.io/v1.js";
import { ConfigMap, Namespace, Secret, ServiceAccount } from "../../resources/core/v1.js";
import { Controller, requeueAfter } from "../../runtime/index.js";
import { customResource } from "../../schema/index.js";
import { TestCluster, type TestClusterOptions } from "./test-cluster.js";

const Greeting = customResource({
  group: "test.example.dev",
  version: "v1",
  kind: "Greeting",
  scope: "Namespaced",
  spec: z.object({ text: z.string() }),
  status: z.object({ seen: z.number().int() }),
});

/** A controller that makes a ConfigMap for each Greeting. */
function runGreeter(cluster: TestCluster, onRun: () => void = () => {}) {
  const { client, clock } = cluster;
  return new Controller(client.api(Greeting)).owns(client.api(ConfigMap)).run(
    async ({ apiVersion, kind, metadata, spec }) => {
      onRun();
      const { name } = metadata;
      const owners = [ownerReference({ apiVersion, kind, metadata })];
      await client
        .api(ConfigMap)
        .namespace(metadata.namespace)
        .apply(
          { metadata: { name, ownerReferences: owners }, data: { text: spec.text } },
          { manager: "greeter", force: true },
        );
      return requeueAfter({ minutes: 5 });
    },
    { clock, logger: silent },
  );
}

const silent = { info: () => {}, warn: () => {} };
const greeting = (name: string) => ({ metadata: { name }, spec: { text: "hello" } });

test("a controller that works against the cluster has done its work when the cluster has settled", async () => {
  await using cluster = await TestCluster.start({ kinds: [Greeting] });
  await using _greeter = runGreeter(cluster);
  const greetings = cluster.client.api(Greeting).namespace("default");
  const maps = cluster.client.api(ConfigMap).namespace("default");
  await greetings.create(greeting("one"));
  await cluster.settled();
  expect((await maps.get("one")).data).toEqual({ text: "hello" });
  await maps.patch("one", { type: "merge", body: { data: { text: "tampered" } } });
  await cluster.settled();
  expect((await maps.get("one")).data).toEqual({ text: "hello" });
  await greetings.delete("one");
  await cluster.settled();
  expect(await maps.getOptional("one")).toBeUndefined();
});

test("time that the test lets pass makes what waits for it due, watches that end and begin again included", async () => {
  await using cluster = await TestCluster.start({ kinds: [Greeting] });
  let runs = 0;
  await using _greeter = runGreeter(cluster, () => runs++);
  await cluster.client.api(Greeting).namespace("default").create(greeting("one"));
  await cluster.settled();
  const before = runs;
  await cluster.clock.advance({ hours: 1 });
  expect(runs - before).toBe(12);
  expect(cluster.clock.date()).toEqual(new Date("2026-01-01T01:00:00Z"));
  // Ended by the server's timeout, not by a failure.
  expect(cluster.requests.matching({ verbs: ["watch"], kind: Greeting }).length).toBeGreaterThan(10);
});

test("the cluster has not settled while a controller in its care is at work outside", async () => {
  await using cluster = await TestCluster.start({ kinds: [Greeting] });
  let finish: () => void = () => {};
  const outside = new Promise<void>((resolve) => (finish = resolve));
  const greetings = cluster.client.api(Greeting);
  const controller = cluster.use(
    new Controller(greetings).run(() => outside, { clock: cluster.clock, logger: silent }),
  );
  await greetings.namespace("default").create(greeting("one"));
  let settled = false;
  const settling = cluster.settled().then(() => (settled = true));
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect([settled, controller.idle]).toEqual([false, false]);
  finish();
  await settling;
  expect(controller.idle).toBe(true);
});

test("controllers in its care stop with the cluster, even if a reconcile never ends", async () => {
  const cluster = await TestCluster.start({ kinds: [Greeting] });
  const greetings = cluster.client.api(Greeting);
  await greetings.namespace("default").create(greeting("one"));
  let isRunning: () => void = () => {};
  const running = new Promise<void>((resolve) => (isRunning = resolve));
  const reconcile = () => {
    isRunning();
    return new Promise<never>(() => {});
  };
  const controller = cluster.use(new Controller(greetings).run(reconcile, { clock: cluster.clock, logger: silent }));
  const types: string[] = [];
  const reading = (async () => {
    for await (const { type } of controller) types.push(type);
  })();
  await running;
  await cluster[Symbol.asyncDispose]();
  await reading;
  expect(types).toEqual(["ready", "abandoned"]);
});

test("a loop without rest does not stop the process, and is told apart", async () => {
  await using cluster = await TestCluster.start({ restless: { milliseconds: 200 } });
  const maps = cluster.client.api(ConfigMap).namespace("default");
  await maps.create({ metadata: { name: "restless" } });
  let count = 0;
  await using _controller = new Controller(maps).run(
    async ({ metadata: { name } }) => {
      if (name === "restless") await maps.patch(name, { type: "merge", body: { data: { count: String(count++) } } });
    },
    { clock: cluster.clock, logger: silent },
  );
  await expect(cluster.settled()).rejects.toThrow(/^the cluster has not settled for 0.2 s: /);
});

test.each(["manual", "machine"] as const)("it works by the %s clock", async (clock) => {
  await using cluster = await TestCluster.start({ kinds: [Greeting], clock });
  await using _greeter = runGreeter(cluster);
  await cluster.client.api(Greeting).namespace("default").create(greeting("one"));
  await cluster.settled();
  expect(await cluster.client.api(ConfigMap).namespace("default").getOptional("one")).toBeDefined();
});

test("the same seed gives the same run, to the last request and its outcome, and another seed another", async () => {
  const run = async (seed: number) => {
    await using cluster = await TestCluster.start({ seed, kinds: [Greeting] });
    const faults = [
      cluster.inject({ fault: "internal-error", verbs: ["patch", "get"], probability: 0.3 }),
      cluster.inject({ fault: "delay", by: { milliseconds: 70 }, probability: 0.2 }),
      cluster.inject({ fault: "drop-watch", afterEvents: 2, probability: 0.5 }),
    ];
    await using greeter = runGreeter(cluster);
    const outcomes: string[] = [];
    const reading = (async () => {
      for await (const { type, ...outcome } of greeter) outcomes.push(`${type} ${JSON.stringify(outcome)}`);
    })();
    const greetings = cluster.client.api(Greeting).namespace("default");
    const create = (name: string) => greetings.create(greeting(name)).catch(() => {});
    for (let index = 0; index < 5; index++) {
      void create(`g-${index}`);
      await cluster.clock.advance({ seconds: 7 });
    }
    await cluster.clock.advance({ minutes: 20 });
    for (const fault of faults) fault[Symbol.dispose]();
    const uids = (await cluster.client.api(ConfigMap).list().toArray()).map(({ metadata }) => metadata.uid);
    await greeter.stop();
    await reading;
    const requests = cluster.requests.all.map(({ at, method, url, body, status }) => [at, method, url, body, status]);
    return { outcomes, requests, uids };
  };
  const first = await run(3);
  expect(await run(3)).toEqual(first);
  expect((await run(4)).requests).not.toEqual(first.requests);
  expect(first.requests.length).toBeGreaterThan(50);
  expect(first.outcomes.some((outcome) => outcome.startsWith("failed"))).toBe(true);
});

test("it begins with what it is given, in whatever order, each object with its status", async () => {
  const options: TestClusterOptions = {
    objects: [
      {
        apiVersion: "test.example.dev/v1",
        kind: "Greeting",
        metadata: { name: "one", namespace: "ns" },
        spec: { text: "hi" },
        status: { seen: 3 },
      },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "map" } },
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "ns" } },
    ],
    manifests: `%YAML 1.1
--- # Three documents.
apiVersion: v1
kind: Secret
metadata: {name: written}
immutable: yes
stringData:
  key: |
    ---
    ...
--- {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json", "namespace": "ns"}}
...
apiVersion: v1
kind: ConfigMapList
items:
- metadata: {generateName: listed-, namespace: ns}
`,
    kinds: [Greeting],
  };
  await using cluster = await TestCluster.start(options);
  const { client } = cluster;
  expect(await client.api(Greeting).namespace("ns").get("one")).toMatchObject({
    spec: { text: "hi" },
    status: { seen: 3 },
  });
  expect(await client.api(ConfigMap).namespace("default").getOptional("map")).toBeDefined();
  expect(await client.api(ConfigMap).namespace("ns").getOptional("json")).toBeDefined();
  expect(await client.api(Secret).namespace("default").get("written")).toMatchObject({
    data: { key: btoa("---\n...\n") },
    immutable: true,
  });
  const { items } = await client.api(ConfigMap).namespace("ns").page();
  expect(items.map(({ metadata }) => metadata.generateName)).toContain("listed-");
  expect(cluster.requests.all.length).toBe(5);
});

test("what every cluster begins with is what a cluster of its own making has", async () => {
  const beginning = async (options: TestClusterOptions) => {
    await using cluster = await TestCluster.start(options);
    const { client } = cluster;
    const kinds = [client.api(Namespace), client.api(ServiceAccount), client.api(ConfigMap)];
    return Promise.all(kinds.map((api) => api.page()));
  };
  const common = await beginning({});
  expect(common.map(({ items }) => items.length)).toEqual([4, 4, 4]);
  expect(await beginning({ now: new Date("2026-01-01T00:00:00Z") })).toEqual(common);
  expect(await beginning({ now: new Date("2027-01-01T00:00:00Z") })).not.toEqual(common);
});

test.each<readonly [string, TestClusterOptions, string]>([
  [
    "an object of a kind that is not served",
    { objects: [{ apiVersion: "a.example.dev/v1", kind: "B", metadata: { name: "c" } }] },
    'the object "c" is a B of a.example.dev/v1, which the cluster does not serve',
  ],
  [
    "a manifest that is no object",
    { manifests: "---\n# one\n---\nkind: Pod" },
    "the manifests, document 2, line 4: apiVersion is missing",
  ],
  [
    "a manifest without a name",
    { manifests: "kind: List\nitems:\n- { apiVersion: v1, kind: Pod, metadata: { labels: {} } }" },
    "the manifests, document 1, line 1, item 1: metadata.name is missing",
  ],
  [
    "an object that the server refuses",
    { objects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "Not_A_Name" } }] },
    "a lowercase RFC 1123 subdomain must consist of",
  ],
])("%s is refused at the start", async (_title, options, message) => {
  await expect(TestCluster.start(options)).rejects.toThrow(message);
});

test("requests are remembered with their answers, and not those of the cluster itself", async () => {
  await using cluster = await TestCluster.start();
  const maps = cluster.client.api(ConfigMap).namespace("default");
  await maps.create({ metadata: { name: "a" } });
  await maps.getOptional("nobody");
  await cluster.clock.advance({ seconds: 90 });
  expect(cluster.requests.all.map(({ at }) => at.toISOString())).toEqual([
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T00:00:00.000Z",
  ]);
  expect(String(cluster.requests)).toBe("create configmaps default/a 201\nget configmaps default/nobody 404");
  expect(JSON.parse(String(cluster.requests.all[0]?.body))).toMatchObject({ metadata: { name: "a" } });
  cluster.requests.clear();
  expect(cluster.requests.all).toEqual([]);
});

test("after compaction, a watch from the past must list anew", async () => {
  await using cluster = await TestCluster.start();
  const maps = cluster.client.api(ConfigMap);
  const { metadata } = await maps.page();
  await maps.namespace("default").create({ metadata: { name: "a" } });
  cluster.compact();
  const events: unknown[] = [];
  for await (const event of maps.watch({ resourceVersion: metadata.resourceVersion })) events.push(event);
  expect(events).toMatchObject([{ type: "ERROR", object: { reason: "Expired" } }]);
});

test("further clients are told apart, in faults and in the log", async () => {
  await using cluster = await TestCluster.start();
  const second = new Client({ transport: cluster.transport, server: "second", userAgent: "second/1" });
  cluster.inject({ fault: "internal-error", userAgent: "second" });
  await expect(second.api(ConfigMap).namespace("default").get("a")).rejects.toThrow("500");
  await expect(cluster.client.api(ConfigMap).namespace("default").get("a")).rejects.toThrow("404");
  expect(cluster.requests.matching({ userAgent: "second" }).map(({ status }) => status)).toEqual([500]);
});

test("a cluster that is disposed of has ended its watches, and answers no more", async () => {
  const cluster = await TestCluster.start();
  const watch = await cluster.client.api(ConfigMap).openWatch();
  const ended = (async () => {
    for await (const _ of watch);
  })();
  await cluster[Symbol.asyncDispose]();
  await ended;
  await cluster[Symbol.asyncDispose]();
  await cluster.settled();
  await expect(cluster.client.api(CustomResourceDefinition).get("a")).rejects.toThrow("503");
});

test("two clusters, which share their first objects, tell of a deletion by revisions of their own", async () => {
  async function deletionIn({ client }: TestCluster): Promise<readonly [event: unknown, latest: unknown]> {
    const maps = client.api(ConfigMap).namespace("default");
    const { metadata } = await maps.page();
    const watch = maps.watch({ ...(metadata.resourceVersion !== undefined && metadata), bookmarks: false });
    const first = watch[Symbol.asyncIterator]().next();
    await maps.delete("kube-root-ca.crt");
    const { value } = await first;
    const version = value?.type === "DELETED" ? value.object.metadata.resourceVersion : value?.type;
    return [version, (await client.api(Secret).page()).metadata.resourceVersion];
  }
  await using one = await TestCluster.start();
  await using another = await TestCluster.start();
  for (const name of ["a", "b", "c"]) await another.client.api(Namespace).create({ metadata: { name } });
  const [event, latest] = await deletionIn(one);
  expect(event).toBe(latest);
  const [anotherEvent, anotherLatest] = await deletionIn(another);
  expect(anotherEvent).toBe(anotherLatest);
  expect(anotherEvent).not.toBe(event);
});
