import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { FakeCollection, type Thing } from "../../test/support/fake-collection.js";
import type { Client } from "../client/index.js";
import { ApiError, defineKind, KindredError, type PartialObjectMetadata, statusOf } from "../core/index.js";
import { requeueAfter } from "./action.js";
import { Controller } from "./controller.js";
import type { Outcome } from "./outcomes.js";
import { type Reconcile, type ReconcileContext, type RunOptions, TerminalError } from "./reconcile.js";
import type { RunningController } from "./running-controller.js";
import { aspects } from "./streams.js";
import type { WatchSource } from "./watcher.js";

type Calls = Reconcile<Thing>;

/** A handle that controllers take: the controller only passes its client on. */
class FakeHandle extends FakeCollection {
  readonly client = { server: "https://fake" } as unknown as Client;
}

class OwnedHandle {
  readonly client = { server: "https://fake" } as unknown as Client;
  readonly collection = new FakeCollection(
    defineKind<Thing>()({ group: "", version: "v1", kind: "Part", plural: "parts", scope: "Namespaced" }),
  );

  get target() {
    return this.collection.target;
  }

  get metadata(): WatchSource<PartialObjectMetadata> {
    return this.collection as unknown as WatchSource<PartialObjectMetadata>;
  }

  put(name: string, owner: string | undefined, controller = true): void {
    const reference = { apiVersion: "example.dev/v2", kind: "Thing", name: owner ?? "", uid: "u", controller };
    this.collection.put(name, 1, owner === undefined ? {} : { ownerReferences: [reference] });
  }
}

let clock: FakeClock;
let things: FakeHandle;
let running: RunningController<Thing>[];

beforeEach(() => {
  clock = new FakeClock();
  things = new FakeHandle();
  running = [];
});

afterEach(async () => {
  const stopped = Promise.allSettled(running.map((controller) => controller.stop()));
  await clock.advance(60_000);
  await stopped;
});

function start(reconcile: Calls, options: RunOptions = {}, controller = new Controller(things)) {
  const outcomes: Outcome[] = [];
  const run = controller.run(reconcile, { clock, ...options });
  running.push(run);
  void (async () => {
    for await (const outcome of run) outcomes.push(outcome);
  })().catch(() => {});
  return { run, outcomes };
}

/** Reconciles by writing down names, and what else a test wants. */
function recorder(then: (name: string, context: ReconcileContext<Thing>) => ReturnType<Calls> = () => {}) {
  const runs: string[] = [];
  const reconcile: Calls = (thing, context) => {
    runs.push(thing.metadata.name);
    return then(thing.metadata.name, context);
  };
  return { runs, reconcile };
}

/** A promise that the test settles. */
function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test("every object is reconciled once at the start, and again when it changes", async () => {
  things.put("a", 1);
  things.put("b", 1);
  const { runs, reconcile } = recorder();
  const { outcomes } = start(reconcile);
  await settle();
  things.put("b", 2);
  await settle();
  expect(runs).toEqual(["a", "b", "b"]);
  expect(outcomes.map((outcome) => outcome.type)).toEqual(["ready", "reconciled", "reconciled", "reconciled"]);
  expect(outcomes[0]).toEqual({ type: "ready", objects: 2 });
});

test("a reconcile sees the object as it is when it runs, the client and the reasons", async () => {
  things.put("a", 1);
  const seen: unknown[] = [];
  start((thing, context) => {
    seen.push([thing.spec.value, context.client, context.attempt, context.reasons]);
  });
  await settle();
  expect(seen).toEqual([[1, things.client, 1, [{ type: "object-changed" }]]]);
});

test("one object never runs twice at once; changed meanwhile, it runs exactly once more", async () => {
  things.put("a", 1);
  const gates = [gate(), gate()];
  let active = 0;
  const values: number[] = [];
  start(async (thing) => {
    expect(++active).toBe(1);
    values.push(thing.spec.value);
    await gates[values.length - 1]?.opened;
    active--;
  });
  await settle();
  for (const value of [2, 3, 4]) things.put("a", value);
  await settle();
  expect(values).toEqual([1]);
  gates[0]?.open();
  await settle();
  gates[1]?.open();
  await settle();
  expect(values).toEqual([1, 4]);
});

test("no more than the given number run at once, the rest in order", async () => {
  for (const name of ["a", "b", "c", "d"]) things.put(name, 1);
  const gates = new Map(["a", "b", "c", "d"].map((name) => [name, gate()]));
  const { runs, reconcile } = recorder(async (name) => {
    await gates.get(name)?.opened;
  });
  start(reconcile, { concurrency: 2 });
  await settle();
  expect(runs).toEqual(["a", "b"]);
  gates.get("b")?.open();
  await settle();
  expect(runs).toEqual(["a", "b", "c"]);
  for (const { open } of gates.values()) open();
  await settle();
  expect(runs).toEqual(["a", "b", "c", "d"]);
});

test("a live change goes before what the list brought", async () => {
  for (const name of ["a", "b", "c", "d"]) things.put(name, 1);
  const first = gate();
  const { runs, reconcile } = recorder(async (name) => {
    if (name === "a") await first.opened;
  });
  start(reconcile, { concurrency: 1 });
  await settle();
  things.put("d", 2);
  await settle();
  first.open();
  await settle();
  expect(runs).toEqual(["a", "d", "b", "c"]);
});

describe("requeueAfter", () => {
  test("runs again after the time given, and not before", async () => {
    things.put("a", 1);
    const { runs, reconcile } = recorder(() => requeueAfter({ minutes: 5 }));
    start(reconcile);
    await clock.advance(299_999);
    expect(runs).toHaveLength(1);
    await clock.advance(1);
    expect(runs).toHaveLength(2);
  });

  test("a change in between runs at once, and its own action counts from then", async () => {
    things.put("a", 1);
    const { runs, reconcile } = recorder(() => requeueAfter({ minutes: 5 }));
    start(reconcile);
    await clock.advance(200_000);
    things.put("a", 2);
    await clock.advance(299_999);
    expect(runs).toHaveLength(2);
    await clock.advance(1);
    expect(runs).toHaveLength(3);
  });
});

describe("a reconcile that fails", () => {
  const failing = (error: unknown) => {
    things.put("a", 1);
    return recorder((_name, context) => {
      if (context.attempt < 4) throw error;
    });
  };

  test("is tried again with a growing delay until it succeeds, counting attempts", async () => {
    const { runs, reconcile } = failing(new Error("no"));
    const { outcomes } = start(reconcile);
    await settle();
    for (const delay of [100, 200, 400]) {
      expect(clock.pending).toContain(delay);
      await clock.advance(delay);
    }
    expect(runs).toHaveLength(4);
    expect(outcomes.slice(1)).toMatchObject([
      { type: "failed", attempt: 1, retryInMs: 100 },
      { type: "failed", attempt: 2, retryInMs: 200 },
      { type: "failed", attempt: 3, retryInMs: 400 },
      { type: "reconciled", attempt: 4 },
    ]);
  });

  test("starts from the first delay again after a success", async () => {
    things.put("a", 1);
    let fail = true;
    const { reconcile } = recorder(() => {
      if (fail) throw new Error("no");
    });
    const { outcomes } = start(reconcile);
    await clock.advance(100);
    fail = false;
    await clock.advance(200);
    fail = true;
    things.put("a", 2);
    await settle();
    expect(outcomes.at(-1)).toMatchObject({ type: "failed", attempt: 1, retryInMs: 100 });
  });

  test("waits as long as the API server asks", async () => {
    const busy = new ApiError(statusOf(429, ""), { method: "GET", path: "/", retryAfterSeconds: 9 });
    const { outcomes } = start(failing(busy).reconcile);
    await settle();
    expect(outcomes.at(-1)).toMatchObject({ type: "failed", retryInMs: 9000 });
  });

  test("for good runs again only when its object changes", async () => {
    const { runs, reconcile } = failing(new TerminalError("the spec makes no sense"));
    const { outcomes } = start(reconcile);
    await clock.advance(3_600_000);
    expect(runs).toHaveLength(1);
    expect(outcomes.at(-1)).not.toHaveProperty("retryInMs");
    things.put("a", 2);
    await settle();
    expect(runs).toHaveLength(2);
  });

  test("delays no other, though of ten thousand a hundred fail for ever", async () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `t${String(index).padStart(4, "0")}`);
    for (const name of names) things.put(name, 0);
    const { runs, reconcile } = recorder((name) => {
      if (name.endsWith("00")) throw new Error("never");
    });
    start(reconcile, { concurrency: 4 });
    await settle();
    expect(runs.splice(0), "each once, in the order of the list").toEqual(names);

    // 0.1 + 0.2 + 0.4 + … + 204.8 s, then every 300 s: by now all hundred are due at the same moments.
    await clock.advance(3_600_000);
    expect(runs.splice(0)).toHaveLength(100 * (12 + 10));
    const changed = names.filter((name) => name.endsWith("50"));
    for (const name of changed) things.put(name, 1);
    await settle();
    expect(runs.splice(0), "at once, each once, and nothing else").toEqual(changed);
  });

  const misbehaviours: readonly { readonly title: string; readonly reconcile: Calls }[] = [
    {
      title: "throws at once",
      reconcile: () => {
        throw new Error("x");
      },
    },
    { title: "rejects with nothing", reconcile: () => Promise.reject() },
    { title: "returns what is no action", reconcile: () => JSON.parse('{"type":"nonsense"}') },
    { title: "edits its object", reconcile: (thing) => void Object.assign(thing.spec, { value: 9 }) },
  ];

  test.each(misbehaviours)("is contained when it $title", async ({ reconcile }) => {
    things.put("a", 1);
    const { outcomes, run } = start(reconcile);
    await settle();
    expect(outcomes.at(-1)).toMatchObject({ type: "failed", attempt: 1, error: expect.any(Error) });
    expect(run.store.get({ namespace: "ns", name: "a" })?.spec.value).toBe(1);
  });
});

describe("a reconcile that takes longer than its timeout", () => {
  test("has failed, its signal aborts, others take its place, and it does not run again before it ends", async () => {
    things.put("a", 1);
    things.put("b", 1);
    const slow = gate();
    const signals: AbortSignal[] = [];
    const { runs, reconcile } = recorder(async (name, { signal }) => {
      if (name !== "a") return;
      signals.push(signal);
      await slow.opened;
    });
    const { outcomes } = start(reconcile, { timeout: { seconds: 10 }, concurrency: 1 });
    await clock.advance(10_000);
    expect(runs).toEqual(["a", "b"]);
    expect(signals[0]?.aborted).toBe(true);
    expect(outcomes.find((outcome) => outcome.type === "failed")).toMatchObject({ error: { code: "TIMEOUT" } });
    await clock.advance(60_000);
    expect(runs).toEqual(["a", "b"]);
    slow.open();
    await settle();
    expect(runs).toEqual(["a", "b", "a"]);
  });
});

describe("owns", () => {
  test("wakes the owner when a dependent changes or goes, whatever version its reference names", async () => {
    things.put("a", 1);
    const parts = new OwnedHandle();
    const { runs, reconcile } = recorder();
    start(reconcile, {}, new Controller(things).owns(parts));
    await settle();
    parts.put("p", "a");
    await settle();
    parts.collection.remove("p");
    await settle();
    expect(runs).toEqual(["a", "a", "a"]);
  });

  test("wakes both the old and the new owner", async () => {
    things.put("a", 1);
    things.put("b", 1);
    const parts = new OwnedHandle();
    parts.put("p", "a");
    const { runs, reconcile } = recorder();
    start(reconcile, {}, new Controller(things).owns(parts));
    await settle();
    runs.length = 0;
    parts.put("p", "b");
    await settle();
    expect(runs.toSorted()).toEqual(["a", "b"]);
  });

  test("wakes the owner of what vanished while nobody was watching", async () => {
    things.put("a", 1);
    const parts = new OwnedHandle();
    parts.put("p", "a");
    const { runs, reconcile } = recorder();
    start(reconcile, {}, new Controller(things).owns(parts));
    await clock.advance(5_000);
    parts.collection.drop();
    parts.collection.remove("p");
    parts.collection.compact();
    await settle();
    expect(runs).toEqual(["a", "a"]);
  });

  test("does not wake an owner that is not the controller, nor one that does not exist", async () => {
    things.put("a", 1);
    const parts = new OwnedHandle();
    const { runs, reconcile } = recorder();
    start(reconcile, {}, new Controller(things).owns(parts));
    await settle();
    parts.put("p", "a", false);
    parts.put("q", "gone");
    parts.put("r", undefined);
    await settle();
    expect(runs).toEqual(["a"]);
  });

  test("nothing runs before its cache is complete", async () => {
    things.put("a", 1);
    const parts = new OwnedHandle();
    parts.collection.failures.push({ on: "page", error: new KindredError("CONNECTION", "down") });
    const { runs, reconcile } = recorder();
    const { outcomes } = start(reconcile, {}, new Controller(things).owns(parts));
    await settle();
    expect(runs).toEqual([]);
    expect(outcomes).toMatchObject([{ type: "watch-failed", kind: "Part", failures: 1 }]);
    await clock.advance(800);
    expect(runs).toEqual(["a"]);
  });

  test("a watch that fails later delays no other", async () => {
    const parts = new OwnedHandle();
    const { runs, reconcile } = recorder();
    start(reconcile, {}, new Controller(things).owns(parts));
    await settle();
    for (let index = 0; index < 9; index++)
      parts.collection.failures.push({ on: "watch", error: new KindredError("CONNECTION", "down") });
    parts.collection.drop(new KindredError("CONNECTION", "down"));
    things.put("a", 1);
    await settle();
    expect(runs).toEqual(["a"]);
  });
});

test("what a relist brings is reconciled as the list shows it: what changed, and what is new", async () => {
  things.put("a", 1);
  const seen: string[] = [];
  start((thing) => void seen.push(`${thing.metadata.name}=${thing.spec.value}`));
  await clock.advance(5_000);
  things.drop();
  things.put("a", 2);
  things.put("b", 1);
  things.compact();
  await settle();
  expect(seen).toEqual(["a=1", "a=2", "b=1"]);
});

test("a deleted object is not reconciled, and its failures are forgotten", async () => {
  things.put("a", 1);
  const { runs, reconcile } = recorder(() => {
    throw new Error("no");
  });
  const { outcomes } = start(reconcile);
  await clock.advance(100);
  things.remove("a");
  await clock.advance(3_600_000);
  expect(runs).toHaveLength(2);
  things.put("a", 1);
  await settle();
  expect(outcomes.at(-1)).toMatchObject({ type: "failed", attempt: 1 });
});

test("debounce collects changes for its time from the first, so constant change cannot hold a run up", async () => {
  const { runs, reconcile } = recorder();
  start(reconcile, { debounce: { seconds: 2 } });
  await settle();
  for (let index = 0; index < 10; index++) {
    things.put("a", index);
    await clock.advance(500);
  }
  expect(runs).toHaveLength(2);
});

describe("when", () => {
  test("only changes of that aspect wake the controller, and a relist wakes it for what changed meanwhile", async () => {
    things.put("a", 1, { generation: 1 });
    const { runs, reconcile } = recorder();
    start(reconcile, {}, new Controller(things, { when: aspects.generation }));
    await settle();
    things.put("a", 2, { generation: 1 });
    await settle();
    expect(runs).toEqual(["a"]);
    things.put("a", 3, { generation: 2 });
    await clock.advance(5_000);
    expect(runs).toEqual(["a", "a"]);
    things.drop();
    things.put("a", 4, { generation: 3 });
    things.compact();
    await settle();
    expect(runs).toEqual(["a", "a", "a"]);
  });

  test("of an owned kind holds back what does not concern the owner", async () => {
    things.put("a", 1);
    const parts = new OwnedHandle();
    parts.put("p", "a");
    const { runs, reconcile } = recorder();
    start(reconcile, {}, new Controller(things).owns(parts, { when: aspects.labels }));
    await settle();
    parts.put("p", "a");
    await settle();
    expect(runs).toEqual(["a"]);
  });
});

test("transform is what is kept of an object, and what is reconciled", async () => {
  things.put("a", 1);
  const seen: unknown[] = [];
  const { run } = start(
    (thing) => void seen.push(thing.spec.value),
    {},
    new Controller(things, { transform: (thing) => ({ ...thing, spec: { value: 7 } }) }),
  );
  await settle();
  expect(seen).toEqual([7]);
  expect(run.store.get({ namespace: "ns", name: "a" })?.spec.value).toBe(7);
});

test("reconcileAll reconciles everything once more, and says why", async () => {
  for (const name of ["a", "b"]) things.put(name, 1);
  const reasons: unknown[] = [];
  const { runs, reconcile } = recorder((_, context) => void reasons.push(...context.reasons));
  const { run } = start(reconcile);
  await settle();
  run.reconcileAll();
  await settle();
  expect(runs).toEqual(["a", "b", "a", "b"]);
  expect(reasons.slice(2)).toEqual([
    { type: "asked", by: "reconcileAll" },
    { type: "asked", by: "reconcileAll" },
  ]);
});

describe("listensTo", () => {
  /** A stream that a test feeds, and that heeds no signal. */
  function source() {
    const refs: { name: string; namespace: string }[] = [];
    let wake = () => {};
    const state = { left: false };
    async function* stream() {
      try {
        for (;;) {
          for (let ref = refs.shift(); ref !== undefined; ref = refs.shift()) {
            if (ref.name === "broken") throw new Error("the queue is gone");
            yield ref;
          }
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        state.left = true;
      }
    }
    const name = (...names: string[]) => {
      for (const one of names) refs.push({ namespace: "ns", name: one });
      wake();
    };
    return { stream, name, state };
  }

  test("reconciles what the stream names, if it exists", async () => {
    things.put("a", 1);
    const queue = source();
    const reasons: unknown[] = [];
    const { runs, reconcile } = recorder((_, context) => void reasons.push(...context.reasons));
    start(
      reconcile,
      {},
      new Controller(things).listensTo("the queue", () => queue.stream()),
    );
    await settle();
    queue.name("a", "b");
    await settle();
    expect(runs).toEqual(["a", "a"]);
    expect(reasons.at(-1)).toEqual({ type: "asked", by: "the queue" });
  });

  test("ends with the controller, whether or not the stream heeds its signal", async () => {
    const queue = source();
    const { run } = start(
      () => {},
      {},
      new Controller(things).listensTo("the queue", () => queue.stream()),
    );
    await settle();
    await run.stop();
    queue.name("a");
    await settle();
    expect(queue.state.left).toBe(true);
  });

  test("stops the controller with what the stream throws", async () => {
    const queue = source();
    const { run } = start(
      () => {},
      {},
      new Controller(things).listensTo("the queue", () => queue.stream()),
    );
    await settle();
    queue.name("broken");
    await expect(run.done).rejects.toThrow("the queue is gone");
  });
});

describe("stopping", () => {
  test("waits for what runs, starts nothing more, closes the watches and ends the outcomes", async () => {
    things.put("a", 1);
    things.put("b", 1);
    const slow = gate();
    const { runs, reconcile } = recorder(async () => slow.opened);
    const { run, outcomes } = start(reconcile, { concurrency: 1 });
    await settle();
    const stopped = run.stop();
    await settle();
    expect(things.openWatches).toBe(0);
    slow.open();
    await stopped;
    await settle();
    expect(runs).toEqual(["a"]);
    expect(outcomes.map(({ type }) => type)).toEqual(["ready", "reconciled"]);
    expect(clock.pending).toEqual([]);
  });

  test("gives up at the deadline: signals abort, the abandoned are named", async () => {
    things.put("a", 1);
    let signal: AbortSignal | undefined;
    const { run, outcomes } = start(
      (_thing, context) => {
        ({ signal } = context);
        return new Promise<void>(() => {});
      },
      { shutdownDeadline: { seconds: 3 } },
    );
    await settle();
    const stopped = run.stop();
    await clock.advance(2_999);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    await stopped;
    await settle();
    expect(signal?.aborted).toBe(true);
    expect(outcomes.at(-1)).toEqual({ type: "abandoned", ref: { namespace: "ns", name: "a" } });
  });

  test("by the signal that was passed in, and by leaving the block that holds it", async () => {
    const abort = new AbortController();
    const { run } = start(() => {}, { signal: abort.signal });
    await settle();
    abort.abort();
    await run.done;
    {
      await using second = new Controller(things).run(() => {}, { clock });
      await second.store.whenReady();
    }
    expect(things.openWatches).toBe(0);
  });
});

test("the caller's mistake in what to watch stops the controller with that error", async () => {
  things.failures.push({ on: "page", error: new KindredError("INVALID_ARGUMENT", "no such selector") });
  const run = new Controller(things).run(() => {}, { clock });
  await expect(run.done).rejects.toThrow("no such selector");
});

test.each([{ concurrency: 0 }, { concurrency: 1.5 }, { timeout: { seconds: -1 } }])(
  "%o is refused before anything starts",
  (options) => {
    expect(() => new Controller(things).run(() => {}, { clock, ...options })).toThrow();
    expect(things.calls).toEqual([]);
  },
);

test("a reader that lags behind is told how many outcomes it missed", async () => {
  for (let index = 0; index < 1500; index++) things.put(`t${index}`, 1);
  const run = new Controller(things).run(() => {}, { clock });
  running.push(run);
  const reader = run[Symbol.asyncIterator]();
  await reader.next();
  await settle();
  expect((await reader.next()).value).toEqual({ type: "missed", count: 500 });
  expect((await reader.next()).value).toMatchObject({ type: "reconciled" });
  await reader.return?.();
});
