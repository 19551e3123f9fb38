/** Watches: order, selection, versions, ends. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { at, objectOf, text } from "../json.js";
import { podTemplate, podTemplates } from "../objects.js";
import { expectFailure, expectInvalid, matcherOf } from "../status.js";
import { brief, revisionOf } from "../watch.js";
import { widget, widgets } from "../widgets.js";

export const watchCases: readonly Case[] = [
  {
    id: "54",
    title: "a watch from a list's version tells what happens since, in order",
    async run(server) {
      const path = podTemplates(await server.namespace());
      const before = await server.create(path, podTemplate("before"));
      const resourceVersion = text(await server.list(path), "metadata", "resourceVersion");
      const watch = await server.watch(path, { resourceVersion });
      expect(watch.status).toBe(200);
      expect(watch.header("content-type")).toBe("application/json");
      expect(watch.header("transfer-encoding")).toBe("chunked");
      const created = await server.create(path, podTemplate("a"));
      const patched = await server.merge(`${path}/a`, { metadata: { labels: { l: "1" } } });
      await server.delete(`${path}/a`);
      await server.delete(`${path}/before`);
      const events = await watch.take(4);
      expect(events.map(brief)).toEqual(["ADDED a", "MODIFIED a", "DELETED a", "DELETED before"]);
      expect(events[0]?.object).toEqual(created);
      expect(events[1]?.object).toEqual(patched.json);
      const revisions = events.map(revisionOf);
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => (a < b ? -1 : 1)));
      // The last state, at the deletion's version.
      const gone = objectOf(events[2]?.object);
      expect({ ...gone, metadata: { ...gone.metadata, resourceVersion: "" } }).toEqual({
        ...objectOf(patched.json),
        metadata: { ...objectOf(patched.json).metadata, resourceVersion: "" },
      });
      expect(revisions[3]).toBeGreaterThan(BigInt(before.metadata.resourceVersion));
      const late = await server.watch(path, { resourceVersion });
      expect(await late.take(4)).toEqual(events);
    },
  },
  {
    id: "54.1",
    title: "a watch of one name, or of a namespace, is told of nothing else",
    async run(server) {
      const [one, two] = [await server.namespace(), await server.namespace()];
      const { metadata } = await server.create(podTemplates(one), podTemplate("x"));
      const from = { resourceVersion: metadata.resourceVersion };
      const named = await server.watch(podTemplates(one), { ...from, fieldSelector: "metadata.name=b" });
      const spaced = await server.watch(podTemplates(one), from);
      const byName = await server.watch(podTemplates(one, "b").replace("/v1/", "/v1/watch/"), from);
      await server.create(podTemplates(two), podTemplate("b"));
      await server.create(podTemplates(one), podTemplate("a"));
      await server.create(podTemplates(one), podTemplate("b"));
      expect((await spaced.take(2)).map(brief)).toEqual(["ADDED a", "ADDED b"]);
      for (const watch of [named, byName]) {
        const event = await watch.next();
        expect([brief(event), text(event.object, "metadata", "namespace")]).toEqual(["ADDED b", one]);
      }
    },
  },
  {
    id: "54.2",
    title: "the deprecated /watch/ prefix is a watch too, and a GET of one object is none",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(podTemplates(ns), podTemplate("a"));
      expect((await server.get(podTemplates(ns, "a"), { query: { watch: true } })).json).toEqual(created);
      const watch = await server.watch(podTemplates(ns).replace("/api/v1/", "/api/v1/watch/"));
      expect(brief(await watch.next())).toBe("ADDED a");
    },
  },
  {
    id: "55",
    title: "what enters a selection is ADDED, what leaves it DELETED as it was, at the new version",
    async run(server) {
      const path = podTemplates(await server.namespace());
      const { metadata } = await server.create(path, podTemplate("a"));
      const watch = await server.watch(path, { resourceVersion: metadata.resourceVersion, labelSelector: "on=1" });
      await server.merge(`${path}/a`, { metadata: { labels: { on: "1" } } });
      await server.merge(`${path}/a`, { metadata: { annotations: { x: "1" } } });
      const left = objectOf(
        (await server.merge(`${path}/a`, { metadata: { labels: { on: null }, annotations: { x: "2" } } })).json,
      );
      await server.merge(`${path}/a`, { metadata: { annotations: { x: "3" } } });
      await server.merge(`${path}/a`, { metadata: { labels: { on: "1" } } });
      await server.delete(`${path}/a`);
      const events = await watch.take(5);
      expect(events.map(brief)).toEqual(["ADDED a", "MODIFIED a", "DELETED a", "ADDED a", "DELETED a"]);
      expect(events[2]?.object).toMatchObject({
        metadata: { labels: { on: "1" }, annotations: { x: "1" }, resourceVersion: left.metadata.resourceVersion },
      });
      const ns = path.split("/")[4] ?? "";
      const first = await server.create(widgets(ns), widget("w"));
      const red = await server.watch(widgets(ns), {
        resourceVersion: first.metadata.resourceVersion,
        fieldSelector: "spec.color=red",
      });
      for (const color of ["red", "blue"]) await server.merge(widgets(ns, "w"), { spec: { color } });
      const [added, deleted] = await red.take(2);
      expect([added?.type, deleted?.type, at(deleted?.object, "spec", "color")]).toEqual(["ADDED", "DELETED", "red"]);
    },
  },
  {
    id: "56",
    title: "a version that is too old is an ERROR event of 410, and the end",
    async run(server) {
      // A server that started at version 1 still has it for what it had from the start, but not for what came later.
      const watch = await server.watch(widgets(await server.namespace()), { resourceVersion: 1 });
      expect(watch.status).toBe(200);
      const events = await watch.rest();
      expect(events.map(({ type }) => type)).toEqual(["ERROR"]);
      expect(events[0]?.object).toMatchObject({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" });
      expect(events[0]?.object).toMatchObject(
        matcherOf({ code: 410, reason: "Expired", message: /^too old resource version: 1 \(\d+\)$/ }),
      );
    },
  },
  {
    id: "56.1",
    title: "a watch ends cleanly when its time is up",
    async run(server) {
      const path = podTemplates(await server.namespace());
      const start = performance.now();
      const watch = await server.watch(path, { timeoutSeconds: 1 });
      expect(await watch.rest()).toEqual([]);
      const took = performance.now() - start;
      expect(took).toBeGreaterThan(900);
      expect(took).toBeLessThan(4000);
    },
  },
  {
    id: "56.2",
    title: "a watch's bad options are refused before it starts",
    async run(server) {
      const path = podTemplates(await server.namespace());
      const get = (query: Readonly<Record<string, string>>) =>
        server.get(path, { query: { watch: true, timeoutSeconds: 1, ...query } });
      expectFailure(await get({ labelSelector: "a===b" }), { code: 400, reason: "BadRequest" });
      expectFailure(await get({ fieldSelector: "spec.foo=1" }), { code: 400, reason: "BadRequest" });
      expectInvalid(await get({ sendInitialEvents: "true" }), /resourceVersionMatch: Forbidden/, [
        [
          "FieldValueForbidden",
          "resourceVersionMatch",
          /^Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan$/,
        ],
      ]);
      expectInvalid(await get({ resourceVersionMatch: "NotOlderThan" }), /resourceVersionMatch: Forbidden/, [
        ["FieldValueForbidden", "resourceVersionMatch", /^Forbidden: /],
      ]);
    },
  },
];
