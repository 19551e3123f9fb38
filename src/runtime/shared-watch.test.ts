import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeCollection, type Thing } from "../../test/support/fake-collection.js";
import type { Client } from "../client/index.js";
import { defineKind, KindredError } from "../core/index.js";
import { Controller } from "./controller.js";
import type { ReflectedEvent } from "./reflector.js";
import { type SharedWatch, sharedWatch } from "./shared-watch.js";

class FakeHandle extends FakeCollection {
  readonly client = { server: "https://fake" } as unknown as Client;
}

let clock: FakeClock;
let things: FakeHandle;
let shared: SharedWatch<Thing>;
let aborts: AbortController[];

beforeEach(() => {
  clock = new FakeClock();
  things = new FakeHandle();
  shared = sharedWatch<Thing>(things, { clock });
  aborts = [];
});

afterEach(async () => {
  for (const abort of aborts) abort.abort();
  await settle();
});

type Event = ReflectedEvent<{
  readonly metadata: { readonly name: string };
  readonly spec: { readonly value: number };
}>;

function textOf(event: Event): string {
  if (!("object" in event)) return event.type;
  const old = "old" in event && event.old !== undefined ? ` was ${event.old.spec.value}` : "";
  return `${event.type} ${event.object.metadata.name}=${event.object.spec.value}${old}`;
}

/** A follower that reads all it is given. */
function follow() {
  const abort = new AbortController();
  aborts.push(abort);
  const events: string[] = [];
  const ended = (async () => {
    for await (const event of shared.reflect({ signal: abort.signal }).stream) events.push(textOf(event));
  })().catch((error: unknown) => error);
  return { events, stop: (reason?: unknown) => abort.abort(reason), ended };
}

/** A follower that reads when told to. */
function slowly() {
  const abort = new AbortController();
  aborts.push(abort);
  const iterator = shared.reflect({ signal: abort.signal }).stream[Symbol.asyncIterator]();
  const read = async (count: number): Promise<string[]> => {
    const events: string[] = [];
    for (let index = 0; index < count; index++) {
      const { value, done } = await iterator.next();
      if (done !== true) events.push(textOf(value));
    }
    return events;
  };
  return { read };
}

test("many followers share one watch, and each sees everything", async () => {
  things.put("a", 1);
  const followers = [follow(), follow(), follow()];
  await settle();
  things.put("a", 2);
  things.remove("a");
  await settle();
  for (const { events } of followers) {
    expect(events).toEqual([
      "init",
      "init-apply a=1",
      "init-done",
      "apply a=2 was 1",
      "delete a=1".replace("=1", "=2"),
    ]);
  }
  expect(things.calls.filter((call) => call.type === "watch")).toHaveLength(1);
});

test("one who comes late is given what is there", async () => {
  things.put("a", 1);
  follow();
  await settle();
  things.put("b", 1);
  await settle();
  const late = follow();
  await settle();
  expect(late.events).toEqual(["init", "init-apply a=1", "init-apply b=1", "init-done"]);
});

test("a slow follower holds up nobody, and is given the last state of each object, with what it knew before", async () => {
  things.put("a", 1);
  things.put("b", 1);
  const slow = slowly();
  expect(await slow.read(4)).toEqual(["init", "init-apply a=1", "init-apply b=1", "init-done"]);
  const quick = follow();
  await settle();
  for (let value = 2; value <= 100; value++) things.put("a", value);
  things.remove("b");
  things.put("c", 1);
  things.put("c", 2);
  await settle();
  expect(quick.events.at(-1)).toBe("apply c=2 was 1");
  expect(await slow.read(3)).toEqual(["apply a=100 was 1", "delete b=1", "apply c=2"]);
});

test("an object made again before a follower heard of its deletion comes with the one that it replaced", async () => {
  things.put("a", 1);
  const slow = slowly();
  await slow.read(3);
  follow();
  things.remove("a");
  things.put("a", 7);
  await settle();
  expect(await slow.read(1)).toEqual(["apply a=7 was 1"]);
});

test("a relist is heard of as what changed by it", async () => {
  things.put("a", 1);
  things.put("b", 1);
  things.put("c", 1);
  const { events } = follow();
  await clock.advance(5_000);
  things.drop();
  things.remove("a");
  things.put("b", 2);
  things.compact();
  await settle();
  expect(events.slice(5)).toEqual(["error", "delete a=1", "apply b=2"]);
  expect(shared.store.size).toBe(2);
});

test("the watch begins with the first follower and ends with the last; who follows anew is given a fresh list", async () => {
  expect(things.calls).toEqual([]);
  const first = follow();
  const second = follow();
  await settle();
  first.stop();
  await settle();
  expect(things.openWatches).toBe(1);
  second.stop();
  await settle();
  expect(things.openWatches).toBe(0);
  things.put("a", 1);
  const third = follow();
  await settle();
  expect(third.events).toEqual(["init", "init-apply a=1", "init-done"]);
});

test("what is kept of an object is declared once, and is all that anybody is given", async () => {
  shared = sharedWatch<Thing>(things, {
    clock,
    transform: (thing) => ({ ...thing, spec: { value: thing.spec.value * 10 } }),
  });
  things.put("a", 1);
  const { events } = follow();
  await settle();
  things.put("a", 2);
  await settle();
  expect(events).toEqual(["init", "init-apply a=10", "init-done", "apply a=20 was 10"]);
  expect(shared.store.get({ namespace: "ns", name: "a" })?.spec.value).toBe(20);
});

test("indexes are declared once and kept for all", async () => {
  const indexed = sharedWatch(things, { clock, indexes: { byValue: (thing) => [String(thing.spec.value)] } });
  shared = indexed;
  for (const [name, value] of [
    ["a", 1],
    ["b", 2],
    ["c", 1],
  ] as const)
    things.put(name, value);
  follow();
  await settle();
  expect(indexed.store.by("byValue", "1").map(({ metadata }) => metadata.name)).toEqual(["a", "c"]);
  // @ts-expect-error -- no such index was declared
  expect(indexed.store.by("byName", "a")).toEqual([]);
});

test("an abort ends one follower with its reason and no other", async () => {
  const first = follow();
  const second = follow();
  await settle();
  first.stop("enough");
  expect(await first.ended).toBe("enough");
  things.put("a", 1);
  await settle();
  expect(second.events.at(-1)).toBe("apply a=1");
});

test("the caller's mistake ends every follower with it", async () => {
  things.failures.push({ on: "page", error: new KindredError("INVALID_ARGUMENT", "no such selector") });
  const followers = [follow(), follow()];
  for (const { ended } of followers) expect(await ended).toMatchObject({ message: "no such selector" });
});

describe("controllers", () => {
  test("two of one kind run on one watch and one store", async () => {
    things.put("a", 1);
    const runs: string[] = [];
    const controllers = ["x", "y"].map((id) =>
      new Controller(shared).run((thing) => void runs.push(`${id} ${thing.metadata.name}=${thing.spec.value}`), {
        clock,
      }),
    );
    await settle();
    things.put("a", 2);
    await settle();
    expect(runs.toSorted()).toEqual(["x a=1", "x a=2", "y a=1", "y a=2"]);
    expect(controllers[0]?.store).toBe(controllers[1]?.store);
    expect(things.calls.filter((call) => call.type === "watch")).toHaveLength(1);
    await Promise.all(controllers.map((controller) => controller.stop()));
    expect(things.openWatches).toBe(0);
  });

  test("own and watch kinds by a watch that is shared", async () => {
    const Part = defineKind<Thing>()({ group: "", version: "v1", kind: "Part", plural: "parts", scope: "Namespaced" });
    const parts = new (class extends FakeHandle {})(Part);
    const sharedParts = sharedWatch<Thing>(parts, { clock });
    things.put("a", 1);
    things.put("b", 1);
    const runs: string[] = [];
    const controller = new Controller(things)
      .owns(sharedParts)
      .watches(sharedParts, (part) => [{ namespace: "ns", name: part.metadata.labels?.["for"] ?? "" }])
      .run((thing) => void runs.push(thing.metadata.name), { clock });
    await settle();
    runs.length = 0;
    const owner = { apiVersion: "example.dev/v1", kind: "Thing", name: "a", uid: "u", controller: true };
    parts.put("p", 1, { ownerReferences: [owner], labels: { for: "b" } });
    await settle();
    expect(runs.toSorted()).toEqual(["a", "b"]);
    expect(parts.calls.filter((call) => call.type === "watch")).toHaveLength(1);
    await controller.stop();
  });

  test("a selection belongs to the shared watch, not to who follows it", () => {
    expect(() => new Controller(shared, { labels: { app: "web" } })).toThrow(
      "labels cannot be chosen for a watch that is shared",
    );
    expect(() => new Controller(shared, { when: () => 1 })).not.toThrow();
  });
});
