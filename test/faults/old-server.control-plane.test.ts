/** Streaming lists against a server that does not know them: the real one, from whose requests a proxy takes what it should not know. */

import { Client, reflector, watcher } from "kindred";
import { ConfigMap } from "kindred/resources";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { until } from "../support/child.js";
import { Random } from "../support/random.js";
import { calmPlan } from "./fault-plan.js";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.js";
import { kubeconfigOf } from "./kubeconfig.js";

const labels = { of: "old-server" };

let controlPlane: ControlPlane;
let proxy: FaultProxy;
let direct: Client;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  proxy = await startFaultProxy(controlPlane);
  direct = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  for (const name of ["a", "b"]) await put(name, 1);
});

afterAll(async () => {
  await direct?.[Symbol.asyncDispose]();
  await proxy?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

const put = (name: string, n: number) =>
  direct
    .api(ConfigMap)
    .namespace("default")
    .apply({ metadata: { name, labels }, data: { n: `${n}` } }, { manager: "test" });

test.each([
  { how: "says that they are forbidden, as from 1.19 to 1.26", unknown: ["sendInitialEvents"] },
  {
    how: "sends what is there and never says where it ends",
    // With bookmarks, the real server ends the initial events of every watch that begins without a version.
    unknown: ["sendInitialEvents", "resourceVersionMatch", "allowWatchBookmarks"],
  },
])("a server that $how is asked for pages", { timeout: 60_000 }, async ({ how, unknown }) => {
  const { url } = proxy.serve(encodeURIComponent(how), calmPlan(new Random(1)), { unknown });
  await using client = await Client.fromKubeconfig({ text: kubeconfigOf(controlPlane, url) });
  const abort = new AbortController();
  const failures: string[] = [];
  const { store, stream } = reflector(
    watcher(client.api(ConfigMap), { labels, strategy: "streaming", signal: abort.signal }),
  );
  const following = (async () => {
    for await (const event of stream) if (event.type === "error") failures.push(event.error.message);
  })().catch(() => {});
  await until("the store is ready", () => store.ready, 30_000);
  expect([...store.values()].map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
  expect(failures).toHaveLength(1);
  const { metadata } = await put("a", Math.random());
  await store.whenSeen(metadata.resourceVersion);
  expect(store.get({ namespace: "default", name: "a" })?.metadata.resourceVersion).toBe(metadata.resourceVersion);
  abort.abort();
  await following;
});

test("a server that knows them is not", async () => {
  const abort = new AbortController();
  const failures: string[] = [];
  const { store, stream } = reflector(
    watcher(direct.api(ConfigMap), { labels, strategy: "streaming", signal: abort.signal }),
  );
  const following = (async () => {
    for await (const event of stream) if (event.type === "error") failures.push(event.error.message);
  })().catch(() => {});
  await store.whenReady();
  expect(failures).toEqual([]);
  abort.abort();
  await following;
});
