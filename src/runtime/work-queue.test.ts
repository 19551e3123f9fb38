import { describe, expect, test } from "vitest";
import { WorkQueue } from "./work-queue.js";

const live = 0;
const initial = -100;

function queueOf(...requests: readonly (readonly [key: string, at: number, priority?: number])[]): WorkQueue<string> {
  const queue = new WorkQueue<string>();
  for (const [key, at, priority = live] of requests) queue.add(key, { at, priority, reason: `${key}@${at}` });
  return queue;
}

/** Everything that is due at `now`, in order, left running. */
function drain<R>(queue: WorkQueue<R>, now: number): string[] {
  const keys: string[] = [];
  for (let work = queue.take(now); work !== undefined; work = queue.take(now)) keys.push(work.key);
  return keys;
}

describe("what is due is taken in the order in which it fell due", () => {
  test.each([
    {
      title: "added order at one time",
      requests: [
        ["a", 0],
        ["b", 0],
        ["c", 0],
      ],
      now: 0,
      taken: ["a", "b", "c"],
    },
    {
      title: "earlier time first",
      requests: [
        ["a", 5],
        ["b", 3],
        ["c", 4],
      ],
      now: 9,
      taken: ["b", "c", "a"],
    },
    {
      title: "not before its time",
      requests: [
        ["a", 5],
        ["b", 3],
      ],
      now: 4,
      taken: ["b"],
    },
    {
      title: "a higher priority first",
      requests: [
        ["a", 0, initial],
        ["b", 0, live],
      ],
      now: 0,
      taken: ["b", "a"],
    },
    {
      title: "a key once, at its earliest time",
      requests: [
        ["a", 9],
        ["b", 5],
        ["a", 1],
      ],
      now: 9,
      taken: ["a", "b"],
    },
    {
      title: "a key once, though a later request comes",
      requests: [
        ["a", 1],
        ["a", 9],
      ],
      now: 9,
      taken: ["a"],
    },
    {
      title: "a key once, at its highest priority",
      requests: [
        ["a", 0, initial],
        ["b", 0, initial],
        ["b", 0, live],
      ],
      now: 0,
      taken: ["b", "a"],
    },
  ] as const)("$title", ({ requests, now, taken }) => {
    expect(drain(queueOf(...requests), now)).toEqual(taken);
  });

  test("a key that has fallen due moves up when a higher priority is asked for", () => {
    const queue = queueOf(["first", 0, initial], ["a", 0, initial], ["b", 0, initial]);
    expect(queue.take(0)?.key).toBe("first");
    queue.add("b", { at: 0, priority: live, reason: "edited" });
    expect(drain(queue, 0)).toEqual(["b", "a"]);
  });
});

describe("a key never runs twice at once", () => {
  test("added while it runs, it is due once more when it is done, however often it was added", () => {
    const queue = queueOf(["a", 0]);
    expect(queue.take(0)?.key).toBe("a");
    queue.add("a", { at: 0, priority: live, reason: "x" });
    queue.add("a", { at: 0, priority: live, reason: "y" });
    expect(queue.take(0)).toBeUndefined();
    expect(queue.nextAt()).toBeUndefined();
    queue.done("a");
    expect(queue.take(0)).toEqual({ key: "a", at: 0, priority: live, reasons: ["x", "y"], requests: 2 });
    queue.done("a");
    expect(queue.take(0)).toBeUndefined();
  });

  test("of what was requested while it ran, the earliest time counts", () => {
    const queue = queueOf(["a", 0]);
    queue.take(0);
    queue.add("a", { at: 300, priority: live, reason: "requeued" });
    queue.add("a", { at: 10, priority: live, reason: "changed" });
    queue.done("a");
    expect(queue.nextAt()).toBe(10);
  });

  test("a running key holds up no other", () => {
    const queue = queueOf(["a", 0], ["b", 1]);
    queue.take(0);
    queue.add("a", { at: 0, priority: live, reason: "again" });
    expect(drain(queue, 1)).toEqual(["b"]);
  });
});

describe("nextAt", () => {
  test.each([
    { title: "nothing waits", requests: [], next: undefined },
    {
      title: "the earliest",
      requests: [
        ["a", 7],
        ["b", 4],
      ],
      next: 4,
    },
    {
      title: "a time moved forward",
      requests: [
        ["a", 7],
        ["a", 2],
      ],
      next: 2,
    },
  ] as const)("$title: $next", ({ requests, next }) => {
    expect(queueOf(...requests).nextAt()).toBe(next);
  });

  test("is at once while something due is left", () => {
    const queue = queueOf(["a", 0], ["b", 0]);
    queue.take(0);
    expect(queue.nextAt()).toBe(Number.NEGATIVE_INFINITY);
    queue.take(0);
    expect(queue.nextAt()).toBeUndefined();
  });
});

describe("a weak request", () => {
  const requests = {
    requeue: { at: 300, priority: live, reason: "requeued", weak: true },
    change: { at: 10, priority: live, reason: "changed" },
  } as const;

  test.each([
    { title: "counts if it is alone", adds: [requests.requeue], at: 300, reasons: ["requeued"] },
    {
      title: "is void if a change is due earlier",
      adds: [requests.change, requests.requeue],
      at: 10,
      reasons: ["changed"],
    },
    {
      title: "gives way to a change that comes before it is due",
      adds: [requests.requeue, requests.change],
      at: 10,
      reasons: ["changed"],
    },
    {
      title: "stays if it is due before the change",
      adds: [{ ...requests.requeue, at: 5 }, requests.change],
      at: 5,
      reasons: ["requeued", "changed"],
    },
  ])("$title", ({ adds, at, reasons }) => {
    const queue = new WorkQueue<string>();
    for (const request of adds) queue.add("a", request);
    expect(queue.nextAt()).toBe(at);
    expect(queue.take(at)?.reasons).toEqual(reasons);
  });
});

test("reasons are kept up to sixteen, requests are counted", () => {
  const queue = new WorkQueue<number>();
  for (let reason = 0; reason < 50; reason++) queue.add("a", { at: 0, priority: live, reason });
  const work = queue.take(0);
  expect(work?.reasons).toEqual(Array.from({ length: 16 }, (_, index) => index));
  expect(work?.requests).toBe(50);
});

test("after any sequence drawn from a seed, every key is taken after its last request and never while it runs", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = generator(seed);
    const queue = new WorkQueue<number>();
    const running = new Set<string>();
    const owed = new Map<string, number>();
    for (let now = 0; now < 300; now++) {
      const key = `k${Math.floor(random() * 12)}`;
      const action = random();
      if (action < 0.5) {
        const at = now + Math.floor(random() * 20);
        queue.add(key, { at, priority: random() < 0.5 ? live : initial, reason: now });
        owed.set(key, Math.min(owed.get(key) ?? Number.POSITIVE_INFINITY, at));
      } else if (action < 0.8) {
        const work = queue.take(now);
        if (work === undefined) {
          expect([...owed].filter(([other, at]) => at <= now && !running.has(other))).toEqual([]);
          continue;
        }
        expect(running.has(work.key)).toBe(false);
        expect(owed.get(work.key)).toBeLessThanOrEqual(now);
        running.add(work.key);
        owed.delete(work.key);
      } else if (running.has(key)) {
        running.delete(key);
        queue.done(key);
      }
    }
    for (const key of running) queue.done(key);
    expect(drain(queue, 1000).toSorted()).toEqual([...owed.keys()].toSorted());
    expect(queue.size).toBe(0);
  }
});

/** mulberry32: small, seeded, good enough to draw cases. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
