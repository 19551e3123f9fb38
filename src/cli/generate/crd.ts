/** An API from CustomResourceDefinitions, as manifests hold them. */

import { compareVersionPriority, standardVerbs } from "../../core/index.js";
import { itemsOf } from "../../manifests/index.js";
import type { ApiDescription, Problem, ResourceFacts } from "./api-description.js";
import { isObject, type JsonObject, objectAt, objectsAt, textAt } from "./json.js";

/** A parsed manifest, and the name that problems give it: the file. */
export interface Manifest {
  readonly source: string;
  readonly document: unknown;
}

/**
 * Reads every CustomResourceDefinition of the manifests; lists are opened, other kinds are passed over.
 *
 * @returns the served versions, each with the schema that the API server would publish for it.
 */
export function readCrds(manifests: readonly Manifest[]): ApiDescription {
  const resources: ResourceFacts[] = [];
  const schemas = new Map<string, unknown>();
  const problems: Problem[] = [];
  let count = 0;
  for (const { source, document } of manifests) {
    for (const object of definitionsOf(document)) {
      count += 1;
      const crd = readCrd(object);
      resources.push(...crd.resources);
      for (const [name, schema] of crd.schemas) schemas.set(name, schema);
      problems.push(...crd.problems.map(({ path, message }): Problem => ({ path: `${source}: ${path}`, message })));
    }
  }
  if (count === 0) {
    const path =
      manifests.length === 0 ? "the input" : [...new Set(manifests.map((manifest) => manifest.source))].join(", ");
    problems.push({ path, message: "no CustomResourceDefinition in it" });
  }
  return Object.freeze({ resources, bodies: [], schemas, problems });
}

/** The CustomResourceDefinitions in a manifest; lists are opened. */
export function definitionsOf(document: unknown): readonly JsonObject[] {
  return objectsOf(document).filter((object) => textAt(object, "kind") === "CustomResourceDefinition");
}

function objectsOf(document: unknown): readonly JsonObject[] {
  if (!isObject(document)) return [];
  return itemsOf(document)?.flatMap(objectsOf) ?? [document];
}

function readCrd(crd: JsonObject): ApiDescription {
  const spec = objectAt(crd, "spec");
  const names = objectAt(spec, "names");
  const group = textAt(spec, "group");
  const kind = textAt(names, "kind");
  const plural = textAt(names, "plural");
  const scope = textAt(spec, "scope");
  const name = textAt(objectAt(crd, "metadata"), "name") || `${plural}.${group}`;
  const apiVersion = textAt(crd, "apiVersion");
  const problems: Problem[] = [];
  const none = { resources: [], bodies: [], schemas: new Map<string, unknown>(), problems };
  if (apiVersion !== "apiextensions.k8s.io/v1") {
    problems.push({
      path: name,
      message: `apiVersion is ${JSON.stringify(apiVersion)}; only apiextensions.k8s.io/v1 has schemas per version`,
    });
    return none;
  }
  for (const [path, value] of Object.entries({
    "spec.group": group,
    "spec.names.kind": kind,
    "spec.names.plural": plural,
  })) {
    if (value === "") problems.push({ path: `${name} ${path}`, message: "is missing" });
  }
  if (scope !== "Namespaced" && scope !== "Cluster") {
    problems.push({
      path: `${name} spec.scope`,
      message: `is ${JSON.stringify(spec["scope"])}; expected "Namespaced" or "Cluster"`,
    });
    return none;
  }
  if (problems.length > 0) return none;

  const served = objectsAt(spec, "versions").filter((version) => version["served"] !== false);
  if (served.length === 0) problems.push({ path: `${name} spec.versions`, message: "no version is served" });
  const resources: ResourceFacts[] = [];
  const schemas = new Map<string, unknown>();
  for (const entry of served.toSorted((a, b) => compareVersionPriority(textAt(a, "name"), textAt(b, "name")))) {
    const version = textAt(entry, "name");
    const schema = objectAt(entry, "schema")["openAPIV3Schema"];
    if (!isObject(schema)) {
      problems.push({
        path: `${name} ${version} schema.openAPIV3Schema`,
        message: "is missing: every field is unknown",
      });
    }
    resources.push({
      group,
      version,
      kind,
      plural,
      scope,
      verbs: standardVerbs,
      subresources: Object.keys(objectAt(entry, "subresources")).toSorted(),
    });
    schemas.set(
      componentName(group, version, kind),
      published(isObject(schema) ? schema : { type: "object", "x-kubernetes-preserve-unknown-fields": true }, {
        group,
        version,
        kind,
      }),
    );
  }
  return { resources, bodies: [], schemas, problems };
}

/** The name that the API server gives the schema: `dev.example.v1.Widget`. */
function componentName(group: string, version: string, kind: string): string {
  return [...group.split(".").toReversed(), version, kind].join(".");
}

/** What the API server makes of a CRD's schema before it publishes it. */
function published(schema: JsonObject, kind: { group: string; version: string; kind: string }): JsonObject {
  const text = { type: "string" };
  return {
    ...schema,
    properties: {
      ...objectAt(schema, "properties"),
      apiVersion: text,
      kind: text,
      metadata: { allOf: [{ $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" }] },
    },
    "x-kubernetes-group-version-kind": [kind],
  };
}
