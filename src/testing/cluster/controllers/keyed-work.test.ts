import { expect, test } from "vitest";
import { ApiError, statusOf } from "../../../core/index.js";
import { TestClock } from "../test-clock.js";
import { KeyedWork } from "./keyed-work.js";

const conflict = () => new ApiError(statusOf(409, "conflict"), { method: "PATCH", path: "/" });

/** Work that fails as it is told, and notes when it ran. */
function start(failures: Error[] = []) {
  const abort = new AbortController();
  const clock = new TestClock({
    seed: 1,
    now: new Date(0),
    rest: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const ran: string[] = [];
  const reported: unknown[] = [];
  const work = new KeyedWork({
    clock,
    signal: abort.signal,
    onFailure: (error) => reported.push(error),
    run: async (key) => {
      ran.push(`${key} at ${clock.now()}`);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    },
  });
  return { work, clock, ran, reported, abort };
}

test("nothing is taken before it is let go, and then each key once, in order", async () => {
  const { work, clock, ran } = start();
  for (const key of ["b", "a", "b"]) work.add(key);
  await clock.advance({ milliseconds: 0 });
  expect([ran, work.idle]).toEqual([[], true]);
  work.resume();
  expect(work.idle).toBe(false);
  await clock.advance({ milliseconds: 0 });
  expect([ran, work.idle]).toEqual([["b at 0", "a at 0"], true]);
});

test("a conflict is tried again at once, but not for ever", async () => {
  const { work, clock, ran, reported } = start(Array.from({ length: 6 }, conflict));
  work.resume();
  work.add("a");
  await clock.advance({ milliseconds: 0 });
  expect(ran).toEqual(Array.from({ length: 6 }, () => "a at 0"));
  expect(reported).toHaveLength(1);
  await clock.advance({ seconds: 1 });
  expect(ran.slice(6)).toEqual(["a at 160"]);
});

test("other failures are reported, and tried again ever later, until one try succeeds", async () => {
  const { work, clock, ran, reported } = start([new Error("1"), new Error("2"), new Error("3")]);
  work.resume();
  work.add("a");
  await clock.advance({ seconds: 1 });
  expect(ran).toEqual(["a at 0", "a at 5", "a at 15", "a at 35"]);
  expect(reported).toHaveLength(3);
  work.add("a");
  await clock.advance({ seconds: 1 });
  expect(ran).toHaveLength(5);
});

test("what waits for its time is not due, and one that stops takes nothing more", async () => {
  const { work, clock, ran, abort } = start();
  work.resume();
  work.add("later", 100);
  await clock.advance({ milliseconds: 99 });
  expect([ran, work.idle]).toEqual([[], true]);
  abort.abort();
  await clock.advance({ seconds: 1 });
  expect(ran).toEqual([]);
});
