/** What an API server serves, read from its discovery documents: every kind, in the server's order, and what cannot be reached. */

import type { AnyKind, Scope, Verb } from "./kind.js";
import { standardVerbs } from "./kind.js";
import { isObject, type JsonObject, objectAt, objectsAt, textAt, textsAt } from "./json-fields.js";
import type { DynamicObject } from "./meta.js";

/** A kind as the API server describes it: a descriptor for `client.api(kind)`, with the names that people use for it. */
export interface DiscoveredKind extends AnyKind {
  /** Such as `deployment`. */
  readonly singular: string;
  /** Such as `deploy`. */
  readonly shortNames: readonly string[];
  /** Names of several kinds together, such as `all`. */
  readonly categories: readonly string[];
  /** Never set: carries the object's type for the compiler. */
  readonly "~object"?: DynamicObject;
  /** Never set: carries the type of a new object for the compiler. */
  readonly "~new"?: DynamicObject;
}

/** A version of a group whose kinds the server cannot tell now: the server behind its APIService does not answer. */
export interface UnavailableApi {
  readonly group: string;
  readonly version: string;
  readonly message: string;
}

/** Everything that an API server serves. */
export interface ServedApis {
  /** Groups in the server's order of preference, in each the preferred version first. */
  readonly kinds: readonly DiscoveredKind[];
  /** What may be missing from `kinds`. */
  readonly unavailable: readonly UnavailableApi[];
}

/** A version of a group that has a discovery document of its own. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

/** Several parts of what is served, in order, as one. */
export function joinServedApis(parts: readonly ServedApis[]): ServedApis {
  return Object.freeze({
    kinds: Object.freeze(parts.flatMap(({ kinds }) => kinds)),
    unavailable: Object.freeze(parts.flatMap(({ unavailable }) => unavailable)),
  });
}

/**
 * Reads aggregated discovery: the APIGroupDiscoveryList that `/api` and `/apis` serve if asked for it.
 *
 * @returns undefined if the document is another one, as older servers send.
 */
export function parseAggregatedDiscovery(document: unknown): ServedApis | undefined {
  if (!isObject(document) || document["kind"] !== "APIGroupDiscoveryList") return undefined;
  return joinServedApis(
    objectsAt(document, "items").flatMap((group) => {
      const name = textAt(objectAt(group, "metadata"), "name");
      return objectsAt(group, "versions").map((version) => parseAggregatedVersion(name, version));
    }),
  );
}

/** The versions that an APIVersions (`/api`) or an APIGroupList (`/apis`) names, each group's preferred one first. */
export function parseGroupVersions(document: unknown): readonly GroupVersion[] | undefined {
  if (!isObject(document)) return undefined;
  if (document["kind"] === "APIVersions") {
    return textsAt(document, "versions").map((version) => ({ group: "", version }));
  }
  if (document["kind"] !== "APIGroupList") return undefined;
  return objectsAt(document, "groups").flatMap((group) => {
    const versions = objectsAt(group, "versions").map((version) => textAt(version, "version"));
    const preferred = textAt(objectAt(group, "preferredVersion"), "version");
    const rest = versions.filter((version) => version !== preferred);
    return [...(rest.length < versions.length ? [preferred] : []), ...rest].map((version) => ({
      group: textAt(group, "name"),
      version,
    }));
  });
}

/** Reads an APIResourceList, the document of one version of a group; undefined if it is none. */
export function parseResourceList(document: unknown, { group, version }: GroupVersion): ServedApis | undefined {
  if (!isObject(document) || document["kind"] !== "APIResourceList") return undefined;
  const resources = objectsAt(document, "resources");
  const names = resources.map((resource) => textAt(resource, "name"));
  return joinServedApis([
    {
      kinds: resources.flatMap((resource) => {
        const plural = textAt(resource, "name");
        if (plural.includes("/")) return [];
        const own = names.filter((name) => name.startsWith(`${plural}/`));
        return kindOf(resource, {
          group,
          version,
          plural,
          kind: textAt(resource, "kind"),
          singular: textAt(resource, "singularName"),
          scope: resource["namespaced"] === true ? "Namespaced" : "Cluster",
          subresources: own.map((name) => name.slice(plural.length + 1)),
        });
      }),
      unavailable: [],
    },
  ]);
}

function parseAggregatedVersion(group: string, document: JsonObject): ServedApis {
  const version = textAt(document, "version");
  // What a stale version lists is what its server said when it last answered.
  if (textAt(document, "freshness") === "Stale") {
    const message = "the server behind its APIService does not answer";
    return { kinds: [], unavailable: [Object.freeze({ group, version, message })] };
  }
  return {
    kinds: objectsAt(document, "resources").flatMap((resource) =>
      kindOf(resource, {
        group,
        version,
        plural: textAt(resource, "resource"),
        kind: textAt(objectAt(resource, "responseKind"), "kind"),
        singular: textAt(resource, "singularResource"),
        scope: textAt(resource, "scope") === "Namespaced" ? "Namespaced" : "Cluster",
        subresources: objectsAt(resource, "subresources").map((subresource) => textAt(subresource, "subresource")),
      }),
    ),
    unavailable: [],
  };
}

interface KindFacts extends GroupVersion {
  readonly plural: string;
  readonly kind: string;
  readonly singular: string;
  readonly scope: Scope;
  readonly subresources: readonly string[];
}

/** A resource without a kind serves no objects: nothing can be done with it. */
function kindOf(resource: JsonObject, facts: KindFacts): readonly DiscoveredKind[] {
  if (facts.kind === "" || facts.plural === "") return [];
  return [
    Object.freeze({
      ...facts,
      singular: facts.singular || facts.kind.toLowerCase(),
      verbs: Object.freeze(textsAt(resource, "verbs").filter(isVerb)),
      subresources: Object.freeze(facts.subresources.toSorted()),
      shortNames: Object.freeze(textsAt(resource, "shortNames")),
      categories: Object.freeze(textsAt(resource, "categories")),
    }),
  ];
}

function isVerb(text: string): text is Verb {
  const verbs: readonly string[] = standardVerbs;
  return verbs.includes(text);
}
