import { expect, test } from "vitest";
import * as z from "zod";
import { ConfigMap, Namespace, Pod, Secret, ServiceAccount } from "../../../resources/core/v1.js";
import { customResource } from "../../../schema/index.js";
import { TestCluster } from "../test-cluster.js";

const Thing = customResource({
  group: "test.example.dev",
  version: "v1",
  kind: "Thing",
  scope: "Namespaced",
  spec: z.object({ size: z.number().int() }),
});

const container = { name: "c", image: "i" };

/** Makes a namespace, and short words for it. */
async function withNamespace(cluster: TestCluster) {
  const namespaces = cluster.client.api(Namespace);
  await namespaces.create({ metadata: { name: "ns" } });
  await cluster.settled();
  return {
    namespaces,
    maps: cluster.client.api(ConfigMap).namespace("ns"),
    /** `Type=Status Reason: message` of each condition. */
    conditions: async () =>
      ((await namespaces.get("ns")).status?.conditions ?? []).map(
        ({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`,
      ),
  };
}

test("every namespace has the default ServiceAccount and the root certificate", async () => {
  await using cluster = await TestCluster.start({ rootCa: "PEM" });
  await cluster.client.api(Namespace).create({ metadata: { name: "new" } });
  await cluster.settled();
  const accounts = await cluster.client.api(ServiceAccount).list().toArray();
  const maps = await cluster.client.api(ConfigMap).list().toArray();
  const namespaces = ["default", "kube-node-lease", "kube-public", "kube-system", "new"];
  expect(accounts.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(
    namespaces.map((name) => `${name}/default`),
  );
  expect(maps.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(
    namespaces.map((name) => `${name}/kube-root-ca.crt`),
  );
  expect(maps.map(({ data }) => data)).toEqual(namespaces.map(() => ({ "ca.crt": "PEM" })));
});

test("what is deleted or changed of it comes back", async () => {
  await using cluster = await TestCluster.start({ rootCa: "PEM" });
  const world = await withNamespace(cluster);
  const { maps } = world;
  const accounts = cluster.client.api(ServiceAccount).namespace("ns");
  await accounts.delete("default");
  await maps.patch("kube-root-ca.crt", { type: "merge", body: { data: { "ca.crt": "forged", more: "x" } } });
  await cluster.settled();
  expect(await accounts.getOptional("default")).toBeDefined();
  expect((await maps.get("kube-root-ca.crt")).data).toEqual({ "ca.crt": "PEM" });
  await maps.delete("kube-root-ca.crt");
  await cluster.settled();
  expect((await maps.get("kube-root-ca.crt")).data).toEqual({ "ca.crt": "PEM" });
});

test("a namespace that is deleted takes all that is in it along, custom kinds too, and nothing else", async () => {
  await using cluster = await TestCluster.start({ kinds: [Thing] });
  const world = await withNamespace(cluster);
  const { namespaces, maps } = world;
  const { client } = cluster;
  await maps.create({ metadata: { name: "map" } });
  await client
    .api(Thing)
    .namespace("ns")
    .create({ metadata: { name: "thing" }, spec: { size: 1 } });
  await client
    .api(Pod)
    .namespace("ns")
    .create({ metadata: { name: "pod" }, spec: { containers: [container] } });
  await client
    .api(Secret)
    .namespace("default")
    .create({ metadata: { name: "elsewhere" } });
  await namespaces.delete("ns");
  await cluster.settled();
  expect(await namespaces.getOptional("ns")).toBeUndefined();
  const left = [client.api(ConfigMap), client.api(Thing), client.api(Pod), client.api(ServiceAccount)].map(
    async (api) => (await api.list().toArray()).filter(({ metadata }) => metadata.namespace === "ns"),
  );
  expect((await Promise.all(left)).flat()).toEqual([]);
  expect(await client.api(Secret).namespace("default").getOptional("elsewhere")).toBeDefined();
});

test("content that a finalizer holds keeps the namespace, whose conditions say so", async () => {
  await using cluster = await TestCluster.start();
  const world = await withNamespace(cluster);
  const { namespaces, maps } = world;
  for (const name of ["one", "two"]) await maps.create({ metadata: { name, finalizers: ["test.example.dev/hold"] } });
  await namespaces.delete("ns");
  await cluster.settled();
  expect((await namespaces.get("ns")).status?.phase).toBe("Terminating");
  expect(await world.conditions()).toEqual([
    "NamespaceDeletionDiscoveryFailure=False ResourcesDiscovered: All resources successfully discovered",
    "NamespaceDeletionGroupVersionParsingFailure=False ParsedGroupVersions: All legacy kube types successfully parsed",
    "NamespaceDeletionContentFailure=False ContentDeleted: All content successfully deleted, may be waiting on finalization",
    "NamespaceContentRemaining=True SomeResourcesRemain: Some resources are remaining: configmaps. has 2 resource instances",
    "NamespaceFinalizersRemaining=True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: test.example.dev/hold in 2 resource instances",
  ]);
  await maps.patch("one", { type: "merge", body: { metadata: { finalizers: null } } });
  await cluster.clock.advance({ seconds: 8 });
  expect((await world.conditions())[3]).toContain("configmaps. has 1 resource instances");
  await maps.patch("two", { type: "merge", body: { metadata: { finalizers: null } } });
  await cluster.clock.advance({ seconds: 8 });
  expect(await namespaces.getOptional("ns")).toBeUndefined();
});

test("a condition keeps its time as long as its status stays", async () => {
  await using cluster = await TestCluster.start();
  const world = await withNamespace(cluster);
  const { namespaces, maps } = world;
  for (const name of ["one", "two"]) await maps.create({ metadata: { name, finalizers: ["test.example.dev/hold"] } });
  await namespaces.delete("ns");
  await cluster.settled();
  await maps.patch("one", { type: "merge", body: { metadata: { finalizers: null } } });
  await cluster.clock.advance({ seconds: 8 });
  const times = (await namespaces.get("ns")).status?.conditions?.map(({ lastTransitionTime }) => lastTransitionTime);
  expect(new Set(times)).toEqual(new Set(["2026-01-01T00:00:00Z"]));
});

test("pods go first: what they may need stays until they are gone", async () => {
  await using cluster = await TestCluster.start();
  const world = await withNamespace(cluster);
  const { namespaces, maps } = world;
  const pods = cluster.client.api(Pod).namespace("ns");
  const spec = { containers: [container], nodeName: "node", terminationGracePeriodSeconds: 10 };
  await pods.create({ metadata: { name: "pod" }, spec });
  await maps.create({ metadata: { name: "map" } });
  await namespaces.delete("ns");
  await cluster.settled();
  expect((await pods.get("pod")).metadata.deletionTimestamp).toBeDefined();
  expect((await maps.get("map")).metadata.deletionTimestamp).toBeUndefined();
  // What a kubelet does when the containers have ended.
  await pods.delete("pod", { gracePeriodSeconds: 0 });
  await cluster.clock.advance({ seconds: 6 });
  expect(await namespaces.getOptional("ns")).toBeUndefined();
});

test("somebody else's finalizer on the namespace itself keeps it, empty", async () => {
  await using cluster = await TestCluster.start();
  const world = await withNamespace(cluster);
  const { namespaces, maps } = world;
  await namespaces.patch("ns", { type: "merge", body: { metadata: { finalizers: ["test.example.dev/hold"] } } });
  await maps.create({ metadata: { name: "map" } });
  await namespaces.delete("ns");
  await cluster.settled();
  expect((await namespaces.get("ns")).spec?.finalizers ?? []).toEqual([]);
  expect(await maps.list().toArray()).toEqual([]);
  expect(await world.conditions()).toContain(
    "NamespaceContentRemaining=False ContentRemoved: All content successfully removed",
  );
  await namespaces.patch("ns", { type: "merge", body: { metadata: { finalizers: null } } });
  expect(await namespaces.getOptional("ns")).toBeUndefined();
});

test("a namespace on its way out gets no furniture back", async () => {
  await using cluster = await TestCluster.start();
  const world = await withNamespace(cluster);
  const { namespaces, maps } = world;
  await maps.create({ metadata: { name: "held", finalizers: ["test.example.dev/hold"] } });
  await namespaces.delete("ns");
  await cluster.settled();
  expect(await cluster.client.api(ServiceAccount).namespace("ns").list().toArray()).toEqual([]);
  expect((await maps.list().toArray()).map(({ metadata }) => metadata.name)).toEqual(["held"]);
});
