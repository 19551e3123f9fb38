/** The kinds that are served now, by group, version and plural. */

import { compareVersionPriority } from "../core/index.js";
import { compareText } from "./json.js";
import type { Resource } from "./resource.js";

/** A group with its versions, the preferred first. */
export interface ServedGroup {
  readonly group: string;
  readonly versions: readonly string[];
}

/** The built-in groups in the order of their priority, as discovery lists them; others follow by the alphabet. */
const groupOrder = [
  "",
  "apiregistration.k8s.io",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
  "resource.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "storagemigration.k8s.io",
];

/** What is served. Changes only as CustomResourceDefinitions come and go. */
export class Registry {
  readonly #resources = new Map<string, Resource>();
  #edition = 0;

  /** Rises with every change: what was computed from an older edition is out of date. */
  get edition(): number {
    return this.#edition;
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#resources.get(`${group}/${version}/${plural}`);
  }

  /** The kind by its name, as owner references and stored objects give it. */
  findKind(group: string, version: string, kind: string): Resource | undefined {
    for (const resource of this.#resources.values()) {
      if (resource.kind === kind && resource.group === group && resource.version === version) return resource;
    }
    return undefined;
  }

  add(resource: Resource): void {
    this.#resources.set(`${resource.group}/${resource.version}/${resource.plural}`, resource);
    this.#edition++;
  }

  remove({ group, version, plural }: Pick<Resource, "group" | "version" | "plural">): void {
    if (this.#resources.delete(`${group}/${version}/${plural}`)) this.#edition++;
  }

  all(): readonly Resource[] {
    return [...this.#resources.values()];
  }

  /** The kinds of a group and version, by their plurals. */
  inVersion(group: string, version: string): readonly Resource[] {
    return this.all()
      .filter((resource) => resource.group === group && resource.version === version)
      .toSorted((a, b) => compareText(a.plural, b.plural));
  }

  /** Whether a group has kinds that no definition brought: its other paths are refused in other words. */
  isBuiltinGroup(group: string): boolean {
    return this.all().some((resource) => resource.group === group && !resource.custom);
  }

  groups(): readonly ServedGroup[] {
    const versions = new Map<string, Set<string>>();
    for (const { group, version } of this.all()) {
      versions.set(group, (versions.get(group) ?? new Set()).add(version));
    }
    return [...versions]
      .toSorted(([a], [b]) => rank(a) - rank(b) || compareText(a, b))
      .map(([group, found]) => ({ group, versions: [...found].toSorted(compareVersionPriority) }));
  }
}

function rank(group: string): number {
  const index = groupOrder.indexOf(group);
  return index === -1 ? groupOrder.length : index;
}
