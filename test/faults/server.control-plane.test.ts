/** The API server restarted, its history compacted, and everything it knows wiped, under controllers that run. */

import {
  Client,
  Controller,
  type ReflectedEvent,
  type RunningController,
  type Storable,
  type Store,
  reflector,
  watcher,
} from "kindred";
import { ConfigMap, Namespace } from "kindred/resources";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { Believer, RunLog } from "../support/ledger.js";
import { until } from "../support/child.js";

const labels = { watched: "yes" };
/** Everything that a controller and a follower can be made with. */
const strategies = ["paging", "streaming"] as const;

let controlPlane: ControlPlane;
let client: Client;

interface Observed {
  readonly log: RunLog;
  readonly believer: Believer;
  readonly deleted: string[];
  readonly store: Pick<Store<Storable>, "values">;
  readonly controller: RunningController<Storable>;
}
const observed: Observed[] = [];
const stop = new AbortController();

beforeAll(async () => {
  controlPlane = await startControlPlane();
  client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  for (const strategy of strategies) observed.push(observe(strategy));
});

afterAll(async () => {
  stop.abort();
  for (const { controller } of observed) await controller.stop();
  await client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

beforeEach(() => {
  for (const { deleted } of observed) deleted.length = 0;
});

function observe(strategy: (typeof strategies)[number]): Observed {
  const log = new RunLog();
  const believer = new Believer();
  const deleted: string[] = [];
  const maps = client.api(ConfigMap);
  const { store, stream } = reflector(watcher(maps, { labels, strategy, signal: stop.signal }));
  const take = (event: ReflectedEvent<Storable>) => {
    believer.take(event);
    if (event.type === "delete") deleted.push(event.object.metadata.name);
  };
  void (async () => {
    for await (const event of stream) take(event);
  })().catch(() => {});
  const controller = new Controller(maps, { labels, strategy }).run((map) => log.run(map, async () => {}), {
    logger: { info: () => {}, warn: () => {} },
  });
  return { log, believer, deleted, store, controller };
}

const put = (name: string, n: number) =>
  client
    .api(ConfigMap)
    .namespace("default")
    .apply({ metadata: { name, labels }, data: { n: `${n}` } }, { manager: "test" });

const remove = (name: string) => client.api(ConfigMap).namespace("default").delete(name);

/** Waits until every store is what a fresh list has, everything was reconciled since it changed, and the reports agree. */
async function comeRight(): Promise<void> {
  let wrong: readonly string[] = [];
  const right = async () => {
    const fresh = await client.api(ConfigMap).list({ labels }).toArray();
    const expected = fresh.map(({ metadata }) => `${metadata.name} ${metadata.uid}@${metadata.resourceVersion}`);
    const uids = fresh.map(({ metadata }) => metadata.uid).toSorted();
    wrong = observed.flatMap(({ log, believer, store, controller }, index) => {
      const of = strategies[index];
      const held = [store, controller.store].map((one) =>
        [...one.values()]
          .map(({ metadata }) => `${metadata.name} ${metadata.uid}@${metadata.resourceVersion}`)
          .toSorted(),
      );
      const unseen = fresh.filter(
        ({ metadata }) => log.seen.get(`${metadata.namespace}/${metadata.name}`) !== metadata.resourceVersion,
      );
      const believed = [...believer.alive.keys()].toSorted();
      return [
        ...held
          .filter((one) => one.join() !== expected.join())
          .map((one) => `${of}: a store has ${one.join()}, not ${expected.join()}`),
        ...unseen.map(({ metadata }) => `${of}: ${metadata.name} was not reconciled since it changed`),
        ...(believed.join() === uids.join()
          ? []
          : [`${of}: the follower believes in ${believed.join()}, not ${uids.join()}`]),
        ...log.overlaps.map((key) => `${of}: ${key} ran twice at once`),
      ];
    });
    return wrong.length === 0;
  };
  await until("stores, runs and reports come right", right, 90_000).catch((error: unknown) => {
    throw new Error(wrong.join("\n"), { cause: error });
  });
}

test("at first", async () => {
  for (const name of ["a", "b", "c"]) await put(name, 1);
  await comeRight();
});

test("restarted", async () => {
  await controlPlane.apiServer.restart();
  await put("a", 2);
  await remove("b");
  await comeRight();
  for (const { deleted } of observed) expect(deleted).toEqual(["b"]);
});

test("restarted, and what went meanwhile is out of its history", async () => {
  await remove("c");
  await put("d", 1);
  await controlPlane.etcd.compact();
  await controlPlane.apiServer.restart();
  await put("a", 3);
  await comeRight();
  for (const { deleted } of observed) expect(deleted).toEqual(["c"]);
});

test("wiped: what vanished is reported as deleted, and what is made anew is reconciled", async () => {
  // Far ahead of where the new one begins.
  for (let n = 0; n < 300; n++) await put("a", n);
  await comeRight();
  await controlPlane.etcd.wipe();
  await put("e", 1);
  await put("a", 1);
  await comeRight();
  for (const { deleted } of observed) expect(deleted.toSorted()).toEqual(["a", "d"]);
});

test("and they live on", async () => {
  await client.api(Namespace).create({ metadata: { name: "after" } });
  await put("e", 2);
  await remove("a");
  await comeRight();
  for (const { deleted } of observed) expect(deleted).toEqual(["a"]);
});
