import { expect, test } from "vitest";
import * as z from "zod";
import { ownerReference } from "../../../core/index.js";
import { Client } from "../../../client/index.js";
import { CustomResourceDefinition } from "../../../resources/apiextensions.k8s.io/v1.js";
import { ConfigMap, Secret } from "../../../resources/core/v1.js";
import { customResource } from "../../../schema/index.js";
import { ApiServer } from "../../index.js";
import { type RequestFacts, requestFacts } from "../request-facts.js";
import { TestClock } from "../test-clock.js";
import { type Handler, localTransport } from "../transport.js";
import { OpenWatches } from "../watch-drops.js";
import { startControllers } from "./controllers.js";

const Thing = customResource({
  group: "test.example.dev",
  version: "v1",
  kind: "Thing",
  scope: "Namespaced",
  spec: z.object({ size: z.number().int() }),
});

/** Controllers on a server that they reach only as `reach` lets them. */
function start(options: { readonly watch?: "written" | "all"; readonly server?: ApiServer } = {}) {
  const turns = async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const clock = new TestClock({ seed: 1, rest: turns });
  const server = options.server ?? new ApiServer({ clock });
  const watches = new OpenWatches();
  const world = { reach: async (_facts: RequestFacts) => {} };
  const handle: Handler = async (request) => {
    const facts = requestFacts(request);
    await world.reach(facts);
    const response = await server.handle(request);
    return typeof response.body === "string" ? response : { ...response, body: watches.add(response.body, facts) };
  };
  const controllers = startControllers({ handle, clock, watch: options.watch });
  const transport = localTransport({ handle: controllers.handle, server: "here", clock });
  return Object.assign(world, {
    server,
    clock,
    watches,
    controllers,
    turns,
    client: new Client({ transport, server: "here" }),
  });
}

const hold = "test.example.dev/hold";

test("nothing is decided before the objects of every kind that was written are known", async () => {
  const world = start();
  await using _controllers = world.controllers;
  const { client, turns } = world;
  const maps = client.api(ConfigMap).namespace("default");
  const owner = await maps.create({ metadata: { name: "owner" } });
  const references = [ownerReference(owner)];
  const child = await maps.create({ metadata: { name: "child", ownerReferences: references, finalizers: [hold] } });
  await turns();
  // What the controllers hear of secrets comes late.
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  world.reach = (facts) => (facts.verb === "watch" && facts.plural === "secrets" ? gate : Promise.resolve());
  await client
    .api(Secret)
    .namespace("default")
    .create({ metadata: { name: "grandchild", ownerReferences: [ownerReference(child)] } });
  await maps.delete("owner", { propagationPolicy: "Foreground" });
  await turns();
  expect((await maps.get("child")).metadata.deletionTimestamp).toBeUndefined();
  open();
  await turns();
  expect((await maps.get("child")).metadata.deletionTimestamp).toBeDefined();
  expect(await client.api(Secret).namespace("default").getOptional("grandchild")).toBeUndefined();
});

test("many kinds can be written without a warning of Node's", async () => {
  const warnings: Error[] = [];
  const record = (warning: Error) => warnings.push(warning);
  process.on("warning", record);
  const world = start({ watch: "all" });
  await using _controllers = world.controllers;
  await world.turns();
  process.off("warning", record);
  expect(warnings).toEqual([]);
});

test("owners that went while their kind could not be followed are missed when it is again", async () => {
  const world = start();
  await using _controllers = world.controllers;
  const { client, turns, clock, watches } = world;
  const definitions = client.api(CustomResourceDefinition);
  const things = client.api(Thing).namespace("default");
  const maps = client.api(ConfigMap).namespace("default");
  await definitions.create(Thing.crd());
  const thing = await things.create({ metadata: { name: "thing" }, spec: { size: 1 } });
  await maps.create({ metadata: { name: "child", ownerReferences: [ownerReference(thing)] } });
  await turns();
  watches.drop({ kind: Thing });
  await definitions.delete("things.test.example.dev");
  // By now the controllers have found that the kind is gone, and have not heard of the deletion.
  await clock.advance({ seconds: 5 });
  expect(await maps.getOptional("child")).toBeDefined();
  await definitions.create(Thing.crd());
  await things.create({ metadata: { name: "other" }, spec: { size: 1 } });
  await turns();
  expect(await maps.getOptional("child")).toBeUndefined();
});

test("a server that has content already is followed whole", async () => {
  const server = new ApiServer();
  const clock = new TestClock({ seed: 1, rest: async () => {} });
  const transport = localTransport({ handle: (request) => server.handle(request), server: "here", clock });
  const before = new Client({ transport, server: "here" });
  const maps = before.api(ConfigMap).namespace("default");
  const owner = await maps.create({ metadata: { name: "owner" } });
  await maps.create({ metadata: { name: "child", ownerReferences: [ownerReference(owner)] } });
  await maps.delete("owner");
  const { controllers, turns } = start({ watch: "all", server });
  await using _controllers = controllers;
  await controllers.ready;
  await turns();
  expect(await maps.getOptional("child")).toBeUndefined();
});

test("controllers that are stopped watch nothing any more", async () => {
  const world = start({ watch: "all" });
  await world.controllers.ready;
  await world.turns();
  expect(world.controllers.idle).toBe(true);
  await world.controllers[Symbol.asyncDispose]();
  expect(world.watches.drop({})).toBe(0);
});
