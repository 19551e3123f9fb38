/** Options of requests that are read, refused or ignored. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { at, namesOf, text } from "../json.js";
import { configMap, configMaps, podTemplate, podTemplates } from "../objects.js";
import { expectFailure, expectInvalid, matcherOf } from "../status.js";
import { brief } from "../watch.js";

const tooLarge = {
  code: 504,
  reason: "Timeout",
  message: /^Timeout: Too large resource version: \d+, current: \d+$/,
  details: {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  },
};

export const optionCases: readonly Case[] = [
  {
    id: "64.1",
    title: "options that are no numbers, durations or booleans are refused",
    async run(server) {
      const ns = await server.namespace();
      const get = (query: Readonly<Record<string, string>>) => server.get(podTemplates(ns), { query });
      const refused = { code: 400, reason: "BadRequest" };
      expectFailure(await get({ limit: "abc" }), {
        ...refused,
        message: 'strconv.ParseInt: parsing "abc": invalid syntax',
      });
      expectFailure(await get({ timeout: "abc" }), {
        ...refused,
        message: 'invalid timeout specified in the request URL - time: invalid duration "abc"',
      });
      expectFailure(await get({ fieldSelector: "nonsense" }), {
        ...refused,
        message: "invalid selector: 'nonsense'; can't understand 'nonsense'",
      });
      // These are read leniently.
      for (const query of [{ limit: "-1" }, { allowWatchBookmarks: "maybe" }, { unknown: "1" }])
        expect((await get(query)).status).toBe(200);
    },
  },
  {
    id: "64.2",
    title: "a streaming list's option is forbidden for a list",
    async run(server) {
      const ns = await server.namespace();
      const text = "sendInitialEvents is forbidden for list";
      expectInvalid(
        await server.get(podTemplates(ns), { query: { sendInitialEvents: true } }),
        `ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: ${text}`,
        [["FieldValueForbidden", "sendInitialEvents", `Forbidden: ${text}`]],
      );
    },
  },
  {
    id: "64.3",
    title: "a list at any version ignores its limit, one at a version heeds it",
    async run(server) {
      const ns = await server.namespace();
      for (const name of ["a", "b", "c"]) await server.create(podTemplates(ns), podTemplate(name));
      const resourceVersion = text(await server.list(podTemplates(ns)), "metadata", "resourceVersion");
      const any = await server.list(podTemplates(ns), { resourceVersion: 0, limit: 1 });
      expect(namesOf(any)).toEqual(["a", "b", "c"]);
      expect(at(any, "metadata")).not.toHaveProperty("continue");
      const exact = await server.list(podTemplates(ns), { resourceVersion, limit: 1 });
      expect(namesOf(exact)).toEqual(["a"]);
      expect(text(exact, "metadata", "resourceVersion")).toBe(resourceVersion);
    },
  },
  {
    id: "64.4",
    title: "a get not older than a version of the future times out",
    async run(server) {
      const ns = await server.namespace();
      const { metadata } = await server.create(configMaps(ns), configMap("a"));
      // At any version (0) it might not even be there yet: the one that waits comes first.
      for (const resourceVersion of [metadata.resourceVersion, "0"]) {
        const read = await server.read(configMaps(ns, "a"), { query: { resourceVersion } });
        expect(read.metadata.resourceVersion).toBe(metadata.resourceVersion);
      }
      const future = String(BigInt(metadata.resourceVersion) + 1_000_000_000n);
      expectFailure(await server.get(configMaps(ns, "a"), { query: { resourceVersion: future } }), tooLarge);
    },
  },
  {
    id: "64.5",
    title: "a watch from the future waits for it; a streaming list from there times out",
    async run(server) {
      const ns = await server.namespace();
      const { metadata } = await server.create(podTemplates(ns), podTemplate("a"));
      const resourceVersion = String(BigInt(metadata.resourceVersion) + 1_000_000_000n);
      const plain = await server.watch(podTemplates(ns), { resourceVersion, timeoutSeconds: 1 });
      expect(await plain.rest()).toEqual([]);
      const streaming = await server.watch(podTemplates(ns), {
        resourceVersion,
        sendInitialEvents: true,
        resourceVersionMatch: "NotOlderThan",
      });
      const [error, ...rest] = await streaming.rest();
      expect([error?.type, rest]).toEqual(["ERROR", []]);
      expect(error?.object).toMatchObject(matcherOf(tooLarge));
    },
  },
  {
    id: "64.6",
    title: "a watch without initial events starts with what happens next",
    async run(server) {
      const ns = await server.namespace();
      await server.create(podTemplates(ns), podTemplate("a"));
      const watch = await server.watch(podTemplates(ns), {
        sendInitialEvents: false,
        resourceVersionMatch: "NotOlderThan",
      });
      await server.create(podTemplates(ns), podTemplate("b"));
      expect(brief(await watch.next())).toBe("ADDED b");
    },
  },
  {
    id: "64.7",
    title: "a watch from a version that is no number is an error before it starts",
    async run(server) {
      const ns = await server.namespace();
      const answer = await server.get(podTemplates(ns), {
        query: { watch: true, resourceVersion: "abc", timeoutSeconds: 1 },
      });
      expectFailure(answer, {
        code: 500,
        reason: undefined,
        message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
      });
    },
  },
  {
    id: "64.8",
    title: "a streaming list of a selection has what is selected, and its end",
    async run(server) {
      const ns = await server.namespace();
      for (const [name, on] of [
        ["a", "1"],
        ["b", "0"],
        ["c", "1"],
      ] as const)
        await server.create(podTemplates(ns), podTemplate(name, { labels: { on } }));
      const watch = await server.watch(podTemplates(ns), {
        labelSelector: "on=1",
        sendInitialEvents: true,
        resourceVersionMatch: "NotOlderThan",
        allowWatchBookmarks: true,
      });
      const events = await watch.until("BOOKMARK");
      expect(events.slice(0, -1).map(brief)).toEqual(["ADDED a", "ADDED c"]);
    },
  },
  {
    id: "64.9",
    title: "a watch of metadata alone has nothing else",
    async run(server) {
      const ns = await server.namespace();
      await server.create(podTemplates(ns), podTemplate("a"));
      const accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
      const watch = await server.watch(podTemplates(ns), {}, { headers: { accept } });
      const { object } = await watch.next();
      expect(object).toMatchObject({
        kind: "PartialObjectMetadata",
        apiVersion: "meta.k8s.io/v1",
        metadata: { name: "a" },
      });
      expect(object).not.toHaveProperty("template");
    },
  },
  {
    id: "64.10",
    title: "HEAD is not allowed",
    async run(server) {
      const ns = await server.namespace();
      const head = await server.request({ method: "HEAD", path: configMaps(ns) });
      expect([head.text, head.status]).toEqual(["", 405]);
    },
  },
];
