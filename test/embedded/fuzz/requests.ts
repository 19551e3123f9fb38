/** Requests at random: some right, most of them wrong in one way or several. */

import type { ApiRequest } from "../../../src/testing/index.js";
import type { Chance } from "./chance.js";
import { broken, type Kind, kinds, nameOf, objectOf } from "./objects.js";

const patchTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
] as const;

const accepts = [
  "application/json",
  "application/yaml",
  "*/*",
  "",
  "application/json;as=Table;v=v1;g=meta.k8s.io",
  "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
  "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
  "application/vnd.kubernetes.protobuf",
  "text/html",
  ";;;,q=",
] as const;

const contentTypes = [
  "application/yaml",
  "application/vnd.kubernetes.protobuf",
  "text/plain",
  "",
  "application/json;charset=x",
] as const;

const options: readonly [string, ...(readonly string[])] = [
  "dryRun=All",
  "dryRun=x",
  "fieldManager=m",
  `fieldManager=${"m".repeat(200)}`,
  "fieldValidation=Strict",
  "fieldValidation=Ignore",
  "fieldValidation=x",
  "force=true",
  "limit=1",
  "limit=-1",
  "limit=x",
  "continue=x",
  "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0",
  "resourceVersion=1",
  "resourceVersion=0",
  "resourceVersion=999999999",
  "resourceVersion=x",
  "resourceVersionMatch=Exact",
  "resourceVersionMatch=NotOlderThan",
  "labelSelector=app%3Da",
  "labelSelector=a%20in%20(",
  "labelSelector=%21%21",
  "fieldSelector=metadata.name%3Da",
  "fieldSelector=status.phase%3DPending",
  "fieldSelector=x",
  "watch=1",
  "allowWatchBookmarks=true",
  "sendInitialEvents=true",
  "timeoutSeconds=1",
  "timeout=1x",
  "pretty=true",
  "propagationPolicy=Foreground",
  "propagationPolicy=Orphan",
  "propagationPolicy=x",
  "gracePeriodSeconds=0",
  "gracePeriodSeconds=x",
  "orphanDependents=true",
  "includeObject=None",
  "includeObject=x",
  "%",
  "a=%zz",
];

const others = [
  "/",
  "/api",
  "/apis",
  "/api/v1",
  "/apis/apps",
  "/apis/apps/v9",
  "/openapi/v3",
  "/openapi/v3/api/v1",
  "/openapi/v3/apis/suite.example.com/v1",
  "/openapi/v2",
  "/version",
  "/healthz",
  "/metrics",
  "//",
  "/api/v1/%zz",
  "/api/v1/namespaces/a/pods/b/c/d/e",
  "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
  "/apis/authentication.k8s.io/v1/selfsubjectreviews",
  "/api/v1/watch/namespaces/fuzz/configmaps",
  "/__proto__/constructor",
] as const;

const subresources = [
  "status",
  "scale",
  "binding",
  "eviction",
  "token",
  "finalize",
  "log",
  "exec",
  "ephemeralcontainers",
  "x",
] as const;

/** How many kinds a series of requests is about: few enough that its requests meet each other's objects. */
const fewKinds = 10;

/** A series of requests: gives the next one. */
export function randomRequests(chance: Chance): () => ApiRequest {
  const from = chance.below(kinds.length);
  const chosen = Array.from({ length: fewKinds }, (_, i) => kinds[(from + i * 7) % kinds.length] ?? kinds[0]);
  return () => randomRequest(chance, chosen[chance.below(fewKinds)] ?? kinds[0]);
}

function randomRequest(chance: Chance, kind: Kind): ApiRequest {
  const name = nameOf(chance);
  const isNamed = chance.happens(0.65);
  const method = chance.happens(0.03)
    ? chance.pick(["HEAD", "OPTIONS", "TRACE", "get", ""])
    : methodFor(chance, isNamed);
  const path = chance.happens(0.06) ? chance.pick(others) : pathOf(chance, kind, isNamed ? name : "");
  const query = chance.happens(0.6)
    ? ""
    : Array.from({ length: 1 + chance.below(3) }, () => chance.pick(options)).join("&");
  const type = method === "PATCH" && !chance.happens(0.05) ? chance.pick(patchTypes) : undefined;
  const headers = {
    "user-agent": chance.pick(["fuzz/1", "", "curl/8", "ü/\u0001"]),
    accept: chance.happens(0.9) ? "application/json" : chance.pick(accepts),
    "content-type": type ?? (chance.happens(0.9) ? "application/json" : chance.pick(contentTypes)),
  };
  const url = query === "" ? path : `${path}?${query}`;
  if (method === "GET" || chance.happens(0.05)) return { method, url, headers };
  return { method, url, headers, body: bodyOf(chance, { kind, name, type, method }) };
}

function methodFor(chance: Chance, isNamed: boolean): string {
  if (!isNamed) return chance.pick(["POST", "POST", "POST", "POST", "POST", "GET", "GET", "DELETE", "PUT"]);
  return chance.pick(["GET", "PUT", "PUT", "PATCH", "PATCH", "PATCH", "PATCH", "DELETE", "POST"]);
}

function pathOf(chance: Chance, { prefix, plural, cluster }: Kind, name: string): string {
  const namespace = chance.happens(0.9) ? "fuzz" : chance.pick(["default", "a", "none", ""]);
  const place = cluster !== chance.happens(0.03) ? prefix : `${prefix}/namespaces/${namespace}`;
  const own = plural === "customresourcedefinitions" && name !== "" ? "things.fuzz.example.com" : name;
  const path = own === "" ? `${place}/${plural}` : `${place}/${plural}/${encodeURIComponent(own)}`;
  return chance.happens(0.2) && own !== "" ? `${path}/${chance.pick(subresources)}` : path;
}

interface About {
  readonly kind: Kind;
  readonly name: string;
  readonly type: string | undefined;
  readonly method: string;
}

function bodyOf(chance: Chance, about: About): string | Uint8Array {
  if (chance.happens(0.04)) return chance.pick(garbage);
  if (chance.happens(0.02)) return Uint8Array.from({ length: chance.below(60) }, () => chance.below(256));
  if (about.method === "DELETE") return deletion(chance);
  if (about.type === "application/json-patch+json") return JSON.stringify(operations(chance));
  const object = objectOf(chance, about.kind, chance.happens(0.95) ? about.name : nameOf(chance));
  const wanted = chance.happens(0.5) ? object : broken(chance, object);
  if (about.type === undefined || about.type === "application/apply-patch+yaml")
    return JSON.stringify(wanted) ?? "null";
  return (
    JSON.stringify(
      chance.happens(0.5) ? wanted : broken(chance, { ...object, apiVersion: undefined, kind: undefined }),
    ) ?? "null"
  );
}

const garbage: readonly [string, ...(readonly string[])] = [
  "",
  "null",
  "{",
  "[]",
  '"x"',
  "1e999999",
  "{}",
  '{"a":1,"a":2}',
  '{"kind":"List","items":[]}',
  `${"[".repeat(5000)}${"]".repeat(5000)}`,
  `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`,
  "\ud800",
  "a: &a [*a]",
  "k8s\0",
  `{"metadata":{"name":"${"x".repeat(100_000)}"}}`,
];

function deletion(chance: Chance): string {
  const body = {
    kind: "DeleteOptions",
    apiVersion: "v1",
    ...(chance.happens(0.2) ? { preconditions: { uid: "x", resourceVersion: "1" } } : {}),
    ...(chance.happens(0.3) ? { propagationPolicy: chance.pick(["Foreground", "Background", "Orphan", "x"]) } : {}),
    ...(chance.happens(0.2) ? { gracePeriodSeconds: chance.pick<unknown>([0, 1, -1, "x"]) } : {}),
    ...(chance.happens(0.1) ? { dryRun: chance.pick<unknown>([["All"], ["x"], "All"]) } : {}),
  };
  return JSON.stringify(chance.happens(0.2) ? broken(chance, body) : body) ?? "null";
}

function operations(chance: Chance): unknown {
  const paths: readonly [string, ...(readonly string[])] = [
    "/metadata/labels",
    "/metadata/labels/app",
    "/metadata/finalizers",
    "/metadata/finalizers/0",
    "/metadata/name",
    "/metadata",
    "/spec",
    "/spec/replicas",
    "/spec/ports/-",
    "/spec/tags/-",
    "/data/a",
    "/status",
    "",
    "/",
    "x",
    "/__proto__/x",
    "/data/~1~0",
    "/spec/ports/99999999",
  ];
  const list = Array.from({ length: chance.below(4) }, () => ({
    op: chance.pick(["add", "remove", "replace", "test", "copy", "move", "x"]),
    path: chance.pick(paths),
    from: chance.pick(paths),
    value: chance.pick<unknown>([1, "x", null, {}, [], { app: "a" }, ["x.io/f"]]),
  }));
  return chance.happens(0.1) ? broken(chance, list) : list;
}
