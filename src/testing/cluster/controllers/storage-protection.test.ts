/** Claims and volumes go when they are deleted, but not under a pod that uses them. */

import { expect, test } from "vitest";
import { isNotFound } from "../../../core/index.js";
import { PersistentVolume, PersistentVolumeClaim, Pod } from "../../../resources/core/v1.js";
import { TestCluster } from "../test-cluster.js";

const capacity = { storage: "1Gi" };
const accessModes: readonly "ReadWriteOnce"[] = ["ReadWriteOnce"];
const claim = {
  metadata: { name: "disk" },
  spec: { accessModes, resources: { requests: capacity } },
};
const pod = {
  metadata: { name: "user" },
  spec: {
    containers: [{ name: "c", image: "example.dev/c:1" }],
    volumes: [{ name: "v", persistentVolumeClaim: { claimName: "disk" } }],
  },
};

const isGone = (promise: Promise<unknown>) => promise.then(() => false, isNotFound);

test("a claim that no pod uses goes at once", async () => {
  await using cluster = await TestCluster.start();
  const claims = cluster.client.api(PersistentVolumeClaim).namespace("default");
  const created = await claims.create(claim);
  expect(created.metadata.finalizers).toEqual(["kubernetes.io/pvc-protection"]);
  await claims.delete("disk");
  await cluster.settled();
  expect(await isGone(claims.get("disk"))).toBe(true);
});

test("a claim that a pod uses stays until the pod is gone", async () => {
  await using cluster = await TestCluster.start();
  const claims = cluster.client.api(PersistentVolumeClaim).namespace("default");
  await claims.create(claim);
  await cluster.client.api(Pod).namespace("default").create(pod);
  await claims.delete("disk");
  await cluster.settled();
  expect((await claims.get("disk")).metadata.deletionTimestamp).toBeDefined();
  await cluster.client.api(Pod).namespace("default").delete("user");
  await cluster.settled();
  expect(await isGone(claims.get("disk"))).toBe(true);
});

test("a volume goes unless it is bound", async () => {
  await using cluster = await TestCluster.start();
  const volumes = cluster.client.api(PersistentVolume);
  const spec = { capacity, accessModes, hostPath: { path: "/x" } };
  for (const name of ["free", "bound"]) await volumes.create({ metadata: { name }, spec });
  await volumes.status.patch("bound", { type: "merge", body: { status: { phase: "Bound" } } });
  for (const name of ["free", "bound"]) await volumes.delete(name);
  await cluster.settled();
  expect(await isGone(volumes.get("free"))).toBe(true);
  expect(await isGone(volumes.get("bound"))).toBe(false);
});
