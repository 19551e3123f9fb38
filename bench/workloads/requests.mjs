/** Gets of one small ConfigMap, one after another and 64 at a time. */

import { startContender, withReplay } from "../process.mjs";

export const requests = {
  name: "requests",
  metrics: {
    cpuUs: { title: "CPU per get", unit: "µs", digits: 0 },
    perS: { title: "gets per second", unit: "", digits: 0, more: true },
    connections: { title: "connections opened", unit: "", digits: 0 },
    peakMb: { title: "peak memory", unit: "MB", digits: 0 },
  },
  scenarios: ({ quick }) =>
    [1, 64].map((parallel) => ({
      title: `${(quick ? 1000 : 10_000).toLocaleString("en")} gets, ${parallel === 1 ? "one after another" : `${parallel} at a time`}`,
      count: quick ? 1000 : 10_000,
      parallel,
    })),
  around: (bench, _scenario, use) => withReplay(bench, {}, use),
  async measure(server, contender, { count, parallel }) {
    await server.reset();
    const program = startContender(contender, ["requests", { count, parallel }], server.kubeconfig);
    try {
      const begin = await program.until("begin");
      const done = begin && (await program.until("done"));
      if (done === undefined) return undefined;
      return {
        cpuUs: ((done.cpuMs - begin.cpuMs) * 1000) / count,
        perS: count / ((done.atMs - begin.atMs) / 1000),
        connections: (await server.stats()).opened,
        peakMb: done.peakMb,
      };
    } finally {
      await program.stop();
    }
  },
};
