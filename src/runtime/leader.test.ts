import { beforeEach, describe, expect, test } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeLeases } from "../../test/support/fake-leases.js";
import { KindredError } from "../core/index.js";
import { type Leadership, type LeaderOptions, runAsLeader } from "./leader.js";

let clock: FakeClock;
let leases: FakeLeases;

beforeEach(() => {
  clock = new FakeClock();
  leases = new FakeLeases(clock);
});

/** A replica that works until it is told to end, or its leadership does. */
function replica(identity: string, options: Partial<LeaderOptions> = {}) {
  const stop = new AbortController();
  const state: { leadership?: Leadership; leads: boolean; holders: string[] } = { leads: false, holders: [] };
  const run = runAsLeader(
    leases.client(),
    { name: "op", identity, clock, signal: stop.signal, onHolder: (holder) => state.holders.push(holder), ...options },
    async (leadership) => {
      state.leadership = leadership;
      state.leads = true;
      if (!leadership.signal.aborted) {
        await new Promise<void>((resolve) =>
          leadership.signal.addEventListener("abort", () => resolve(), { once: true }),
        );
      }
      state.leads = false;
      return identity;
    },
  );
  const ended = run.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  return { state, stop: () => stop.abort(), ended };
}

test("one of two leads; when it ends, the lease is given up and the other leads within a retry", async () => {
  const a = replica("a");
  await settle();
  const b = replica("b");
  await clock.advance(60_000);
  expect([a.state.leads, b.state.leads]).toEqual([true, false]);
  expect(leases.lease?.spec).toMatchObject({ holderIdentity: "a", leaseDurationSeconds: 15, leaseTransitions: 0 });
  expect(b.state.holders).toEqual(["a"]);
  a.stop();
  await settle();
  expect(await a.ended).toEqual({ result: "a" });
  expect(leases.lease?.spec.holderIdentity).toBe("");
  await clock.advance(2_400);
  expect(b.state.leads).toBe(true);
  expect(leases.lease?.spec.leaseTransitions).toBe(1);
  b.stop();
  await settle();
});

test("a leader that dies is followed after its lease has expired, not before", async () => {
  const a = replica("a");
  await clock.advance(10_000);
  const dead = leases.lease;
  a.stop();
  await settle();
  leases.lease = dead;
  const b = replica("b");
  await clock.advance(14_999);
  expect(b.state.leads).toBe(false);
  await clock.advance(2_500);
  expect(b.state.leads).toBe(true);
  b.stop();
  await settle();
});

test("a leader that cannot renew steps down at the renew deadline, before others may take over", async () => {
  const a = replica("a");
  await clock.advance(8_000);
  leases.outage = new KindredError("CONNECTION", "down");
  await clock.advance(9_999);
  expect(a.state.leads).toBe(true);
  await clock.advance(2_001);
  expect(a.state.leads).toBe(false);
  expect(await a.ended).toMatchObject({
    error: { code: "TIMEOUT", message: expect.stringContaining("could not be renewed") },
  });
});

test("a server that does not answer is no different", async () => {
  const a = replica("a");
  await settle();
  leases.delayMs = 3_600_000;
  await clock.advance(10_000);
  expect(a.state.leads).toBe(false);
});

test("a lease that took longer to get than a leader may take to renew it is not led by", async () => {
  leases.delayMs = 9_000;
  const a = replica("a");
  await clock.advance(11_000);
  expect(leases.lease?.spec.holderIdentity).toBeUndefined();
  leases.delayMs = 0;
  await clock.advance(1_400);
  expect(a.state.leads).toBe(true);
  a.stop();
  await settle();
});

test("a candidate whose request is never answered asks again", async () => {
  leases.delayMs = 3_600_000;
  const a = replica("a");
  await clock.advance(5_000);
  leases.delayMs = 0;
  await clock.advance(7_400);
  expect(a.state.leads).toBe(true);
  a.stop();
  await settle();
});

test("the renew deadline counts while nothing is sent, too", async () => {
  const a = replica("a", {
    leaseDuration: { seconds: 15 },
    renewDeadline: { seconds: 10 },
    retryPeriod: { seconds: 8 },
  });
  await settle();
  leases.outage = new KindredError("CONNECTION", "down");
  await clock.advance(9_999);
  expect(a.state.leads).toBe(true);
  await clock.advance(1);
  expect(a.state.leads).toBe(false);
});

test("a lease that cannot be given up because nobody answers is left to expire", async () => {
  const a = replica("a");
  await settle();
  leases.delayMs = 3_600_000;
  a.stop();
  await clock.advance(10_000);
  expect(await a.ended).toEqual({ result: "a" });
});

test("a leader whose lease somebody else has taken stops at its next try", async () => {
  const a = replica("a");
  await settle();
  if (leases.lease === undefined) throw new Error("there is no lease");
  leases.lease = {
    ...leases.lease,
    metadata: { ...leases.lease.metadata, resourceVersion: "99" },
    spec: { holderIdentity: "b", leaseDurationSeconds: 15 },
  };
  await clock.advance(2_000);
  expect(await a.ended).toMatchObject({ error: { message: expect.stringContaining(`"b" holds it now`) } });
  expect(leases.lease.spec.holderIdentity).toBe("b");
});

test("holds() is false as soon as others may lead, though no timer could tell", async () => {
  const a = replica("a");
  await settle();
  const leadership = a.state.leadership;
  expect(leadership?.holds()).toBe(true);
  leases.outage = new KindredError("CONNECTION", "down");
  clock.sleepThrough(15_000);
  expect(leadership?.signal.aborted).toBe(false);
  expect(leadership?.holds()).toBe(false);
  a.stop();
  await settle();
});

test("what the work throws is thrown, and the lease is given up", async () => {
  const failed = runAsLeader(leases.client(), { name: "op", identity: "a", clock }, async () => {
    throw new Error("boom");
  });
  await expect(failed).rejects.toThrow("boom");
  expect(leases.lease?.spec.holderIdentity).toBe("");
});

test("one that is stopped before it leads returns undefined", async () => {
  const a = replica("a");
  await settle();
  const b = replica("b");
  await settle();
  b.stop();
  expect(await b.ended).toEqual({ result: undefined });
  a.stop();
  await settle();
});

describe("numbers that cannot be safe are refused", () => {
  test.each([
    { leaseDuration: { seconds: 10 } },
    { renewDeadline: { seconds: 2 } },
    { leaseDuration: { milliseconds: 15_500 } },
    { identity: "" },
  ])("%o", async (options) => {
    await expect(
      runAsLeader(leases.client(), { name: "op", identity: "a", clock, ...options }, async () => {}),
    ).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
