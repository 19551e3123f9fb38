/** Who may do what. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { text } from "../json.js";
import { configMap, configMaps, core } from "../objects.js";
import { expectFailure } from "../status.js";

export const accessCases: readonly Case[] = [
  {
    id: "60",
    title: "a review is answered, and not kept",
    async run(server) {
      const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
      const spec = { resourceAttributes: { namespace: "default", verb: "list", resource: "configmaps" } };
      const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec };
      const answer = await server.post(path, body);
      expect(answer.status).toBe(201);
      expect(answer.json).toMatchObject({ kind: "SelfSubjectAccessReview", spec, status: { allowed: true } });
      expectFailure(await server.get(path), { code: 405, reason: "MethodNotAllowed" });
      const who = await server.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {
        apiVersion: "authentication.k8s.io/v1",
        kind: "SelfSubjectReview",
      });
      expect(who.status).toBe(201);
      expect(text(who.json, "status", "userInfo", "username")).not.toBe("");
    },
  },
  {
    id: "60.1",
    title: "a token that nobody gave is Unauthorized",
    async run(server) {
      expectFailure(await server.get("/api/v1/namespaces", { headers: { authorization: "Bearer bad" } }), {
        code: 401,
        reason: "Unauthorized",
        message: "Unauthorized",
        details: undefined,
      });
    },
  },
  {
    id: "60.2",
    title: "nobody is somebody without rights",
    async run(server) {
      const answer = await server.get("/api/v1/namespaces", { headers: { authorization: "" } });
      expectFailure(answer, {
        code: 403,
        reason: "Forbidden",
        message:
          'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope',
        details: { kind: "namespaces" },
      });
      expect((await server.get("/version", { headers: { authorization: "" } })).status).toBe(200);
    },
  },
  {
    id: "60.3",
    title: "a service account's token is its identity, and gives no rights by itself",
    async run(server) {
      const ns = await server.namespace();
      const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "s1" } };
      await server.create(core(ns, "serviceaccounts"), account);
      const answer = await server.post(`${core(ns, "serviceaccounts", "s1")}/token`, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds: 600 },
      });
      expect(answer.status).toBe(201);
      expect(text(answer.json, "status", "token")).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(text(answer.json, "status", "expirationTimestamp")).toMatch(/Z$/);
      const headers = { authorization: `Bearer ${text(answer.json, "status", "token")}` };
      const user = `system:serviceaccount:${ns}:s1`;
      expectFailure(await server.get(core(ns, "secrets"), { headers }), {
        code: 403,
        reason: "Forbidden",
        message: `secrets is forbidden: User "${user}" cannot list resource "secrets" in API group "" in the namespace "${ns}"`,
        details: { kind: "secrets" },
      });
      expectFailure(await server.post(configMaps(ns), configMap("a"), { headers }), {
        code: 403,
        reason: "Forbidden",
        message: `configmaps is forbidden: User "${user}" cannot create resource "configmaps" in API group "" in the namespace "${ns}"`,
      });
      expectFailure(await server.delete(configMaps(ns, "a"), undefined, { headers }), {
        code: 403,
        reason: "Forbidden",
        message: `configmaps "a" is forbidden: User "${user}" cannot delete resource "configmaps" in API group "" in the namespace "${ns}"`,
        details: { name: "a", kind: "configmaps" },
      });
    },
  },
];
