/** A request and what it is about: the path taken apart as the API server does it. */

import type { Verb } from "../core/index.js";
import { objectOf } from "./json.js";

/** What comes in. Structurally what the client's transport sends. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query, starting with a slash. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** What goes out. A body that comes in pieces is a watch. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | WatchBody;
}

/** A watch: pieces until it ends. Whoever reads it must `return()` it when done. */
export interface WatchBody extends AsyncIterableIterator<string> {
  return(): Promise<IteratorResult<string>>;
}

/** What a path of the API is about. */
export interface RequestInfo {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty for cluster-scoped objects, and for lists over all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly watchPath: boolean;
}

/** What is done to an object, or to a collection if `name` is empty; undefined for a method that does nothing of the kind. */
export function verbOf(method: string, name: string, isWatch: boolean): Verb | undefined {
  switch (method) {
    case "GET":
      return isWatch ? "watch" : name === "" ? "list" : "get";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    default:
      return undefined;
  }
}

/** Reads a path; undefined if it is none of the resource API. Names are decoded. */
export function parsePath(path: string): RequestInfo | undefined {
  const segments = path
    .split("/")
    .filter((segment) => segment !== "")
    .map(decode);
  if (segments.some((segment) => segment === undefined)) return undefined;
  const [root = "", ...rest] = segments.filter((segment) => segment !== undefined);
  if (root !== "api" && root !== "apis") return undefined;
  const group = root === "apis" ? rest.shift() : "";
  const version = rest.shift();
  if (group === undefined || version === undefined || rest.length === 0) return undefined;
  const watchPath = rest[0] === "watch" && rest.length > 1;
  if (watchPath) rest.shift();
  return { group, version, watchPath, ...placeOf(rest) };
}

/** `namespaces/{n}/status` is about the namespace; any other `namespaces/{n}/{x}` is about x in it. */
function placeOf(segments: readonly string[]): Pick<RequestInfo, "namespace" | "plural" | "name" | "subresource"> {
  const [first = "", second = "", third] = segments;
  if (first === "namespaces" && third !== undefined && third !== "status" && third !== "finalize") {
    const [plural = "", name = "", ...subresource] = segments.slice(2);
    return { namespace: second, plural, name, subresource: subresource.join("/") };
  }
  const [plural = "", name = "", ...subresource] = segments;
  return { namespace: plural === "namespaces" ? name : "", plural, name, subresource: subresource.join("/") };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The first value of a header; empty if it is absent. */
export function headerOf(request: Pick<ApiRequest, "headers">, name: string): string {
  const value = request.headers[name];
  return typeof value === "string" ? value : (value?.[0] ?? "");
}

/** The body as text. */
export function bodyText(request: Pick<ApiRequest, "body">): string {
  const { body } = request;
  return typeof body === "string" ? body : body === undefined ? "" : new TextDecoder().decode(body);
}

/** The body as bytes. */
export function bodyBytes({ body }: Pick<ApiRequest, "body">): Uint8Array {
  return typeof body === "string" ? new TextEncoder().encode(body) : (body ?? new Uint8Array(0));
}

/** How many bytes the body has. */
export function bodyLength({ body }: Pick<ApiRequest, "body">): number {
  if (body === undefined) return 0;
  return typeof body === "string" ? new TextEncoder().encode(body).length : body.byteLength;
}

/** The name of an object, as its metadata says it. */
export function nameOf(object: unknown): string {
  const { name } = objectOf(objectOf(object)["metadata"]);
  return typeof name === "string" ? name : "";
}

/** The namespace of an object, as its metadata says it. */
export function namespaceOf(object: unknown): string {
  const { namespace } = objectOf(objectOf(object)["metadata"]);
  return typeof namespace === "string" ? namespace : "";
}
