/** PATCH with JSON patches, merge patches and strategic merge patches. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { array, at, objectOf } from "../json.js";
import { configMap, configMaps, podTemplate, podTemplates } from "../objects.js";
import { expectFailure, expectInvalid } from "../status.js";
import { widget, widgets } from "../widgets.js";

export const patchCases: readonly Case[] = [
  {
    id: "33",
    title: "a merge patch sets and, by null, removes; a JSON patch whose test fails is refused",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a", { x: "1" }));
      const merged = await server.merge(configMaps(ns, "a"), { data: { x: null, y: "2" } });
      expect(merged.status).toBe(200);
      expect(at(merged.json, "data")).toEqual({ y: "2" });
      const refused = {
        code: 422,
        reason: "Invalid",
        message: "the server rejected our request due to an error in our request",
        details: {},
      };
      expectFailure(
        await server.jsonPatch(configMaps(ns, "a"), [{ op: "test", path: "/data/y", value: "9" }]),
        refused,
      );
      expectFailure(await server.jsonPatch(configMaps(ns, "a"), [{ op: "remove", path: "/data/none" }]), refused);
      for (const body of ["{", '{"op":"add"}'])
        expectFailure(await server.jsonPatch(configMaps(ns, "a"), body), { code: 400, reason: "BadRequest" });
    },
  },
  {
    id: "33.1",
    title: "a JSON patch adds, replaces, moves, copies and removes, in order and as a whole",
    async run(server) {
      const ns = await server.namespace();
      await server.create(
        configMaps(ns),
        configMap("a", { x: "1" }, { annotations: { "k.io/s": "2" }, finalizers: ["x.io/b"] }),
      );
      const patched = await server.jsonPatch(configMaps(ns, "a"), [
        { op: "test", path: "/data/x", value: "1" },
        { op: "add", path: "/data/y", value: "3" },
        { op: "copy", from: "/data/y", path: "/data/z" },
        { op: "move", from: "/data/x", path: "/data/w" },
        { op: "replace", path: "/metadata/annotations/k.io~1s", value: "4" },
        { op: "add", path: "/metadata/finalizers/0", value: "x.io/a" },
        { op: "add", path: "/metadata/finalizers/-", value: "x.io/c" },
      ]);
      expect(patched.json).toMatchObject({
        data: { w: "1", y: "3", z: "3" },
        metadata: { annotations: { "k.io/s": "4" }, finalizers: ["x.io/a", "x.io/b", "x.io/c"] },
      });
      const half = await server.jsonPatch(configMaps(ns, "a"), [
        { op: "add", path: "/data/half", value: "1" },
        { op: "test", path: "/data/w", value: "9" },
      ]);
      expectFailure(half, { code: 422, reason: "Invalid" });
      const removed = await server.jsonPatch(configMaps(ns, "a"), [{ op: "remove", path: "/metadata/finalizers" }]);
      expect(at(removed.json, "data")).toEqual({ w: "1", y: "3", z: "3" });
    },
  },
  {
    id: "33.2",
    title: "a patch of what is not there is NotFound",
    async run(server) {
      const ns = await server.namespace();
      expectFailure(await server.merge(configMaps(ns, "nope"), {}), {
        code: 404,
        reason: "NotFound",
        message: 'configmaps "nope" not found',
      });
    },
  },
  {
    id: "33.3",
    title: "a version inside a patch is a precondition",
    async run(server) {
      const ns = await server.namespace();
      const { metadata } = await server.create(configMaps(ns), configMap("a", { x: "1" }));
      const patch = (x: string) => ({ metadata: { resourceVersion: metadata.resourceVersion }, data: { x } });
      expect((await server.merge(configMaps(ns, "a"), patch("2"))).status).toBe(200);
      expectFailure(await server.merge(configMaps(ns, "a"), patch("3")), {
        code: 409,
        reason: "Conflict",
        message: /^Operation cannot be fulfilled on configmaps "a": the object has been modified/,
      });
    },
  },
  {
    id: "33.4",
    title: "a patch cannot change name, namespace or uid",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(configMaps(ns), configMap("a"));
      expectFailure(await server.merge(configMaps(ns, "a"), { metadata: { name: "b" } }), {
        code: 400,
        reason: "BadRequest",
        message: "the name of the object (b) does not match the name on the URL (a)",
      });
      expectFailure(await server.merge(configMaps(ns, "a"), { metadata: { namespace: "other" } }), {
        code: 400,
        reason: "BadRequest",
        message: "the namespace of the provided object does not match the namespace sent on the request",
      });
      const immutable = 'Invalid value: "x": field is immutable';
      expectInvalid(
        await server.merge(configMaps(ns, "a"), { metadata: { uid: "x" } }),
        `ConfigMap "a" is invalid: metadata.uid: ${immutable}`,
        [["FieldValueInvalid", "metadata.uid", immutable]],
      );
      const time = await server.merge(configMaps(ns, "a"), { metadata: { creationTimestamp: "2001-01-01T00:00:00Z" } });
      expect(objectOf(time.json).metadata).toEqual(created.metadata);
    },
  },
  {
    id: "33.5",
    title: "a result that is no object of the kind is invalid",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a"));
      expectFailure(await server.merge(configMaps(ns, "a"), { data: { x: 5 } }), {
        code: 422,
        reason: "Invalid",
        message: /^ "" is invalid: patch: Invalid value: "/,
      });
      expectFailure(await server.merge(configMaps(ns, "a"), { nope: 1 }, { query: { fieldValidation: "Strict" } }), {
        code: 422,
        reason: "Invalid",
        message: /strict decoding error: unknown field "nope"$/,
      });
      const warned = await server.merge(configMaps(ns, "a"), { nope: 1 });
      expect([warned.status, warned.warnings]).toEqual([200, ['299 - "unknown field \\"nope\\""']]);
    },
  },
  {
    id: "33.6",
    title: "force is for apply alone",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a"));
      expectFailure(await server.merge(configMaps(ns, "a"), {}, { query: { force: true } }), {
        code: 422,
        reason: "Invalid",
        message: 'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
      });
    },
  },
  {
    id: "33.7",
    title: "a dry-run patch answers as if, and stores nothing",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(configMaps(ns), configMap("a", { x: "1" }));
      const query = { dryRun: "All" };
      const merged = await server.merge(configMaps(ns, "a"), { data: { x: "2" } }, { query });
      const put = await server.put(configMaps(ns, "a"), configMap("a", { x: "2" }), { query });
      for (const { status, json } of [merged, put]) {
        expect([status, at(json, "data")]).toEqual([200, { x: "2" }]);
        expect(objectOf(json).metadata.resourceVersion).toBe(created.metadata.resourceVersion);
      }
      expect(await server.read(configMaps(ns, "a"))).toEqual(created);
    },
  },
  {
    id: "34",
    title: "a strategic patch merges a list by its key, a merge patch replaces it",
    async run(server) {
      const ns = await server.namespace();
      const names = (json: unknown) =>
        array(json, "template", "spec", "containers").map((c) => `${String(at(c, "name"))} ${String(at(c, "image"))}`);
      await server.create(podTemplates(ns), podTemplate("p", {}, ["c1", "c2"]));
      const patch = { template: { spec: { containers: [{ name: "c1", image: "new" }] } } };
      const strategic = await server.strategic(podTemplates(ns, "p"), patch);
      expect(names(strategic.json)).toEqual(["c1 new", "c2 example.test/old"]);
      const merged = await server.merge(podTemplates(ns, "p"), patch);
      expect(names(merged.json)).toEqual(["c1 new"]);
    },
  },
  {
    id: "34.1",
    title: "a strategic patch adds, deletes and orders by directives",
    async run(server) {
      const ns = await server.namespace();
      const names = (json: unknown) => array(json, "template", "spec", "containers").map((c) => at(c, "name"));
      await server.create(
        podTemplates(ns),
        podTemplate("p", { labels: { a: "1", b: "2" }, finalizers: ["x.io/a", "x.io/b"] }, ["c1", "c2"]),
      );
      const spec = (body: object) => server.strategic(podTemplates(ns, "p"), { template: { spec: body } });
      const added = await spec({ containers: [{ name: "c3", image: "new" }] });
      expect(names(added.json)).toEqual(["c3", "c1", "c2"]);
      const deleted = await spec({ containers: [{ $patch: "delete", name: "c1" }] });
      expect(names(deleted.json)).toEqual(["c3", "c2"]);
      const ordered = await spec({ "$setElementOrder/containers": [{ name: "c2" }, { name: "c3" }] });
      expect(names(ordered.json)).toEqual(["c2", "c3"]);
      const replaced = await spec({ containers: [{ name: "c9", image: "new" }, { $patch: "replace" }] });
      expect(names(replaced.json)).toEqual(["c9"]);
      const rest = await server.strategic(podTemplates(ns, "p"), {
        metadata: {
          labels: { $patch: "replace", c: "3" },
          "$deleteFromPrimitiveList/finalizers": ["x.io/a"],
          finalizers: ["x.io/c"],
        },
      });
      expect(objectOf(rest.json).metadata.labels).toEqual({ c: "3" });
      expect(objectOf(rest.json).metadata.finalizers?.toSorted()).toEqual(["x.io/b", "x.io/c"]);
      await server.merge(podTemplates(ns, "p"), { metadata: { finalizers: null } });
    },
  },
  {
    id: "35",
    title: "a custom resource takes no strategic patch",
    async run(server) {
      const ns = await server.namespace();
      await server.create(widgets(ns), widget("w1"));
      expectFailure(await server.strategic(widgets(ns, "w1"), { spec: { size: 2 } }), {
        code: 415,
        reason: "UnsupportedMediaType",
        message:
          "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
      });
    },
  },
  {
    id: "35.1",
    title: "concurrent patches are all kept",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a", {}));
      const keys = Array.from({ length: 4 }, (_, index) => `k${index}`);
      const answers = await Promise.all(keys.map((key) => server.merge(configMaps(ns, "a"), { data: { [key]: "1" } })));
      expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
      const { data } = await server.read(configMaps(ns, "a"));
      expect(data).toEqual(Object.fromEntries(keys.map((key) => [key, "1"])));
    },
  },
];
