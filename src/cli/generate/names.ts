/** Which file a schema goes to, and what it is called there. */

import type { KindName } from "./api-description.js";
import { isObject, type JsonObject, objectsAt, textAt } from "./json.js";

/** The file of what belongs to no group: label selectors, conditions, quantities. */
export const metaModule = "meta/v1";

/** Where a component is declared. */
export interface Home {
  readonly module: string;
  readonly name: string;
}

/** The file of a group's version: `core/v1`, `apps/v1`. */
export function moduleOf({ group, version }: Pick<KindName, "group" | "version">): string {
  return `${group === "" ? "core" : group}/${version}`;
}

/** The kinds that a schema stands for: one, or many if all groups share it. */
export function kindsOf(schema: unknown): readonly KindName[] {
  if (!isObject(schema)) return [];
  return objectsAt(schema, "x-kubernetes-group-version-kind").map((name: JsonObject) => ({
    group: textAt(name, "group"),
    version: textAt(name, "version"),
    kind: textAt(name, "kind"),
  }));
}

/**
 * Homes for all components, by their Go package: that of a kind names the group of every type in it.
 *
 * A package without a kind, such as `io.k8s.api.scheduling.v1alpha3` where that version is not served, goes by another version's
 * group, or else by its own last words.
 */
export function assignHomes(schemas: ReadonlyMap<string, unknown>): ReadonlyMap<string, Home> {
  const groups = new Map<string, string>();
  for (const [component, schema] of schemas) {
    const [only, ...others] = kindsOf(schema);
    const { base } = split(component);
    if (only !== undefined && others.length === 0 && !base.startsWith(apimachinery)) groups.set(base, only.group);
  }
  const taken = new Map<string, Set<string>>();
  const homes = new Map<string, Home>();
  for (const component of [...schemas.keys()].toSorted()) {
    const { base, version, name } = split(component);
    const [only, ...others] = kindsOf(schemas.get(component));
    const module = base.startsWith(apimachinery)
      ? metaModule
      : only !== undefined && others.length === 0
        ? moduleOf(only)
        : moduleOf({ group: groups.get(base) ?? (base.split(".").at(-1) || "types"), version });
    const names = taken.get(module) ?? new Set<string>();
    taken.set(module, names);
    homes.set(component, { module, name: uniqueName(names, pascalCase(name)) });
  }
  return homes;
}

/** `name`, or with the first number from 2 on that makes it new; it is taken from then on. */
export function uniqueName(taken: Set<string>, name: string): string {
  let candidate = name;
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${name}${count}`;
  taken.add(candidate);
  return candidate;
}

/** A field's name as part of a type's: `private-key` and `privateKey` are `PrivateKey`. */
export function pascalCase(text: string): string {
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^\p{L}/u.test(joined) ? joined : `_${joined}`;
}

const apimachinery = "io.k8s.apimachinery.pkg";

function split(component: string): { readonly base: string; readonly version: string; readonly name: string } {
  const parts = component.split(".");
  const name = parts.at(-1) ?? component;
  const version = parts.at(-2) ?? "v1";
  return { base: parts.slice(0, -2).join("."), version, name };
}
