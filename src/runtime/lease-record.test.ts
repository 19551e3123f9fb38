import { describe, expect, test } from "vitest";
import { decideLease, heldLease, type LeaseObservation, observeLease, releasedLease } from "./lease-record.js";

const date = new Date("2026-11-24T18:51:27.123Z");
const time = "2026-11-24T18:51:27.123000Z";
const seen = (holderIdentity: string | undefined, since = 0): LeaseObservation => ({
  resourceVersion: "1",
  since,
  spec: {
    ...(holderIdentity !== undefined && { holderIdentity }),
    leaseDurationSeconds: 15,
    leaseTransitions: 3,
    acquireTime: "then",
  },
});

describe("what a candidate may do", () => {
  test.each([
    { title: "there is no lease", lease: undefined, now: 0, decision: { type: "create" } },
    { title: "nobody holds it", lease: seen(""), now: 0, decision: { type: "write" } },
    { title: "no holder was ever written", lease: seen(undefined), now: 0, decision: { type: "write" } },
    { title: "it is mine", lease: seen("me"), now: 0, decision: { type: "write" } },
    { title: "another holds it", lease: seen("you"), now: 1_000, decision: { type: "wait", holder: "you" } },
    {
      title: "another holds it to its last moment",
      lease: seen("you"),
      now: 15_000,
      decision: { type: "wait", holder: "you" },
    },
    { title: "another has let it expire", lease: seen("you"), now: 15_001, decision: { type: "write" } },
    {
      title: "another renewed it since",
      lease: seen("you", 10_000),
      now: 20_000,
      decision: { type: "wait", holder: "you" },
    },
  ])("$title: $decision.type", ({ lease, now, decision }) => {
    expect(decideLease(lease, "me", { now })).toEqual(decision);
  });
});

test("a lease that has not changed keeps the time at which it was first seen; one that has starts anew", () => {
  const lease = (resourceVersion: string) => ({ metadata: { resourceVersion }, spec: { holderIdentity: "you" } });
  const first = observeLease(undefined, lease("1"), { now: 5 });
  expect(observeLease(first, lease("1"), { now: 9 })).toBe(first);
  expect(observeLease(first, lease("2"), { now: 9 })).toMatchObject({ resourceVersion: "2", since: 9 });
});

describe("the record that is written", () => {
  const options = { date, durationSeconds: 15 };

  test.each([
    { title: "a first lease", lease: undefined, spec: { acquireTime: time, leaseTransitions: 0 } },
    {
      title: "one taken over counts a transition",
      lease: seen("you"),
      spec: { acquireTime: time, leaseTransitions: 4 },
    },
    { title: "one given up counts a transition", lease: seen(""), spec: { acquireTime: time, leaseTransitions: 4 } },
    {
      title: "one renewed keeps when it was acquired",
      lease: seen("me"),
      spec: { acquireTime: "then", leaseTransitions: 3 },
    },
  ])("$title", ({ lease, spec }) => {
    expect(heldLease(lease, "me", options)).toEqual({
      holderIdentity: "me",
      leaseDurationSeconds: 15,
      renewTime: time,
      ...spec,
    });
  });

  test("one given up is free at once", () => {
    const spec = releasedLease(seen("me"), { date });
    expect(decideLease({ resourceVersion: "2", since: 0, spec }, "you", { now: 0 })).toEqual({ type: "write" });
    expect(spec.leaseTransitions).toBe(3);
  });
});
