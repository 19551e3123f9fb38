/** Two replicas as real processes that stand for election on a real API server: killed, paused, cut off, and asked to end. */

import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { Child, until } from "../support/child.js";
import { Random } from "../support/random.js";
import { calmPlan } from "./fault-plan.js";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.js";
import { kubeconfigOf } from "./kubeconfig.js";

/** As the replicas have them. */
const leaseMs = 3_000;
const renewMs = 2_000;
const retryMs = 500 * 1.2;
/** What a busy machine may add to any wait. */
const slackMs = 3_000;

let controlPlane: ControlPlane;
let proxy: FaultProxy;
let folder: string;
const replicas = new Map<string, Child>();
/** Of the network between c and the API server. */
const plan = calmPlan(new Random(1));

beforeAll(async () => {
  controlPlane = await startControlPlane();
  proxy = await startFaultProxy(controlPlane);
  folder = await mkdtemp(join(tmpdir(), "kindred-leader-"));
  writeFileSync(ledger(), "");
});

afterAll(async () => {
  for (const replica of replicas.values()) await replica[Symbol.asyncDispose]();
  await proxy?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

const ledger = () => join(folder, "ledger");

/** Every act of every replica, in the order in which they were decided; times in milliseconds. */
function acts(): readonly { readonly by: string; readonly at: number }[] {
  return readFileSync(ledger(), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" "))
    .map(([by = "", at = ""]) => ({ by, at: Number(BigInt(at) / 1_000n) / 1_000 }))
    .toSorted((a, b) => a.at - b.at);
}

/** Who acted, one after the other. */
const reigns = () =>
  acts()
    .map(({ by }) => by)
    .filter((by, index, all) => by !== all[index - 1]);

const now = () => Number(process.hrtime.bigint() / 1_000n) / 1_000;

function start(identity: string, kubeconfig: string): Child {
  const child = new Child("replica", [kubeconfig, identity, ledger()]);
  replicas.set(identity, child);
  return child;
}

/** Waits until `identity` acts, and says how long after `since`. */
async function takeOver(identity: string, since: number): Promise<number> {
  const first = () => acts().find(({ by, at }) => by === identity && at > since);
  await until(`${identity} leads`, () => first() !== undefined);
  return (first()?.at ?? Number.POSITIVE_INFINITY) - since;
}

const lastAct = (identity: string) => acts().findLast(({ by }) => by === identity)?.at ?? Number.NaN;

test("a leader that is killed is followed once its lease has expired, and not before", {
  timeout: 60_000,
}, async () => {
  const a = start("a", controlPlane.kubeconfig);
  await takeOver("a", 0);
  start("b", controlPlane.kubeconfig);
  // Long enough for b to have seen a's lease more than once.
  await until("b looks on", () => lastAct("a") - (acts()[0]?.at ?? 0) > 2_000);
  const killedAt = now();
  a.signal("SIGKILL");
  expect(await a.exited).toBe("SIGKILL");
  const tookMs = await takeOver("b", killedAt);
  expect(tookMs).toBeGreaterThan(leaseMs - retryMs - 1_000);
  expect(tookMs).toBeLessThan(leaseMs + 2 * retryMs + slackMs);
  expect(reigns()).toEqual(["a", "b"]);
});

test("a leader that is paused beyond its lease does nothing more when it goes on", { timeout: 60_000 }, async () => {
  const kubeconfig = join(folder, "kubeconfig-c");
  writeFileSync(kubeconfig, kubeconfigOf(controlPlane, proxy.serve("c", plan).url));
  start("c", kubeconfig);
  const b = replicas.get("b");
  await until("b leads on", () => now() - lastAct("b") < 100);
  const pausedAt = now();
  b?.signal("SIGSTOP");
  const tookMs = await takeOver("c", pausedAt);
  expect(tookMs).toBeLessThan(leaseMs + 2 * retryMs + slackMs);
  b?.signal("SIGCONT");
  await until("b knows that it has lost", () => b?.said.some((line) => line.includes("lost the lease")) === true);
  const resumedAt = now();
  await until("c leads on", () => lastAct("c") > resumedAt + 1_000);
  expect(reigns()).toEqual(["a", "b", "c"]);
});

test("a leader that is cut off from the API server steps down by its own clock, before another leads", {
  timeout: 60_000,
}, async () => {
  plan.partitioned = true;
  const cutAt = now();
  const tookMs = await takeOver("b", cutAt);
  expect(tookMs).toBeLessThan(leaseMs + 2 * retryMs + slackMs);
  expect(lastAct("c") - cutAt).toBeLessThan(renewMs + slackMs);
  const c = replicas.get("c");
  await until("c knows that it has lost", () => c?.said.some((line) => line.includes("lost the lease")) === true);
  plan.partitioned = false;
  const healedAt = now();
  await until("b leads on", () => lastAct("b") > healedAt + 1_000);
  expect(reigns()).toEqual(["a", "b", "c", "b"]);
});

test("a leader that is asked to end gives its lease up, and the other leads within a retry", {
  timeout: 60_000,
}, async () => {
  const b = replicas.get("b");
  const askedAt = now();
  b?.signal("SIGTERM");
  expect(await b?.exited).toBe("0");
  expect(await takeOver("c", askedAt)).toBeLessThan(leaseMs);
  expect(reigns()).toEqual(["a", "b", "c", "b", "c"]);
});
