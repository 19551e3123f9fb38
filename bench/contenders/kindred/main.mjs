/** The workloads with kindred: the build that the first argument names. */

import { join } from "node:path";
import { countAllocations, mark, serve } from "../marks.mjs";

const [dist] = process.argv.splice(2, 1);
const { Client, Controller, modified, reflector, watcher, withoutManagedFields } = await import(join(dist, "index.js"));
const { ConfigMap, Pod } = await import(join(dist, "resources", "index.js"));

const client = await Client.infer();

/** The events of one way to keep a store. */
const sources = {
  paged: () => watcher(client.api(Pod)),
  streamed: () => watcher(client.api(Pod), { strategy: "streaming" }),
  metadata: () => watcher(client.api(Pod).metadata),
  dropped: () => modified(watcher(client.api(Pod)), withoutManagedFields),
};

async function sync({ mode }) {
  mark("begin");
  const { store, stream } = reflector(sources[mode]());
  for await (const event of stream) {
    if (event.type === "error") throw event.error;
    if (event.type === "init-done") mark("ready", { objects: store.size });
  }
}

async function watch({ events }) {
  const { store, stream } = reflector(sources.paged());
  let left = events;
  let allocated;
  for await (const event of stream) {
    if (event.type === "error") throw event.error;
    if (event.type === "init-done") {
      mark("ready", { objects: store.size });
      allocated = countAllocations();
    }
    if (event.type === "apply" && --left === 0) {
      mark("done", { events, allocatedBytes: allocated() });
      return;
    }
  }
}

async function idle({ watches }) {
  mark("begin");
  const follow = async (index) => {
    const { store, stream } = reflector(watcher(client.api(ConfigMap).namespace(`team-${index}`)));
    void (async () => {
      for await (const event of stream) if (event.type === "error") throw event.error;
    })();
    await store.whenReady();
  };
  await Promise.all(Array.from({ length: watches }, (_, index) => follow(index)));
  mark("ready");
}

async function reconcile({ objects, apply }) {
  mark("begin");
  let left = objects;
  const { promise: all, resolve } = Promise.withResolvers();
  const applyChild = ({ metadata: { namespace, name } }) =>
    client
      .api(ConfigMap)
      .namespace(namespace)
      .apply({ metadata: { name: `child-of-${name}` }, data: { of: name } }, { manager: "bench", force: true });
  const controller = new Controller(client.api(ConfigMap)).run(async (object) => {
    if (apply) await applyChild(object);
    if (--left === 0) resolve();
  });
  await all;
  mark("done", { objects: controller.store.size });
}

async function requests({ count, parallel }) {
  const api = client.api(ConfigMap).namespace("default");
  await api.get("small");
  mark("begin");
  let left = count;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left-- > 0) await api.get("small");
    }),
  );
  mark("done");
}

async function firstList() {
  const { items } = await client.api(ConfigMap).page({ limit: 20 });
  mark("done", { objects: items.length });
}

await serve({ sync, watch, idle, reconcile, requests, firstList });
