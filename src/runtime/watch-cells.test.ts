/** Every way in which a watch can fail, at each moment and by each strategy: what is asked for next and when, what is told, what is kept. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeCollection, type Thing } from "../../test/support/fake-collection.js";
import type { WatchItem } from "../client/index.js";
import { ApiError, KindredError, type ListStrategy, statusOf } from "../core/index.js";
import { type Reflection, reflector } from "./reflector.js";
import { watcher } from "./watcher.js";

let clock: FakeClock;
let things: FakeCollection;
let abort: AbortController;
let told: string[];

beforeEach(() => {
  clock = new FakeClock();
  things = new FakeCollection();
  abort = new AbortController();
  told = [];
});

afterEach(() => abort.abort());

const http = (code: number) =>
  new ApiError(statusOf(code, ""), { method: "GET", path: "/x", ...(code === 429 && { retryAfterSeconds: 7 }) });
const errorItem = (code: number): WatchItem<Thing> => ({
  type: "event",
  event: {
    type: "ERROR",
    object: { ...statusOf(code, ""), ...(code === 429 && { details: { retryAfterSeconds: 7 } }) },
  },
});
const badLine: WatchItem<Thing> = { type: "bad-line", error: new KindredError("PROTOCOL", "no JSON") };
const bookmark: WatchItem<Thing> = {
  type: "event",
  event: {
    type: "BOOKMARK",
    object: { apiVersion: "example.dev/v1", kind: "Thing", metadata: { resourceVersion: "102" } },
  },
};
const reset = new KindredError("CONNECTION", "reset");

/** A fault as the answer to a connect, and as what happens to a watch that is open. */
interface Fault {
  readonly connect: () => void;
  readonly open: () => void;
}

const refused = (code: number): Fault => ({
  connect: () => void things.failures.push({ on: "watch", error: http(code) }),
  open: () => things.send(errorItem(code)),
});
const brings = (...items: readonly WatchItem<Thing>[]) => void things.failures.push({ on: "watch", brings: items });
const faults = {
  "ERROR 410": { connect: () => brings(errorItem(410)), open: () => things.send(errorItem(410)) },
  "HTTP 410": {
    connect: () => void things.failures.push({ on: "watch", error: http(410) }),
    open: () => {
      things.failures.push({ on: "watch", error: http(410) });
      things.drop();
    },
  },
  "401": refused(401),
  "403": refused(403),
  "404": refused(404),
  "429": refused(429),
  "500": refused(500),
  reset: {
    connect: () => void things.failures.push({ on: "watch", error: reset }),
    open: () => things.drop(reset),
  },
  "bad JSON": { connect: () => brings(badLine), open: () => things.send(badLine) },
  "instant end": { connect: () => brings(), open: () => things.drop() },
  silence: {
    connect: () => void things.failures.push({ on: "watch", error: "no answer" }),
    open: () => things.silence(),
  },
  "bookmark, end": {
    connect: () => brings(bookmark),
    open: () => {
      things.send(bookmark);
      things.drop();
    },
  },
} satisfies Record<string, Fault>;

function follow(strategy: ListStrategy): Reflection<Thing, never> {
  const reflection = reflector(watcher(things, { clock, strategy, pageSize: 500, signal: abort.signal }));
  void (async () => {
    for await (const event of reflection.stream)
      told.push("object" in event ? `${event.type} ${event.object.metadata.name}` : event.type);
  })().catch(() => {});
  return reflection;
}

/** What has been asked for since `first`, with the milliseconds before each, until all is right. */
async function recovery(store: Reflection<Thing, never>["store"], first: number): Promise<string> {
  const asked: string[] = [];
  const right = () => store.get({ namespace: "ns", name: "a" })?.spec.value === 2 && store.size === 1;
  for (let seen = first, since = clock.now(); ; await clock.advance(100)) {
    for (const call of things.calls.slice(seen)) {
      asked.push(`${clock.now() - since}: ${textOf(call)}`);
      since = clock.now();
    }
    seen = things.calls.length;
    if (right() || clock.now() > 600_000) return asked.join(", ");
  }
}

function textOf(call: FakeCollection["calls"][number]): string {
  if (call.type === "page") return call.options.limit === 1 ? "where" : "list";
  return call.options.sendInitialEvents === true ? "stream" : `watch ${call.options.resourceVersion}`;
}

type Row = readonly [fault: keyof typeof faults, strategy: ListStrategy, asked: string, told: string];

/** What a first list, a relist that finds an object gone, and a paged start are told and asked by. */
const all = "init, init-apply a, init-apply b, init-done";
const without = "init, init-apply a, delete b, init-done";
const paged = "0: list, 0: watch 102";

/** While the watch is connected: after a paged list, or as a streaming one. */
const connecting: readonly Row[] = [
  ["ERROR 410", "paging", `${paged}, 0: list, 0: watch 102`, `${all}, error, ${all}, apply a, delete b`],
  ["ERROR 410", "streaming", "0: stream, 0: stream", `error, ${all}, apply a, delete b`],
  ["HTTP 410", "paging", `${paged}, 0: list, 0: watch 102`, `${all}, error, ${all}, apply a, delete b`],
  ["HTTP 410", "streaming", "0: stream, 0: stream", `error, ${all}, apply a, delete b`],
  ["401", "paging", `${paged}, 800: where, 0: watch 102`, `${all}, error, apply a, delete b`],
  ["401", "streaming", "0: stream, 800: stream", "error, init, init-apply a, init-done"],
  ["403", "paging", `${paged}, 800: where, 0: watch 102`, `${all}, error, apply a, delete b`],
  ["403", "streaming", "0: stream, 800: stream", "error, init, init-apply a, init-done"],
  ["404", "paging", `${paged}, 800: list, 0: watch 104`, `${all}, error, ${without}`],
  ["404", "streaming", "0: stream, 800: stream", "error, init, init-apply a, init-done"],
  ["429", "paging", `${paged}, 7000: where, 0: watch 102`, `${all}, error, apply a, delete b`],
  ["429", "streaming", "0: stream, 7000: stream", "error, init, init-apply a, init-done"],
  ["500", "paging", `${paged}, 800: where, 0: watch 102`, `${all}, error, apply a, delete b`],
  ["500", "streaming", "0: stream, 800: stream", "error, init, init-apply a, init-done"],
  ["reset", "paging", `${paged}, 800: where, 0: watch 102`, `${all}, error, apply a, delete b`],
  ["reset", "streaming", "0: stream, 800: stream", "error, init, init-apply a, init-done"],
  ["bad JSON", "paging", `${paged}, 800: watch 102`, `${all}, error, apply a, delete b`],
  ["bad JSON", "streaming", "0: stream, 800: stream", "error, init, init-apply a, init-done"],
  ["instant end", "paging", `${paged}, 800: where, 0: watch 102`, `${all}, error, apply a, delete b`],
  ["instant end", "streaming", "0: stream, 800: stream", "error, init, init-apply a, init-done"],
  ["silence", "paging", `${paged}, 295800: where, 0: watch 102`, `${all}, error, apply a, delete b`],
  ["silence", "streaming", "0: stream, 295800: stream", "error, init, init-apply a, init-done"],
  ["bookmark, end", "paging", `${paged}, 800: where, 0: watch 102`, `${all}, error, apply a, delete b`],
  ["bookmark, end", "streaming", "0: stream, 800: list, 0: watch 104", "error, init, init-apply a, init-done"],
];

/** While it is open. */
const open: readonly Row[] = [
  ["ERROR 410", "paging", "0: list, 0: watch 104", `error, ${without}`],
  ["ERROR 410", "streaming", "0: stream", `error, ${without}`],
  ["HTTP 410", "paging", "800: where, 0: watch 102, 1600: list, 0: watch 104", `error, error, ${without}`],
  ["HTTP 410", "streaming", "0: watch 102, 0: stream", `error, ${without}`],
  ["401", "paging", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["401", "streaming", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["403", "paging", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["403", "streaming", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["404", "paging", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["404", "streaming", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["429", "paging", "7000: where, 0: watch 102", "error, apply a, delete b"],
  ["429", "streaming", "7000: where, 0: watch 102", "error, apply a, delete b"],
  ["500", "paging", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["500", "streaming", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["reset", "paging", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["reset", "streaming", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["bad JSON", "paging", "800: watch 102", "error, apply a, delete b"],
  ["bad JSON", "streaming", "800: watch 102", "error, apply a, delete b"],
  ["instant end", "paging", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["instant end", "streaming", "0: watch 102", "apply a, delete b"],
  ["silence", "paging", "295800: where, 0: watch 102", "error, apply a, delete b"],
  ["silence", "streaming", "295800: where, 0: watch 102", "error, apply a, delete b"],
  ["bookmark, end", "paging", "800: where, 0: watch 102", "error, apply a, delete b"],
  ["bookmark, end", "streaming", "0: watch 102", "apply a, delete b"],
];

test.each(connecting)("connecting: %s, %s", async (fault, strategy, asked, events) => {
  things.put("a", 1);
  things.put("b", 1);
  faults[fault].connect();
  const { store } = follow(strategy);
  await settle();
  things.put("a", 2);
  things.remove("b");
  expect(await recovery(store, 0)).toBe(asked);
  expect(told.join(", ")).toBe(events);
  expect([...store.values()].map(({ metadata, spec }) => `${metadata.name}=${spec.value}`)).toEqual(["a=2"]);
});

test.each(open)("in the middle: %s, %s", async (fault, strategy, asked, events) => {
  things.put("a", 1);
  things.put("b", 1);
  const { store } = follow(strategy);
  await settle();
  told.length = 0;
  const first = things.calls.length;
  faults[fault].open();
  things.silence();
  things.put("a", 2);
  things.remove("b");
  await settle();
  expect(await recovery(store, first)).toBe(asked);
  expect(told.join(", ")).toBe(events);
  expect([...store.values()].map(({ metadata, spec }) => `${metadata.name}=${spec.value}`)).toEqual(["a=2"]);
});

test("every fault is tried at each moment and by each strategy", () => {
  const cells = Object.keys(faults)
    .flatMap((fault) => [`${fault} paging`, `${fault} streaming`])
    .toSorted();
  for (const rows of [connecting, open])
    expect(rows.map(([fault, strategy]) => `${fault} ${strategy}`).toSorted()).toEqual(cells);
});
