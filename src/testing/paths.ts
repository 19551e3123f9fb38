/** What is no object: versions, health, discovery, OpenAPI. */

import * as discovery from "./discovery.js";
import { PlainFailure } from "./failure.js";
import type { JsonObject } from "./json.js";
import { notAcceptable, unknownResource } from "./messages.js";
import { parseAccept } from "./negotiate.js";
import { openApiDocument, openApiIndex } from "./openapi.js";
import type { Registry } from "./registry.js";
import { type ApiRequest, type ApiResponse, headerOf } from "./request.js";

/** An answer that is no object of a kind. */
export interface PathAnswer {
  readonly body: JsonObject | string;
  readonly headers: ApiResponse["headers"];
  readonly status: number;
}

const forAll = { "cache-control": "public" };

/** The answer to a path; undefined if it is about objects. @throws PlainFailure 404 if nothing is there. */
export async function answerPath(
  request: ApiRequest,
  path: string,
  context: { readonly registry: Registry; readonly query: URLSearchParams },
): Promise<PathAnswer | undefined> {
  const { registry, query } = context;
  const segments = path.split("/").filter((segment) => segment !== "");
  const [root = "", first, second, ...rest] = segments;
  if (["healthz", "livez", "readyz"].includes(root)) return plain("ok");
  if (path === "/version" || path === "/version/") return json(discovery.versionInfo, {});
  if (path === "/openapi/v3") return json(openApiIndex(registry, await hashes(registry)), forAll);
  if (path.startsWith("/openapi/v3/")) return document(registry, path.slice("/openapi/v3/".length), query);
  if (path === "/openapi/v2") return openApiV2(request);
  if (path === "/") return json({ paths: pathsOf(registry) }, {});
  if (root === "api" && first === undefined) return versions(request, registry, "api");
  if (root === "apis" && first === undefined) return versions(request, registry, "apis");
  if (root === "api" && second === undefined) return listing(registry, "", first ?? "");
  if (root === "apis" && second === undefined) {
    const group = discovery.group(registry, first ?? "");
    if (group === undefined) throw pageNotFound();
    return json(group, forAll);
  }
  if (root === "apis" && rest.length === 0) return listing(registry, first ?? "", second ?? "");
  if (root === "api" || root === "apis") return undefined;
  throw pageNotFound();
}

/** What Go's server says of a path that it does not have. */
export const pageNotFound = (): PlainFailure => new PlainFailure(404, "404 page not found\n");

const json = (body: JsonObject, headers: ApiResponse["headers"]): PathAnswer => ({ status: 200, body, headers });
const plain = (body: string): PathAnswer => ({ status: 200, body, headers: {} });

function listing(registry: Registry, group: string, version: string): PathAnswer {
  const list = discovery.resourceList(registry, group, version);
  if (list !== undefined) return json(list, forAll);
  throw registry.isBuiltinGroup(group) ? unknownResource() : pageNotFound();
}

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

async function versions(request: ApiRequest, registry: Registry, root: "api" | "apis"): Promise<PathAnswer> {
  const wanted = formOf(headerOf(request, "accept"));
  if (wanted === "plain")
    return json(root === "api" ? discovery.coreVersions() : discovery.groupList(registry), forAll);
  const body = discovery.aggregated(registry, root);
  const etag = `"${await sha512(JSON.stringify(body))}"`;
  const headers = { ...forAll, etag, vary: "Accept", "content-type": aggregatedType };
  if (headerOf(request, "if-none-match") === etag) return { status: 304, body: "", headers };
  return { status: 200, body, headers };
}

function formOf(accept: string): "plain" | "aggregated" {
  const clauses = accept === "" ? [] : parseAccept(accept);
  if (clauses.length === 0) return "plain";
  for (const { type, parameters } of clauses) {
    const isJson = type === "application/json" || type === "*/*" || type === "application/*";
    if (!isJson) continue;
    const as = parameters.get("as");
    if (as === undefined) return "plain";
    if (
      as === "APIGroupDiscoveryList" &&
      parameters.get("g") === "apidiscovery.k8s.io" &&
      parameters.get("v") === "v2"
    ) {
      return "aggregated";
    }
  }
  throw notAcceptable(["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"]);
}

/**
 * The old OpenAPI, of nothing: kubectl reads it, in protobuf, where the new one has no answer, and goes without if a kind is not in it.
 */
function openApiV2(request: ApiRequest): PathAnswer {
  const info = { title: "Kubernetes", version: discovery.versionInfo.gitVersion };
  if (!headerOf(request, "accept").includes("proto-openapi")) {
    return json({ swagger: "2.0", info, paths: {}, definitions: {} }, forAll);
  }
  const field = (number: number, text: string) => String.fromCharCode((number << 3) | 2, text.length) + text;
  const body = field(1, "2.0") + field(2, field(1, info.title) + field(2, info.version)) + field(8, "");
  return {
    status: 200,
    body,
    headers: { ...forAll, "content-type": "application/com.github.proto-openapi.spec.v2.v1.0+protobuf" },
  };
}

async function document(registry: Registry, path: string, query: URLSearchParams): Promise<PathAnswer> {
  const found = openApiDocument(registry, path);
  if (found === undefined) throw pageNotFound();
  const hash = (await hashes(registry))(path);
  const asked = query.get("hash");
  if (asked !== null && asked !== hash) {
    return {
      status: 301,
      body: "",
      headers: { location: `/openapi/v3/${path}?hash=${hash}`, "cache-control": "no-cache, private" },
    };
  }
  const caching = asked === null ? "no-cache, private" : "public, immutable";
  return json(found, { "cache-control": caching, etag: `"${hash}"`, "content-type": "application/json" });
}

/** A document is a function of its path and of what is served. */
async function hashes(registry: Registry): Promise<(path: string) => string> {
  const { edition } = registry;
  const salt = await sha512(`edition ${edition}`);
  return (path) => mix(salt, path);
}

/** Another hash of 128 digits for every path. */
function mix(salt: string, path: string): string {
  let state = 2166136261;
  for (const character of path) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 16777619) >>> 0;
  return Array.from(salt, (digit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (Number.parseInt(digit, 16) ^ (state >>> 28)).toString(16).toUpperCase();
  }).join("");
}

async function sha512(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-512", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}

function pathsOf(registry: Registry): readonly string[] {
  const groups = registry
    .groups()
    .flatMap(({ group, versions: served }) =>
      group === "" ? ["/api", "/api/v1"] : [`/apis/${group}`, ...served.map((version) => `/apis/${group}/${version}`)],
    );
  return [...groups, "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"].toSorted();
}
