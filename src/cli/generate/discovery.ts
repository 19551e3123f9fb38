/** Kinds, verbs, scopes and subresources from aggregated discovery. */

import { standardVerbs, type Verb } from "../../core/index.js";
import type { BodyFacts, KindName, Problem, ResourceFacts } from "./api-description.js";
import { formatKind, uniqueKinds } from "./api-description.js";
import { isObject, type JsonObject, objectAt, objectsAt, textAt, textsAt } from "./json.js";

/** The media type of aggregated discovery, which `/api` and `/apis` serve beside the old form. */
export const aggregatedDiscovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** The part of an ApiDescription that discovery knows. */
export interface Discovered {
  readonly resources: readonly ResourceFacts[];
  readonly bodies: readonly BodyFacts[];
  readonly problems: readonly Problem[];
}

/** Whether a document is aggregated discovery, and not the APIGroupList of an older server. */
export function isAggregatedDiscovery(document: unknown): boolean {
  return isObject(document) && document["kind"] === "APIGroupDiscoveryList";
}

/**
 * Reads the documents that `/api` and `/apis` serve as {@link aggregatedDiscovery}.
 *
 * @returns kinds in the server's order, in which a group's preferred version comes first.
 */
export function readDiscovery(documents: readonly unknown[]): Discovered {
  const found: Discovered[] = [];
  for (const document of documents.filter(isObject)) {
    for (const group of objectsAt(document, "items")) {
      const name = textAt(objectAt(group, "metadata"), "name");
      for (const version of objectsAt(group, "versions")) found.push(readVersion(name, version));
    }
  }
  return joinDiscovered(found);
}

/** Several discoveries as one: a kind that is a resource anywhere is no body, and a body that one path serves is readable. */
export function joinDiscovered(parts: readonly Discovered[]): Discovered {
  const resources = uniqueKinds(parts.flatMap((part) => part.resources));
  const stored = new Set(resources.map(formatKind));
  const bodies = parts.flatMap((part) => part.bodies).filter((body) => !stored.has(formatKind(body)));
  const readable = new Set(bodies.filter((body) => body.readable).map(formatKind));
  return Object.freeze({
    resources,
    bodies: uniqueKinds(bodies).map(
      ({ group, version, kind }): BodyFacts => ({
        group,
        version,
        kind,
        readable: readable.has(formatKind({ group, version, kind })),
      }),
    ),
    problems: parts.flatMap((part) => part.problems),
  });
}

/** The verbs of `texts` in discovery's order. */
export function sortVerbs(texts: readonly string[]): readonly Verb[] {
  return standardVerbs.filter((verb) => texts.includes(verb));
}

function readVersion(group: string, document: JsonObject): Discovered {
  const version = textAt(document, "version");
  const at = group === "" ? version : `${group}/${version}`;
  const resources: ResourceFacts[] = [];
  const bodies: BodyFacts[] = [];
  const problems: Problem[] = [];
  if (textAt(document, "freshness") === "Stale") {
    problems.push({ path: at, message: "the server behind this group does not answer: its kinds may be missing" });
  }
  for (const resource of objectsAt(document, "resources")) {
    const plural = textAt(resource, "resource");
    const own = kindOf(resource, { group, version, kind: "" });
    const scope = textAt(resource, "scope");
    if (own.kind === "" || (scope !== "Namespaced" && scope !== "Cluster")) {
      problems.push({ path: `${at} ${plural}`, message: "discovery names no kind or no scope for it: left out" });
      continue;
    }
    const subresources = objectsAt(resource, "subresources");
    // A resource of another group is served here only as a courtesy, such as `extensions` once: its own group describes it.
    if (own.group !== group || own.version !== version) continue;
    resources.push({
      ...own,
      plural,
      scope,
      verbs: sortVerbs(textsAt(resource, "verbs")),
      subresources: subresources.map((subresource) => textAt(subresource, "subresource")).toSorted(),
    });
    for (const subresource of subresources) {
      const body = kindOf(subresource, own);
      if (body.kind !== "" && body.kind !== own.kind) {
        bodies.push({ ...body, readable: textsAt(subresource, "verbs").includes("get") });
      }
    }
  }
  return { resources, bodies, problems };
}

/** An empty group or version in `responseKind` stands for the parent's. */
function kindOf(resource: JsonObject, parent: KindName): KindName {
  const response = objectAt(resource, "responseKind");
  return {
    group: textAt(response, "group") || parent.group,
    version: textAt(response, "version") || parent.version,
    kind: textAt(response, "kind"),
  };
}
