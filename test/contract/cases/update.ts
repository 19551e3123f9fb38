/** PUT: versions, identity, writes that change nothing. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { at, objectOf } from "../json.js";
import { configMap, configMaps, podTemplate, podTemplates } from "../objects.js";
import { expectFailure, expectInvalid } from "../status.js";
import { brief } from "../watch.js";
import { widget, widgets } from "../widgets.js";

export const updateCases: readonly Case[] = [
  {
    id: "27",
    title: "a PUT of a stale version is a Conflict",
    async run(server) {
      const ns = await server.namespace();
      const first = await server.create(configMaps(ns), configMap("a", { x: "1" }));
      await server.put(configMaps(ns, "a"), { ...first, data: { x: "2" } });
      expectFailure(await server.put(configMaps(ns, "a"), { ...first, data: { x: "3" } }), {
        code: 409,
        reason: "Conflict",
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: "a", kind: "configmaps" },
      });
      const w1 = await server.create(widgets(ns), widget("w1"));
      await server.merge(widgets(ns, "w1"), { spec: { size: 2 } });
      expectFailure(await server.put(widgets(ns, "w1"), w1), {
        code: 409,
        reason: "Conflict",
        message:
          'Operation cannot be fulfilled on widgets.suite.example.com "w1": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: "w1", group: "suite.example.com", kind: "widgets" },
      });
    },
  },
  {
    id: "28",
    title: "a PUT without a version replaces a ConfigMap whatever its version, and the version grows",
    async run(server) {
      const ns = await server.namespace();
      const first = await server.create(configMaps(ns), configMap("a", { x: "1" }));
      const answer = await server.put(configMaps(ns, "a"), configMap("a", { y: "2" }));
      expect(answer.status).toBe(200);
      const second = objectOf(answer.json);
      expect(second["data"]).toEqual({ y: "2" });
      expect(BigInt(second.metadata.resourceVersion)).toBeGreaterThan(BigInt(first.metadata.resourceVersion));
      expect(second.metadata.uid).toBe(first.metadata.uid);
      expect(second.metadata.creationTimestamp).toBe(first.metadata.creationTimestamp);
    },
  },
  {
    id: "29",
    title: "a write that changes nothing keeps the version, and no watch sees it",
    async run(server) {
      const ns = await server.namespace();
      const { metadata } = await server.create(podTemplates(ns), podTemplate("a", { labels: { l: "1" } }));
      const watch = await server.watch(podTemplates(ns), { resourceVersion: metadata.resourceVersion });
      const read = await server.read(podTemplates(ns, "a"));
      const writes = [
        await server.put(podTemplates(ns, "a"), read),
        await server.put(podTemplates(ns, "a"), podTemplate("a", { labels: { l: "1" } })),
        await server.merge(podTemplates(ns, "a"), { metadata: { labels: { l: "1" } } }),
        await server.strategic(podTemplates(ns, "a"), { template: { spec: { containers: [{ name: "c" }] } } }),
        await server.jsonPatch(podTemplates(ns, "a"), [{ op: "replace", path: "/metadata/labels/l", value: "1" }]),
        await server.jsonPatch(podTemplates(ns, "a"), []),
      ];
      for (const { status, json } of writes) {
        expect(status).toBe(200);
        expect(objectOf(json).metadata.resourceVersion).toBe(metadata.resourceVersion);
      }
      await server.create(podTemplates(ns), podTemplate("b"));
      expect(brief(await watch.next())).toBe("ADDED b");
    },
  },
  {
    id: "29.1",
    title: "a write by another manager that changes nothing else keeps the version too",
    async run(server) {
      const ns = await server.namespace();
      const first = await server.create(configMaps(ns), configMap("a", { x: "1" }));
      const query = { fieldManager: "other" };
      const merged = await server.merge(configMaps(ns, "a"), { data: { x: "1" } }, { query });
      const replaced = await server.put(configMaps(ns, "a"), configMap("a", { x: "1" }), { query });
      for (const { json } of [merged, replaced]) expect(objectOf(json).metadata).toEqual(first.metadata);
    },
  },
  {
    id: "30",
    title: "a PUT needs the path's name and namespace in its body",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a"));
      expectFailure(await server.put(configMaps(ns, "a"), configMap("b")), {
        code: 400,
        reason: "BadRequest",
        message: "the name of the object (b) does not match the name on the URL (a)",
      });
      expectFailure(await server.put(configMaps(ns, "a"), configMap("a", {}, { namespace: "other" })), {
        code: 400,
        reason: "BadRequest",
        message: "the namespace of the provided object does not match the namespace sent on the request",
      });
      expectFailure(await server.put(configMaps(ns, "a"), { apiVersion: "v1", kind: "ConfigMap" }), {
        code: 400,
        reason: "BadRequest",
      });
    },
  },
  {
    id: "31",
    title: "a PUT of what is not there is NotFound, or creates a Lease",
    async run(server) {
      const ns = await server.namespace();
      expectFailure(await server.put(configMaps(ns, "nope"), configMap("nope")), {
        code: 404,
        reason: "NotFound",
        message: 'configmaps "nope" not found',
        details: { name: "nope", kind: "configmaps" },
      });
      expectFailure(
        await server.put(widgets(ns, "nope"), widget("nope", {}, { metadata: { name: "nope", resourceVersion: "1" } })),
        {
          code: 404,
          reason: "NotFound",
          message: 'widgets.suite.example.com "nope" not found',
        },
      );
      const path = `/apis/coordination.k8s.io/v1/namespaces/${ns}/leases/new`;
      const lease = {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: "new" },
        spec: { holderIdentity: "me", renewTime: "2026-01-02T03:04:05.000006Z" },
      };
      const put = await server.put(path, lease);
      expect(put.status).toBe(201);
      expect(at(put.json, "spec", "renewTime")).toBe("2026-01-02T03:04:05.000006Z");
      // And no longer without a version.
      expectInvalid(
        await server.put(path, lease),
        /metadata\.resourceVersion: Invalid value: (0|""): must be specified for an update$/,
        [["FieldValueInvalid", "metadata.resourceVersion", /must be specified for an update$/]],
      );
    },
  },
  {
    id: "32",
    title: "a PUT of another uid is a Conflict",
    async run(server) {
      const ns = await server.namespace();
      const { metadata } = await server.create(configMaps(ns), configMap("a"));
      const uid = "00000000-0000-4000-8000-000000000000";
      expectFailure(await server.put(configMaps(ns, "a"), configMap("a", {}, { uid })), {
        code: 409,
        reason: "Conflict",
        message: `Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/${ns}/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
        details: { name: "a", kind: "configmaps" },
      });
    },
  },
  {
    id: "32.1",
    title: "an immutable ConfigMap's data stays, and so does its immutability",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), { ...configMap("a", { x: "1" }), immutable: true });
      expectInvalid(
        await server.merge(configMaps(ns, "a"), { data: { x: "2" } }),
        'ConfigMap "a" is invalid: data: Forbidden: field is immutable when `immutable` is set',
        [["FieldValueForbidden", "data", "Forbidden: field is immutable when `immutable` is set"]],
      );
      expectInvalid(
        await server.merge(configMaps(ns, "a"), { immutable: false }),
        /immutable: Forbidden: field is immutable/,
        [["FieldValueForbidden", "immutable", /field is immutable/]],
      );
      expect((await server.merge(configMaps(ns, "a"), { metadata: { labels: { l: "1" } } })).status).toBe(200);
    },
  },
];
