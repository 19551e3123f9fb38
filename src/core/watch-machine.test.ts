import { describe, expect, it } from "vitest";
import { KindredError } from "./errors.js";
import type { List } from "./meta.js";
import { ApiError, type Status, statusOf } from "./status.js";
import type { WatchEvent } from "./watch-event.js";
import {
  initialWatchState,
  type ListStrategy,
  stepWatch,
  type WatchedObject,
  type WatcherEvent,
  type WatchInput,
  type WatchMachineOptions,
  type WatchState,
  type WatchStep,
} from "./watch-machine.js";

interface Thing extends WatchedObject {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
}

type Input = WatchInput<Thing>;

const thing = (name: string, resourceVersion: string): Thing => ({ metadata: { name, resourceVersion } });
const event = (type: "ADDED" | "MODIFIED" | "DELETED", name: string, version: string): Input => ({
  type: "event",
  event: { type, object: thing(name, version) },
});
const bookmark = (resourceVersion: string, annotations?: { [key: string]: string }): Input => ({
  type: "event",
  event: {
    type: "BOOKMARK",
    object: {
      apiVersion: "v1",
      kind: "Thing",
      metadata: { resourceVersion, ...(annotations !== undefined && { annotations }) },
    },
  },
});
const initialEnd = (version: string): Input => bookmark(version, { "k8s.io/initial-events-end": "true" });
const page = (names: readonly string[], metadata: List<Thing>["metadata"]): Input => ({
  type: "page",
  page: { apiVersion: "v1", kind: "ThingList", metadata, items: names.map((name) => thing(name, "1")) },
});
const http = (code: number, retryAfterSeconds?: number): ApiError =>
  new ApiError(statusOf(code, ""), { method: "GET", path: "/things", retryAfterSeconds });
const errorEvent = (code: number, more: Partial<Status> = {}): Input => {
  const object: WatchEvent<Thing> = { type: "ERROR", object: { ...statusOf(code, ""), ...more } };
  return { type: "event", event: object };
};
const reset = new KindredError("CONNECTION", "the connection was reset");
const garbage = new KindredError("PROTOCOL", "a line of the watch is not a watch event");
const future: Partial<Status> = { details: { causes: [{ reason: "ResourceVersionTooLarge" }] } };
const fromTheFuture = new ApiError({ ...statusOf(504, ""), ...future }, { method: "GET", path: "/things" });

/** A run of the machine: inputs in order, each after some milliseconds. */
class Run {
  readonly options: WatchMachineOptions;
  now = 1_000_000;
  state: WatchState;
  last: WatchStep<Thing>;

  constructor(options: Partial<WatchMachineOptions> = {}) {
    this.options = { strategy: "paging", pageSize: 2, semantic: "most-recent", ...options };
    this.state = initialWatchState(this.options);
    this.last = this.feed({ type: "start" });
  }

  feed(input: Input, afterMs = 0): WatchStep<Thing> {
    this.now += afterMs;
    const before = structuredClone(this.state);
    const step = stepWatch(this.state, input, { now: this.now, options: this.options });
    expect(this.state).toEqual(before);
    this.state = step.state;
    this.last = step;
    return step;
  }

  all(...inputs: readonly Input[]): this {
    for (const input of inputs) this.feed(input);
    return this;
  }
}

const opened: Input = { type: "opened" };
const listed = page(["a"], { resourceVersion: "10" });

/** A machine about to connect its watch, and one whose watch is open. */
const connecting: Record<ListStrategy, () => Run> = {
  paging: () => new Run({ strategy: "paging" }).all(listed),
  streaming: () => new Run({ strategy: "streaming" }),
};
const watching: Record<ListStrategy, () => Run> = {
  paging: () => new Run({ strategy: "paging" }).all(listed, opened),
  streaming: () => new Run({ strategy: "streaming" }).all(opened, event("ADDED", "a", "3"), initialEnd("10")),
};
const streamingInitially = () => new Run({ strategy: "streaming" }).all(opened, event("ADDED", "a", "3"));

/** `failures/atLeastSeconds`, and what is asked for. */
function effectOf({ effect }: WatchStep<Thing>): string {
  if (effect.type === "read")
    return effect.withinSeconds === undefined ? "read" : `read within ${effect.withinSeconds}`;
  const asked = Object.entries(effect.options).map(([name, value]) => `${name}=${value}`);
  return `${[effect.type, ...asked].join(" ")} after ${effect.delay.failures}/${effect.delay.atLeastSeconds}`;
}

function eventsOf({ events }: { readonly events: readonly WatcherEvent<Thing>[] }): readonly string[] {
  return events.map((event) => {
    if (event.type === "error") return `error ${event.failures}`;
    return "object" in event ? `${event.type} ${event.object.metadata.name}` : event.type;
  });
}

const list = "list limit=2";
const watch = "watch resourceVersion=10";
const stream = "watch sendInitialEvents=true";
/** Asks where the server is, before it is trusted to go on. */
const present = "list limit=1";

interface Row {
  readonly what: string;
  readonly input: Input;
  readonly afterMs?: number;
  readonly events: readonly string[];
  readonly next: string;
}

const failed = (error: Error): Input => ({ type: "open-failed", error });
const broken = (error: Error): Input => ({ type: "broken", error });
const error1 = ["error 1"];

/** Rows of a watch that is to be resumed from version 10, or given up for `afresh`. */
const connectRows = (afresh: string): readonly Row[] => [
  { what: "HTTP 410", input: failed(http(410)), events: error1, next: `${afresh} after 0/0` },
  { what: "HTTP 401", input: failed(http(401)), events: error1, next: `${present} after 1/0` },
  { what: "HTTP 403", input: failed(http(403)), events: error1, next: `${present} after 1/0` },
  { what: "HTTP 404", input: failed(http(404)), events: error1, next: `${afresh} after 1/0` },
  { what: "HTTP 429 with Retry-After", input: failed(http(429, 7)), events: error1, next: `${present} after 1/7` },
  { what: "HTTP 500", input: failed(http(500)), events: error1, next: `${present} after 1/0` },
  { what: "HTTP 504 too large version", input: failed(fromTheFuture), events: error1, next: `${afresh} after 1/0` },
  { what: "a reset", input: failed(reset), events: error1, next: `${present} after 1/0` },
  { what: "success", input: opened, events: [], next: "read" },
];

const midStreamRows = (afresh: string, afterLife: string): readonly Row[] => [
  { what: "ERROR 410", input: errorEvent(410), events: error1, next: `${afresh} after 0/0` },
  { what: "ERROR 410 Gone", input: errorEvent(410, { reason: "Gone" }), events: error1, next: `${afresh} after 0/0` },
  { what: "ERROR 401", input: errorEvent(401), events: error1, next: `${present} after 1/0` },
  { what: "ERROR 403", input: errorEvent(403), events: error1, next: `${present} after 1/0` },
  { what: "ERROR 404", input: errorEvent(404), events: error1, next: `${present} after 1/0` },
  {
    what: "ERROR 429 with its own hint",
    input: errorEvent(429, { details: { retryAfterSeconds: 7 } }),
    events: error1,
    next: `${present} after 1/7`,
  },
  { what: "ERROR 500", input: errorEvent(500), events: error1, next: `${present} after 1/0` },
  { what: "ERROR too large version", input: errorEvent(504, future), events: error1, next: `${afresh} after 1/0` },
  { what: "a reset", input: broken(reset), events: error1, next: `${present} after 1/0` },
  { what: "a bad line", input: { type: "bad-line", error: garbage }, events: error1, next: `${watch} after 1/0` },
  { what: "the server's end", input: { type: "ended" }, afterMs: 290_000, events: [], next: `${afterLife} after 0/0` },
  { what: "silence", input: { type: "idle" }, afterMs: 295_000, events: error1, next: `${present} after 1/0` },
  { what: "ADDED", input: event("ADDED", "b", "11"), events: ["apply b"], next: "read" },
  { what: "MODIFIED", input: event("MODIFIED", "a", "11"), events: ["apply a"], next: "read" },
  { what: "DELETED", input: event("DELETED", "a", "11"), events: ["delete a"], next: "read" },
  { what: "a bookmark", input: bookmark("11"), events: [], next: "read" },
];

describe("connecting a watch from a list's version", () => {
  it.each(connectRows(list))("paging: $what", ({ input, events, next }) => {
    const step = connecting.paging().feed(input);
    expect(eventsOf(step)).toEqual(events);
    expect(effectOf(step)).toBe(next);
  });

  it.each(connectRows(stream))("streaming: $what", ({ input, events, next }) => {
    const step = watching.streaming().all({ type: "ended" }).feed(input);
    expect(eventsOf(step)).toEqual(events);
    expect(effectOf(step)).toBe(next);
  });
});

describe("connecting a streaming list", () => {
  it.each<Row>([
    { what: "HTTP 410", input: failed(http(410)), events: error1, next: `${stream} after 0/0` },
    { what: "HTTP 401", input: failed(http(401)), events: error1, next: `${stream} after 1/0` },
    { what: "HTTP 403", input: failed(http(403)), events: error1, next: `${stream} after 1/0` },
    { what: "HTTP 404", input: failed(http(404)), events: error1, next: `${stream} after 1/0` },
    { what: "HTTP 429 with Retry-After", input: failed(http(429, 7)), events: error1, next: `${stream} after 1/7` },
    { what: "HTTP 500", input: failed(http(500)), events: error1, next: `${stream} after 1/0` },
    { what: "a reset", input: failed(reset), events: error1, next: `${stream} after 1/0` },
    { what: "HTTP 422: refused", input: failed(http(422)), events: error1, next: `${list} after 1/0` },
    { what: "HTTP 400: refused", input: failed(http(400)), events: error1, next: `${list} after 1/0` },
    { what: "success", input: opened, events: [], next: "read within 10" },
  ])("$what", ({ input, events, next }) => {
    const step = connecting.streaming().feed(input);
    expect(eventsOf(step)).toEqual(events);
    expect(effectOf(step)).toBe(next);
  });

  it("is not tried again once the server has refused it", () => {
    const run = connecting.streaming().all(failed(http(422)), listed, opened, errorEvent(410));
    expect(effectOf(run.last)).toMatch(/^list limit=2 after/);
  });
});

describe("in the middle of a watch", () => {
  it.each(midStreamRows(list, present))("paging: $what", ({ input, afterMs, events, next }) => {
    const step = watching.paging().feed(input, afterMs);
    expect(eventsOf(step)).toEqual(events);
    expect(effectOf(step)).toBe(next);
  });

  it.each(midStreamRows(stream, watch))("streaming: $what", ({ input, afterMs, events, next }) => {
    const step = watching.streaming().feed(input, afterMs);
    expect(eventsOf(step)).toEqual(events);
    expect(effectOf(step)).toBe(next);
  });

  it.each<Row>([
    { what: "an end at once", input: { type: "ended" }, afterMs: 999, events: error1, next: `${present} after 1/0` },
    {
      what: "an end a second later",
      input: { type: "ended" },
      afterMs: 1000,
      events: [],
      next: `${present} after 0/0`,
    },
  ])("a connection that brought nothing: $what", ({ input, afterMs, events, next }) => {
    const paged = watching.paging().feed(input, afterMs);
    const streamed = watching.streaming().all({ type: "ended" }, opened);
    for (const step of [paged, streamed.feed(input, afterMs)]) {
      expect(eventsOf(step)).toEqual(events);
      expect(effectOf(step)).toBe(next);
    }
  });

  it.each(["paging", "streaming"] as const)(
    "%s: goes on from a bookmark's version when the server ends it",
    (strategy) => {
      const run = watching[strategy]();
      run.feed(bookmark("15"), 60_000);
      const step = run.feed({ type: "ended" }, 230_000);
      expect(eventsOf(step)).toEqual([]);
      expect(effectOf(step)).toBe("watch resourceVersion=15 after 0/0");
    },
  );

  it("backs off a server that sends a bookmark and hangs up, again and again", () => {
    const run = watching.paging();
    for (const failures of [1, 2, 3]) {
      run.feed(bookmark("15"));
      expect(effectOf(run.feed({ type: "ended" }))).toBe(`${present} after ${failures}/0`);
      expect(effectOf(run.feed(page(["a"], { resourceVersion: "15" })))).toBe("watch resourceVersion=15 after 0/0");
      run.feed(opened);
    }
  });

  it.each([
    ["ADDED", event("ADDED", "b", "12")],
    ["MODIFIED", event("MODIFIED", "a", "12")],
    ["DELETED", event("DELETED", "a", "12")],
  ])("goes on at once from the version of %s, even if the connection was short", (_type, input) => {
    const run = watching.paging().all(input, { type: "ended" });
    expect(effectOf(run.last)).toBe("watch resourceVersion=12 after 0/0");
  });

  it("lists if a line cannot be read when it is sent again", () => {
    const bad: Input = { type: "bad-line", error: garbage };
    const run = watching.paging().all(bad, opened, bad);
    expect(eventsOf(run.last)).toEqual(["error 2"]);
    expect(effectOf(run.last)).toBe(`${list} after 2/0`);
  });

  it("watches from before each line that cannot be read, where others between them can", () => {
    const bad: Input = { type: "bad-line", error: garbage };
    const run = watching.paging().all(event("ADDED", "b", "11"), bad, opened, event("ADDED", "c", "12"), bad);
    expect(effectOf(run.last)).toBe("watch resourceVersion=12 after 1/0");
  });
});

describe("in the middle of a streaming list", () => {
  it.each<Row>([
    { what: "ADDED", input: event("ADDED", "b", "4"), events: ["init-apply b"], next: "read within 10" },
    { what: "MODIFIED", input: event("MODIFIED", "a", "4"), events: ["init-apply a"], next: "read within 10" },
    { what: "DELETED", input: event("DELETED", "a", "4"), events: ["delete a"], next: "read within 10" },
    { what: "a bookmark that does not end it", input: bookmark("4"), events: error1, next: `${list} after 1/0` },
    { what: "the bookmark that ends it", input: initialEnd("9"), events: ["init-done"], next: "read" },
    { what: "ERROR 410", input: errorEvent(410), events: error1, next: `${stream} after 0/0` },
    { what: "ERROR 401", input: errorEvent(401), events: error1, next: `${stream} after 1/0` },
    { what: "ERROR 403", input: errorEvent(403), events: error1, next: `${stream} after 1/0` },
    { what: "ERROR 404", input: errorEvent(404), events: error1, next: `${stream} after 1/0` },
    {
      what: "ERROR 429 with its own hint",
      input: errorEvent(429, { details: { retryAfterSeconds: 7 } }),
      events: error1,
      next: `${stream} after 1/7`,
    },
    { what: "ERROR 500", input: errorEvent(500), events: error1, next: `${stream} after 1/0` },
    { what: "a reset", input: broken(reset), events: error1, next: `${stream} after 1/0` },
    { what: "a bad line", input: { type: "bad-line", error: garbage }, events: error1, next: `${stream} after 1/0` },
    {
      what: "the server's end",
      input: { type: "ended" },
      afterMs: 290_000,
      events: error1,
      next: `${stream} after 1/0`,
    },
    { what: "silence", input: { type: "idle" }, afterMs: 10_000, events: error1, next: `${list} after 1/0` },
  ])("$what", ({ input, afterMs, events, next }) => {
    const step = streamingInitially().feed(input, afterMs);
    expect(eventsOf(step)).toEqual(events);
    expect(effectOf(step)).toBe(next);
  });

  it.each([
    ["an object", event("ADDED", "a", "3"), ["init", "init-apply a"]],
    ["a deletion", event("DELETED", "a", "3"), ["init", "delete a"]],
    ["the last bookmark, because nothing is there", initialEnd("9"), ["init", "init-done"]],
  ])("init comes first, before %s", (_what, input, events) => {
    expect(eventsOf(connecting.streaming().all(opened).feed(input))).toEqual(events);
  });

  it("init comes again when it starts over, so that what came before is dropped", () => {
    const run = streamingInitially().all(broken(reset), opened);
    expect(eventsOf(run.feed(event("ADDED", "a", "3")))).toEqual(["init", "init-apply a"]);
    expect(eventsOf(run.feed(initialEnd("9")))).toEqual(["init-done"]);
  });

  it("falls back to paging if a line can never be read", () => {
    const bad: Input = { type: "bad-line", error: garbage };
    expect(effectOf(streamingInitially().all(bad, opened, bad).last)).toBe(`${list} after 2/0`);
  });

  it("falls back to paging if it ends twice before it was through", () => {
    const run = connecting.streaming().all(opened, { type: "ended" }, opened, { type: "ended" });
    expect(eventsOf(run.last)).toEqual(["error 2"]);
    expect(effectOf(run.last)).toBe(`${list} after 2/0`);
  });

  it("is in pages from then on if the server does not end it", () => {
    const run = streamingInitially().all({ type: "idle" }, listed, opened, errorEvent(410));
    expect(effectOf(run.last)).toMatch(/^list limit=2 after/);
  });

  it("goes on as a watch from the version of its last bookmark", () => {
    const run = streamingInitially().all(initialEnd("9"), { type: "ended" });
    expect(effectOf(run.last)).toBe("watch resourceVersion=9 after 0/0");
  });
});

describe("a paged list", () => {
  it("reports the objects of all pages between init and init-done, and then watches", () => {
    const run = new Run();
    expect(effectOf(run.last)).toBe(`${list} after 0/0`);
    const first = run.feed(page(["a", "b"], { continue: "t1" }));
    expect(eventsOf(first)).toEqual(["init", "init-apply a", "init-apply b"]);
    expect(effectOf(first)).toBe("list limit=2 continue=t1 after 0/0");
    const second = run.feed(page(["c", "d"], { resourceVersion: "10", continue: "t2" }));
    expect(eventsOf(second)).toEqual(["init-apply c", "init-apply d"]);
    expect(effectOf(second)).toBe("list limit=2 continue=t2 after 0/0");
    const third = run.feed(page(["e"], { resourceVersion: "10", continue: "" }));
    expect(eventsOf(third)).toEqual(["init-apply e", "init-done"]);
    expect(effectOf(third)).toBe(`${watch} after 0/0`);
  });

  it("of nothing is init and init-done", () => {
    expect(eventsOf(new Run().feed(page([], { resourceVersion: "10" })))).toEqual(["init", "init-done"]);
  });

  it.each([
    ["HTTP 401", http(401), "1/0"],
    ["HTTP 403", http(403), "1/0"],
    ["HTTP 404", http(404), "1/0"],
    ["HTTP 429 with Retry-After", http(429, 7), "1/7"],
    ["HTTP 500", http(500), "1/0"],
    ["a reset", reset, "1/0"],
  ])("that fails with %s starts over from its first page", (_what, error, delay) => {
    const input: Input = { type: "list-failed", error };
    for (const run of [new Run(), new Run().all(page(["a"], { continue: "t1" }))]) {
      const step = run.feed(input);
      expect(eventsOf(step)).toEqual(error1);
      expect(effectOf(step)).toBe(`${list} after ${delay}`);
      expect(eventsOf(run.feed(listed))).toEqual(["init", "init-apply a", "init-done"]);
    }
  });

  it("whose token expires is asked for whole, at once, until it is through", () => {
    const expired: Input = { type: "list-failed", error: http(410) };
    const run = new Run().all(page(["a"], { continue: "t1" }), expired);
    expect(eventsOf(run.last)).toEqual(error1);
    expect(effectOf(run.last)).toBe("list after 0/0");
    expect(effectOf(run.feed({ type: "list-failed", error: reset }))).toBe("list after 2/0");
    run.all(listed, opened, errorEvent(410));
    expect(effectOf(run.last)).toMatch(/^list limit=2 after/);
  });

  it("that expires on its first page is paged again", () => {
    expect(effectOf(new Run().feed({ type: "list-failed", error: http(410) }))).toBe(`${list} after 0/0`);
  });

  it("without a resourceVersion is an error that is backed off, and never done", () => {
    const run = new Run();
    const step = run.feed(page(["a"], {}));
    expect(eventsOf(step)).toEqual(["init", "init-apply a", "error 1"]);
    expect(effectOf(step)).toBe(`${list} after 1/0`);
    expect(step.events.at(-1)).toMatchObject({ error: { code: "PROTOCOL", message: /no metadata.resourceVersion/ } });
    expect(effectOf(run.feed(page(["a"], {})))).toBe(`${list} after 2/0`);
  });
});

describe("the semantic any", () => {
  it("lists what is cached, whole, because the server ignores a limit there", () => {
    const run = new Run({ semantic: "any" });
    expect(effectOf(run.last)).toBe("list resourceVersion=0 resourceVersionMatch=NotOlderThan after 0/0");
    run.all(listed);
    expect(effectOf(run.last)).toBe(`${watch} after 0/0`);
  });

  it("goes on with a token if the server pages all the same", () => {
    const run = new Run({ semantic: "any" }).all(page(["a"], { continue: "t1" }));
    expect(effectOf(run.last)).toBe("list limit=2 continue=t1 after 0/0");
  });

  it("streams what is cached", () => {
    const run = new Run({ strategy: "streaming", semantic: "any" });
    expect(effectOf(run.last)).toBe("watch resourceVersion=0 sendInitialEvents=true after 0/0");
    run.all(opened, initialEnd("9"), { type: "ended" });
    expect(effectOf(run.last)).toBe("watch resourceVersion=9 after 0/0");
  });
});

describe("where the server is, asked after a connection was lost", () => {
  const doubting = () => watching.paging().all(broken(reset));

  it.each([
    { what: "where it was", version: "10", events: [], next: `${watch} after 0/0` },
    { what: "further", version: "123", events: [], next: `${watch} after 0/0` },
    {
      what: "further back: its data is not what was seen",
      version: "9",
      events: ["error 2"],
      next: `${list} after 2/0`,
    },
    { what: "nowhere, as far as it says", version: undefined, events: [], next: `${watch} after 0/0` },
  ])("$what", ({ version, events, next }) => {
    const metadata = { ...(version !== undefined && { resourceVersion: version }), continue: "more" };
    const step = doubting().feed(page(["a"], metadata));
    expect(eventsOf(step)).toEqual(events);
    expect(effectOf(step)).toBe(next);
  });

  it.each([
    ["HTTP 401", http(401), `${present} after 2/0`],
    ["HTTP 403: who may not list goes on without", http(403), `${watch} after 2/0`],
    ["HTTP 404", http(404), `${list} after 2/0`],
    ["HTTP 410", http(410), `${list} after 2/0`],
    ["HTTP 429 with Retry-After", http(429, 7), `${present} after 2/7`],
    ["HTTP 500", http(500), `${present} after 2/0`],
    ["a reset", reset, `${present} after 2/0`],
  ])("%s", (_what, error, next) => {
    const step = doubting().feed({ type: "list-failed", error });
    expect(eventsOf(step)).toEqual(["error 2"]);
    expect(effectOf(step)).toBe(next);
  });

  it("is named in the error when it is behind", () => {
    const { events } = doubting().feed(page([], { resourceVersion: "9" }));
    expect(events).toMatchObject([
      { error: { message: expect.stringMatching(/version 9, before 10 .*wiped or restored/) } },
    ]);
  });

  it("is not asked while connections bring bookmarks", () => {
    const run = watching.paging().all(bookmark("11"));
    expect(effectOf(run.feed({ type: "ended" }, 290_000))).toBe("watch resourceVersion=11 after 0/0");
  });
});

describe("the number of failures in a row", () => {
  it("grows with each failure, whichever request it is of", () => {
    const run = new Run();
    expect(effectOf(run.feed({ type: "list-failed", error: http(500) }))).toBe(`${list} after 1/0`);
    expect(effectOf(run.feed({ type: "list-failed", error: http(500) }))).toBe(`${list} after 2/0`);
    run.all(listed);
    expect(effectOf(run.feed(failed(http(500))))).toBe(`${present} after 3/0`);
    run.all(listed, opened);
    expect(effectOf(run.feed(broken(reset)))).toBe(`${present} after 4/0`);
  });

  it("is not reset by init, init-apply and init-done of a paged list", () => {
    const run = new Run().all({ type: "list-failed", error: reset }, page(["a"], { continue: "t1" }), listed, opened);
    expect(failures(run)).toBe(2);
  });

  it("is not reset by init, init-apply and init-done of a streaming list", () => {
    const run = connecting.streaming().all(failed(reset), opened, event("ADDED", "a", "3"), initialEnd("9"));
    expect(failures(run)).toBe(2);
  });

  it("is not reset by a connection that opens", () => {
    expect(failures(watching.paging().all(broken(reset), listed, opened))).toBe(2);
  });

  it("is not reset by a bookmark", () => {
    expect(failures(watching.paging().all(broken(reset), listed, opened, bookmark("11")))).toBe(2);
  });

  it.each(["ADDED", "MODIFIED", "DELETED"] as const)("is reset by a live event: %s", (type) => {
    const run = watching
      .paging()
      .all(broken(reset), listed, opened, broken(reset), listed, opened, event(type, "a", "11"));
    expect(failures(run)).toBe(1);
  });

  it.each([
    [120_000, 3],
    [120_001, 1],
  ])("is reset by two quiet minutes: after %i ms it is %i", (ms, expected) => {
    const run = watching.paging().all(broken(reset), listed, opened, broken(reset), listed, opened);
    run.now += ms;
    expect(failures(run)).toBe(expected);
  });

  it("forgives the first 410, and not those that follow a list at once", () => {
    const run = watching.paging().all(errorEvent(410), listed, opened, errorEvent(410));
    expect(eventsOf(run.last)).toEqual(["error 2"]);
    expect(effectOf(run.last)).toBe(`${list} after 2/0`);
  });
});

it.each([
  ["a dead connection", { type: "idle" }, "CONNECTION", /silent/],
  ["an end at once", { type: "ended" }, "CONNECTION", /ended the watch at once/],
] as const)("names %s in the error", (_what, input, code, message) => {
  const [event] = watching.paging().feed(input).events;
  expect(event).toMatchObject({ type: "error", error: { code, message: expect.stringMatching(message) } });
});

it("names a streaming list that was cut short in the error", () => {
  const [event] = streamingInitially().feed({ type: "ended" }).events;
  expect(event).toMatchObject({ error: { code: "CONNECTION", message: expect.stringMatching(/initial events/) } });
});

it("reports an ERROR event as an ApiError with the server's Status", () => {
  const [event] = watching.paging().feed(errorEvent(403, { message: "no" })).events;
  expect(event).toMatchObject({ error: { name: "ApiError", statusCode: 403, status: { message: "no" } } });
});

/** How many failures in a row the next one is. */
function failures(run: Run): number | undefined {
  return run.feed(broken(reset)).events.find((event) => event.type === "error")?.failures;
}
