/** Hundreds of lives of a controller between which and a real API server the network fails, by seeds. */

import { Client } from "kindred";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { seedsOf } from "../support/random.js";
import { faultNames } from "./fault-plan.js";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.js";
import { kubeconfigOf } from "./kubeconfig.js";
import { type Life, live, type World } from "./life.js";

const drawn = seedsOf(200, "FAULT_SEED");
/** One that is given is lived many times: its faults are the same each time, how requests interleave is not. */
const seeds = drawn.length > 1 ? drawn : Array.from({ length: 40 }, () => drawn[0] ?? 0);
/** As many lives at once. */
const atOnce = 40;

let controlPlane: ControlPlane;
let proxy: FaultProxy;
let direct: Client;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  proxy = await startFaultProxy(controlPlane);
  direct = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
});

afterAll(async () => {
  await direct?.[Symbol.asyncDispose]();
  await proxy?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

/** A client whose requests give up soon enough for a life of seconds. */
const connect: World["connect"] = (url, { retry }) =>
  Client.fromKubeconfig({
    text: kubeconfigOf(controlPlane, url),
    timeouts: { idleMs: 4_000 },
    ...(!retry && { retry: false }),
  });

test(`whatever the network does, store, runs and reports come right in the end, for ${drawn.length} seeds`, {
  timeout: 600_000,
}, async () => {
  const lives: Life[] = [];
  const waiting = [...seeds];
  const next = async () => {
    for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift())
      lives.push(await live(seed, `faults-${waiting.length}`, { proxy, direct, connect }));
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  const failed = lives.filter(({ wrong }) => wrong.length > 0);
  const report = failed
    .slice(0, 5)
    .map(({ seed, wrong }) =>
      [`FAULT_SEED=${seed} npx vitest run --project control-plane test/faults/network`, ...wrong.slice(0, 6)].join(
        "\n  ",
      ),
    );
  expect(report, `${failed.length} of ${lives.length} seeds failed`).toEqual([]);
  expect(lives).toHaveLength(seeds.length);
  if (drawn.length === 1) return;
  const faults = new Set(lives.flatMap((life) => [...life.faults.keys()]));
  expect([...faults].toSorted(), "every fault has happened").toEqual(faultNames);
});
