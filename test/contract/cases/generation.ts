/** Generation, the isolation of status, and scale. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { at, objectOf } from "../json.js";
import { configMap, configMaps, deployment, deployments } from "../objects.js";
import { expectFailure, expectInvalid } from "../status.js";
import { widget, widgets } from "../widgets.js";

export const generationCases: readonly Case[] = [
  {
    id: "36",
    title: "a custom resource's generation counts changes of spec; its status has a door of its own",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(widgets(ns), widget("n", {}, { status: { size: 7 } }));
      expect(created).not.toHaveProperty("status");
      expect(created.metadata.generation).toBe(1);
      expect(created["spec"]).toEqual({ name: "n", size: 1 });
      const spec = objectOf((await server.merge(widgets(ns, "n"), { spec: { size: 2 } })).json);
      expect(spec.metadata.generation).toBe(2);
      const label = objectOf((await server.merge(widgets(ns, "n"), { metadata: { labels: { l: "1" } } })).json);
      expect(label.metadata.generation).toBe(2);
      const status = { status: { size: 3 }, spec: { size: 9 }, metadata: { labels: { l: "2" } } };
      const patched = await server.merge(`${widgets(ns, "n")}/status`, status);
      expect(patched.status).toBe(200);
      const after = objectOf(patched.json);
      expect(after).toMatchObject({
        spec: { size: 2 },
        status: { size: 3 },
        metadata: { generation: 2, labels: { l: "1" } },
      });
      expect(BigInt(after.metadata.resourceVersion)).toBeGreaterThan(BigInt(label.metadata.resourceVersion));
      // Status is kept by a write of the rest, whatever that says of it.
      const put = await server.put(widgets(ns, "n"), { ...after, spec: { name: "n", size: 4 }, status: { size: 100 } });
      expect(put.json).toMatchObject({ spec: { size: 4 }, status: { size: 3 }, metadata: { generation: 3 } });
      const same = await server.put(widgets(ns, "n"), { ...objectOf(put.json), status: undefined });
      expect(objectOf(same.json).metadata.resourceVersion).toBe(objectOf(put.json).metadata.resourceVersion);
    },
  },
  {
    id: "36.1",
    title: "PUT to /status needs the version, and answers with the whole object",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(widgets(ns), widget("n"));
      const body = { ...created, spec: { name: "n", size: 5 }, status: { size: 1, selector: "a=b" } };
      const put = await server.put(`${widgets(ns, "n")}/status`, body);
      expect(put.status).toBe(200);
      expect(put.json).toMatchObject({
        spec: { size: 1 },
        status: { size: 1, selector: "a=b" },
        metadata: { generation: 1 },
      });
      expectFailure(await server.put(`${widgets(ns, "n")}/status`, body), { code: 409, reason: "Conflict" });
      const get = await server.get(`${widgets(ns, "n")}/status`);
      expect(get.json).toEqual(put.json);
      const managers = objectOf(put.json).metadata.managedFields?.map((m) => [
        m.manager,
        m.operation,
        m.subresource,
        m.fieldsV1,
      ]);
      expect(managers).toEqual([
        ["suite", "Update", undefined, { "f:spec": { ".": {}, "f:name": {}, "f:size": {} } }],
        ["suite", "Update", "status", { "f:status": { ".": {}, "f:selector": {}, "f:size": {} } }],
      ]);
    },
  },
  {
    id: "36.2",
    title: "a Deployment's generation counts changes of spec, and its status too has a door of its own",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(deployments(ns), deployment("d", { paused: true }));
      expect(created.metadata.generation).toBe(1);
      const labelled = await server.merge(deployments(ns, "d"), {
        metadata: { labels: { l: "1" } },
        status: { replicas: 7 },
      });
      expect(labelled.json).toMatchObject({ metadata: { generation: 1 } });
      expect(at(labelled.json, "status", "replicas")).not.toBe(7);
      const changed = await server.merge(deployments(ns, "d"), { spec: { minReadySeconds: 1 } });
      expect(changed.json).toMatchObject({ metadata: { generation: 2 }, spec: { minReadySeconds: 1 } });
      const status = await server.merge(`${deployments(ns, "d")}/status`, {
        spec: { minReadySeconds: 5 },
        status: { collisionCount: 3 },
      });
      expect(status.json).toMatchObject({
        metadata: { generation: 2 },
        spec: { minReadySeconds: 1 },
        status: { collisionCount: 3 },
      });
    },
  },
  {
    id: "36.3",
    title: "a resource without status has no /status",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a"));
      expectFailure(await server.get(`${configMaps(ns, "a")}/status`), {
        code: 404,
        reason: "NotFound",
        message: "the server could not find the requested resource",
      });
      await server.create(widgets(ns), widget("a"));
      expectFailure(await server.get(`${widgets(ns, "a")}/nonsense`), { code: 404, reason: "NotFound" });
    },
  },
  {
    id: "37",
    title: "a custom resource is not replaced without its version",
    async run(server) {
      const ns = await server.namespace();
      await server.create(widgets(ns), widget("w1"));
      const detail = "Invalid value: 0: must be specified for an update";
      expectInvalid(
        await server.put(widgets(ns, "w1"), widget("w1")),
        `widgets.suite.example.com "w1" is invalid: metadata.resourceVersion: ${detail}`,
        [["FieldValueInvalid", "metadata.resourceVersion", detail]],
      );
    },
  },
  {
    id: "38",
    title: "a custom resource's scale is read and written at the paths of its definition",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(widgets(ns), widget("w1", { size: 2 }));
      await server.merge(`${widgets(ns, "w1")}/status`, { status: { size: 1, selector: "a=b" } });
      const scale = await server.read(`${widgets(ns, "w1")}/scale`);
      expect(scale).toMatchObject({
        kind: "Scale",
        apiVersion: "autoscaling/v1",
        metadata: { name: "w1", namespace: ns, uid: created.metadata.uid },
        spec: { replicas: 2 },
        status: { replicas: 1, selector: "a=b" },
      });
      const patched = await server.merge(`${widgets(ns, "w1")}/scale`, { spec: { replicas: 4 } });
      expect(patched.json).toMatchObject({ kind: "Scale", spec: { replicas: 4 } });
      const after = await server.read(widgets(ns, "w1"));
      expect(after).toMatchObject({ spec: { size: 4 }, metadata: { generation: 2 } });
      const put = await server.put(`${widgets(ns, "w1")}/scale`, { ...objectOf(patched.json), spec: { replicas: 5 } });
      expect(put.json).toMatchObject({ kind: "Scale", spec: { replicas: 5 } });
      expectFailure(await server.put(`${widgets(ns, "w1")}/scale`, scale), { code: 409, reason: "Conflict" });
    },
  },
  {
    id: "38.1",
    title: "a Deployment's scale writes its replicas",
    async run(server) {
      const ns = await server.namespace();
      await server.create(deployments(ns), deployment("d", { paused: true }));
      const scale = await server.read(`${deployments(ns, "d")}/scale`);
      expect(scale).toMatchObject({
        kind: "Scale",
        apiVersion: "autoscaling/v1",
        status: { replicas: 0, selector: "app=d" },
      });
      expect(at(scale, "spec")).toEqual({});
      await server.merge(`${deployments(ns, "d")}/scale`, { spec: { replicas: 1 } });
      const after = await server.read(deployments(ns, "d"));
      expect(after).toMatchObject({ spec: { replicas: 1 }, metadata: { generation: 2 } });
    },
  },
];
