/** Small ConfigMaps through a controller, each once, eight at a time: doing nothing, or applying a child. */

import { startContender, withReplay } from "../process.mjs";

export const reconcile = {
  name: "reconcile",
  metrics: {
    perCpuS: { title: "reconciles per CPU second", unit: "", digits: 0, more: true },
    cpuUs: { title: "CPU per object", unit: "µs", digits: 0 },
    wallS: { title: "wall", unit: "s", digits: 2 },
    peakMb: { title: "peak memory", unit: "MB", digits: 0 },
  },
  scenarios: ({ quick }) => [
    ...(quick ? [2000] : [1000, 10_000, 50_000]).map((objects) => ({
      title: `${objects.toLocaleString("en")} objects, nothing to do`,
      objects,
      apply: false,
    })),
    ...(quick ? [2000] : [10_000]).map((objects) => ({
      title: `${objects.toLocaleString("en")} objects, one apply each`,
      objects,
      apply: true,
    })),
  ],
  around: (bench, { objects }, use) => withReplay(bench, { configMaps: objects }, use),
  async measure({ kubeconfig }, contender, { objects, apply }) {
    const program = startContender(contender, ["reconcile", { objects, apply }], kubeconfig);
    try {
      const begin = await program.until("begin");
      const done = begin && (await program.until("done"));
      if (done === undefined) return undefined;
      const cpuMs = done.cpuMs - begin.cpuMs;
      return {
        perCpuS: objects / (cpuMs / 1000),
        cpuUs: (cpuMs * 1000) / objects,
        wallS: (done.atMs - begin.atMs) / 1000,
        peakMb: done.peakMb,
      };
    } finally {
      await program.stop();
    }
  },
};
