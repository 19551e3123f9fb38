import { expect, test } from "vitest";
import { machineTime, TestClock } from "./test-clock.js";

test("timers fire in the order in which they fall due, each at its time, and all has come to rest before the next", async () => {
  const seen: string[] = [];
  const clock = new TestClock({ seed: 1, now: new Date(0), rest: async () => void seen.push("rest") });
  const note = (what: string) => () => void seen.push(`${what} at ${clock.now()}`);
  clock.timer(20, note("second"));
  clock.timer(10, note("first"));
  clock.timer(10, note("first too"));
  clock.timer(30, note("late"));
  clock.timer(15, note("cancelled"))();
  await clock.advance({ milliseconds: 25 });
  expect(seen).toEqual(["rest", "first at 10", "rest", "first too at 10", "rest", "second at 20", "rest", "rest"]);
  expect(clock.date()).toEqual(new Date(25));
});

test("what does not come to rest does not stop time, but must have come to rest in the end", async () => {
  const patience: (number | undefined)[] = [];
  const clock = new TestClock({ seed: 1, rest: async (most) => void patience.push(most) });
  clock.timer(10, () => {});
  await clock.advance({ milliseconds: 10 });
  expect(patience).toEqual([200, 200, undefined]);
});

test("a timer that a timer sets fires in the same step of time, if it falls due in it", async () => {
  const seen: number[] = [];
  const clock = new TestClock({ seed: 1, now: new Date(0), rest: async () => {} });
  const tick = () => {
    seen.push(clock.now());
    clock.timer(10, tick);
  };
  clock.timer(10, tick);
  await clock.advance({ milliseconds: 35 });
  expect(seen).toEqual([10, 20, 30]);
});

test("the same seed gives the same chance, another seed another", () => {
  const chances = (seed: number) => {
    const clock = new TestClock({ seed, rest: async () => {} });
    return [clock.random(), clock.random(), clock.random()];
  };
  expect(chances(7)).toEqual(chances(7));
  expect(chances(7)).not.toEqual(chances(8));
});

test("the machine's time is the calendar's, never goes back, and advancing waits", async () => {
  let rests = 0;
  const clock = machineTime({ seed: 1, rest: async () => void rests++ });
  const before = clock.now();
  expect(Math.abs(before - Date.now())).toBeLessThan(60_000);
  await clock.advance({ milliseconds: 5 });
  // A timer may fire up to a millisecond early.
  expect(clock.now() - before).toBeGreaterThanOrEqual(4);
  expect(rests).toBe(1);
});
