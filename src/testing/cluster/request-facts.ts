/** What a request is about, and which requests somebody means. */

import type { AnyKind, Verb } from "../../core/index.js";
import { type ApiRequest, bodyText, headerOf, nameOf, parsePath, verbOf } from "../request.js";

/** What a request asks for. */
export interface RequestFacts {
  /** Undefined if it is not about objects: discovery, versions, health. */
  readonly verb: Verb | undefined;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Empty for cluster-scoped objects, and for lists over all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  readonly subresource: string;
  readonly userAgent: string;
}

/** Selects requests; what is left out does not matter. */
export interface RequestMatch {
  /** Server-side apply is `patch`, and PUT is `update`, as in RBAC. */
  readonly verbs?: readonly Verb[] | undefined;
  /** In any version. */
  readonly kind?: Pick<AnyKind, "group" | "plural"> | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** `""` for the object itself. */
  readonly subresource?: string | undefined;
  /** The beginning of the client's User-Agent, where one test has several clients. */
  readonly userAgent?: string | undefined;
}

/** Whether a request is meant. */
export function matchesRequest(match: RequestMatch, facts: RequestFacts): boolean {
  const { verbs, kind, userAgent } = match;
  if (verbs !== undefined && (facts.verb === undefined || !verbs.includes(facts.verb))) return false;
  if (kind !== undefined && (facts.group !== kind.group || facts.plural !== kind.plural)) return false;
  if (userAgent !== undefined && !facts.userAgent.startsWith(userAgent)) return false;
  return (["namespace", "name", "subresource"] as const).every(
    (part) => match[part] === undefined || match[part] === facts[part],
  );
}

/** Reads a request. */
export function requestFacts(request: ApiRequest): RequestFacts {
  const { pathname, searchParams } = new URL(request.url, "http://kindred");
  const userAgent = headerOf(request, "user-agent");
  const path = parsePath(pathname);
  if (path === undefined || path.plural === "") return { ...nothing, userAgent };
  const { group, version, plural, subresource } = path;
  const verb = verbOf(request.method, path.name, path.watchPath || /^(1|true)$/i.test(searchParams.get("watch") ?? ""));
  const named = path.name === "" && verb === "create" ? nameInBody(request) : path.name;
  // A watch of one object is a list with a field selector.
  const name = named === "" ? nameInFields(searchParams.get("fieldSelector")) : named;
  const namespace = plural === "namespaces" && group === "" ? "" : path.namespace;
  return { verb, group, version, plural, namespace, name, subresource, userAgent };
}

const nothing: Omit<RequestFacts, "userAgent"> = Object.freeze({
  verb: undefined,
  group: "",
  version: "",
  plural: "",
  namespace: "",
  name: "",
  subresource: "",
});

function nameInBody(request: ApiRequest): string {
  try {
    return nameOf(JSON.parse(bodyText(request)));
  } catch {
    return "";
  }
}

function nameInFields(selector: string | null): string {
  return /^metadata\.name==?([^,!=]+)$/.exec(selector ?? "")?.[1] ?? "";
}
