/** Kinds, verbs, scopes and subresources from the paths of an OpenAPI v3 document. */

import type { BodyFacts, KindName, ResourceFacts } from "./api-description.js";
import { type Discovered, joinDiscovered, sortVerbs } from "./discovery.js";
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from "./json.js";

interface Route {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly named: boolean;
  readonly namespaced: boolean;
  readonly subresource: string;
}

interface Found extends KindName {
  readonly plural: string;
  readonly verbs: Set<string>;
  readonly subresources: Set<string>;
  namespaced: boolean;
}

/** Reads the kinds that a document's paths serve, in the document's order. */
export function readPaths(document: JsonObject): Discovered {
  const paths = Object.entries(objectAt(document, "paths")).filter((entry): entry is [string, JsonObject] =>
    isObject(entry[1]),
  );
  const watched = watchedPlurals(paths);
  const found = new Map<string, Found>();
  const bodies: BodyFacts[] = [];
  for (const [path, item] of paths) {
    const route = parseRoute(path);
    if (route === undefined) continue;
    for (const [method, operation] of Object.entries(item)) {
      const kind = kindOf(operation);
      if (kind === undefined || !isObject(operation)) continue;
      if (route.subresource !== "") bodies.push({ ...kind, readable: method === "get" });
      else addOperation(found, route, kind, operation, watched(route.plural, item, operation));
    }
  }
  for (const [path] of paths) {
    const route = parseRoute(path);
    if (route?.subresource) found.get(keyOf(route))?.subresources.add(route.subresource);
  }
  const resources = [...found.values()].map(toFacts);
  const kinds = new Set(resources.map((resource) => resource.kind));
  return joinDiscovered([{ resources, bodies: bodies.filter((body) => !kinds.has(body.kind)), problems: [] }]);
}

function addOperation(
  found: Map<string, Found>,
  route: Route,
  kind: KindName,
  operation: JsonObject,
  watchable: boolean,
): void {
  const key = keyOf(route);
  const facts = found.get(key) ?? {
    group: route.group,
    version: route.version,
    kind: kind.kind,
    plural: route.plural,
    verbs: new Set<string>(),
    subresources: new Set<string>(),
    namespaced: false,
  };
  found.set(key, facts);
  if (route.namespaced) facts.namespaced = true;
  const action = textAt(operation, "x-kubernetes-action");
  const verb = verbOfAction[action];
  if (verb !== undefined) facts.verbs.add(verb);
  if (verb === "list" && watchable) facts.verbs.add("watch");
}

const verbOfAction: { readonly [action: string]: string } = {
  delete: "delete",
  deletecollection: "deletecollection",
  get: "get",
  list: "list",
  patch: "patch",
  post: "create",
  put: "update",
};

/**
 * Built-in kinds that can be watched have a (deprecated) path under `/watch/`, and those without one take the `watch` parameter in
 * vain. Documents of custom kinds have no such paths at all: there the parameter decides.
 */
function watchedPlurals(paths: readonly (readonly [string, JsonObject])[]) {
  const plurals = new Set(
    paths.flatMap(([path]) => /\/watch\/(?:namespaces\/\{namespace\}\/)?([^/{}]+)$/.exec(path)?.[1] ?? []),
  );
  return (plural: string, item: JsonObject, operation: JsonObject): boolean =>
    plurals.size > 0
      ? plurals.has(plural)
      : [...objectsAt(item, "parameters"), ...objectsAt(operation, "parameters")].some(
          (parameter) => textAt(parameter, "name") === "watch",
        );
}

function toFacts(found: Found): ResourceFacts {
  return {
    group: found.group,
    version: found.version,
    kind: found.kind,
    plural: found.plural,
    scope: found.namespaced ? "Namespaced" : "Cluster",
    verbs: sortVerbs([...found.verbs]),
    subresources: [...found.subresources].toSorted(),
  };
}

/** Of a path such as `/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale`. */
function parseRoute(path: string): Route | undefined {
  const [, version, group, groupVersion, rest = ""] =
    /^\/(?:api\/([^/]+)|apis\/([^/]+)\/([^/]+))\/(.+)$/.exec(path) ?? [];
  const segments = rest.split("/");
  if (rest === "" || segments[0] === "watch") return undefined;
  const namespaced = segments[0] === "namespaces" && segments[1] === "{namespace}" && segments.length > 2;
  const [plural = "", name, subresource = "", ...more] = namespaced ? segments.slice(2) : segments;
  if (more.length > 0 || (name !== undefined && name !== "{name}")) return undefined;
  return {
    group: group ?? "",
    version: version ?? groupVersion ?? "",
    plural,
    named: name !== undefined,
    namespaced,
    subresource,
  };
}

function keyOf(route: Route): string {
  return `${route.group}/${route.version}/${route.plural}`;
}

function kindOf(operation: unknown): KindName | undefined {
  if (!isObject(operation)) return undefined;
  const name = objectAt(operation, "x-kubernetes-group-version-kind");
  const kind = textAt(name, "kind");
  return kind === "" ? undefined : { group: textAt(name, "group"), version: textAt(name, "version"), kind };
}
