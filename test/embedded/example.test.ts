import { type Client, Controller, customResource, ownerReference, requeueAfter, type RunOptions } from "kindred";
import { ConfigMap } from "kindred/resources";
import { TestCluster } from "kindred/testing";
import { expect, test } from "vitest";
import * as z from "zod";

// The controller, as it would stand in a file of its own: each Greeting gets a ConfigMap with its text.
const Greeting = customResource({
  group: "example.dev",
  version: "v1",
  kind: "Greeting",
  scope: "Namespaced",
  spec: z.object({ who: z.string() }),
});

function run(client: Client, options: RunOptions = {}) {
  return new Controller(client.api(Greeting)).owns(client.api(ConfigMap)).run(async (greeting, { signal }) => {
    const { name, namespace } = greeting.metadata;
    const ownerReferences = [ownerReference(greeting)];
    const data = { text: `Hello, ${greeting.spec.who}!` };
    await client
      .api(ConfigMap)
      .namespace(namespace)
      .apply({ metadata: { name, ownerReferences }, data }, { manager: "greeter", force: true, signal });
    return requeueAfter({ minutes: 5 });
  }, options);
}

// What every test begins with. Each has a cluster of its own, which stops the controller when the test ends.
async function start() {
  const cluster = await TestCluster.start({ kinds: [Greeting] });
  cluster.use(run(cluster.client, { clock: cluster.clock }));
  return cluster;
}

const hello = { metadata: { name: "hello" }, spec: { who: "world" } };

test("a Greeting gets a ConfigMap, which goes with it", async () => {
  await using cluster = await start();
  const greetings = cluster.client.api(Greeting).namespace("default");
  const maps = cluster.client.api(ConfigMap).namespace("default");
  await greetings.create(hello);
  await cluster.settled();
  expect((await maps.get("hello")).data).toEqual({ text: "Hello, world!" });

  await greetings.delete("hello");
  await cluster.settled(); // the garbage collector's work included
  expect(await maps.getOptional("hello")).toBeUndefined();
});

test("a ConfigMap that somebody edits is restored, and then nothing is written any more", async () => {
  await using cluster = await start();
  const greetings = cluster.client.api(Greeting).namespace("default");
  const maps = cluster.client.api(ConfigMap).namespace("default");
  await greetings.create(hello);
  await cluster.settled();
  await maps.patch("hello", { type: "merge", body: { data: { text: "tampered" } } });
  await cluster.settled();
  expect((await maps.get("hello")).data).toEqual({ text: "Hello, world!" });

  const { resourceVersion } = (await maps.get("hello")).metadata;
  await cluster.clock.advance({ hours: 1 }); // a dozen requeues, in no time
  expect((await maps.get("hello")).metadata.resourceVersion).toBe(resourceVersion);
});

test("a write that fails is tried again, after a while", async () => {
  await using cluster = await start();
  const greetings = cluster.client.api(Greeting).namespace("default");
  const maps = cluster.client.api(ConfigMap).namespace("default");
  using fault = cluster.inject({ fault: "internal-error", verbs: ["patch"], kind: ConfigMap, times: 2 });
  await greetings.create(hello);
  await cluster.settled();
  expect(await maps.getOptional("hello")).toBeUndefined();

  await cluster.clock.advance({ seconds: 1 }); // 100 ms, then 200 ms, and up to a tenth more by chance
  expect(fault.hits).toBe(2);
  expect((await maps.get("hello")).data).toEqual({ text: "Hello, world!" });
  // The last, because the ConfigMap appeared: there was nothing left to do.
  expect(cluster.requests.matching({ verbs: ["patch"] }).map(({ status }) => status)).toEqual([500, 500, 201, 200]);
});

test("a lost connection and a forgotten past lose no change", async () => {
  await using cluster = await start();
  const greetings = cluster.client.api(Greeting).namespace("default");
  const maps = cluster.client.api(ConfigMap).namespace("default");
  await greetings.create(hello);
  await cluster.settled();
  cluster.dropWatches();
  await greetings.patch("hello", { type: "merge", body: { spec: { who: "you" } } });
  cluster.compact();
  await cluster.clock.advance({ seconds: 10 });
  expect((await maps.get("hello")).data).toEqual({ text: "Hello, you!" });
});
