/** DELETE: answers, finalizers, preconditions, propagation, collections, namespaces. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { at, itemsOf, namesOf, objectOf } from "../json.js";
import { configMap, configMaps, deployment, deployments, podTemplate, podTemplates } from "../objects.js";
import { expectFailure, expectInvalid } from "../status.js";
import { brief, revisionOf } from "../watch.js";
import { widget, widgets } from "../widgets.js";

const notFound = (name: string) => ({
  code: 404,
  reason: "NotFound",
  message: `configmaps "${name}" not found`,
  details: { name, kind: "configmaps" },
});

export const deleteCases: readonly Case[] = [
  {
    id: "45",
    title: "a delete answers with Success, or with the object for some kinds",
    async run(server) {
      const ns = await server.namespace();
      const { metadata } = await server.create(configMaps(ns), configMap("a"));
      const deleted = await server.delete(configMaps(ns, "a"));
      expect(deleted.status).toBe(200);
      expect(deleted.json).toEqual({
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Success",
        details: { name: "a", kind: "configmaps", uid: metadata.uid },
      });
      expectFailure(await server.get(configMaps(ns, "a")), notFound("a"));
      expectFailure(await server.delete(configMaps(ns, "a")), notFound("a"));
      const { metadata: w1 } = await server.create(widgets(ns), widget("w1"));
      expect((await server.delete(widgets(ns, "w1"))).json).toMatchObject({
        status: "Success",
        details: { name: "w1", group: "suite.example.com", kind: "widgets", uid: w1.uid },
      });
      const template = await server.create(podTemplates(ns), podTemplate("p"));
      const returned = await server.delete(podTemplates(ns, "p"));
      // As it was, but at the deletion's version.
      const { metadata: gone } = objectOf(returned.json);
      expect(returned.status).toBe(200);
      expect(BigInt(gone.resourceVersion)).toBeGreaterThan(BigInt(template.metadata.resourceVersion));
      expect(returned.json).toEqual({
        ...template,
        metadata: { ...template.metadata, resourceVersion: gone.resourceVersion },
      });
    },
  },
  {
    id: "46",
    title: "a finalizer keeps a deleted object until it is removed",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(configMaps(ns), configMap("f", {}, { finalizers: ["x.io/f"] }));
      const watch = await server.watch(configMaps(ns), {
        resourceVersion: created.metadata.resourceVersion,
        fieldSelector: "metadata.name=f",
      });
      const deleted = await server.delete(configMaps(ns, "f"));
      expect(deleted.status).toBe(200);
      const { metadata } = objectOf(deleted.json);
      expect(metadata).toMatchObject({
        uid: created.metadata.uid,
        deletionTimestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        deletionGracePeriodSeconds: 0,
      });
      expectFailure(await server.post(configMaps(ns), configMap("f")), {
        code: 409,
        reason: "AlreadyExists",
        message: 'object is being deleted: configmaps "f" already exists',
        details: { name: "f", kind: "configmaps" },
      });
      const added = await server.merge(configMaps(ns, "f"), { metadata: { finalizers: ["x.io/f", "x.io/g"] } });
      const detail =
        'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/g"}';
      expectInvalid(added, `ConfigMap "f" is invalid: metadata.finalizers: ${detail}`, [
        ["FieldValueForbidden", "metadata.finalizers", detail],
      ]);
      const again = await server.delete(configMaps(ns, "f"));
      expect([again.status, again.json]).toEqual([200, deleted.json]);
      const data = await server.merge(configMaps(ns, "f"), { data: { x: "1" } });
      expect(data.status).toBe(200);
      const cleared = await server.merge(configMaps(ns, "f"), { metadata: { finalizers: null } });
      expect(cleared.status).toBe(200);
      expect(objectOf(cleared.json).metadata).not.toHaveProperty("finalizers");
      expectFailure(await server.get(configMaps(ns, "f")), notFound("f"));
      const events = await watch.take(3);
      expect(events.map(brief)).toEqual(["MODIFIED f", "MODIFIED f", "DELETED f"]);
      const [first, , last] = events;
      expect(at(first?.object, "metadata", "deletionTimestamp")).toBe(metadata.deletionTimestamp);
      if (last !== undefined)
        expect(revisionOf(last)).toBeGreaterThan(BigInt(objectOf(data.json).metadata.resourceVersion));
    },
  },
  {
    id: "46.1",
    title: "a deletion is not undone, and counts as a generation where there is one",
    async run(server) {
      const ns = await server.namespace();
      await server.create(widgets(ns), widget("w", {}, { metadata: { name: "w", finalizers: ["x.io/f"] } }));
      const deleted = objectOf((await server.delete(widgets(ns, "w"))).json);
      expect(deleted.metadata.generation).toBe(2);
      const undone = await server.merge(widgets(ns, "w"), { metadata: { deletionTimestamp: null } });
      expect(objectOf(undone.json).metadata.deletionTimestamp).toBe(deleted.metadata.deletionTimestamp);
      expect((await server.merge(widgets(ns, "w"), { spec: { size: 2 } })).json).toMatchObject({
        metadata: { generation: 3 },
      });
      const gone = await server.jsonPatch(widgets(ns, "w"), [{ op: "remove", path: "/metadata/finalizers/0" }]);
      expect(gone.status).toBe(200);
      expect((await server.get(widgets(ns, "w"))).status).toBe(404);
    },
  },
  {
    id: "46.2",
    title: "a finalizer's name that has no domain is warned of",
    async run(server) {
      const ns = await server.namespace();
      const answer = await server.post(
        widgets(ns),
        widget("w", {}, { metadata: { name: "w", finalizers: ["plain"] } }),
      );
      expect(answer.warnings).toEqual([
        '299 - "metadata.finalizers: \\"plain\\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers"',
      ]);
      await server.merge(widgets(ns, "w"), { metadata: { finalizers: null } });
    },
  },
  {
    id: "47",
    title: "a delete's preconditions are checked, and its options must agree",
    async run(server) {
      const ns = await server.namespace();
      const { metadata } = await server.create(configMaps(ns), configMap("a"));
      expectFailure(await server.delete(configMaps(ns, "a"), { preconditions: { uid: "wrong" } }), {
        code: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (wrong) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
        details: { name: "a", kind: "ConfigMap" },
      });
      expectFailure(await server.delete(configMaps(ns, "a"), { preconditions: { resourceVersion: "1" } }), {
        code: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
      });
      const both = { propagationPolicy: "Background", orphanDependents: true };
      expectFailure(await server.delete(configMaps(ns, "a"), both), {
        code: 422,
        reason: "Invalid",
        message: /^DeleteOptions\.meta\.k8s\.io "" is invalid: /,
      });
      expectFailure(await server.delete(configMaps(ns, "a"), { propagationPolicy: "Nope" }), {
        code: 422,
        reason: "Invalid",
      });
      const right = { preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion } };
      expect((await server.delete(configMaps(ns, "a"), right)).status).toBe(200);
    },
  },
  {
    id: "48",
    title: "a propagation policy becomes a finalizer, and a dry run deletes nothing",
    async run(server) {
      const ns = await server.namespace();
      for (const [propagationPolicy, finalizer] of [
        ["Orphan", "orphan"],
        ["Foreground", "foregroundDeletion"],
      ] as const) {
        await server.create(configMaps(ns), configMap(finalizer.toLowerCase()));
        const answer = await server.delete(configMaps(ns, finalizer.toLowerCase()), { propagationPolicy });
        expect(answer.status).toBe(200);
        expect(answer.json).toMatchObject({
          kind: "ConfigMap",
          metadata: { finalizers: [finalizer], deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 0 },
        });
      }
      await server.create(configMaps(ns), configMap("background"));
      const background = await server.delete(configMaps(ns, "background"), { propagationPolicy: "Background" });
      expect(background.json).toMatchObject({ kind: "Status", status: "Success" });
      await server.create(configMaps(ns), configMap("a"));
      const dry = await server.delete(configMaps(ns, "a"), undefined, { query: { dryRun: "All" } });
      expect([dry.status, at(dry.json, "status")]).toEqual([200, "Success"]);
      const body = await server.delete(configMaps(ns, "a"), { dryRun: ["All"] });
      expect(body.status).toBe(200);
      expect((await server.get(configMaps(ns, "a"))).status).toBe(200);
    },
  },
  {
    id: "48.1",
    title: "delete options come in the body, or in the query if there is none",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a"));
      const query = await server.delete(configMaps(ns, "a"), undefined, { query: { propagationPolicy: "Foreground" } });
      expect(query.json).toMatchObject({ metadata: { finalizers: ["foregroundDeletion"] } });
      await server.create(configMaps(ns), configMap("b"));
      const kinds = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" };
      expect((await server.delete(configMaps(ns, "b"), kinds)).json).toMatchObject({ status: "Success" });
      await server.create(deployments(ns), deployment("d", { paused: true }));
      const other = { kind: "DeleteOptions", apiVersion: "apps/v1", propagationPolicy: "Background" };
      expect((await server.delete(deployments(ns, "d"), other)).json).toMatchObject({ status: "Success" });
      await server.create(configMaps(ns), configMap("c"));
      expectFailure(await server.delete(configMaps(ns, "c"), "{"), { code: 400, reason: "BadRequest" });
    },
  },
  {
    id: "49",
    title: "a collection's delete answers with what it deleted, and leaves the rest",
    async run(server) {
      const ns = await server.namespace();
      for (const [name, k] of [
        ["a", "v"],
        ["b", "v"],
        ["c", "w"],
      ] as const)
        await server.create(podTemplates(ns), podTemplate(name, { labels: { k } }));
      await server.create(configMaps(ns), configMap("x", {}, { labels: { k: "v" } }));
      const deleted = await server.delete(podTemplates(ns), undefined, { query: { labelSelector: "k=v" } });
      expect(deleted.status).toBe(200);
      expect(deleted.json).toMatchObject({ kind: "PodTemplateList", apiVersion: "v1" });
      expect(namesOf(deleted.json)).toEqual(["a", "b"]);
      expect(namesOf(await server.list(podTemplates(ns)))).toEqual(["c"]);
      const maps = await server.delete(configMaps(ns), undefined, { query: { labelSelector: "k=v" } });
      expect(maps.json).toMatchObject({ kind: "ConfigMapList" });
      expect(namesOf(maps.json)).toEqual(["x"]);
    },
  },
  {
    id: "49.1",
    title: "a collection's delete heeds finalizers, fields and dry runs",
    async run(server) {
      const ns = await server.namespace();
      await server.create(widgets(ns), widget("kept", {}, { metadata: { name: "kept", finalizers: ["x.io/f"] } }));
      await server.create(widgets(ns), widget("gone", { color: "red" }));
      await server.create(widgets(ns), widget("other", { color: "blue" }));
      const dry = await server.delete(widgets(ns), undefined, { query: { dryRun: "All" } });
      expect(dry.status).toBe(200);
      expect(namesOf(await server.list(widgets(ns)))).toEqual(["gone", "kept", "other"]);
      await server.delete(widgets(ns), undefined, { query: { fieldSelector: "spec.color=red" } });
      expect(namesOf(await server.list(widgets(ns)))).toEqual(["kept", "other"]);
      const all = await server.delete(widgets(ns));
      expect(all.json).toMatchObject({ kind: "WidgetList", apiVersion: "suite.example.com/v1" });
      const left = itemsOf(await server.list(widgets(ns)));
      expect(left.map(({ metadata }) => metadata.name)).toEqual(["kept"]);
      expect(left[0]?.metadata.deletionTimestamp).toBeDefined();
      await server.merge(widgets(ns, "kept"), { metadata: { finalizers: null } });
      expect(namesOf(await server.list(widgets(ns)))).toEqual([]);
    },
  },
];
