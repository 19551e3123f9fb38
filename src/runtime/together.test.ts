import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeCollection } from "../../test/support/fake-collection.js";
import type { Client } from "../client/index.js";
import { KindredError } from "../core/index.js";
import { Controller } from "./controller.js";
import { Metrics } from "./metrics.js";
import { probes, type Together, together } from "./together.js";

class FakeHandle extends FakeCollection {
  readonly client = { server: "https://fake" } as unknown as Client;
}

let clock: FakeClock;
let a: FakeHandle;
let b: FakeHandle;
let all: Together | undefined;

beforeEach(() => {
  clock = new FakeClock();
  a = new FakeHandle();
  b = new FakeHandle();
});

afterEach(() => all?.stop().catch(() => {}));

const start = (handle: FakeHandle, name: string, metrics?: Metrics) =>
  new Controller(handle).run(() => {}, { clock, name, metrics });

test("probes are ready once every cache is complete, and healthy while every controller runs", async () => {
  b.failures.push({ on: "page", error: new KindredError("CONNECTION", "down") });
  const metrics = new Metrics();
  all = together(start(a, "a", metrics), start(b, "b", metrics));
  const answer = probes(all, { metrics });
  await settle();
  expect(answer("/readyz")).toMatchObject({ status: 503, body: "not ready: b\n" });
  expect(answer("/healthz")).toMatchObject({ status: 200, body: "ok\n" });
  await clock.advance(1_000);
  expect(answer("/readyz")).toMatchObject({ status: 200 });
  expect(answer("/metrics")?.body).toContain('controller="b"');
  expect(answer("/other")).toBeUndefined();
  await all.stop();
  await settle();
  expect(answer("/healthz")?.status).toBe(500);
  expect(answer("/readyz")).toMatchObject({ status: 503, body: "not ready: ended\n" });
});

test("when one ends by itself the others are stopped, and why is told", async () => {
  b.failures.push({ on: "page", error: new KindredError("INVALID_ARGUMENT", "no such selector") });
  all = together(start(a, "a"), start(b, "b"));
  await expect(all.done).rejects.toThrow("no such selector");
  expect(a.openWatches).toBe(0);
});

test("stopping stops all of them", async () => {
  all = together(start(a, "a"), start(b, "b"));
  await settle();
  await all.stop();
  await all.done;
  expect([a.openWatches, b.openWatches]).toEqual([0, 0]);
});
