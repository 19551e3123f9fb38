/** Discovery, OpenAPI, version and health. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { array, at, text } from "../json.js";
import type { Server } from "../server.js";
import { expectFailure } from "../status.js";
import { group } from "../widgets.js";

const aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

export const discoveryCases: readonly Case[] = [
  {
    id: "1",
    title: "aggregated discovery says so in its Content-Type, and lists resources with their subresources",
    async run(server) {
      const answer = await server.get("/apis", { headers: { accept: `${aggregated},application/json` } });
      expect(answer.status).toBe(200);
      expect(answer.header("content-type")).toBe(aggregated);
      expect(answer.header("etag")).toMatch(/^"[0-9A-F]{128}"$/);
      expect(answer.header("vary")).toBe("Accept");
      expect(answer.header("cache-control")).toBe("public");
      expect(answer.json).toMatchObject({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2" });
      const apps = named(answer.json, "apps");
      expect(at(apps, "versions", 0, "version")).toBe("v1");
      expect(at(apps, "versions", 0, "freshness")).toBe("Current");
      const deployments = array(apps, "versions", 0, "resources").find((r) => at(r, "resource") === "deployments");
      expect(deployments).toEqual({
        resource: "deployments",
        // Empty where they are the path's.
        responseKind: { group: "", version: "", kind: "Deployment" },
        scope: "Namespaced",
        singularResource: "deployment",
        verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        shortNames: ["deploy"],
        categories: ["all"],
        subresources: [
          {
            subresource: "scale",
            responseKind: { group: "autoscaling", version: "v1", kind: "Scale" },
            verbs: ["get", "patch", "update"],
          },
          {
            subresource: "status",
            // Empty where they are the path's.
            responseKind: { group: "", version: "", kind: "Deployment" },
            verbs: ["get", "patch", "update"],
          },
        ],
      });
    },
  },
  {
    id: "1.1",
    title: "aggregated discovery of /api is the core group, whose name is empty",
    async run(server) {
      const answer = await server.get("/api", { headers: { accept: `${aggregated},application/json` } });
      expect(answer.header("content-type")).toBe(aggregated);
      expect(array(answer.json, "items")).toHaveLength(1);
      expect(at(answer.json, "items", 0, "metadata")).not.toHaveProperty("name");
      const resources = array(answer.json, "items", 0, "versions", 0, "resources");
      expect(resources.find((r) => at(r, "resource") === "namespaces")).toMatchObject({
        scope: "Cluster",
        shortNames: ["ns"],
        verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
      });
    },
  },
  {
    id: "1.2",
    title: "aggregated discovery lists a custom resource with its versions, and its subresources",
    async run(server) {
      const answer = await untilDiscovered(server);
      const versions = array(named(answer, group), "versions");
      expect(versions.map((version) => at(version, "version"))).toEqual(["v2", "v1", "v1beta1"]);
      const verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
      expect(array(versions[1], "resources").find((r) => at(r, "resource") === "widgets")).toEqual({
        resource: "widgets",
        responseKind: { group, version: "v1", kind: "Widget" },
        scope: "Namespaced",
        singularResource: "widget",
        verbs,
        subresources: [
          {
            subresource: "status",
            responseKind: { group, version: "v1", kind: "Widget" },
            verbs: ["get", "patch", "update"],
          },
          {
            subresource: "scale",
            responseKind: { group: "autoscaling", version: "v1", kind: "Scale" },
            verbs: ["get", "patch", "update"],
          },
        ],
      });
    },
  },
  {
    id: "2",
    title: "aggregated discovery that has not changed is 304, without a body",
    async run(server) {
      const headers = { accept: `${aggregated},application/json` };
      const etag = (await server.get("/api", { headers })).header("etag") ?? "";
      const again = await server.get("/api", { headers: { ...headers, "if-none-match": etag } });
      expect(again.status).toBe(304);
      expect(again.bytes).toHaveLength(0);
      expect(again.header("etag")).toBe(etag);
    },
  },
  {
    id: "3",
    title: "discovery is not aggregated unless a version that is served is asked for",
    async run(server) {
      for (const accept of ["application/json", `${aggregated.replace("v2", "v2beta1")},application/json`]) {
        const answer = await server.get("/apis", { headers: { accept } });
        expect(answer.header("content-type")).toBe("application/json");
        expect(answer.json).toMatchObject({ kind: "APIGroupList", apiVersion: "v1" });
        const apps = array(answer.json, "groups").find((g) => at(g, "name") === "apps");
        expect(apps).toEqual({
          name: "apps",
          versions: [{ groupVersion: "apps/v1", version: "v1" }],
          preferredVersion: { groupVersion: "apps/v1", version: "v1" },
        });
      }
      expect((await server.get("/api")).json).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
      expect((await server.get("/apis/apps")).json).toMatchObject({ kind: "APIGroup", apiVersion: "v1", name: "apps" });
    },
  },
  {
    id: "4",
    title: "a version's resources are listed with their verbs and subresources",
    async run(server) {
      const { json } = await server.get("/api/v1");
      expect(json).toMatchObject({ kind: "APIResourceList", groupVersion: "v1" });
      expect(json).not.toHaveProperty("apiVersion");
      const resources = array(json, "resources");
      const get = (name: string) => resources.find((resource) => at(resource, "name") === name);
      expect(get("configmaps")).toEqual({
        name: "configmaps",
        singularName: "configmap",
        namespaced: true,
        kind: "ConfigMap",
        verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        shortNames: ["cm"],
        storageVersionHash: expect.stringMatching(/^[\w+/]+=*$/),
      });
      expect(at(get("namespaces"), "verbs")).toEqual(["create", "delete", "get", "list", "patch", "update", "watch"]);
      expect(get("namespaces/finalize")).toEqual({
        name: "namespaces/finalize",
        singularName: "",
        namespaced: false,
        kind: "Namespace",
        verbs: ["update"],
      });
      expect(get("serviceaccounts/token")).toMatchObject({
        group: "authentication.k8s.io",
        version: "v1",
        kind: "TokenRequest",
        verbs: ["create"],
      });
    },
  },
  {
    id: "5",
    title: "OpenAPI v3 is named by its hash, cached for ever under it, and redirected to it from another",
    async run(server) {
      const index = await server.get("/openapi/v3");
      const url = text(index.json, "paths", "api/v1", "serverRelativeURL");
      expect(url).toMatch(/^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{128}$/);
      const document = await server.get(url);
      expect(document.status).toBe(200);
      expect(document.header("content-type")).toBe("application/json");
      expect(document.header("cache-control")).toBe("public, immutable");
      expect(document.header("etag")).toBe(`"${url.split("hash=")[1]}"`);
      expect(text(document.json, "openapi")).toMatch(/^3\./);
      expect(at(document.json, "paths", "/api/v1/namespaces/{namespace}/configmaps/{name}", "patch")).toBeDefined();
      const other = await server.get("/openapi/v3/api/v1?hash=X");
      expect(other.status).toBe(301);
      expect(other.header("location")).toBe(url);
      expect(at(index.json, "paths", "apis/apps/v1")).toBeDefined();
    },
  },
  {
    id: "6",
    title: "/version is semantic, and the server is ready",
    async run(server) {
      const version = await server.get("/version");
      expect(version.status).toBe(200);
      expect(text(version.json, "gitVersion")).toMatch(/^v\d+\.\d+\.\d+/);
      for (const name of [
        "major",
        "minor",
        "gitCommit",
        "gitTreeState",
        "buildDate",
        "goVersion",
        "compiler",
        "platform",
      ])
        expect(at(version.json, name)).toBeTypeOf("string");
      for (const path of ["/readyz", "/livez", "/healthz"]) {
        const health = await server.get(path);
        expect([health.status, health.text, health.header("content-type")]).toEqual([
          200,
          "ok",
          "text/plain; charset=utf-8",
        ]);
      }
    },
  },
  {
    id: "7",
    title:
      "a group that is not served, or another path, is 404 in plain text; an unknown version of a group is NotFound",
    async run(server) {
      for (const path of ["/apis/nope.example.com/v1/foos", "/apis/nope.example.com", "/nope"]) {
        const answer = await server.get(path);
        expect([answer.status, answer.text]).toEqual([404, "404 page not found\n"]);
        expect(answer.header("content-type")).toBe("text/plain; charset=utf-8");
      }
      expectFailure(await server.get("/apis/apps/v9/deployments"), {
        code: 404,
        reason: "NotFound",
        message: "the server could not find the requested resource",
        details: {},
      });
    },
  },
  {
    id: "8",
    title: "an unknown resource of a served version is NotFound, without details",
    async run(server) {
      for (const path of ["/api/v1/namespaces/default/nonsense", "/api/v1/nonsense", "/apis/apps/v1/nonsense"]) {
        expectFailure(await server.get(path), {
          code: 404,
          reason: "NotFound",
          message: "the server could not find the requested resource",
          details: {},
        });
      }
    },
  },
  {
    id: "9",
    title: "a method that a resource does not have is MethodNotAllowed",
    async run(server) {
      const answer = await server.put("/api/v1/namespaces/default/configmaps", {});
      expectFailure(answer, {
        code: 405,
        reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource",
        details: {},
      });
      // HTTP wants it to name those that are.
      expect(answer.header("allow")).toBeUndefined();
      expectFailure(await server.delete("/api/v1/namespaces"), { code: 405, reason: "MethodNotAllowed" });
    },
  },
  {
    id: "9.1",
    title: "every answer carries an audit id and forbids caching",
    async run(server) {
      for (const path of ["/api/v1/namespaces/default", "/api/v1/namespaces/no-such-one", "/version", "/nope"]) {
        const answer = await server.get(path);
        expect(answer.header("audit-id")).toMatch(/^[0-9a-f-]{36}$/);
        expect(answer.header("cache-control")).toBe("no-cache, private");
      }
    },
  },
];

/** Discovery's item of a group. */
function named(list: unknown, name: string): unknown {
  return array(list, "items").find((item) => at(item, "metadata", "name") === name);
}

/** Aggregated discovery, once the fixture is in it: a server may take a moment. */
async function untilDiscovered(server: Server): Promise<unknown> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const { json } = await server.get("/apis", { headers: { accept: aggregated } });
    const versions = at(named(json, group), "versions");
    if (JSON.stringify(versions ?? null).includes('"gizmos"')) return json;
  }
  throw new Error(`discovery does not list ${group}`);
}
