/** Server-side apply: ownership, conflicts, pruning. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { type ApiObject, at, objectOf } from "../json.js";
import { configMap, configMaps } from "../objects.js";
import type { Answer } from "../server.js";
import { expectFailure } from "../status.js";

const apply = { manager: "m1" } as const;

export const applyCases: readonly Case[] = [
  {
    id: "39",
    title: "an apply creates, owns what it says, and the same again changes nothing",
    async run(server) {
      const ns = await server.namespace();
      const first = await server.apply(configMaps(ns, "s"), configMap("s", { a: "1" }), apply);
      expect(first.status).toBe(201);
      expect(owners(first)).toEqual([["m1", "Apply", { "f:data": { "f:a": {} } }]]);
      const again = await server.apply(configMaps(ns, "s"), configMap("s", { a: "1" }), apply);
      expect(again.status).toBe(200);
      expect(again.json).toEqual(first.json);
    },
  },
  {
    id: "39.1",
    title: "an apply in YAML is as good",
    async run(server) {
      const ns = await server.namespace();
      const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: s\ndata:\n  a: '1'\n";
      const answer = await server.apply(configMaps(ns, "s"), yaml, apply);
      expect(answer.status).toBe(201);
      expect(at(answer.json, "data")).toEqual({ a: "1" });
    },
  },
  {
    id: "40",
    title: "an apply of another's field is a Conflict, unless it is forced",
    async run(server) {
      const ns = await server.namespace();
      await server.apply(configMaps(ns, "s"), configMap("s", { a: "1" }), apply);
      const other = configMap("s", { a: "2" });
      expectFailure(await server.apply(configMaps(ns, "s"), other, { manager: "m2" }), {
        code: 409,
        reason: "Conflict",
        message: 'Apply failed with 1 conflict: conflict with "m1": .data.a',
        details: { causes: [{ reason: "FieldManagerConflict", message: 'conflict with "m1"', field: ".data.a" }] },
      });
      const forced = await server.apply(configMaps(ns, "s"), other, { manager: "m2", force: true });
      expect([forced.status, at(forced.json, "data", "a")]).toEqual([200, "2"]);
      expect(owners(forced)).toEqual([["m2", "Apply", { "f:data": { "f:a": {} } }]]);
    },
  },
  {
    id: "40.1",
    title: "several conflicts are all named",
    async run(server) {
      const ns = await server.namespace();
      await server.apply(configMaps(ns, "s"), configMap("s", { a: "1", b: "1" }), apply);
      await server.apply(configMaps(ns, "s"), configMap("s", { c: "1" }), { manager: "m3" });
      const two = await server.apply(configMaps(ns, "s"), configMap("s", { a: "2", b: "2" }), { manager: "m2" });
      expectFailure(two, {
        code: 409,
        reason: "Conflict",
        message: 'Apply failed with 2 conflicts: conflicts with "m1":\n- .data.a\n- .data.b',
      });
      const three = await server.apply(configMaps(ns, "s"), configMap("s", { a: "2", b: "2", c: "2" }), {
        manager: "m2",
      });
      expectFailure(three, {
        code: 409,
        reason: "Conflict",
        message:
          'Apply failed with 3 conflicts: conflicts with "m1":\n- .data.a\n- .data.b\nconflicts with "m3":\n- .data.c',
      });
    },
  },
  {
    id: "41",
    title: "a field that is no longer applied goes, unless another manager has it too",
    async run(server) {
      const ns = await server.namespace();
      await server.apply(configMaps(ns, "s"), configMap("s", { a: "1", b: "1", c: "1" }), apply);
      const shared = await server.apply(configMaps(ns, "s"), configMap("s", { c: "1" }), { manager: "m2" });
      expect(shared.status).toBe(200);
      const less = await server.apply(configMaps(ns, "s"), configMap("s", { a: "1" }), apply);
      expect(at(less.json, "data")).toEqual({ a: "1", c: "1" });
      // m2's apply changed nothing but ownership: it has no time, and so comes first.
      expect(owners(less)).toEqual([
        ["m2", "Apply", { "f:data": { "f:c": {} } }],
        ["m1", "Apply", { "f:data": { "f:a": {} } }],
      ]);
      const times = objectOf(less.json).metadata.managedFields?.map(({ time }) => typeof time);
      expect(times).toEqual(["undefined", "string"]);
      const none = await server.apply(configMaps(ns, "s"), configMap("s"), { manager: "m2" });
      expect(at(none.json, "data")).toEqual({ a: "1" });
      expect(owners(none)).toEqual([["m1", "Apply", { "f:data": { "f:a": {} } }]]);
    },
  },
  {
    id: "42",
    title: "an update takes what it changes, so that the next apply conflicts with it",
    async run(server) {
      const ns = await server.namespace();
      const first = await server.apply(configMaps(ns, "s"), configMap("s", { a: "1", b: "1" }), apply);
      const put = await server.put(configMaps(ns, "s"), { ...objectOf(first.json), data: { a: "2", b: "1" } });
      expect(owners(put)).toEqual([
        ["m1", "Apply", { "f:data": { "f:b": {} } }],
        ["suite", "Update", { "f:data": { "f:a": {} } }],
      ]);
      const again = await server.apply(configMaps(ns, "s"), configMap("s", { a: "1", b: "1" }), apply);
      expectFailure(again, {
        code: 409,
        reason: "Conflict",
        message: 'Apply failed with 1 conflict: conflict with "suite" using v1: .data.a',
        details: {
          causes: [{ reason: "FieldManagerConflict", message: 'conflict with "suite" using v1', field: ".data.a" }],
        },
      });
    },
  },
  {
    id: "42.1",
    title: "a patch takes what it sets, and what it removes is nobody's",
    async run(server) {
      const ns = await server.namespace();
      await server.apply(configMaps(ns, "s"), configMap("s", { a: "1", b: "1" }), apply);
      const query = { fieldManager: "p" };
      const patched = await server.merge(configMaps(ns, "s"), { data: { a: null, c: "1" } }, { query });
      expect(owners(patched)).toEqual([
        ["m1", "Apply", { "f:data": { "f:b": {} } }],
        ["p", "Update", { "f:data": { "f:c": {} } }],
      ]);
      const again = await server.apply(configMaps(ns, "s"), configMap("s", { a: "1", b: "1" }), apply);
      expect(at(again.json, "data")).toEqual({ a: "1", b: "1", c: "1" });
    },
  },
  {
    id: "42.2",
    title: "a write may clear all ownership, and nothing less by hand",
    async run(server) {
      const ns = await server.namespace();
      await server.apply(configMaps(ns, "s"), configMap("s", { a: "1" }), apply);
      const cleared = await server.merge(configMaps(ns, "s"), { metadata: { managedFields: [{}] } });
      expect(cleared.status).toBe(200);
      expect(objectOf(cleared.json).metadata).not.toHaveProperty("managedFields");
      const next = await server.apply(configMaps(ns, "s"), configMap("s", { a: "2" }), { manager: "m2" });
      expectFailure(next, {
        code: 409,
        reason: "Conflict",
        message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
      });
    },
  },
  {
    id: "42.4",
    title: "a field that an update and an apply share stays when the apply lets go of it",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("s", { a: "1", b: "1" }));
      const shared = await server.apply(configMaps(ns, "s"), configMap("s", { a: "1" }), apply);
      expect(shared.status).toBe(200);
      expect(owners(shared)).toEqual([
        ["m1", "Apply", { "f:data": { "f:a": {} } }],
        ["suite", "Update", { "f:data": { ".": {}, "f:a": {}, "f:b": {} } }],
      ]);
      const none = await server.apply(configMaps(ns, "s"), configMap("s"), apply);
      expect(at(none.json, "data")).toEqual({ a: "1", b: "1" });
      expect(owners(none).map(([manager]) => manager)).toEqual(["suite"]);
    },
  },
  {
    id: "42.5",
    title: "an apply of null to a text of a map makes it empty",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("s", { a: "1", b: "1" }));
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "s" }, data: { a: null } };
      const forced = await server.apply(configMaps(ns, "s"), body, { manager: "m1", force: true });
      expect([forced.status, at(forced.json, "data")]).toEqual([200, { a: "", b: "1" }]);
    },
  },
  {
    id: "42.3",
    title: "metadata is owned too: labels, annotations, finalizers and owners one by one",
    async run(server) {
      const ns = await server.namespace();
      const owner = { apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "00000000-0000-4000-8000-000000000000" };
      const metadata = {
        labels: { l: "1" },
        annotations: { n: "1" },
        finalizers: ["x.io/f"],
        ownerReferences: [owner],
      };
      const dry = { ...apply, query: { dryRun: "All" } };
      const answer = await server.apply(configMaps(ns, "s"), configMap("s", undefined, metadata), dry);
      expect(answer.status).toBe(201);
      expect(owners(answer)).toEqual([
        [
          "m1",
          "Apply",
          {
            "f:metadata": {
              "f:labels": { "f:l": {} },
              "f:annotations": { "f:n": {} },
              "f:finalizers": { 'v:"x.io/f"': {} },
              "f:ownerReferences": { [`k:{"uid":"${owner.uid}"}`]: {} },
            },
          },
        ],
      ]);
    },
  },
  {
    id: "43",
    title: "an apply needs a manager, and must not speak of ownership or another object",
    async run(server) {
      const ns = await server.namespace();
      expectFailure(await server.apply(configMaps(ns, "s"), configMap("s")), {
        code: 422,
        reason: "Invalid",
        message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      });
      const owned = configMap("s", {}, { managedFields: [{ manager: "x", operation: "Apply", apiVersion: "v1" }] });
      expectFailure(await server.apply(configMaps(ns, "s"), owned, apply), {
        code: 400,
        reason: "BadRequest",
        message: "metadata.managedFields must be nil",
      });
      expectFailure(await server.apply(configMaps(ns, "s"), configMap("t"), apply), {
        code: 400,
        reason: "BadRequest",
      });
      expectFailure(await server.apply(configMaps(ns, "s"), { kind: "ConfigMap", metadata: { name: "s" } }, apply), {
        code: 400,
        reason: "BadRequest",
      });
      expect((await server.get(configMaps(ns, "s"))).status).toBe(404);
    },
  },
  {
    id: "43.1",
    title: "an apply of a version is a precondition if the object is there, and nothing if it is not",
    async run(server) {
      const ns = await server.namespace();
      const stale = configMap("s", { a: "1" }, { resourceVersion: "1" });
      const absent = await server.apply(configMaps(ns, "s"), stale, apply);
      expect(absent.status).toBe(201);
      const { resourceVersion } = objectOf(absent.json).metadata;
      expectFailure(
        await server.apply(configMaps(ns, "s"), configMap("s", { a: "2" }, { resourceVersion: "1" }), apply),
        {
          code: 409,
          reason: "Conflict",
          message:
            'Operation cannot be fulfilled on configmaps "s": the object has been modified; please apply your changes to the latest version and try again',
        },
      );
      const right = await server.apply(configMaps(ns, "s"), configMap("s", { a: "2" }, { resourceVersion }), apply);
      expect([right.status, at(right.json, "data", "a")]).toEqual([200, "2"]);
    },
  },
];

/** Who owns what, as `[manager, operation, fields]`. */
function owners(answer: Answer): readonly (readonly unknown[])[] {
  const object: ApiObject = objectOf(answer.json);
  return (object.metadata.managedFields ?? []).map(({ manager, operation, fieldsV1 }) => [
    manager,
    operation,
    fieldsV1,
  ]);
}
