/** Pods: what the server adds, and how they are bound, evicted and deleted. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { array, at, objectOf } from "../json.js";
import { core } from "../objects.js";
import type { Server } from "../server.js";
import { expectFailure, expectInvalid } from "../status.js";

export const podCases: readonly Case[] = [
  {
    id: "62.1",
    title: "a new pod is pending, completed with defaults, and has its service account's token",
    async run(server) {
      const path = await pods(server);
      const created = await server.create(path, pod("p"));
      expect(created).toMatchObject({
        metadata: { generation: 1 },
        spec: {
          restartPolicy: "Always",
          terminationGracePeriodSeconds: 30,
          dnsPolicy: "ClusterFirst",
          serviceAccountName: "default",
          serviceAccount: "default",
          securityContext: {},
          schedulerName: "suite",
          priority: 0,
          enableServiceLinks: true,
          preemptionPolicy: "PreemptLowerPriority",
          tolerations: ["not-ready", "unreachable"].map((name) => ({
            key: `node.kubernetes.io/${name}`,
            operator: "Exists",
            effect: "NoExecute",
            tolerationSeconds: 300,
          })),
        },
        status: { phase: "Pending", qosClass: "BestEffort" },
      });
      expect(at(created, "spec", "volumes", 0, "name")).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
      expect(at(created, "spec", "containers", 0, "volumeMounts", 0)).toEqual({
        name: at(created, "spec", "volumes", 0, "name"),
        readOnly: true,
        mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
      });
    },
  },
  {
    id: "62.2",
    title: "a pod of a service account that does not exist is Forbidden",
    async run(server) {
      const path = await pods(server);
      expectFailure(await server.post(path, pod("p", { serviceAccountName: "none" })), {
        code: 403,
        reason: "Forbidden",
        message:
          /^pods "p" is forbidden: error looking up service account suite-[0-9a-f]+\/none: serviceaccount "none" not found$/,
      });
    },
  },
  {
    id: "62.3",
    title: "a pod without a node is deleted at once",
    async run(server) {
      const path = await pods(server);
      await server.create(path, pod("p"));
      const deleted = await server.delete(`${path}/p`);
      expect(deleted.json).toMatchObject({
        kind: "Pod",
        metadata: { generation: 2, deletionGracePeriodSeconds: 0, deletionTimestamp: expect.any(String) },
      });
      expect((await server.get(`${path}/p`)).status).toBe(404);
    },
  },
  {
    id: "62.4",
    title: "a pod on a node is given time to end, less if it is deleted again, none at zero",
    async run(server) {
      const path = await pods(server);
      await server.create(path, pod("p", { nodeName: "suite-no-such-node" }));
      const first = objectOf((await server.delete(`${path}/p`)).json);
      expect(first.metadata).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 30 });
      const left =
        Date.parse(first.metadata.deletionTimestamp ?? "") - Date.parse(first.metadata.creationTimestamp ?? "");
      expect(left / 1000).toBeGreaterThanOrEqual(30);
      const less = await server.delete(`${path}/p`, { gracePeriodSeconds: 5 });
      expect(less.json).toMatchObject({ metadata: { generation: 2, deletionGracePeriodSeconds: 5 } });
      const more = await server.delete(`${path}/p`, { gracePeriodSeconds: 10 });
      expect(more.json).toMatchObject({ metadata: { deletionGracePeriodSeconds: 5 } });
      const none = await server.delete(`${path}/p`, { gracePeriodSeconds: 0 });
      expect(none.json).toMatchObject({ metadata: { deletionGracePeriodSeconds: 0 } });
      expect((await server.get(`${path}/p`)).status).toBe(404);
    },
  },
  {
    id: "62.5",
    title: "a binding puts a pod on a node, once",
    async run(server) {
      const path = await pods(server);
      await server.create(path, pod("p"));
      const binding = { metadata: { name: "p" }, target: { kind: "Node", name: "suite-no-such-node" } };
      const bound = await server.post(`${path}/p/binding`, binding);
      expect([bound.status, bound.json]).toEqual([
        201,
        { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
      ]);
      const after = await server.read(`${path}/p`);
      expect(after).toMatchObject({ spec: { nodeName: "suite-no-such-node" } });
      expect(array(after, "status", "conditions")).toContainEqual(
        expect.objectContaining({ type: "PodScheduled", status: "True" }),
      );
      expectFailure(await server.post(`${path}/p/binding`, binding), {
        code: 409,
        reason: "Conflict",
        message:
          'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "suite-no-such-node"',
        details: { name: "p", kind: "pods/binding" },
      });
      await server.delete(`${path}/p`, { gracePeriodSeconds: 0 });
    },
  },
  {
    id: "62.6",
    title: "an eviction deletes a pod, unless a budget forbids it",
    async run(server) {
      const path = await pods(server);
      await server.create(path, pod("p", { nodeName: "suite-no-such-node" }));
      const conditions = [{ type: "Ready", status: "True" }];
      await server.merge(`${path}/p/status`, { status: { phase: "Running", conditions } });
      const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p" } };
      const budgets = path.replace("/api/v1/", "/apis/policy/v1/").replace("/pods", "/poddisruptionbudgets");
      await server.create(budgets, {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { name: "b" },
        spec: { minAvailable: 1, selector: { matchLabels: { app: "p" } } },
      });
      const refused = await server.post(`${path}/p/eviction`, eviction);
      expectFailure(refused, {
        code: 429,
        reason: "TooManyRequests",
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
      });
      expect(at(refused.json, "details", "causes", 0, "reason")).toBe("DisruptionBudget");
      await server.delete(`${budgets}/b`);
      const evicted = await server.post(`${path}/p/eviction`, eviction);
      expect([evicted.status, at(evicted.json, "status")]).toEqual([201, "Success"]);
      expect((await server.read(`${path}/p`)).metadata.deletionTimestamp).toBeDefined();
      await server.delete(`${path}/p`, { gracePeriodSeconds: 0 });
      expectFailure(await server.post(`${path}/none/eviction`, { ...eviction, metadata: { name: "none" } }), {
        code: 404,
        reason: "NotFound",
        message: 'pods "none" not found',
      });
    },
  },
  {
    id: "62.7",
    title: "a pod's spec is fixed but for its images and little else",
    async run(server) {
      const path = await pods(server);
      await server.create(path, pod("p"));
      const image = await server.strategic(`${path}/p`, {
        spec: { containers: [{ name: "c", image: "example.test/new" }] },
      });
      expect(image.json).toMatchObject({ metadata: { generation: 2 } });
      expectInvalid(
        await server.merge(`${path}/p`, { spec: { restartPolicy: "Never" } }),
        /^Pod "p" is invalid: spec: Forbidden: /,
        [
          [
            "FieldValueForbidden",
            "spec",
            /^Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,/,
          ],
        ],
      );
      const status = await server.merge(`${path}/p/status`, {
        status: { phase: "Failed", reason: "R" },
        spec: { restartPolicy: "Never" },
      });
      expect(status.json).toMatchObject({
        metadata: { generation: 2 },
        spec: { restartPolicy: "Always" },
        status: { phase: "Failed", reason: "R" },
      });
    },
  },
  {
    id: "62.8",
    title: "pods are selected by node and phase",
    async run(server) {
      const path = await pods(server);
      await server.create(path, pod("free"));
      await server.create(path, pod("bound", { nodeName: "suite-no-such-node" }));
      const select = async (fieldSelector: string) =>
        array(await server.list(path, { fieldSelector }), "items").map((item) => at(item, "metadata", "name"));
      expect(await select("spec.nodeName=suite-no-such-node")).toEqual(["bound"]);
      expect(await select("spec.nodeName=")).toEqual(["free"]);
      expect(await select("status.phase=Pending,spec.restartPolicy=Always")).toEqual(["bound", "free"]);
      expect(await select("status.phase!=Pending")).toEqual([]);
      await server.delete(`${path}/bound`, { gracePeriodSeconds: 0 });
    },
  },
];

/** The pods of a namespace that has its default service account. */
async function pods(server: Server): Promise<string> {
  const ns = await server.namespace();
  const accounts = await server.watch(core(ns, "serviceaccounts"), { fieldSelector: "metadata.name=default" });
  await accounts.next();
  accounts.close();
  return core(ns, "pods");
}

/** A pod that no scheduler takes. */
function pod(name: string, spec: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: name } },
    spec: { schedulerName: "suite", containers: [{ name: "c", image: "example.test/image" }], ...spec },
  };
}
