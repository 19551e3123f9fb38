/** The embedded cluster, for scenarios. */

import { TestCluster } from "kindred/testing";
import type { World } from "../acceptance/scenarios/world.js";

/** Starts one, whose time stands still. */
export async function embeddedWorld(): Promise<World> {
  const cluster = await TestCluster.start();
  const { client, clock } = cluster;
  return {
    client,
    clock,
    inTime: async (awaited) => {
      let isPending = true;
      const settled = Promise.allSettled([awaited]).then(() => {
        isPending = false;
      });
      for (await cluster.settled(); isPending; ) await clock.advance({ seconds: 1 });
      await settled;
      return awaited;
    },
    pass: (milliseconds) => clock.advance({ milliseconds }),
    interrupt: async ({ forget = false } = {}) => {
      cluster.dropWatches();
      if (forget) cluster.compact();
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}
