/** What the generator knows of an API before it writes a line: facts about kinds, their schemas, and what was wrong with them. */

import type { Scope, Verb } from "../../core/index.js";

/** The name of a kind in one version of its group. */
export interface KindName {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A kind that the API server serves under a path of its own. */
export interface ResourceFacts extends KindName {
  readonly plural: string;
  readonly scope: Scope;
  readonly verbs: readonly Verb[];
  /** Sorted. */
  readonly subresources: readonly string[];
}

/** A kind that exists only as the body of a subresource: an Eviction, a Scale. */
export interface BodyFacts extends KindName {
  /** Whether the API server serves it, so that the server's own metadata is there. */
  readonly readable: boolean;
}

/** Something in the input that could not be used; the rest is generated. */
export interface Problem {
  /** Where it is, such as `Widget.example.dev/v1 spec.rules[].weight`. */
  readonly path: string;
  readonly message: string;
}

/** A whole API, wherever it was read from. Of a group's versions the preferred one comes first. */
export interface ApiDescription {
  readonly resources: readonly ResourceFacts[];
  readonly bodies: readonly BodyFacts[];
  /** OpenAPI v3 schemas by the name of their component. */
  readonly schemas: ReadonlyMap<string, unknown>;
  readonly problems: readonly Problem[];
}

/** Several descriptions as one; where two describe the same thing the first wins. */
export function mergeDescriptions(descriptions: readonly ApiDescription[]): ApiDescription {
  const schemas = new Map<string, unknown>();
  for (const description of descriptions) {
    for (const [name, schema] of description.schemas) if (!schemas.has(name)) schemas.set(name, schema);
  }
  return Object.freeze({
    resources: uniqueKinds(descriptions.flatMap((description) => description.resources)),
    bodies: uniqueKinds(descriptions.flatMap((description) => description.bodies)),
    schemas,
    problems: descriptions.flatMap((description) => description.problems),
  });
}

/** The kinds of `kinds` without those that an earlier one of the same name describes already. */
export function uniqueKinds<K extends KindName>(kinds: readonly K[]): readonly K[] {
  const seen = new Set<string>();
  return kinds.filter((kind) => {
    const key = formatKind(kind);
    return seen.has(key) ? false : seen.add(key);
  });
}

/** `Pod.v1`, `Deployment.apps/v1`: how problems name a kind, and a key for maps. */
export function formatKind({ group, version, kind }: KindName): string {
  return group === "" ? `${kind}.${version}` : `${kind}.${group}/${version}`;
}
