/** Waiting, events and finalizers on a real control plane with a node. */

import {
  Client,
  Controller,
  deleteAndWait,
  eventRecorder,
  isEstablished,
  isReady,
  isRolledOut,
  waitFor,
  withFinalizer,
} from "kindred";
import { ConfigMap, CustomResourceDefinition, Deployment, EventsEvent, Pod } from "kindred/resources";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";

let controlPlane: ControlPlane;
let client: Client;

beforeAll(async () => {
  controlPlane = await startControlPlane({ scheduler: true, nodes: 1 });
  client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

test("a deployment is waited for until it has rolled out, as kubectl would", async () => {
  const deployments = client.api(Deployment).namespace("default");
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image: "web:1" }] } };
  await deployments.apply(
    { metadata: { name: "web" }, spec: { replicas: 2, selector: { matchLabels: labels }, template } },
    { manager: "test" },
  );
  const done = await waitFor(deployments, "web", { until: isRolledOut, what: "to roll out", timeout: { seconds: 60 } });
  expect(done?.status?.availableReplicas).toBe(2);
  await controlPlane.kubectl.ok(["rollout", "status", "deployment/web", "--timeout=10s"]);
  const [pod] = await client.api(Pod).namespace("default").list({ labels }).toArray();
  await waitFor(client.api(Pod).namespace("default"), pod?.metadata.name ?? "", { until: isReady });
});

test("an object that is deleted is waited for until it is gone, also where finalizers hold it", async () => {
  const maps = client.api(ConfigMap).namespace("default");
  await maps.create({ metadata: { name: "held", finalizers: ["test.example.dev/hold"] } });
  const gone = deleteAndWait(maps, "held", { timeout: { seconds: 30 } });
  await waitFor(maps, "held", { until: (map) => map?.metadata.deletionTimestamp !== undefined });
  await maps.patch("held", { type: "merge", body: { metadata: { finalizers: null } } });
  await gone;
  expect(await maps.getOptional("held")).toBeUndefined();
  await deleteAndWait(maps, "never-was");
});

test("what never comes ends with what was awaited", async () => {
  const never = waitFor(client.api(CustomResourceDefinition), "no.such.crd", {
    until: isEstablished,
    what: "to be established",
    timeout: { milliseconds: 300 },
  });
  await expect(never).rejects.toThrow(
    'waited 0.3 s for CustomResourceDefinition "no.such.crd" to be established, in vain',
  );
});

test("events are seen by kubectl, and repeat as a series", async () => {
  const map = await client
    .api(ConfigMap)
    .namespace("default")
    .create({ metadata: { name: "subject" } });
  const events = eventRecorder(client, { controller: "test.example.dev/c" });
  const note = { type: "Normal", reason: "Tested", action: "Test", note: "this was a test" } as const;
  for (let count = 0; count < 3; count++) await events.record(map, note);
  expect(await controlPlane.kubectl.ok(["events", "--for", "configmap/subject"])).toContain("this was a test");
  const [event] = await client
    .api(EventsEvent)
    .namespace("default")
    .list({ fields: { "metadata.namespace": "default" } })
    .toArray()
    .then((all) => all.filter((one) => one.regarding?.uid === map.metadata.uid));
  expect(event?.series?.count).toBe(3);
});

test("a finalizer holds an object until what was made for it is gone", async () => {
  const outside = new Set<string>();
  let tell: () => void = () => {};
  const applied = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const maps = client.api(ConfigMap).namespace("default");
  await using _controller = new Controller(maps, { labels: { finalized: "yes" } }).run(
    withFinalizer(ConfigMap, "test.example.dev/outside", {
      apply: (map) => {
        outside.add(map.metadata.name);
        tell();
      },
      cleanup: (map) => void outside.delete(map.metadata.name),
    }),
  );
  await maps.create({ metadata: { name: "finalized", labels: { finalized: "yes" } } });
  await applied;
  expect((await maps.get("finalized")).metadata.finalizers).toEqual(["test.example.dev/outside"]);
  await deleteAndWait(maps, "finalized", { timeout: { seconds: 30 } });
  expect(outside.size).toBe(0);
});
