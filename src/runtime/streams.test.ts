import { describe, expect, test } from "vitest";
import type { WatcherEvent } from "../core/index.js";
import { anyOf, applied, aspects, changed, merge, modified, touched, withoutManagedFields } from "./streams.js";

const { annotations, finalizers, generation, labels, resourceVersion } = aspects;

interface Item {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
  };
}

let version = 0;
const item = (meta: Partial<Item["metadata"]> = {}): Item => ({
  metadata: { uid: "u", resourceVersion: String(++version), ...meta },
});

async function* streamOf<T>(...items: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* items;
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const one of stream) items.push(one);
  return items;
}

const a = item();
const events: readonly WatcherEvent<Item>[] = [
  { type: "init" },
  { type: "init-apply", object: a },
  { type: "init-done", resourceVersion: "900" },
  { type: "error", error: new Error("x"), failures: 1 },
  { type: "apply", object: a },
  { type: "delete", object: a },
];

test("applied gives objects that are there, touched also those that go", async () => {
  expect(await all(applied(streamOf(...events)))).toHaveLength(2);
  expect(await all(touched(streamOf(...events)))).toHaveLength(3);
});

test("modified changes every object and nothing else", async () => {
  const result = await all(modified(streamOf(...events), (object) => object.metadata.uid));
  expect(result.map((event) => ("object" in event ? event.object : event.type))).toEqual([
    "init",
    "u",
    "init-done",
    "error",
    "u",
    "u",
  ]);
});

test("withoutManagedFields drops them from a copy", () => {
  const object = Object.freeze({ metadata: Object.freeze({ name: "a", managedFields: [{}] }) });
  expect(withoutManagedFields(object)).toEqual({ metadata: { name: "a" } });
  const bare: { metadata: { name: string; managedFields?: object[] } } = { metadata: { name: "a" } };
  expect(withoutManagedFields(bare)).toBe(bare);
});

test("withoutManagedFields does not read them", () => {
  const unreadable: { name: string; managedFields?: object[] } = Object.defineProperty({ name: "a" }, "managedFields", {
    enumerable: true,
    get: () => expect.fail("read"),
  });
  expect(withoutManagedFields({ metadata: unreadable })).toEqual({ metadata: { name: "a" } });
});

describe("changed lets through what changes an aspect", () => {
  test.each([
    {
      title: "generation: a status does not count",
      aspect: generation,
      before: { generation: 1 },
      after: { generation: 1, labels: { a: "1" } },
      passes: false,
    },
    {
      title: "generation: a spec does",
      aspect: generation,
      before: { generation: 1 },
      after: { generation: 2 },
      passes: true,
    },
    {
      title: "generation: deletion does",
      aspect: generation,
      before: { generation: 1 },
      after: { generation: 1, deletionTimestamp: "now" },
      passes: true,
    },
    { title: "resourceVersion: anything does", aspect: resourceVersion, before: {}, after: {}, passes: true },
    {
      title: "labels: their order does not count",
      aspect: labels,
      before: { labels: { a: "1", b: "2" } },
      after: { labels: { b: "2", a: "1" } },
      passes: false,
    },
    {
      title: "labels: a value does",
      aspect: labels,
      before: { labels: { a: "1" } },
      after: { labels: { a: "2" } },
      passes: true,
    },
    { title: "annotations", aspect: annotations, before: {}, after: { annotations: { a: "1" } }, passes: true },
    { title: "finalizers", aspect: finalizers, before: { finalizers: ["x"] }, after: { finalizers: [] }, passes: true },
    {
      title: "any of several",
      aspect: anyOf(generation, labels),
      before: { generation: 1 },
      after: { generation: 1, labels: { a: "1" } },
      passes: true,
    },
    {
      title: "none of several",
      aspect: anyOf(generation, labels),
      before: { generation: 1 },
      after: { generation: 1, annotations: { a: "1" } },
      passes: false,
    },
    {
      title: "another object under the old name",
      aspect: generation,
      before: { generation: 1 },
      after: { uid: "other", generation: 1 },
      passes: true,
    },
  ])("$title: $passes", async ({ aspect, before, after, passes }) => {
    const stream = streamOf<WatcherEvent<Item>>(
      { type: "apply", object: item(before) },
      { type: "apply", object: item(after) },
    );
    expect(await all(changed(stream, aspect))).toHaveLength(passes ? 2 : 1);
  });

  test("and lists, deletions and errors as they are; what a list lacks is forgotten", async () => {
    const object = item({ generation: 1 });
    const relist = streamOf<WatcherEvent<Item>>(
      ...events,
      { type: "init" },
      { type: "init-done", resourceVersion: "900" },
      { type: "apply", object },
      { type: "apply", object },
    );
    expect((await all(changed(relist, generation))).map((event) => event.type)).toEqual([
      "init",
      "init-apply",
      "init-done",
      "error",
      "delete",
      "init",
      "init-done",
      "apply",
    ]);
  });
});

describe("merge", () => {
  test("gives everything, each stream in its order", async () => {
    const merged = await all(merge(streamOf("a1", "a2", "a3"), streamOf("b1", "b2")));
    expect(merged.filter((one) => one.startsWith("a"))).toEqual(["a1", "a2", "a3"]);
    expect(merged.filter((one) => one.startsWith("b"))).toEqual(["b1", "b2"]);
  });

  test("starves none", async () => {
    const busy = (async function* () {
      for (;;) yield "busy";
    })();
    const seen: string[] = [];
    for await (const one of merge(busy, streamOf("rare"))) {
      seen.push(one);
      if (one === "rare" || seen.length > 9) break;
    }
    expect(seen.at(-1)).toBe("rare");
  });

  test("fails with the first failure and leaves the others", async () => {
    let left = false;
    const endless = (async function* () {
      try {
        for (;;) yield 1;
      } finally {
        left = true;
      }
    })();
    const broken = (async function* (): AsyncGenerator<number> {
      yield 2;
      throw new Error("broken");
    })();
    await expect(all(merge(endless, broken))).rejects.toThrow("broken");
    await Promise.resolve();
    expect(left).toBe(true);
  });
});
