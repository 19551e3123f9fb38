import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeCollection, type Thing } from "../../test/support/fake-collection.js";
import { ApiError, KindredError, statusOf, type WatcherEvent } from "../core/index.js";
import { watcher, type WatcherOptions } from "./watcher.js";

let clock: FakeClock;
let things: FakeCollection;
let abort: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  things = new FakeCollection();
  abort = new AbortController();
});

afterEach(() => abort.abort());

/** Collects events in the background; a short text each. */
function collect(options: WatcherOptions = {}): { readonly events: string[]; readonly end: Promise<unknown> } {
  const events: string[] = [];
  const run = async () => {
    for await (const event of watcher(things, { clock, signal: abort.signal, ...options })) events.push(textOf(event));
  };
  return { events, end: run().catch((error: unknown) => error) };
}

function textOf(event: WatcherEvent<Thing>): string {
  if (event.type === "error") return `error ${event.failures}`;
  return "object" in event ? `${event.type} ${event.object.metadata.name}=${event.object.spec.value}` : event.type;
}

const failure = (code: number, seconds?: number) =>
  new ApiError(statusOf(code, ""), { method: "GET", path: "/x", retryAfterSeconds: seconds });

test("what is there comes between init and init-done, then every change in order", async () => {
  things.put("a", 1);
  things.put("b", 1);
  const { events } = collect();
  await settle();
  things.put("a", 2);
  things.put("c", 1);
  things.remove("b");
  await settle();
  expect(events).toEqual([
    "init",
    "init-apply a=1",
    "init-apply b=1",
    "init-done",
    "apply a=2",
    "apply c=1",
    "delete b=1",
  ]);
});

test("a list comes in pages of the size asked for", async () => {
  for (let index = 0; index < 5; index++) things.put(`t${index}`, 1);
  const { events } = collect({ pageSize: 2 });
  await settle();
  expect(things.calls.filter((call) => call.type === "page").map((call) => call.options)).toMatchObject([
    { limit: 2 },
    { limit: 2, continue: "2" },
    { limit: 2, continue: "4" },
  ]);
  expect(events).toHaveLength(7);
});

test("a streaming list is the first events of one watch, which lives on", async () => {
  things.put("a", 1);
  const { events } = collect({ strategy: "streaming" });
  await settle();
  things.put("a", 2);
  await settle();
  expect(events).toEqual(["init", "init-apply a=1", "init-done", "apply a=2"]);
  expect(things.calls).toMatchObject([{ type: "watch", options: { sendInitialEvents: true } }]);
});

test("a server that refuses a streaming list is asked for pages", async () => {
  things.put("a", 1);
  things.failures.push({ on: "watch", error: failure(422) });
  const { events } = collect({ strategy: "streaming" });
  await clock.advance(800);
  expect(events).toEqual(["error 1", "init", "init-apply a=1", "init-done"]);
});

test("a server that does not end the initial events is asked for pages after ten seconds without one", async () => {
  things.endsInitialEvents = false;
  things.put("a", 1);
  const { events } = collect({ strategy: "streaming" });
  await clock.advance(9_000);
  things.put("b", 1);
  await clock.advance(9_999);
  expect(events).toEqual(["init", "init-apply a=1", "init-apply b=1"]);
  await clock.advance(1 + 800);
  expect(events.slice(3)).toEqual(["error 1", "init", "init-apply a=1", "init-apply b=1", "init-done"]);
  expect(things.openWatches).toBe(1);
});

test("whoever takes his time with the initial events is not taken for a server that pauses", async () => {
  for (const name of ["a", "b", "c"]) things.put(name, 1);
  const seen: string[] = [];
  const slow = (async () => {
    for await (const event of watcher(things, { clock, strategy: "streaming" })) {
      seen.push(event.type);
      await new Promise<void>((resolve) => clock.timer(20_000, resolve));
      if (event.type === "apply") return;
    }
  })();
  await clock.advance(110_000);
  things.put("d", 1);
  await clock.advance(20_000);
  await slow;
  expect(seen).toEqual(["init", "init-apply", "init-apply", "init-apply", "init-done", "apply"]);
});

test("a server whose data is behind what it has sent is listed anew, though a watch would be silent", async () => {
  things.put("a", 1);
  things.put("b", 1);
  const { events } = collect();
  await settle();
  things.wipe();
  things.put("c", 1);
  await clock.advance(2_400);
  expect(events.slice(4)).toEqual(["error 1", "error 2", "init", "init-apply c=1", "init-done"]);
});

test("selectors and the timeout go with every request", async () => {
  collect({ labels: { app: "web" }, fields: "metadata.name=a", timeoutSeconds: 60 });
  await settle();
  expect(things.calls).toMatchObject([
    { type: "page", options: { labels: { app: "web" }, fields: "metadata.name=a" } },
    { type: "watch", options: { labels: { app: "web" }, fields: "metadata.name=a", timeoutSeconds: 60 } },
  ]);
});

describe("a watch that ends", () => {
  test("by the server's timeout is opened again at once, from the last version, and nothing is missed", async () => {
    const { events } = collect();
    await clock.advance(5_000);
    things.put("a", 1);
    await settle();
    things.drop();
    things.put("b", 1);
    await settle();
    expect(events.slice(2)).toEqual(["apply a=1", "apply b=1"]);
    expect(things.calls.at(-1)).toMatchObject({ type: "watch", options: { resourceVersion: "101" } });
  });

  test("at once and without an event is opened again with a growing delay", async () => {
    const { events } = collect();
    await settle();
    for (const delay of [800, 1600, 3200]) {
      things.drop();
      await settle();
      expect(clock.pending).toContain(delay);
      await clock.advance(delay);
    }
    expect(events.slice(2)).toEqual(["error 1", "error 2", "error 3"]);
  });

  test("because its version is too old is followed by a list: what vanished is not in it", async () => {
    things.put("a", 1);
    things.put("b", 1);
    const { events } = collect();
    await clock.advance(5_000);
    things.put("a", 2);
    await settle();
    things.drop();
    things.remove("b");
    things.compact();
    await settle();
    expect(events.slice(4)).toEqual(["apply a=2", "error 1", "init", "init-apply a=2", "init-done"]);
  });

  test("broken is opened again after a delay, from the last version", async () => {
    const { events } = collect();
    await settle();
    things.put("a", 1);
    await settle();
    things.drop(new KindredError("CONNECTION", "reset"));
    things.put("b", 1);
    await clock.advance(799);
    expect(events.slice(2)).toEqual(["apply a=1", "error 1"]);
    await clock.advance(1);
    expect(events.slice(4)).toEqual(["apply b=1"]);
  });
});

test("a watch silent for longer than the server's timeout is given up and opened again", async () => {
  const { events } = collect({ timeoutSeconds: 60 });
  await clock.advance(64_999);
  expect(events).toEqual(["init", "init-done"]);
  await clock.advance(1);
  expect(events.slice(2)).toEqual(["error 1"]);
  await clock.advance(800);
  expect(things.openWatches).toBe(1);
  things.put("a", 1);
  await settle();
  expect(events.at(-1)).toBe("apply a=1");
});

test("a watch on which something came is not silent: the time counts from there", async () => {
  const { events } = collect({ timeoutSeconds: 60 });
  await clock.advance(60_000);
  things.put("a", 1);
  await clock.advance(64_999);
  expect(events).toEqual(["init", "init-done", "apply a=1"]);
});

test("failures of the list grow the delay, and its success does not reset it", async () => {
  for (const on of ["page", "page", "watch"] as const) things.failures.push({ on, error: failure(500) });
  const { events } = collect();
  await settle();
  expect(clock.pending).toEqual([800]);
  await clock.advance(800);
  expect(clock.pending).toEqual([1600]);
  await clock.advance(1600);
  expect(events).toEqual(["error 1", "error 2", "init", "init-done", "error 3"]);
  expect(clock.pending).toEqual([3200]);
});

test("the delay is never shorter than what the server asks for", async () => {
  things.failures.push({ on: "page", error: failure(429, 7) });
  collect();
  await settle();
  expect(clock.pending).toEqual([7000]);
});

test("jitter spreads those who failed together", async () => {
  clock.chance = 0.5;
  things.failures.push({ on: "page", error: failure(500) });
  collect();
  await settle();
  expect(clock.pending).toEqual([1200]);
});

test("a line that cannot be read is reported, and what it said comes again on a new connection", async () => {
  const { events } = collect();
  await settle();
  things.send({ type: "bad-line", error: new KindredError("PROTOCOL", "garbage") });
  things.put("a", 1);
  await clock.advance(800);
  expect(events).toEqual(["init", "init-done", "error 1", "apply a=1"]);
});

describe("aborting ends the stream with the signal's reason at once", () => {
  const reason = new Error("enough");

  test.each([
    { title: "while a watch is open", prepare: () => {} },
    { title: "during a delay", prepare: () => void things.failures.push({ on: "page", error: failure(500) }) },
  ])("$title", async ({ prepare }) => {
    prepare();
    const { end } = collect();
    await settle();
    abort.abort(reason);
    expect(await end).toBe(reason);
    expect(things.openWatches).toBe(0);
    expect(clock.pending).toEqual([]);
  });

  test("before it began", async () => {
    abort.abort(reason);
    expect(await collect().end).toBe(reason);
    expect(things.calls).toEqual([]);
  });
});

test("leaving the loop closes the watch and its timer", async () => {
  things.put("a", 1);
  for await (const event of watcher(things, { clock })) {
    if (event.type === "init-done") void Promise.resolve().then(() => things.put("a", 2));
    if (event.type === "apply") break;
  }
  expect(things.openWatches).toBe(0);
  expect(clock.pending).toEqual([]);
});

test("the caller's mistake is thrown, not retried", async () => {
  things.failures.push({ on: "page", error: new KindredError("INVALID_ARGUMENT", "no such selector") });
  expect(await collect().end).toMatchObject({ code: "INVALID_ARGUMENT" });
});
