import { describe, expect, test } from "vitest";
import type { WatcherEvent } from "../core/index.js";
import { settle } from "../../test/support/fake-clock.js";
import { FakeCollection, type Thing } from "../../test/support/fake-collection.js";
import { reflector } from "./reflector.js";
import { seenBy } from "./store.js";

const things = new FakeCollection();
const thing = (name: string, value: number, uid = `uid-${name}`): Thing => things.put(name, value, { uid });

/** Feeds events by hand and reports what came out. */
async function reflect(events: readonly WatcherEvent<Thing>[]) {
  const seen: string[] = [];
  const source = (async function* () {
    yield* events;
  })();
  const reflection = reflector(source, {
    indexes: { byValue: (object) => [String(object.spec.value)] },
  });
  for await (const event of reflection.stream) {
    const old = "old" in event && event.old !== undefined ? ` was ${event.old.spec.value}` : "";
    seen.push(
      "object" in event ? `${event.type} ${event.object.metadata.name}=${event.object.spec.value}${old}` : event.type,
    );
  }
  return { store: reflection.store, seen };
}

const listed = (...objects: Thing[]): WatcherEvent<Thing>[] => [
  { type: "init" },
  ...objects.map((object) => ({ type: "init-apply", object }) as const),
  { type: "init-done", resourceVersion: "900" },
];

const names = (objects: Iterable<{ readonly metadata: { readonly name: string } }>) =>
  [...objects].map((object) => object.metadata.name).toSorted();

describe("the store follows the events", () => {
  test.each([
    { title: "applied", events: [...listed(), { type: "apply", object: thing("a", 1) }], content: ["a"] },
    { title: "deleted", events: [...listed(thing("a", 1)), { type: "delete", object: thing("a", 1) }], content: [] },
    { title: "listed anew", events: [...listed(thing("a", 1)), ...listed(thing("b", 1))], content: ["b"] },
    {
      title: "a list that is not through changes nothing",
      events: [...listed(thing("a", 1)), { type: "init" }, { type: "init-apply", object: thing("b", 1) }],
      content: ["a"],
    },
    {
      title: "a list begun anew forgets the first beginning",
      events: [...listed(), { type: "init" }, { type: "init-apply", object: thing("a", 1) }, ...listed(thing("b", 1))],
      content: ["b"],
    },
    {
      title: "deleted while a streaming list comes in",
      events: [
        { type: "init" },
        { type: "init-apply", object: thing("a", 1) },
        { type: "delete", object: thing("a", 1) },
        { type: "init-done", resourceVersion: "900" },
      ],
      content: [],
    },
  ] satisfies { title: string; events: WatcherEvent<Thing>[]; content: string[] }[])(
    "$title",
    async ({ events, content }) => {
      const { store } = await reflect(events);
      expect(names(store.values())).toEqual(content);
      expect(store.size).toBe(content.length);
    },
  );
});

test("what a relist finds gone is reported as deleted, once the store has let go of it", async () => {
  const { seen, store } = await reflect([...listed(thing("a", 1), thing("b", 1)), ...listed(thing("b", 1))]);
  expect(seen.slice(4)).toEqual(["init", "init-apply b=1 was 1", "delete a=1", "init-done"]);
  expect(store.get({ namespace: "ns", name: "a" })).toBeUndefined();
});

test("an object deleted and made again under its name is reported as deleted", async () => {
  const { seen } = await reflect([...listed(thing("a", 1, "first")), ...listed(thing("a", 2, "second"))]);
  expect(seen.slice(3)).toEqual(["init", "init-apply a=2 was 1", "delete a=1", "init-done"]);
});

test("a change comes with the object as it was", async () => {
  const { seen } = await reflect([...listed(thing("a", 1)), { type: "apply", object: thing("a", 2) }]);
  expect(seen.at(-1)).toBe("apply a=2 was 1");
});

test("an index finds objects by their value, and follows it", async () => {
  const a = thing("a", 1);
  const { store } = await reflect([
    ...listed(a, thing("b", 1), thing("c", 2)),
    { type: "apply", object: thing("a", 2) },
    { type: "delete", object: thing("b", 1) },
  ]);
  expect(names(store.by("byValue", "1"))).toEqual([]);
  expect(names(store.by("byValue", "2"))).toEqual(["a", "c"]);
  // @ts-expect-error -- no such index was declared
  store.by("byColour", "red");
});

describe("readiness", () => {
  test("is reached by the first complete list", async () => {
    const { store } = await reflect(listed(thing("a", 1)));
    expect(store.ready).toBe(true);
    await store.whenReady();
  });

  test("is not reached before", async () => {
    const { store } = await reflect([{ type: "init" }, { type: "init-apply", object: thing("a", 1) }]);
    expect(store.ready).toBe(false);
    expect(store.get({ namespace: "ns", name: "a" })).toBeUndefined();
  });

  test("waiting for it ends with the signal's reason", async () => {
    const { store } = await reflect([]);
    const abort = new AbortController();
    const waiting = store.whenReady({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(store.whenReady({ signal: abort.signal })).rejects.toThrow("enough");
  });
});

describe("read your writes", () => {
  /** A reflector whose events a test gives one by one. */
  function feed() {
    const queue: WatcherEvent<Thing>[] = [];
    let wake: () => void = () => {};
    const source = (async function* () {
      for (;;) {
        const event = queue.shift();
        if (event !== undefined) yield event;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    })();
    const { store, stream } = reflector(source);
    void (async () => {
      for await (const _event of stream);
    })();
    const give = async (...events: WatcherEvent<Thing>[]) => {
      queue.push(...events);
      wake();
      await settle();
    };
    return { store, give };
  }

  const at = (resourceVersion: string): Thing => things.put("w", 1, { resourceVersion });

  test("a write is given back once the store has seen its version, or a later one", async () => {
    const { store, give } = feed();
    await give({ type: "init" }, { type: "init-done", resourceVersion: "99" });
    const settled: string[] = [];
    const written = seenBy(store, Promise.resolve(at("101"))).then(() => settled.push("seen"));
    await give({ type: "apply", object: at("100") });
    expect(settled).toEqual([]);
    await give({ type: "delete", object: at("102") });
    await written;
    expect(settled).toEqual(["seen"]);
    expect(store.resourceVersion).toBe("102");
  });

  test("versions are compared as numbers", async () => {
    const { store, give } = feed();
    await give({ type: "init" }, { type: "init-done", resourceVersion: "1000" });
    await store.whenSeen("999");
  });

  test("a write that fails is not waited for", async () => {
    const { store } = feed();
    await expect(seenBy(store, Promise.reject(new Error("refused")))).rejects.toThrow("refused");
  });

  test("the wait ends with the signal's reason", async () => {
    const { store } = feed();
    const abort = new AbortController();
    const waiting = seenBy(store, Promise.resolve(at("1")), { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });
});

test("a reader has no way to write", async () => {
  const { store } = await reflect(listed(thing("a", 1)));
  expect(Object.keys(store).toSorted()).toEqual([
    "by",
    "get",
    "ready",
    "resourceVersion",
    "size",
    "values",
    "whenReady",
    "whenSeen",
  ]);
  expect(Object.isFrozen(store)).toBe(true);
});
