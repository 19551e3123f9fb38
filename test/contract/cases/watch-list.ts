/** Streaming lists, and the bookmarks of watches. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { array, at, text } from "../json.js";
import { podTemplate, podTemplates } from "../objects.js";
import { brief, revisionOf } from "../watch.js";

const table = "application/json;as=Table;v=v1;g=meta.k8s.io";
const initialEventsEnd = { "k8s.io/initial-events-end": "true" };
const streamingList = { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: true };

export const watchListCases: readonly Case[] = [
  {
    id: "57",
    title: "a streaming list is what there is, then a bookmark that says so, then what happens",
    async run(server) {
      const path = podTemplates(await server.namespace());
      for (const name of ["b", "a"]) await server.create(path, podTemplate(name));
      const watch = await server.watch(path, streamingList);
      const [first, second, bookmark] = await watch.take(3);
      expect([first, second].map((event) => (event === undefined ? "" : brief(event)))).toEqual(["ADDED a", "ADDED b"]);
      expect(bookmark).toEqual({
        type: "BOOKMARK",
        object: {
          kind: "PodTemplate",
          apiVersion: "v1",
          metadata: { resourceVersion: expect.stringMatching(/^[1-9]\d*$/), annotations: initialEventsEnd },
          template: expect.anything(),
        },
      });
      const created = await server.create(path, podTemplate("c"));
      const live = await watch.next();
      expect(brief(live)).toBe("ADDED c");
      expect(BigInt(text(bookmark?.object, "metadata", "resourceVersion"))).toBeLessThan(
        BigInt(created.metadata.resourceVersion),
      );
    },
  },
  {
    id: "57.1",
    title: "a streaming list as a Table has columns in its first event alone",
    async run(server) {
      const path = podTemplates(await server.namespace());
      for (const name of ["a", "b"]) await server.create(path, podTemplate(name));
      const watch = await server.watch(path, streamingList, { headers: { accept: table } });
      const events = await watch.take(3);
      expect(events.map(({ type, object }) => [type, text(object, "kind"), array(object, "rows").length])).toEqual([
        ["ADDED", "Table", 1],
        ["ADDED", "Table", 1],
        ["BOOKMARK", "Table", 1],
      ]);
      expect(array(events[0]?.object, "columnDefinitions")[0]).toMatchObject({ name: "Name" });
      for (const event of events.slice(1)) expect(at(event.object, "columnDefinitions")).toBeNull();
      expect(at(events[2]?.object, "rows", 0, "object", "metadata", "annotations")).toEqual(initialEventsEnd);
    },
  },
  {
    id: "57.2",
    title: "without a version a watch starts with what there is; without bookmarks it has none",
    async run(server) {
      const path = podTemplates(await server.namespace());
      for (const name of ["b", "a"]) await server.create(path, podTemplate(name));
      for (const query of [{}, { resourceVersion: 0 }]) {
        const watch = await server.watch(path, query);
        expect((await watch.take(2)).map(brief)).toEqual(["ADDED a", "ADDED b"]);
        await server.merge(`${path}/a`, { metadata: { labels: { at: `${Date.now()}` } } });
        expect(brief(await watch.next())).toBe("MODIFIED a");
        watch.close();
      }
    },
  },
  {
    id: "57.3",
    title: "without a version but with bookmarks the end of the start is marked too",
    async run(server) {
      const path = podTemplates(await server.namespace());
      await server.create(path, podTemplate("a"));
      const watch = await server.watch(path, { allowWatchBookmarks: true });
      const [added, bookmark] = await watch.take(2);
      expect([added?.type, bookmark?.type]).toEqual(["ADDED", "BOOKMARK"]);
      expect(at(bookmark?.object, "metadata", "annotations")).toEqual(initialEventsEnd);
    },
  },
  {
    id: "57.4",
    title: "a streaming list not older than a version waits for it, and has it",
    async run(server) {
      const path = podTemplates(await server.namespace());
      const { metadata } = await server.create(path, podTemplate("a"));
      const watch = await server.watch(path, { ...streamingList, resourceVersion: metadata.resourceVersion });
      const events = await watch.until("BOOKMARK");
      expect(events.map(({ type }) => type)).toEqual(["ADDED", "BOOKMARK"]);
      expect(BigInt(text(events[1]?.object, "metadata", "resourceVersion"))).toBeGreaterThanOrEqual(
        BigInt(metadata.resourceVersion),
      );
    },
  },
  {
    id: "57.5",
    title: "a watch that is about to end bookmarks the version that it has come to, if that is a new one",
    async run(server) {
      const path = podTemplates(await server.namespace());
      const { metadata } = await server.create(path, podTemplate("a"));
      const watch = await server.watch(path, {
        resourceVersion: metadata.resourceVersion,
        allowWatchBookmarks: true,
        timeoutSeconds: 4,
      });
      // Of the same resource, but not of this watch.
      const elsewhere = await server.create(podTemplates(await server.namespace()), podTemplate("b"));
      const events = await watch.rest();
      expect(events.length).toBeGreaterThan(0);
      expect(new Set(events.map(({ type }) => type))).toEqual(new Set(["BOOKMARK"]));
      const [first] = events;
      expect(at(first?.object, "metadata")).toEqual({ resourceVersion: expect.stringMatching(/^[1-9]\d*$/) });
      if (first !== undefined)
        expect(revisionOf(first)).toBeGreaterThanOrEqual(BigInt(elsewhere.metadata.resourceVersion));
    },
  },
  {
    id: "57.6",
    title: "two watches of one resource are told the same, in the same order",
    async run(server) {
      const path = podTemplates(await server.namespace());
      const { metadata } = await server.create(path, podTemplate("a"));
      const from = { resourceVersion: metadata.resourceVersion };
      const watches = [
        await server.watch(path, from),
        await server.watch("/api/v1/podtemplates", { ...from, labelSelector: "in=it" }),
      ];
      await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          server.create(path, podTemplate(`p${index}`, { labels: { in: "it" } })),
        ),
      );
      const [narrow, wide] = await Promise.all(watches.map((watch) => watch.take(10)));
      expect(narrow).toEqual(wide);
      const revisions = narrow?.map(revisionOf) ?? [];
      expect(revisions).toEqual(revisions.toSorted((a, b) => (a < b ? -1 : 1)));
    },
  },
];
