/** Lists pods of 8 to 18 KB into a store that is ready. The whole process counts, from its start until then. */

import { setTimeout as wait } from "node:timers/promises";
import { startContender, withReplay } from "../process.mjs";

const modes = {
  paged: "in pages",
  streamed: "as a stream",
  metadata: "metadata only",
  dropped: "without managedFields",
};

export const sync = {
  name: "sync",
  metrics: {
    cpuS: { title: "CPU", unit: "s", digits: 2 },
    wallS: { title: "wall", unit: "s", digits: 2 },
    peakMb: { title: "peak memory", unit: "MB", digits: 0 },
    steadyMb: { title: "steady memory", unit: "MB", digits: 0 },
  },
  scenarios: ({ quick }) =>
    (quick ? [1000, 5000] : [1000, 10_000, 50_000]).flatMap((pods) =>
      Object.entries(modes)
        .filter(([mode]) => !quick || mode === "paged")
        .map(([mode, how]) => ({ title: `${pods.toLocaleString("en")} pods ${how}`, pods, mode })),
    ),
  around: (bench, { pods }, use) => withReplay(bench, { pods }, use),
  measure: ({ kubeconfig }, contender, { pods, mode }) => syncOnce(contender, { kubeconfig, pods, mode }),
};

/** How long after the store was ready memory counts as steady, in milliseconds. */
const steadyAfterMs = 1000;

export async function syncOnce(contender, { kubeconfig, pods, mode }) {
  const program = startContender(contender, ["sync", { mode }], kubeconfig);
  try {
    const ready = await program.until("ready");
    if (ready === undefined) return undefined;
    if (ready.objects !== pods) throw new Error(`${contender.name}: ${ready.objects} of ${pods} pods`);
    await wait(steadyAfterMs);
    return {
      cpuS: ready.cpuMs / 1000,
      wallS: (ready.atMs - program.startedAt) / 1000,
      peakMb: ready.peakMb,
      steadyMb: await program.residentMb(),
    };
  } finally {
    await program.stop();
  }
}
