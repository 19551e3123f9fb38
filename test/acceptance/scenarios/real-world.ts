/** A real control plane, for scenarios. */

import { setTimeout as wait } from "node:timers/promises";
import { Client, systemClock } from "kindred";
import type { ControlPlane } from "../../control-plane/control-plane.js";
import type { World } from "./world.js";

/** Connects to one that runs, which is not stopped by this. */
export async function realWorld(controlPlane: ControlPlane): Promise<World> {
  const client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  return {
    client,
    clock: systemClock,
    inTime: (awaited) => awaited,
    pass: async (ms) => {
      await wait(ms);
    },
    interrupt: async ({ forget = false } = {}) => {
      if (forget) await controlPlane.etcd.compact();
      await controlPlane.apiServer.restart();
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
