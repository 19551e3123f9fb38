/** Discovery: which groups, versions and kinds there are, in the old form and in the aggregated one. */

import { compareText, type JsonObject } from "./json.js";
import type { Registry } from "./registry.js";
import { groupVersionOf, type Resource, type Subresource } from "./resource.js";

/** The version that this server behaves like. */
export const versionInfo = Object.freeze({
  major: "1",
  minor: "37",
  emulationMajor: "1",
  emulationMinor: "37",
  minCompatibilityMajor: "1",
  minCompatibilityMinor: "36",
  gitVersion: "v1.37.2",
  gitCommit: "kindred",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: "javascript",
});

const addresses = [{ clientCIDR: "0.0.0.0/0", serverAddress: "127.0.0.1" }];

/** `GET /api`. */
export function coreVersions(): JsonObject {
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: addresses };
}

/** `GET /apis`. */
export function groupList(registry: Registry): JsonObject {
  const groups = registry.groups().filter(({ group }) => group !== "");
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(groupOf) };
}

/** `GET /apis/{group}`. */
export function group(registry: Registry, name: string): JsonObject | undefined {
  const found = registry.groups().find((served) => served.group === name && name !== "");
  return found === undefined ? undefined : { kind: "APIGroup", apiVersion: "v1", ...groupOf(found) };
}

function groupOf({
  group: name,
  versions,
}: {
  readonly group: string;
  readonly versions: readonly string[];
}): JsonObject {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** `GET /api/v1` and `/apis/{group}/{version}`. */
export function resourceList(registry: Registry, name: string, version: string): JsonObject | undefined {
  const resources = registry.inVersion(name, version);
  const [first] = resources;
  if (first === undefined) return undefined;
  return {
    kind: "APIResourceList",
    ...(name === "" ? {} : { apiVersion: "v1" }),
    groupVersion: groupVersionOf(first),
    resources: resources
      .flatMap((resource) => [
        resourceOf(resource),
        ...resource.subresources.map((sub) => subresourceOf(resource, sub)),
      ])
      .toSorted((a, b) => compareText(a.name, b.name)),
  };
}

function resourceOf(resource: Resource) {
  return {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.scope === "Namespaced",
    kind: resource.kind,
    verbs: verbsOf(resource),
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
    ...(resource.verbs.includes("list") ? { storageVersionHash: hashOf(resource.collection) } : {}),
  };
}

/** Custom resources have theirs in another order; the ones that are being deleted cannot be written. */
function verbsOf({ custom, closed, verbs }: Resource): readonly string[] {
  if (!custom) return verbs.toSorted(compareText);
  const reading = ["delete", "deletecollection", "get", "list"];
  return closed ? [...reading, "watch"] : [...reading, "patch", "create", "update", "watch"];
}

function subresourceOf(resource: Resource, { name, kind, verbs }: Subresource) {
  return {
    name: `${resource.plural}/${name}`,
    singularName: "",
    namespaced: resource.scope === "Namespaced",
    ...(kind === undefined ? { kind: resource.kind } : { group: kind.group, version: kind.version, kind: kind.kind }),
    verbs,
  };
}

/** Any text that differs between collections will do. */
function hashOf(text: string): string {
  let hash = 0;
  for (const character of text) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return btoa(String(hash).padStart(10, "0")).slice(0, 12);
}

/** `GET /api` and `/apis` in the aggregated form. */
export function aggregated(registry: Registry, root: "api" | "apis"): JsonObject {
  const groups = registry.groups().filter(({ group: name }) => (name === "") === (root === "api"));
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(({ group: name, versions }) => ({
      metadata: name === "" ? {} : { name },
      versions: versions.map((version) => ({
        version,
        resources: registry.inVersion(name, version).map(aggregatedResource),
        freshness: "Current",
      })),
    })),
  };
}

function aggregatedResource(resource: Resource): JsonObject {
  const kind = { group: "", version: "", kind: resource.kind };
  const own = resource.custom ? { group: resource.group, version: resource.version, kind: resource.kind } : kind;
  return {
    resource: resource.plural,
    responseKind: own,
    scope: resource.scope === "Namespaced" ? "Namespaced" : "Cluster",
    singularResource: resource.singular,
    verbs: verbsOf(resource),
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
    ...(resource.subresources.length === 0
      ? {}
      : {
          subresources: resource.subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: sub.kind ?? own,
            verbs: sub.verbs,
          })),
        }),
  };
}
