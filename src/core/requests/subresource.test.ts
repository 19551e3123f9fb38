import { expect, it } from "vitest";
import { defineKind } from "../kind.js";
import type { Target } from "./path.js";
import { type ApiRequest, formatUrl } from "./request.js";
import { bindRequest, evictRequest, tokenRequest } from "./subresource.js";

const core = { group: "", version: "v1", scope: "Namespaced" } as const;
const pods: Target = { kind: defineKind()({ ...core, kind: "Pod", plural: "pods" }), namespace: "ns" };
const accounts: Target = {
  kind: defineKind()({ ...core, kind: "ServiceAccount", plural: "serviceaccounts" }),
  namespace: "ns",
};
const metadata = { name: "a", namespace: "ns" };
const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata };
const binding = { apiVersion: "v1", kind: "Binding", target: { apiVersion: "v1", kind: "Node", name: "n" } };

it.each<[string, ApiRequest, string, object]>([
  ["an eviction", evictRequest(pods, "a"), "pods/a/eviction", { ...eviction, deleteOptions: {} }],
  [
    "an eviction with all its options, which travel as deleteOptions",
    evictRequest(pods, "a", {
      dryRun: true,
      gracePeriodSeconds: 0,
      propagationPolicy: "Background",
      preconditions: { uid: "u" },
    }),
    "pods/a/eviction",
    {
      ...eviction,
      deleteOptions: {
        dryRun: ["All"],
        gracePeriodSeconds: 0,
        propagationPolicy: "Background",
        preconditions: { uid: "u" },
      },
    },
  ],
  ["a binding", bindRequest(pods, "a", { node: "n" }), "pods/a/binding", { ...binding, metadata }],
  [
    "a binding of one version of a pod, dry",
    bindRequest(pods, "a", {
      node: "n",
      preconditions: { uid: "u", resourceVersion: "5" },
      annotations: { k: "v" },
      dryRun: true,
      manager: "me",
    }),
    "pods/a/binding?dryRun=All&fieldManager=me",
    { ...binding, metadata: { ...metadata, uid: "u", resourceVersion: "5", annotations: { k: "v" } } },
  ],
  [
    "a token",
    tokenRequest(accounts, "a", { spec: { audiences: ["x"], expirationSeconds: 600 }, dryRun: true }),
    "serviceaccounts/a/token?dryRun=All",
    {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: {},
      spec: { audiences: ["x"], expirationSeconds: 600 },
    },
  ],
])("%s", (_title, request, path, body) => {
  expect(request).toMatchObject({ method: "POST", headers: { "content-type": "application/json" } });
  expect(formatUrl(request)).toBe(`/api/v1/namespaces/ns/${path}`);
  expect(request.body).toEqual(body);
});

it("a pod is bound to a node that has a name", () => {
  expect(() => bindRequest(pods, "a", { node: "" })).toThrow('binding pods "a": name a node');
});
