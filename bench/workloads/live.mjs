/** The check that replaying does not deceive: the same sync against the real API server, with pods like those of the recording. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "../../dist/index.js";
import { Pod } from "../../dist/resources/index.js";
import { startControlPlane } from "../../.build/test/control-plane/control-plane.js";
import { sync, syncOnce } from "./sync.mjs";

/** How many requests fill the server at once. */
const writers = 16;

export const live = {
  name: "live",
  metrics: sync.metrics,
  scenarios: ({ quick }) =>
    (quick ? [] : ["paged", "streamed"]).map((mode) => ({
      title: `3,000 pods of the real API server, ${mode}`,
      pods: 3000,
      mode,
    })),
  async around({ recording }, { pods }, use) {
    const controlPlane = await startControlPlane();
    try {
      await fill(controlPlane, { recording, pods });
      return await use({ kubeconfig: controlPlane.kubeconfig });
    } finally {
      await controlPlane.stop();
    }
  },
  measure: ({ kubeconfig }, contender, { pods, mode }) => syncOnce(contender, { kubeconfig, pods, mode }),
};

/** Each pod is created, and then its status written, as a kubelet does. */
async function fill({ kubeconfig }, { recording, pods }) {
  const client = await Client.fromKubeconfig({ path: kubeconfig });
  const { items } = JSON.parse(await readFile(join(recording, "pods.list.json"), "utf8"));
  const api = client.api(Pod).namespace("default");
  let next = 0;
  const write = async () => {
    while (next < pods) {
      const number = next++;
      const { metadata, spec, status } = items[number % items.length];
      const { labels, annotations } = metadata;
      const { nodeName: _bound, ...unbound } = spec;
      const created = await api.create({ metadata: { name: `pod-${number}`, labels, annotations }, spec: unbound });
      await api.status.replace({ ...created, status });
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  await client[Symbol.asyncDispose]();
}
