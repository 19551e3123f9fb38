import { describe, expect, test } from "vitest";
import {
  ApiError,
  isConflict,
  isExpired,
  isInternalError,
  isNotFound,
  isTooManyRequests,
  type WatchEvent,
} from "../../core/index.js";
import { ConfigMap, Pod, Secret } from "../../resources/core/v1.js";
import { reflector, watcher } from "../../runtime/index.js";
import { TestCluster } from "./test-cluster.js";

/** What a promise fails with; undefined if it does not. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a fault by rule", () => {
  test("a conflict refuses writes and leaves the object, until the rule is disposed of", async () => {
    await using cluster = await TestCluster.start();
    const maps = cluster.client.api(ConfigMap).namespace("default");
    const map = await maps.create({ metadata: { name: "a" } });
    {
      using fault = cluster.inject({ fault: "conflict", kind: ConfigMap });
      expect(isConflict(await failureOf(maps.replace({ ...map, data: { a: "1" } })))).toBe(true);
      expect((await maps.get("a")).data).toBeUndefined();
      expect(fault.hits).toBe(1);
    }
    expect((await maps.replace({ ...map, data: { a: "1" } })).data).toEqual({ a: "1" });
  });

  test("the conflict reads as the API server's", async () => {
    await using cluster = await TestCluster.start();
    const maps = cluster.client.api(ConfigMap).namespace("default");
    const map = await maps.create({ metadata: { name: "a" } });
    await maps.replace({ ...map, data: { a: "1" } });
    const real = await failureOf(maps.replace(map));
    cluster.inject({ fault: "conflict" });
    const injected = await failureOf(maps.replace(map));
    expect(injected instanceof ApiError && injected.status).toEqual(real instanceof ApiError && real.status);
  });

  test("too many requests come with the time to wait", async () => {
    await using cluster = await TestCluster.start();
    using _fault = cluster.inject({ fault: "too-many-requests", retryAfter: { milliseconds: 2500 } });
    const error = await failureOf(cluster.client.api(ConfigMap).namespace("default").get("a"));
    expect(isTooManyRequests(error)).toBe(true);
    expect(error).toMatchObject({ retryAfterSeconds: 3 });
  });

  test("a failed server has done nothing", async () => {
    await using cluster = await TestCluster.start();
    const maps = cluster.client.api(ConfigMap).namespace("default");
    cluster.inject({ fault: "internal-error", times: 1 });
    expect(isInternalError(await failureOf(maps.create({ metadata: { name: "a" } })))).toBe(true);
    expect(await maps.getOptional("a")).toBeUndefined();
  });

  test("a connection that breaks before has done nothing, and one that breaks after has", async () => {
    await using cluster = await TestCluster.start();
    const maps = cluster.client.api(ConfigMap).namespace("default");
    cluster.inject({ fault: "disconnect", when: "before", name: "a", times: 1 });
    cluster.inject({ fault: "disconnect", when: "after", name: "b", times: 1 });
    for (const name of ["a", "b"])
      expect(await failureOf(maps.create({ metadata: { name } }))).toMatchObject({ code: "CONNECTION" });
    expect(await maps.getOptional("a")).toBeUndefined();
    expect(await maps.getOptional("b")).toBeDefined();
  });

  test("a delay holds a request back until the clock has moved, and the cluster counts as settled meanwhile", async () => {
    await using cluster = await TestCluster.start();
    cluster.inject({ fault: "delay", by: { seconds: 3 }, verbs: ["create"] });
    const maps = cluster.client.api(ConfigMap).namespace("default");
    const creating = maps.create({ metadata: { name: "a" } });
    await cluster.settled();
    await cluster.clock.advance({ milliseconds: 2999 });
    expect(await maps.getOptional("a")).toBeUndefined();
    await cluster.clock.advance({ milliseconds: 1 });
    expect((await creating).metadata.creationTimestamp).toBe("2026-01-01T00:00:03Z");
  });

  test("by the machine's clock, the cluster has settled when the delayed request is through", async () => {
    await using cluster = await TestCluster.start({ clock: "machine" });
    cluster.inject({ fault: "delay", by: { milliseconds: 20 }, verbs: ["create"] });
    const maps = cluster.client.api(ConfigMap).namespace("default");
    const creating = maps.create({ metadata: { name: "a" } });
    await cluster.settled();
    expect(await maps.getOptional("a")).toBeDefined();
    await creating;
  });

  test("a delayed request is aborted at once, and never sent", async () => {
    await using cluster = await TestCluster.start();
    cluster.inject({ fault: "delay", by: { seconds: 3 }, verbs: ["create"] });
    const maps = cluster.client.api(ConfigMap).namespace("default");
    const abort = new AbortController();
    const creating = failureOf(maps.create({ metadata: { name: "a" } }, { signal: abort.signal }));
    await cluster.settled();
    abort.abort(new Error("enough"));
    expect(await creating).toEqual(new Error("enough"));
    await cluster.clock.advance({ seconds: 4 });
    expect(await maps.getOptional("a")).toBeUndefined();
  });

  test("delays let the rules after them follow", async () => {
    await using cluster = await TestCluster.start();
    cluster.inject({ fault: "delay", by: { seconds: 1 }, verbs: ["get"] });
    cluster.inject({ fault: "internal-error", verbs: ["get"] });
    const getting = failureOf(cluster.client.api(ConfigMap).namespace("default").get("a"));
    await cluster.clock.advance({ seconds: 1 });
    expect(isInternalError(await getting)).toBe(true);
  });

  test.each([
    { title: "expired lists answer 410", paging: true },
    { title: "expired watches say 410 and end", paging: false },
  ])("$title", async ({ paging }) => {
    await using cluster = await TestCluster.start();
    cluster.inject({ fault: "expired", kind: ConfigMap });
    const maps = cluster.client.api(ConfigMap);
    if (paging) expect(isExpired(await failureOf(maps.page()))).toBe(true);
    const events: WatchEvent<ConfigMap>[] = [];
    if (!paging) for await (const event of maps.watch({ resourceVersion: "1" })) events.push(event);
    if (!paging) expect(events).toMatchObject([{ type: "ERROR", object: { code: 410, reason: "Expired" } }]);
    expect(isNotFound(await failureOf(maps.namespace("default").get("a")))).toBe(true);
  });
});

describe("which requests a rule strikes, and how often", () => {
  async function hitsOf(cluster: TestCluster, count: number): Promise<string> {
    const maps = cluster.client.api(ConfigMap).namespace("default");
    let pattern = "";
    for (let index = 0; index < count; index++)
      pattern += isInternalError(await failureOf(maps.getOptional("a"))) ? "x" : ".";
    return pattern;
  }

  test("skip spares the first, times limits the rest", async () => {
    await using cluster = await TestCluster.start();
    using fault = cluster.inject({ fault: "internal-error", skip: 2, times: 3 });
    expect(await hitsOf(cluster, 7)).toBe("..xxx..");
    expect(fault.hits).toBe(3);
  });

  test("a probability strikes by chance, and the same seed strikes the same", async () => {
    const run = async (seed: number) => {
      await using cluster = await TestCluster.start({ seed });
      cluster.inject({ fault: "internal-error", probability: 0.5 });
      return hitsOf(cluster, 40);
    };
    const first = await run(1);
    expect(await run(1)).toBe(first);
    expect(await run(2)).not.toBe(first);
    expect(first.replaceAll(".", "").length).toBeGreaterThan(10);
    expect(first.replaceAll("x", "").length).toBeGreaterThan(10);
  });

  test("kind, namespace, name and verb select, and the cluster's own controllers are never struck", async () => {
    await using cluster = await TestCluster.start();
    const { client } = cluster;
    const rule = { fault: "internal-error", verbs: ["create"], kind: Secret, namespace: "default", name: "a" } as const;
    using fault = cluster.inject(rule);
    using everything = cluster.inject({ fault: "internal-error", kind: ConfigMap });
    await client
      .api(Secret)
      .namespace("default")
      .create({ metadata: { name: "b" } });
    await client
      .api(Secret)
      .namespace("kube-system")
      .create({ metadata: { name: "a" } });
    expect(fault.hits).toBe(0);
    expect(
      isInternalError(
        await failureOf(
          client
            .api(Secret)
            .namespace("default")
            .create({ metadata: { name: "a" } }),
        ),
      ),
    ).toBe(true);
    expect([fault.hits, everything.hits]).toEqual([1, 0]);
  });

  test.each([{ times: -1 }, { skip: 0.5 }, { probability: 2 }, { probability: Number.NaN }])(
    "%j is refused at once",
    async (numbers) => {
      await using cluster = await TestCluster.start();
      expect(() => cluster.inject({ fault: "conflict", ...numbers })).toThrow("must be");
    },
  );
});

describe("watches that break", () => {
  const named = (name: string) => ({ metadata: { name } });

  test("dropping open watches costs a watcher an error, and no event", async () => {
    await using cluster = await TestCluster.start();
    const pods = cluster.client.api(Pod);
    const seen: string[] = [];
    const abort = new AbortController();
    const watching = (async () => {
      for await (const event of watcher(pods, { clock: cluster.clock, signal: abort.signal }))
        seen.push("object" in event ? `${event.type} ${event.object.metadata.name}` : event.type);
    })();
    await cluster.settled();
    const spec = { containers: [{ name: "c", image: "i" }] };
    await pods.namespace("default").create({ ...named("one"), spec });
    expect(cluster.dropWatches({ kind: ConfigMap })).toBe(0);
    expect(cluster.dropWatches({ kind: Pod })).toBe(1);
    await pods.namespace("default").create({ ...named("two"), spec });
    await cluster.clock.advance({ seconds: 5 });
    expect(seen).toEqual(["init", "init-done", "apply one", "error", "apply two"]);
    abort.abort();
    await failureOf(watching);
  });

  test("a watch breaks after so many events", async () => {
    await using cluster = await TestCluster.start();
    const maps = cluster.client.api(ConfigMap).namespace("default");
    for (const name of ["a", "b", "c"]) await maps.create(named(name));
    cluster.inject({ fault: "drop-watch", afterEvents: 2 });
    const seen: string[] = [];
    const watch = async () => {
      for await (const event of maps.watch()) if (event.type === "ADDED") seen.push(event.object.metadata.name);
    };
    expect(await failureOf(watch())).toMatchObject({ code: "CONNECTION" });
    expect(seen).toEqual(["a", "b"]);
  });
});

describe("stale lists", () => {
  test.each(["paging", "streaming"] as const)(
    "a list shows what was there when the rule was made, and a watch from it catches up (%s)",
    async (strategy) => {
      await using cluster = await TestCluster.start();
      const pods = cluster.client.api(Secret);
      await pods.namespace("default").create({ metadata: { name: "old" } });
      using fault = cluster.inject({ fault: "stale-list", kind: Secret, times: 1 });
      await pods.namespace("default").create({ metadata: { name: "new" } });
      await pods.namespace("default").delete("old");
      const abort = new AbortController();
      const seen: string[] = [];
      const { stream } = reflector(watcher(pods, { clock: cluster.clock, signal: abort.signal, strategy }));
      const reflecting = (async () => {
        for await (const event of stream)
          if (event.type !== "error")
            seen.push("object" in event ? `${event.type} ${event.object.metadata.name}` : event.type);
      })();
      // The server refuses to stream the list; the watcher falls back to paging.
      await cluster.clock.advance({ seconds: 2 });
      expect(seen).toEqual(["init", "init-apply old", "init-done", "apply new", "delete old"]);
      expect(fault.hits).toBe(1);
      expect((await pods.list().toArray()).map(({ metadata }) => metadata.name)).toEqual(["new"]);
      abort.abort();
      await failureOf(reflecting);
    },
  );
});
