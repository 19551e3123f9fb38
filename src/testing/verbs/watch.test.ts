import { expect, test } from "vitest";
import { ApiServer } from "../api-server.js";
import { ManualClock } from "../clock.js";
import type { WatchBody } from "../request.js";

const path = "/api/v1/namespaces/default/configmaps";

function post(server: ApiServer, url: string, name: string) {
  const body = JSON.stringify({ metadata: { name } });
  return server.handle({ method: "POST", url, headers: { "content-type": "application/json" }, body });
}

async function watch(server: ApiServer, query = ""): Promise<WatchBody> {
  const { body } = await server.handle({ method: "GET", url: `${path}?watch=1${query}`, headers: {} });
  if (typeof body === "string") throw new Error(`no watch, but ${body}`);
  return body;
}

async function names(body: WatchBody, count: number): Promise<readonly string[]> {
  const found: string[] = [];
  while (found.length < count) {
    const { value, done } = await body.next();
    if (done === true) break;
    const event: unknown = JSON.parse(value);
    found.push(
      JSON.stringify(event)
        .match(/"type":"(\w+)".*?"name":"([^"]+)"/)
        ?.slice(1)
        .join(" ") ?? value,
    );
  }
  return found;
}

test("a change of another kind in the same turn does not make a watch that waits miss its own", async () => {
  await using server = new ApiServer({ clock: new ManualClock() });
  const body = await watch(server);
  const waiting = names(body, 1);
  await Promise.all([post(server, path, "a"), post(server, "/api/v1/namespaces/default/secrets", "s")]);
  expect(await waiting).toEqual(["ADDED a"]);
  await body.return();
});

test("a reader that falls behind the log is told 410, and the watch ends", async () => {
  await using server = new ApiServer({ clock: new ManualClock() });
  const body = await watch(server, `&resourceVersion=${server.store.revision}`);
  await post(server, path, "a");
  await post(server, path, "b");
  server.compact();
  const { value } = await body.next();
  expect(JSON.parse(value)).toMatchObject({ type: "ERROR", object: { code: 410, reason: "Expired" } });
  expect(await body.next()).toEqual({ done: true, value: undefined });
});

test("a kind that is served no more ends its watches after what they have not told yet; a broken connection ends them at once", async () => {
  await using server = new ApiServer({ clock: new ManualClock() });
  const [told, broken] = [await watch(server), await watch(server)];
  await post(server, path, "a");
  expect(server.dropWatches("secrets")).toBe(0);
  expect(await names(told, 1)).toEqual(["ADDED a"]);
  expect(server.dropWatches("configmaps")).toBe(2);
  expect(await broken.next()).toEqual({ done: true, value: undefined });
  expect(await told.next()).toEqual({ done: true, value: undefined });
});

test("a watch ends when its time is up, with a bookmark of how far it came if that is wanted", async () => {
  const clock = new ManualClock();
  await using server = new ApiServer({ clock });
  const body = await watch(
    server,
    `&resourceVersion=${server.store.revision}&allowWatchBookmarks=true&timeoutSeconds=10`,
  );
  await post(server, path, "a");
  expect(await names(body, 1)).toEqual(["ADDED a"]);
  const next = body.next();
  await clock.advance(10_000);
  expect(JSON.parse((await next).value)).toMatchObject({
    type: "BOOKMARK",
    object: { metadata: { resourceVersion: String(server.store.revision) } },
  });
  expect(await body.next()).toEqual({ done: true, value: undefined });
});
