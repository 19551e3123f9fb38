import { expect, test } from "vitest";
import * as z from "zod";
import { isNotFound, type OwnerReference, ownerReference } from "../../../core/index.js";
import { Namespace } from "../../../resources/core/v1.js";
import { CustomResourceDefinition } from "../../../resources/apiextensions.k8s.io/v1.js";
import { Job } from "../../../resources/batch/v1.js";
import { ConfigMap, Secret } from "../../../resources/core/v1.js";
import { customResource } from "../../../schema/index.js";
import { TestCluster } from "../test-cluster.js";

const Thing = customResource({
  group: "test.example.dev",
  version: "v1",
  kind: "Thing",
  scope: "Namespaced",
  spec: z.object({ size: z.number().int() }),
});

const Realm = customResource({
  group: "test.example.dev",
  version: "v1",
  kind: "Realm",
  scope: "Cluster",
  spec: z.object({ size: z.number().int() }),
});

/** Short words for what these tests do to ConfigMaps in a cluster. */
function mapsOf(cluster: TestCluster) {
  const maps = cluster.client.api(ConfigMap).namespace("default");
  return {
    maps,
    create: (name: string, ownerReferences: OwnerReference[] = [], finalizers: string[] = []) =>
      maps.create({ metadata: { name, ownerReferences, finalizers } }),
    /** The names of the ConfigMaps that are left when all is settled; in brackets those on their way out. */
    left: async () => {
      await cluster.settled();
      const all = await maps.list().toArray();
      return all
        .filter(({ metadata }) => metadata.name !== "kube-root-ca.crt")
        .map(({ metadata }) => (metadata.deletionTimestamp === undefined ? metadata.name : `(${metadata.name})`))
        .join(" ");
    },
  };
}

const blocking = (owner: Parameters<typeof ownerReference>[0]) => ownerReference(owner, { blockOwnerDeletion: true });

test("in the background, dependents and theirs follow their owner", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  const child = await world.create("child", [ownerReference(owner)]);
  await world.create("grandchild", [ownerReference(child)]);
  await world.create("stranger");
  expect(await world.left()).toBe("child grandchild owner stranger");
  await world.maps.delete("owner", { propagationPolicy: "Background" });
  expect(await world.left()).toBe("stranger");
});

test("an object with another owner that lives stays, and forgets the one that is gone", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const [one, two] = [await world.create("one"), await world.create("two")];
  await world.create("child", [ownerReference(one), ownerReference(two, { controller: false })]);
  await world.maps.delete("one");
  expect(await world.left()).toBe("child two");
  expect((await world.maps.get("child")).metadata.ownerReferences).toEqual([
    ownerReference(two, { controller: false }),
  ]);
  await world.maps.delete("two");
  expect(await world.left()).toBe("");
});

test("in the foreground, the owner waits for the dependents that block it, and these for theirs", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  const child = await world.create("child", [blocking(owner)], ["test.example.dev/hold"]);
  await world.create("grandchild", [blocking(child)]);
  await world.maps.delete("owner", { propagationPolicy: "Foreground" });
  expect(await world.left()).toBe("(child) (owner)");
  expect((await world.maps.get("owner")).metadata.finalizers).toEqual(["foregroundDeletion"]);
  await world.maps.patch("child", { type: "json", body: [{ op: "remove", path: "/metadata/finalizers/0" }] });
  expect(await world.left()).toBe("");
});

test("in the foreground, a dependent that does not block is not waited for, and goes all the same", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  const free = ownerReference(owner, { blockOwnerDeletion: false });
  await world.create("child", [free], ["test.example.dev/hold"]);
  await world.maps.delete("owner", { propagationPolicy: "Foreground" });
  expect(await world.left()).toBe("(child)");
});

test("in the foreground, a dependent that ceases to block releases its owner", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  await world.create("child", [blocking(owner)], ["test.example.dev/hold"]);
  await world.maps.delete("owner", { propagationPolicy: "Foreground" });
  expect(await world.left()).toBe("(child) (owner)");
  const free = ownerReference(owner, { blockOwnerDeletion: false });
  await world.maps.patch("child", { type: "merge", body: { metadata: { ownerReferences: [free] } } });
  expect(await world.left()).toBe("(child)");
});

test("two that own each other go together, also in the foreground", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const one = await world.create("one");
  const two = await world.create("two", [blocking(one)]);
  await world.maps.patch("one", { type: "merge", body: { metadata: { ownerReferences: [blocking(two)] } } });
  expect(await world.left()).toBe("one two");
  await world.maps.delete("one", { propagationPolicy: "Foreground" });
  expect(await world.left()).toBe("");
});

test("orphans stay, and forget their owner", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  await world.create("child", [ownerReference(owner)]);
  await world.maps.delete("owner", { propagationPolicy: "Orphan" });
  expect(await world.left()).toBe("child");
  expect((await world.maps.get("child")).metadata.ownerReferences).toBeUndefined();
});

test("kinds that orphan by default do so", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const jobs = cluster.client.api(Job).namespace("default");
  const template = { spec: { containers: [{ name: "c", image: "i" }], restartPolicy: "Never" as const } };
  const job = await jobs.create({ metadata: { name: "job" }, spec: { template } });
  await world.create("child", [ownerReference(job)]);
  await cluster.settled();
  await jobs.delete("job");
  expect(await world.left()).toBe("child");
  expect(await jobs.getOptional("job")).toBeUndefined();
});

test("an owner that never was, or is another by now, has no dependents", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  await world.create("wrong-uid", [{ ...ownerReference(owner), uid: "00000000-0000-0000-0000-000000000000" }]);
  await world.create("wrong-name", [{ ...ownerReference(owner), name: "nobody" }]);
  await world.create("right", [ownerReference(owner)]);
  expect(await world.left()).toBe("owner right");
});

test("an owner in another namespace is none", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  await cluster.client.api(Namespace).create({ metadata: { name: "other" } });
  const owner = await cluster.client
    .api(ConfigMap)
    .namespace("other")
    .create({ metadata: { name: "owner" } });
  await world.create("child", [ownerReference(owner)]);
  expect(await world.left()).toBe("");
});

test("a cluster-scoped owner has dependents in every namespace", async () => {
  await using cluster = await TestCluster.start({ kinds: [Realm] });
  const world = mapsOf(cluster);
  const realms = cluster.client.api(Realm);
  const realm = await realms.create({ metadata: { name: "realm" }, spec: { size: 1 } });
  await world.create("child", [ownerReference(realm)]);
  expect(await world.left()).toBe("child");
  await realms.delete("realm");
  expect(await world.left()).toBe("");
});

test("a cluster-scoped object that names a namespaced owner is left alone", async () => {
  await using cluster = await TestCluster.start({ kinds: [Realm] });
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  const realms = cluster.client.api(Realm);
  await realms.create({ metadata: { name: "realm", ownerReferences: [plain(owner)] }, spec: { size: 1 } });
  await world.maps.delete("owner");
  await cluster.settled();
  expect(await realms.getOptional("realm")).toBeDefined();
});

/** A reference that `ownerReference` would refuse to make. */
function plain({ metadata: { name, uid } }: ConfigMap): OwnerReference {
  return { apiVersion: "v1", kind: "ConfigMap", name, uid };
}

test("custom kinds own and are owned, and what they own goes when their definition does", async () => {
  await using cluster = await TestCluster.start({ kinds: [Thing] });
  const world = mapsOf(cluster);
  const things = cluster.client.api(Thing).namespace("default");
  const thing = await things.create({ metadata: { name: "thing" }, spec: { size: 1 } });
  const child = await world.create("child", [ownerReference(thing)]);
  await things.create({
    metadata: { name: "grandchild", ownerReferences: [ownerReference(child)] },
    spec: { size: 2 },
  });
  expect(await world.left()).toBe("child");
  await cluster.client.api(CustomResourceDefinition).delete("things.test.example.dev");
  expect(await world.left()).toBe("");
  await expect(things.list().toArray()).rejects.toSatisfy(isNotFound);
});

test("an owner of a kind that is not served yet keeps its dependents until the kind is, and it is not", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const uid = "00000000-0000-0000-0000-000000000000";
  const reference = { apiVersion: "test.example.dev/v1", kind: "Thing", name: "thing", uid };
  await world.create("child", [reference]);
  await cluster.clock.advance({ minutes: 5 });
  expect(await world.left()).toBe("child");
  await cluster.client.api(CustomResourceDefinition).create(Thing.crd());
  await cluster.clock.advance({ minutes: 1 });
  expect(await world.left()).toBe("");
});

test("an owner of a kind that is served no more keeps its dependents: nobody knows whether it is there", async () => {
  await using cluster = await TestCluster.start({ kinds: [Thing] });
  const world = mapsOf(cluster);
  const definitions = cluster.client.api(CustomResourceDefinition);
  const thing = await cluster.client
    .api(Thing)
    .namespace("default")
    .create({ metadata: { name: "thing" }, spec: { size: 1 } });
  await world.create("child", [ownerReference(thing)]);
  await cluster.settled();
  const definition = await definitions.get("things.test.example.dev");
  const versions = definition.spec.versions.map((version) => ({ ...version, served: false }));
  await definitions.replace({ ...definition, spec: { ...definition.spec, versions } });
  await world.create("late", [ownerReference(thing)]);
  // One that must be looked at, because its reference is not to the letter what is known.
  await world.maps.patch("child", { type: "merge", body: { metadata: { ownerReferences: [renamed(thing)] } } });
  await cluster.clock.advance({ minutes: 5 });
  expect(await world.left()).toBe("child late");
});

/** The same owner under a name that it does not have. */
function renamed(owner: Parameters<typeof ownerReference>[0]): OwnerReference {
  return { ...ownerReference(owner), name: "renamed" };
}

test("an object that asked for its dependents to be orphaned is heard, also when it goes as a dependent", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  const child = await world.create("child", [ownerReference(owner)], ["orphan"]);
  await world.create("grandchild", [ownerReference(child)]);
  await world.maps.delete("owner");
  expect(await world.left()).toBe("grandchild");
});

test("what is already being deleted, and held by somebody else, is left to them", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  await world.create("child", [ownerReference(owner)], ["test.example.dev/hold"]);
  await world.maps.delete("child");
  await world.maps.delete("owner");
  expect(await world.left()).toBe("(child)");
});

test("other finalizers of an owner hold its dependents too", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner", [], ["test.example.dev/hold"]);
  await world.create("child", [ownerReference(owner)]);
  await world.maps.delete("owner");
  expect(await world.left()).toBe("child (owner)");
  await world.maps.patch("owner", { type: "merge", body: { metadata: { finalizers: null } } });
  expect(await world.left()).toBe("");
});

test("a lost watch and a compacted history lose no owner", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  const secrets = cluster.client.api(Secret).namespace("default");
  await secrets.create({ metadata: { name: "child", ownerReferences: [ownerReference(owner)] } });
  await cluster.settled();
  cluster.compact();
  await cluster.clock.advance({ minutes: 20 });
  await world.maps.delete("owner");
  await cluster.settled();
  expect(await secrets.getOptional("child")).toBeUndefined();
});

test("a change of an owned object costs the collector no request", async () => {
  await using cluster = await TestCluster.start();
  const world = mapsOf(cluster);
  const owner = await world.create("owner");
  await world.create("child", [ownerReference(owner)]);
  await cluster.settled();
  const before = await revision(cluster);
  for (let index = 0; index < 3; index++)
    await world.maps.patch("child", { type: "merge", body: { data: { index: String(index) } } });
  await cluster.settled();
  expect((await revision(cluster)) - before).toBe(3);
});

async function revision({ client }: TestCluster): Promise<number> {
  return Number((await client.api(ConfigMap).page()).metadata.resourceVersion);
}
