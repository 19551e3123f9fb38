/** 200 watches of 200 namespaces in which nothing happens. */

import { setTimeout as wait } from "node:timers/promises";
import { startContender, withReplay } from "../process.mjs";

const watches = 200;
const deadlineMs = 30_000;

export const idle = {
  name: "idle",
  metrics: {
    perWatchKb: { title: "memory per watch", unit: "KB", digits: 0 },
    connections: { title: "connections", unit: "", digits: 0 },
    cpuS: { title: "CPU", unit: "s", digits: 2 },
    steadyMb: { title: "steady memory", unit: "MB", digits: 0 },
  },
  scenarios: () => [{ title: `${watches} idle watches` }],
  around: (bench, _scenario, use) => withReplay(bench, {}, use),
  async measure(server, contender) {
    const program = startContender(contender, ["idle", { watches }], server.kubeconfig);
    try {
      const begin = await program.until("begin");
      const ready = begin && (await program.until("ready"));
      if (ready === undefined) return undefined;
      for (const end = Date.now() + deadlineMs; ; await wait(100)) {
        const stats = await server.stats();
        if (stats.watches === watches) break;
        if (Date.now() > end) throw new Error(`${contender.name}: ${stats.watches} of ${watches} watches are open`);
      }
      await wait(1000);
      const steadyMb = await program.residentMb();
      return {
        perWatchKb: ((steadyMb - begin.rssMb) * 1024) / watches,
        connections: (await server.stats()).connections,
        cpuS: (ready.cpuMs - begin.cpuMs) / 1000,
        steadyMb,
      };
    } finally {
      await program.stop();
      for (const end = Date.now() + deadlineMs; (await server.stats()).watches > 0 && Date.now() < end; )
        await wait(20);
    }
  },
};
