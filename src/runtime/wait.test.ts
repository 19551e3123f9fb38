import { beforeEach, describe, expect, test } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeCollection, type Thing } from "../../test/support/fake-collection.js";
import { ApiError, KindredError, statusOf } from "../core/index.js";
import {
  deleteAndWait,
  every,
  hasCondition,
  isComplete,
  isDeleted,
  isEstablished,
  isReady,
  isRolledOut,
  not,
  some,
} from "./awaited.js";
import { type AwaitedCondition, waitFor } from "./wait.js";

let clock: FakeClock;
let things: FakeCollection;

beforeEach(() => {
  clock = new FakeClock();
  things = new FakeCollection();
});

const reaches =
  (value: number): AwaitedCondition<Thing> =>
  (thing) =>
    thing?.spec.value === value;

test("what holds already is given at once, and only the object by that name is watched", async () => {
  things.put("a", 1);
  const found = await waitFor(things, "a", { until: reaches(1), clock });
  expect(found?.spec.value).toBe(1);
  expect(things.calls[0]?.options).toMatchObject({ fields: { "metadata.name": "a" } });
  expect(things.openWatches).toBe(0);
  expect(clock.pending).toEqual([]);
});

test("what comes later is given when it comes, even over a connection that broke meanwhile", async () => {
  const waiting = waitFor(things, "a", { until: reaches(2), clock });
  await settle();
  things.put("a", 1);
  await settle();
  things.drop(new KindredError("CONNECTION", "reset"));
  things.put("a", 2);
  await clock.advance(800);
  expect((await waiting)?.spec.value).toBe(2);
});

test("an object that is gone ends the wait for its deletion", async () => {
  const { uid } = things.put("a", 1).metadata;
  const waiting = waitFor(things, "a", { until: isDeleted(uid), clock });
  await settle();
  things.remove("a");
  expect(await waiting).toBeUndefined();
});

test("in vain ends with what was awaited, for how long, and the last failure", async () => {
  things.failures.push({ on: "page", error: new KindredError("CONNECTION", "the server is down") });
  const waiting = waitFor(things, "a", { until: reaches(1), what: "to reach 1", timeout: { seconds: 10 }, clock });
  const message = `waited 10 s for Thing "a" to reach 1, in vain; the last failure: the server is down`;
  const failed = expect(waiting).rejects.toMatchObject({ code: "TIMEOUT", message });
  await clock.advance(10_000);
  await failed;
  expect(things.openWatches).toBe(0);
});

test("a condition that throws ends the wait with what it throws", async () => {
  things.put("a", 1);
  const until = () => {
    throw new Error("the job has failed");
  };
  await expect(waitFor(things, "a", { until, clock })).rejects.toThrow("the job has failed");
});

test("an abort ends the wait with its reason", async () => {
  const abort = new AbortController();
  const waiting = waitFor(things, "a", { until: reaches(1), clock, signal: abort.signal });
  const failed = expect(waiting).rejects.toThrow("enough");
  await settle();
  abort.abort(new Error("enough"));
  await failed;
  await expect(waitFor(things, "a", { until: reaches(1), clock, signal: abort.signal })).rejects.toThrow("enough");
});

describe("conditions", () => {
  const established = (status: string) => ({ status: { conditions: [{ type: "Established", status }] } });

  test.each([
    { title: "no object", object: undefined, holds: false },
    { title: "no status", object: {}, holds: false },
    { title: "no conditions", object: { status: {} }, holds: false },
    { title: "False", object: established("False"), holds: false },
    { title: "True", object: established("True"), holds: true },
  ])("isEstablished of $title: $holds", ({ object, holds }) => {
    expect(isEstablished(object)).toBe(holds);
  });

  test("hasCondition takes the status that is wanted", () => {
    expect(hasCondition("Established", "False")(established("False"))).toBe(true);
  });
});

describe("a rollout", () => {
  const deployment = (status: object, generation = 2) => ({ metadata: { generation }, spec: { replicas: 3 }, status });
  const done = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3 };

  test.each([
    { title: "done", object: deployment(done), holds: true },
    { title: "not observed", object: deployment({ ...done, observedGeneration: 1 }), holds: false },
    { title: "not all updated", object: deployment({ ...done, updatedReplicas: 2 }), holds: false },
    { title: "old ones left", object: deployment({ ...done, replicas: 4 }), holds: false },
    { title: "not all available", object: deployment({ ...done, availableReplicas: 2 }), holds: false },
    { title: "no status", object: undefined, holds: false },
  ])("$title: $holds", ({ object, holds }) => {
    expect(isRolledOut(object)).toBe(holds);
  });

  test("that makes no progress fails", () => {
    const conditions = [{ type: "Progressing", status: "False", message: "deadline exceeded" }];
    expect(() => isRolledOut(deployment({ ...done, availableReplicas: 0, conditions }))).toThrow(
      "the rollout makes no progress: deadline exceeded",
    );
  });
});

test("a job that has failed will not complete", () => {
  const job = (type: string) => ({ status: { conditions: [{ type, status: "True", message: "backoff limit" }] } });
  expect(isComplete(job("Complete"))).toBe(true);
  expect(isComplete({ status: {} })).toBe(false);
  expect(() => isComplete(job("Failed"))).toThrow("the job has failed: backoff limit");
});

test("conditions combine", () => {
  const object = { status: { conditions: [{ type: "Ready", status: "True" }] } };
  expect(every(isReady, not(isEstablished))(object)).toBe(true);
  expect(every(isReady, isEstablished)(object)).toBe(false);
  expect(some(isReady, isEstablished)(object)).toBe(true);
});

describe("deleteAndWait", () => {
  const deleting = (answer: () => unknown) => Object.assign(things, { delete: async () => answer() as Thing });

  test("waits until that very object is gone", async () => {
    const { metadata } = things.put("a", 1);
    const source = deleting(() => ({ kind: "Thing", metadata }));
    const gone = deleteAndWait(source, "a", { clock }).then(() => "gone");
    await settle();
    expect(things.openWatches).toBe(1);
    things.remove("a");
    things.put("a", 2);
    await settle();
    expect(await gone).toBe("gone");
  });

  test("knows the object by what a Status says of it", async () => {
    const source = deleting(() => ({ kind: "Status", metadata: {}, details: { uid: "u" } }));
    await deleteAndWait(source, "a", { clock });
  });

  test("has nothing to wait for where there is nothing", async () => {
    const source = deleting(() => {
      throw new ApiError(statusOf(404, ""), { method: "DELETE", path: "/" });
    });
    await deleteAndWait(source, "a", { clock });
    expect(things.calls).toEqual([]);
  });
});
