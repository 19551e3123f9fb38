/** Waiting, events, finalizers and leader election on a real control plane with a node. */

import { type Client, isReady, isRolledOut, waitFor } from "kindred";
import { Deployment, Pod } from "kindred/resources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { leaderElection } from "./scenarios/leader.js";
import { realWorld } from "./scenarios/real-world.js";
import { waiting } from "./scenarios/waiting.js";
import type { World } from "./scenarios/world.js";

let controlPlane: ControlPlane;
let client: Client;
let world: World;

beforeAll(async () => {
  controlPlane = await startControlPlane({ scheduler: true, nodes: 1 });
  world = await realWorld(controlPlane);
  client = world.client;
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
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

describe("as everywhere", () => waiting(() => world));
describe("leader election", () => leaderElection(() => world));

test("events are seen by kubectl", async () => {
  expect(await controlPlane.kubectl.ok(["events", "--for", "configmap/subject"])).toContain("this was a test");
});
