import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeCollection } from "../../test/support/fake-collection.js";
import type { Client } from "../client/index.js";
import { Controller } from "./controller.js";
import { followSignal } from "./follow-signal.js";
import { watcher } from "./watcher.js";

/** Of Node: it warns at the eleventh listener of a signal. */
const many = 12;
let warnings: Error[];
const record = (warning: Error) => warnings.push(warning);

beforeEach(() => {
  warnings = [];
  process.on("warning", record);
});

afterEach(() => void process.off("warning", record));

class Things extends FakeCollection {
  readonly client = { server: "https://fake" } as unknown as Client;
}

test("a signal that follows another aborts with it, for the same reason, and also if it comes late", () => {
  const outer = new AbortController();
  const early = followSignal(outer.signal);
  expect(early.aborted).toBe(false);
  outer.abort("enough");
  expect(early.reason).toBe("enough");
  expect(followSignal(outer.signal).reason).toBe("enough");
  expect(followSignal(undefined)).toBeUndefined();
});

test("one signal may end many watchers without a warning of Node's", async () => {
  const [clock, stop] = [new FakeClock(), new AbortController()];
  const watching = Array.from({ length: many }, async () => {
    for await (const _ of watcher(new Things(), { clock, signal: stop.signal }));
  });
  await settle();
  stop.abort("enough");
  expect(await Promise.allSettled(watching)).toEqual(
    Array.from({ length: many }, () => ({ status: "rejected", reason: "enough" })),
  );
  await settle();
  expect(warnings).toEqual([]);
});

test("one signal may end many controllers, and one controller may watch many kinds, without a warning of Node's", async () => {
  const [clock, stop] = [new FakeClock(), new AbortController()];
  let controller = new Controller(new Things());
  for (let kind = 0; kind < many; kind++) controller = controller.watches(new Things(), () => []);
  const running = Array.from({ length: many }, () => controller.run(() => {}, { clock, signal: stop.signal }));
  await settle();
  expect(running.every(({ ready }) => ready)).toBe(true);
  stop.abort();
  await Promise.all(running.map(({ done }) => done));
  await settle();
  expect(warnings).toEqual([]);
});
