/** The workloads with @kubernetes/client-node, as its documentation has them. It has no controller. */

import { CoreV1Api, KubeConfig, makeInformer } from "@kubernetes/client-node";
import { countAllocations, mark, serve } from "../marks.mjs";

const config = new KubeConfig();
config.loadFromDefault();
const api = config.makeApiClient(CoreV1Api);

/** Its informer lists all at once, and knows neither streaming lists nor metadata alone. */
const lists = {
  paged: () => api.listPodForAllNamespaces(),
  dropped: async () => {
    const list = await api.listPodForAllNamespaces();
    for (const { metadata } of list.items) delete metadata.managedFields;
    return list;
  },
};

function sync({ mode }) {
  const list = lists[mode];
  return list && startSync(list);
}

async function startSync(list) {
  mark("begin");
  const informer = makeInformer(config, "/api/v1/pods", list);
  informer.on("error", fail);
  await informer.start();
  mark("ready", { objects: informer.list().length });
}

async function watch({ events }) {
  let left = events;
  let allocated;
  const informer = makeInformer(config, "/api/v1/pods", lists.paged);
  informer.on("error", fail);
  informer.on("update", () => {
    if (--left === 0) mark("done", { events, allocatedBytes: allocated() });
  });
  await informer.start();
  mark("ready", { objects: informer.list().length });
  allocated = countAllocations();
}

async function idle({ watches }) {
  mark("begin");
  const follow = async (index) => {
    const namespace = `team-${index}`;
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
      api.listNamespacedConfigMap({ namespace }),
    );
    informer.on("error", fail);
    await informer.start();
  };
  await Promise.all(Array.from({ length: watches }, (_, index) => follow(index)));
  mark("ready");
}

async function requests({ count, parallel }) {
  const get = () => api.readNamespacedConfigMap({ namespace: "default", name: "small" });
  await get();
  mark("begin");
  let left = count;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left-- > 0) await get();
    }),
  );
  mark("done");
}

async function firstList() {
  const { items } = await api.listConfigMapForAllNamespaces({ limit: 20 });
  mark("done", { objects: items.length });
}

function fail(error) {
  throw error;
}

await serve({ sync, watch, idle, requests, firstList });
