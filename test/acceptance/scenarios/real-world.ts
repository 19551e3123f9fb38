/** A real control plane, for scenarios. */

import { setTimeout as wait } from "node:timers/promises";
import { Client, systemClock } from "kindred";
import { afterAll, beforeAll } from "vitest";
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "../../control-plane/control-plane.js";
import type { World } from "./world.js";

/** A control plane for the tests of a file or of a `describe`: there from before the first until after the last. */
export function useRealWorld(options?: ControlPlaneOptions): {
  readonly controlPlane: ControlPlane;
  readonly world: World;
} {
  let controlPlane: ControlPlane;
  let world: World;
  beforeAll(async () => {
    controlPlane = await startControlPlane(options);
    world = await realWorld(controlPlane);
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await controlPlane?.stop();
  });
  return {
    get controlPlane() {
      return controlPlane;
    },
    get world() {
      return world;
    },
  };
}

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
