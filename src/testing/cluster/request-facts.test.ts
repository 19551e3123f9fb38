import { describe, expect, test } from "vitest";
import { ConfigMap } from "../../resources/core/v1.js";
import { matchesRequest, requestFacts } from "./request-facts.js";

const facts = (method: string, url: string, body?: string) =>
  requestFacts({ method, url, headers: { "user-agent": "me/1" }, ...(body !== undefined && { body }) });

describe("what a request asks for", () => {
  test.each<readonly [string, string, string | undefined, string]>([
    ["GET", "/api/v1/namespaces/a/configmaps/x", undefined, "get configmaps a/x"],
    ["GET", "/api/v1/namespaces/a/configmaps", undefined, "list configmaps a/"],
    ["GET", "/api/v1/configmaps?watch=1", undefined, "watch configmaps /"],
    ["GET", "/api/v1/configmaps?watch=true&fieldSelector=metadata.name%3Dx", undefined, "watch configmaps /x"],
    ["GET", "/api/v1/namespaces/a", undefined, "get namespaces /a"],
    [
      "POST",
      "/api/v1/namespaces/a/configmaps",
      '{"metadata":{"labels":{"k":"v"},"name":"x"}}',
      "create configmaps a/x",
    ],
    ["POST", "/api/v1/namespaces/a/configmaps", '{"metadata":{"generateName":"x-"}}', "create configmaps a/"],
    ["POST", "/api/v1/namespaces/a/configmaps", "kind: [", "create configmaps a/"],
    ["PUT", "/apis/apps/v1/namespaces/a/deployments/x/scale", "{}", "update deployments.apps a/x scale"],
    ["PATCH", "/api/v1/namespaces/a/configmaps/x", "{}", "patch configmaps a/x"],
    ["DELETE", "/api/v1/namespaces/a/configmaps/x", undefined, "delete configmaps a/x"],
    ["DELETE", "/api/v1/namespaces/a/configmaps", undefined, "deletecollection configmaps a/"],
    ["PUT", "/api/v1/namespaces/a/finalize", "{}", "update namespaces /a finalize"],
    ["GET", "/apis", undefined, "nothing"],
    ["GET", "/api/v1", undefined, "nothing"],
    ["GET", "/version", undefined, "nothing"],
  ])("%s %s %s: %s", (method, url, body, expected) => {
    const { verb, group, plural, namespace, name, subresource } = facts(method, url, body);
    const resource = group === "" ? plural : `${plural}.${group}`;
    const text = [verb, resource, `${namespace}/${name}`, subresource].filter((part) => part !== "").join(" ");
    expect(verb === undefined ? "nothing" : text).toBe(expected);
  });
});

describe("which requests somebody means", () => {
  const request = facts("PUT", "/api/v1/namespaces/a/configmaps/x/status", "{}");
  test.each([
    [{}, true],
    [{ verbs: ["update"], kind: ConfigMap, namespace: "a", name: "x", subresource: "status", userAgent: "me" }, true],
    [{ verbs: ["get"] }, false],
    [{ verbs: [] }, false],
    [{ kind: { group: "example.dev", plural: "configmaps" } }, false],
    [{ namespace: "b" }, false],
    [{ name: "y" }, false],
    [{ subresource: "" }, false],
    [{ userAgent: "you" }, false],
  ] as const)("%j: %s", (match, expected) => {
    expect(matchesRequest(match, request)).toBe(expected);
  });

  test("what is not about objects has no verb, and is meant only if no verb is asked for", () => {
    const version = facts("GET", "/version");
    expect([matchesRequest({}, version), matchesRequest({ verbs: ["get"] }, version)]).toEqual([true, false]);
  });
});
