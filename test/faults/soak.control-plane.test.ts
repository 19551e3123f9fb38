/** Half a minute of churn on a real API server: what is held after it is what was held half way. */

import { Client, Controller, Metrics, reflector, requeueAfter, sharedWatch, watcher } from "kindred";
import { ConfigMap } from "kindred/resources";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { halves, heapBytes } from "../support/heap.js";

const seconds = 32;
const samples = 16;
/** Writers that each create, change and delete one object after the other. */
const writers = 8;

let controlPlane: ControlPlane;
let client: Client;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

test(`${seconds} seconds of churn leave nothing behind`, { timeout: 180_000 }, async () => {
  const maps = client.api(ConfigMap);
  const shared = sharedWatch(maps, { labels: { soak: "yes" } });
  let runs = 0;
  await using controller = new Controller(shared).owns(maps, { labels: { soak: "yes" } }).run(
    ({ data }) => {
      runs += 1;
      if (data?.["n"] === "1") throw new Error("as written");
      return requeueAfter({ hours: 10 });
    },
    { metrics: new Metrics(), logger: { info: () => {}, warn: () => {} } },
  );
  const abort = new AbortController();
  // The server ends this one's connection every two seconds.
  const followed = reflector(watcher(maps, { labels: { soak: "yes" }, timeoutSeconds: 2, signal: abort.signal }));
  let events = 0;
  const following = (async () => {
    for await (const _ of followed.stream) events += 1;
  })().catch(() => {});

  const end = performance.now() + seconds * 1000;
  const write = async (writer: number) => {
    const mine = maps.namespace("default");
    for (let count = 0; performance.now() < end; count++) {
      const name = `soak-${writer}-${count}`;
      for (const n of ["0", "1", "2"])
        await mine.apply({ metadata: { name, labels: { soak: "yes" } }, data: { n } }, { manager: "soak" });
      await mine.delete(name);
    }
  };
  const held: number[] = [];
  const measure = async () => {
    for (let sample = 1; sample <= samples; sample++) {
      const at = end - seconds * 1000 * (1 - sample / samples);
      await new Promise((resolve) => setTimeout(resolve, at - performance.now()));
      held.push(await heapBytes());
    }
  };
  await Promise.all([measure(), ...Array.from({ length: writers }, (_, writer) => write(writer))]);
  const stillThere = [controller.store.size, followed.store.size];
  abort.abort();
  await following;
  const [first, second] = halves(held);
  expect(runs).toBeGreaterThan(1_000);
  expect(events).toBeGreaterThan(1_000);
  expect(Math.max(...stillThere)).toBeLessThan(2 * writers);
  expect(second, `bytes held: ${held.join(", ")}`).toBeLessThan(first * 1.05);
});
