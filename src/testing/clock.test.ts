import { expect, test } from "vitest";
import { ManualClock, newSuffix, newUid, seededClock } from "./clock.js";

test("a uid is a UUID of version 4, and the same seed gives the same ones", () => {
  const uids = (seed: number) => {
    const clock = seededClock(seed);
    return Array.from({ length: 200 }, () => newUid(clock));
  };
  for (const uid of uids(1))
    expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(uids(1)).size).toBe(200);
  expect(uids(1)).toEqual(uids(1));
  expect(uids(1)).not.toEqual(uids(2));
});

test("what completes a name has no vowels", () => {
  const clock = seededClock(1);
  for (let i = 0; i < 100; i += 1) expect(newSuffix(clock)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

test("a seeded clock keeps the time and the timers of the one that it is made of", async () => {
  const manual = new ManualClock();
  const clock = seededClock(1, manual);
  const fired: number[] = [];
  clock.timer(20, () => fired.push(clock.now() - start));
  const cancel = clock.timer(10, () => fired.push(-1));
  clock.timer(10, () => fired.push(clock.now() - start));
  const start = clock.now();
  cancel();
  await manual.advance(30);
  expect(fired).toEqual([10, 20]);
  expect(clock.now()).toBe(start + 30);
});
