/** From the names that people use for kinds, such as `deploy` and `deployments.apps`, to the kinds, as kubectl understands them. */

import type { DiscoveredKind } from "./discovery.js";
import { apiVersionOf, resourceNameOf } from "./kind.js";

/**
 * The kinds that a name stands for, the one that kubectl takes first: that of the group which the server prefers, in the version
 * which it prefers. Further ones are of other groups.
 *
 * A name is a plural, a singular, a short name or a kind, in any case, alone or followed by the group (or its beginning), or by version and group:
 * `deploy`, `deployments.apps`, `deployments.v1.apps`, `Deployment.v1.apps`; `pods.v1.` names the core group.
 */
export function kindsNamed(kinds: readonly DiscoveredKind[], name: string): readonly DiscoveredKind[] {
  const [first = "", second, ...rest] = name.split(".");
  const word = first.toLowerCase();
  if (second === undefined) return firstOfEachGroup(wordMatches(kinds, word));
  const exact = kinds.filter((kind) => kind.version === second && kind.group === rest.join("."));
  const versioned = rest.length === 0 ? [] : firstOfEachGroup(wordMatches(exact, word));
  if (versioned.length > 0) return versioned;
  const group = [second, ...rest].join(".");
  const inGroup = wordMatches(
    kinds.filter((kind) => kind.group === group),
    word,
  );
  const begins = (kind: DiscoveredKind) => kind.group.startsWith(group);
  return firstOfEachGroup(inGroup.length > 0 || group === "" ? inGroup : wordMatches(kinds.filter(begins), word));
}

/** The kinds of a category such as `all`, each in its preferred version; empty if there is no such category. */
export function kindsOfCategory(kinds: readonly DiscoveredKind[], category: string): readonly DiscoveredKind[] {
  return preferredKinds(kinds).filter(({ categories }) => categories.includes(category));
}

/** Each resource once, in the version that the server prefers among those that have it. */
export function preferredKinds(kinds: readonly DiscoveredKind[]): readonly DiscoveredKind[] {
  return firstBy(kinds, resourceNameOf);
}

/** The kind of an object, or of a reference to one. */
export function kindOfObject(
  kinds: readonly DiscoveredKind[],
  object: { readonly apiVersion: string; readonly kind: string },
): DiscoveredKind | undefined {
  return kinds.find((kind) => kind.kind === object.kind && apiVersionOf(kind) === object.apiVersion);
}

/** At most three names that are alike, the nearest first: what a misspelt name may have meant. */
export function nearestNames(kinds: readonly DiscoveredKind[], name: string): readonly string[] {
  const word = (name.split(".")[0] ?? "").toLowerCase();
  const far = 1 + Math.floor(word.length / 4);
  const near = preferredKinds(kinds)
    .map((kind) => ({
      name: resourceNameOf(kind),
      distance: Math.min(...namesOf(kind).map((known) => editDistance(known, word))),
    }))
    .filter(({ distance }) => distance <= far)
    .toSorted((a, b) => a.distance - b.distance);
  return near.slice(0, 3).map(({ name }) => name);
}

/** A full name is never taken for a short name of another kind. */
function wordMatches(kinds: readonly DiscoveredKind[], word: string): readonly DiscoveredKind[] {
  const ways: readonly ((kind: DiscoveredKind) => boolean)[] = [
    ({ plural, singular }) => plural === word || singular === word,
    ({ shortNames }) => shortNames.includes(word),
    ({ kind }) => kind.toLowerCase() === word,
  ];
  for (const way of ways) {
    const matches = kinds.filter(way);
    if (matches.length > 0) return matches;
  }
  return [];
}

function firstOfEachGroup(kinds: readonly DiscoveredKind[]): readonly DiscoveredKind[] {
  return firstBy(kinds, ({ group }) => group);
}

function firstBy(kinds: readonly DiscoveredKind[], keyOf: (kind: DiscoveredKind) => string): readonly DiscoveredKind[] {
  const firsts = new Map<string, DiscoveredKind>();
  for (const kind of kinds) if (!firsts.has(keyOf(kind))) firsts.set(keyOf(kind), kind);
  return [...firsts.values()];
}

function namesOf({ plural, singular, shortNames }: DiscoveredKind): readonly string[] {
  return [plural, singular, ...shortNames];
}

/** How many letters must be added, removed or changed (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split("").entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const change = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
