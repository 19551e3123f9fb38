/** What is particular to some kinds: Events, Leases, Services, Secrets. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { at, namesOf, objectOf, text } from "../json.js";
import { core, deployment, deployments } from "../objects.js";
import { expectFailure, expectInvalid } from "../status.js";

export const kindCases: readonly Case[] = [
  {
    id: "63.1",
    title: "an Event is the same under both its groups",
    async run(server) {
      const ns = await server.namespace();
      const regarding = { kind: "ConfigMap", namespace: ns, name: "o" };
      const event = {
        apiVersion: "v1",
        kind: "Event",
        metadata: { name: "e" },
        reason: "R",
        message: "m",
        type: "Normal",
      };
      const created = await server.create(core(ns, "events"), { ...event, involvedObject: regarding });
      expect(created).toMatchObject({
        involvedObject: regarding,
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        eventTime: null,
        reportingComponent: "",
        reportingInstance: "",
      });
      const other = `/apis/events.k8s.io/v1/namespaces/${ns}/events`;
      expect(await server.read(`${other}/e`)).toMatchObject({
        kind: "Event",
        apiVersion: "events.k8s.io/v1",
        metadata: { uid: created.metadata.uid, resourceVersion: created.metadata.resourceVersion },
        regarding,
        note: "m",
        reason: "R",
        type: "Normal",
        eventTime: null,
        deprecatedSource: {},
        deprecatedFirstTimestamp: null,
        deprecatedLastTimestamp: null,
      });
      await server.create(other, {
        apiVersion: "events.k8s.io/v1",
        kind: "Event",
        metadata: { name: "f" },
        regarding,
        note: "n",
        reason: "S",
        type: "Warning",
        action: "A",
        eventTime: "2026-01-01T00:00:00.000001Z",
        reportingController: "x.io/c",
        reportingInstance: "i",
      });
      expect(await server.read(core(ns, "events", "f"))).toMatchObject({
        involvedObject: regarding,
        message: "n",
        eventTime: "2026-01-01T00:00:00.000001Z",
        reportingComponent: "x.io/c",
        reportingInstance: "i",
        action: "A",
      });
      const selected = await server.list(core(ns, "events"), {
        fieldSelector: "involvedObject.name=o,reason=R,type=Normal",
      });
      expect(namesOf(selected)).toEqual(["e"]);
      expectInvalid(
        await server.post(core(ns, "events"), {
          ...event,
          metadata: { name: "g" },
          involvedObject: { ...regarding, namespace: "other" },
        }),
        'Event "g" is invalid: involvedObject.namespace: Invalid value: "other": does not match event.namespace',
        [["FieldValueInvalid", "involvedObject.namespace", 'Invalid value: "other": does not match event.namespace']],
      );
    },
  },
  {
    id: "63.2",
    title: "a Lease is renewed at its version, and one of two that renew it loses",
    async run(server) {
      const ns = await server.namespace();
      const path = `/apis/coordination.k8s.io/v1/namespaces/${ns}/leases`;
      const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "l" } };
      const created = await server.create(path, { ...lease, spec: { holderIdentity: "a", leaseDurationSeconds: 15 } });
      expect(created.metadata).not.toHaveProperty("generation");
      const renewals = await Promise.all(
        ["a", "b"].map((holderIdentity) => server.put(`${path}/l`, { ...created, spec: { holderIdentity } })),
      );
      expect(renewals.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
      const lost = renewals.find(({ status }) => status === 409);
      if (lost !== undefined)
        expectFailure(lost, {
          code: 409,
          reason: "Conflict",
          message:
            'Operation cannot be fulfilled on leases.coordination.k8s.io "l": the object has been modified; please apply your changes to the latest version and try again',
          details: { name: "l", group: "coordination.k8s.io", kind: "leases" },
        });
    },
  },
  {
    id: "63.3",
    title: "a Service is given an address, and keeps it",
    async run(server) {
      const ns = await server.namespace();
      const service = (port: number) => ({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "s" },
        spec: { ports: [{ port }] },
      });
      const created = await server.create(core(ns, "services"), service(80));
      const clusterIP = text(created, "spec", "clusterIP");
      expect(clusterIP).toMatch(/^(\d+\.){3}\d+$/);
      expect(created).toMatchObject({
        spec: {
          ports: [{ protocol: "TCP", port: 80, targetPort: 80 }],
          clusterIPs: [clusterIP],
          type: "ClusterIP",
          sessionAffinity: "None",
          ipFamilies: ["IPv4"],
          ipFamilyPolicy: "SingleStack",
          internalTrafficPolicy: "Cluster",
        },
        status: { loadBalancer: {} },
      });
      expect(created.metadata).not.toHaveProperty("generation");
      const put = await server.put(core(ns, "services", "s"), service(81));
      expect(put.json).toMatchObject({ spec: { clusterIP, ports: [{ port: 81, targetPort: 81 }] } });
      const moved = await server.merge(core(ns, "services", "s"), {
        spec: { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] },
      });
      expectFailure(moved, {
        code: 422,
        reason: "Invalid",
        message: /spec\.clusterIPs\[0\]: Invalid value: .*: may not change once set/,
      });
    },
  },
  {
    id: "63.4",
    title: "what is immutable stays: a Secret's type, a Deployment's selector",
    async run(server) {
      const ns = await server.namespace();
      await server.create(core(ns, "secrets"), {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "s" },
        type: "x.io/a",
      });
      const immutable = 'Invalid value: "x.io/b": field is immutable';
      expectInvalid(
        await server.merge(core(ns, "secrets", "s"), { type: "x.io/b" }),
        `Secret "s" is invalid: type: ${immutable}`,
        [["FieldValueInvalid", "type", immutable]],
      );
      await server.create(deployments(ns), deployment("d", { paused: true }));
      const labels = { app: "d", more: "1" };
      const changed = await server.merge(deployments(ns, "d"), {
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
      });
      expectInvalid(
        changed,
        /^Deployment\.apps "d" is invalid: spec\.selector: Invalid value: .*: field is immutable$/,
        [["FieldValueInvalid", "spec.selector", /^Invalid value: \{.*\}: field is immutable$/]],
      );
    },
  },
  {
    id: "63.5",
    title: "an object has at most one owner that controls it, and no owner twice",
    async run(server) {
      const ns = await server.namespace();
      const owner = (n: number) => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        name: `${n}`,
        uid: `00000000-0000-4000-8000-00000000000${n}`,
        controller: true,
      });
      const post = (...ownerReferences: readonly object[]) =>
        server.post(
          core(ns, "secrets"),
          { apiVersion: "v1", kind: "Secret", metadata: { name: "s", ownerReferences } },
          { query: { dryRun: "All" } },
        );
      expectFailure(await post(owner(1), owner(2)), {
        code: 422,
        reason: "Invalid",
        message:
          /Only one reference can have Controller set to true\. Found "true" in references for ConfigMap\/1 and ConfigMap\/2$/,
      });
      const twice = await post(owner(1), owner(1));
      expect(at(twice.json, "metadata", "ownerReferences")).toEqual([owner(1)]);
      expect(twice.warnings).toEqual([
        '299 - ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: 00000000-0000-4000-8000-000000000001"',
      ]);
    },
  },
  {
    id: "63.6",
    title: "a strategic patch of a Deployment merges containers, ports and env by their keys",
    async run(server) {
      const ns = await server.namespace();
      const container = {
        name: "c",
        image: "example.test/old",
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
        ports: [{ containerPort: 80 }],
      };
      const template = (containers: readonly object[]) => ({
        metadata: { labels: { app: "d" } },
        spec: { containers },
      });
      await server.create(deployments(ns), deployment("d", { paused: true, template: template([container]) }));
      const patch = {
        name: "c",
        env: [
          { name: "B", value: "3" },
          { name: "C", value: "4" },
        ],
        ports: [{ containerPort: 81 }],
      };
      const patched = await server.strategic(deployments(ns, "d"), {
        spec: { template: { spec: { containers: [patch] } } },
      });
      expect(at(patched.json, "spec", "template", "spec", "containers", 0)).toMatchObject({
        image: "example.test/old",
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "3" },
          { name: "C", value: "4" },
        ],
        ports: [
          { containerPort: 81, protocol: "TCP" },
          { containerPort: 80, protocol: "TCP" },
        ],
      });
      expect(objectOf(patched.json).metadata.generation).toBe(2);
    },
  },
  {
    id: "63.7",
    title: "an apply of a Deployment owns what it says and not what is defaulted; another's field stays",
    async run(server) {
      const ns = await server.namespace();
      const body = deployment("d", { paused: true, replicas: undefined });
      const first = await server.apply(deployments(ns, "d"), body, { manager: "m1" });
      expect([first.status, at(first.json, "spec", "replicas")]).toEqual([201, 1]);
      expect(objectOf(first.json).metadata.managedFields?.find(({ manager }) => manager === "m1")?.fieldsV1).toEqual({
        "f:spec": {
          "f:paused": {},
          "f:selector": {},
          "f:template": {
            "f:metadata": { "f:labels": { "f:app": {} } },
            "f:spec": { "f:containers": { 'k:{"name":"c"}': { ".": {}, "f:image": {}, "f:name": {} } } },
          },
        },
      });
      await server.merge(
        `${deployments(ns, "d")}/scale`,
        { spec: { replicas: 0 } },
        { query: { fieldManager: "hpa" } },
      );
      const again = await server.apply(deployments(ns, "d"), body, { manager: "m1" });
      expect([again.status, at(again.json, "spec", "replicas")]).toEqual([200, 0]);
    },
  },
];
