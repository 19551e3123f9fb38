/** Lists: pages on one snapshot, and versions. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { array, at, itemsOf, namesOf, text } from "../json.js";
import { podTemplate, podTemplates } from "../objects.js";
import type { Server } from "../server.js";
import { expectFailure, expectInvalid } from "../status.js";
import { widget, widgets } from "../widgets.js";

export const listCases: readonly Case[] = [
  {
    id: "51",
    title: "a list in pages is one list at one version, whatever happens meanwhile",
    async run(server) {
      const { path } = await five(server);
      const first = await server.list(path, { limit: 2 });
      expect(first).toMatchObject({ kind: "PodTemplateList", apiVersion: "v1", metadata: { remainingItemCount: 3 } });
      await server.delete(`${path}/d`);
      await server.create(path, podTemplate("c2"));
      const second = await server.list(path, { limit: 2, continue: text(first, "metadata", "continue") });
      expect(second).toMatchObject({ metadata: { remainingItemCount: 1 } });
      const third = await server.list(path, { limit: 2, continue: text(second, "metadata", "continue") });
      expect(at(third, "metadata")).not.toHaveProperty("continue");
      expect(at(third, "metadata")).not.toHaveProperty("remainingItemCount");
      expect([first, second, third].flatMap(namesOf)).toEqual(["a", "b", "c", "d", "e"]);
      expect(new Set([first, second, third].map((page) => text(page, "metadata", "resourceVersion"))).size).toBe(1);
    },
  },
  {
    id: "51.1",
    title: "a page of a selection does not count what remains, and ends when there is no more",
    async run(server) {
      const { path } = await five(server);
      const selected = await server.list(path, { limit: 1, labelSelector: "odd=yes" });
      expect(namesOf(selected)).toEqual(["a"]);
      expect(at(selected, "metadata")).not.toHaveProperty("remainingItemCount");
      const rest = await server.list(path, {
        labelSelector: "odd=yes",
        continue: text(selected, "metadata", "continue"),
      });
      expect(namesOf(rest)).toEqual(["c", "e"]);
      const exact = await server.list(path, { limit: 5 });
      expect(at(exact, "metadata")).not.toHaveProperty("continue");
    },
  },
  {
    id: "51.2",
    title: "a token that is none, or that comes with a version, is refused",
    async run(server) {
      const { path } = await five(server);
      expectFailure(await server.get(path, { query: { limit: 2, continue: "bad!" } }), {
        code: 400,
        reason: "BadRequest",
        message: /^invalid continue token/,
      });
      const first = await server.list(path, { limit: 2 });
      const token = text(first, "metadata", "continue");
      expectFailure(await server.get(path, { query: { continue: token, resourceVersion: 5 } }), {
        code: 400,
        reason: "BadRequest",
        message: "specifying resource version is not allowed when using continue",
      });
      expectInvalid(
        await server.get(path, { query: { continue: token, resourceVersionMatch: "Exact", resourceVersion: 5 } }),
        /resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided/,
        [["FieldValueForbidden", "resourceVersionMatch", /forbidden when continue is provided/]],
      );
    },
  },
  {
    id: "51.3",
    title: "a list over all namespaces is ordered by namespace, then name, in bytes",
    async run(server) {
      const [one, two] = [await server.namespace(), await server.namespace()].toSorted();
      for (const [ns, name] of [
        [two, "a"],
        [one, "b"],
        [one, "a-b"],
        [one, "a.b"],
        [one, "a"],
      ] as const)
        await server.create(podTemplates(ns ?? ""), podTemplate(name, { labels: { run: one ?? "" } }));
      const list = await server.list("/api/v1/podtemplates", { labelSelector: `run=${one}` });
      expect(itemsOf(list).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
        `${one}/a`,
        `${one}/a-b`,
        `${one}/a.b`,
        `${one}/b`,
        `${two}/a`,
      ]);
    },
  },
  {
    id: "51.4",
    title: "an empty list has items, none; an item of a typed list has no kind, a custom one has",
    async run(server) {
      const ns = await server.namespace();
      const empty = await server.list(podTemplates(ns));
      expect(empty).toEqual({
        kind: "PodTemplateList",
        apiVersion: "v1",
        metadata: { resourceVersion: expect.stringMatching(/^[1-9]\d*$/) },
        items: [],
      });
      expect(await server.list(widgets(ns))).toMatchObject({
        kind: "WidgetList",
        apiVersion: "suite.example.com/v1",
        metadata: { continue: "" },
        items: [],
      });
      await server.create(podTemplates(ns), podTemplate("a"));
      const [item] = itemsOf(await server.list(podTemplates(ns)));
      expect(item).not.toHaveProperty("kind");
      expect(item).not.toHaveProperty("apiVersion");
      await server.create(widgets(ns), widget("w"));
      const [custom] = itemsOf(await server.list(widgets(ns)));
      expect(custom).toMatchObject({ kind: "Widget", apiVersion: "suite.example.com/v1" });
    },
  },
  {
    id: "52",
    title: "a list is exactly at a version, or not older than one, as is asked",
    async run(server) {
      const { path } = await five(server);
      const resourceVersion = text(await server.list(path, { limit: 2 }), "metadata", "resourceVersion");
      await server.create(path, podTemplate("f"));
      const exact = await server.list(path, { resourceVersion, resourceVersionMatch: "Exact" });
      expect(namesOf(exact)).toEqual(["a", "b", "c", "d", "e"]);
      expect(text(exact, "metadata", "resourceVersion")).toBe(resourceVersion);
      const notOlder = await server.list(path, { resourceVersion, resourceVersionMatch: "NotOlderThan" });
      expect(BigInt(text(notOlder, "metadata", "resourceVersion"))).toBeGreaterThanOrEqual(BigInt(resourceVersion));
      expect(namesOf(await server.list(path))).toHaveLength(6);
      const forbidden = "resourceVersionMatch is forbidden unless resourceVersion is provided";
      expectInvalid(
        await server.get(path, { query: { resourceVersionMatch: "Exact" } }),
        `ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: ${forbidden}`,
        [["FieldValueForbidden", "resourceVersionMatch", `Forbidden: ${forbidden}`]],
      );
      expectInvalid(
        await server.get(path, { query: { resourceVersionMatch: "Exact", resourceVersion: 0 } }),
        /resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"/,
        [["FieldValueForbidden", "resourceVersionMatch", /forbidden for resourceVersion "0"/]],
      );
    },
  },
  {
    id: "52.1",
    title: "a version that is no number is refused",
    async run(server) {
      const { path } = await five(server);
      const text = 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax';
      expectFailure(await server.get(path, { query: { resourceVersion: "abc" } }), {
        code: 400,
        reason: "BadRequest",
        message: `invalid resource version: ${text}`,
      });
      expectFailure(await server.get(`${path}/a`, { query: { resourceVersion: "abc" } }), {
        code: 500,
        reason: undefined,
      });
    },
  },
  {
    id: "52.2",
    title: "a version of the future times out",
    async run(server) {
      const { path } = await five(server);
      const current = BigInt(text(await server.list(path), "metadata", "resourceVersion"));
      const query = { resourceVersion: String(current + 1_000_000_000n), resourceVersionMatch: "NotOlderThan" };
      const answer = await server.get(path, { query });
      expectFailure(answer, {
        code: 504,
        reason: "Timeout",
        message: /^Timeout: Too large resource version: \d+, current: \d+$/,
        details: expect.objectContaining({
          retryAfterSeconds: 1,
          causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
        }),
      });
      expect(answer.header("retry-after")).toBe("1");
    },
  },
];

/** Five PodTemplates, a to e, in a namespace of their own; every other one is odd. */
async function five(server: Server): Promise<{ readonly path: string }> {
  const path = podTemplates(await server.namespace());
  for (const [index, name] of ["a", "b", "c", "d", "e"].entries())
    await server.create(path, podTemplate(name, { labels: { odd: index % 2 === 0 ? "yes" : "no" } }));
  expect(array(await server.list(path), "items")).toHaveLength(5);
  return { path };
}
