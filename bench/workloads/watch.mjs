/** Changes of 1,000 pods as fast as the contender takes them, through its watch into its store. */

import { startContender, withReplay } from "../process.mjs";

const pods = 1000;

export const watch = {
  name: "watch",
  metrics: {
    perCpuS: { title: "events per CPU second", unit: "", digits: 0, more: true },
    perS: { title: "events per second", unit: "", digits: 0, more: true },
    allocatedKb: { title: "allocated per event", unit: "KB", digits: 1 },
    peakMb: { title: "peak memory", unit: "MB", digits: 0 },
  },
  scenarios: ({ quick }) =>
    (quick ? [10_000] : [20_000, 100_000]).map((events) => ({
      title: `${events.toLocaleString("en")} changes`,
      events,
    })),
  around: (bench, _scenario, use) => withReplay(bench, { pods }, use),
  async measure(server, contender, { events }) {
    await server.reset();
    const program = startContender(contender, ["watch", { events }], server.kubeconfig);
    try {
      const ready = await program.until("ready");
      if (ready === undefined) return undefined;
      await server.release(events);
      const releasedAt = performance.timeOrigin + performance.now();
      const done = await program.until("done");
      return {
        perCpuS: events / ((done.cpuMs - ready.cpuMs) / 1000),
        perS: events / ((done.atMs - releasedAt) / 1000),
        allocatedKb: done.allocatedBytes / events / 1000,
        peakMb: done.peakMb,
      };
    } finally {
      await program.stop();
    }
  },
};
