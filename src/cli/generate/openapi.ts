/** An API from OpenAPI v3 documents, with or without discovery. */

import { compareVersionPriority, invalidArgument } from "../../core/index.js";
import type { ApiDescription } from "./api-description.js";
import { type Discovered, joinDiscovered } from "./discovery.js";
import { isObject, objectAt, textAt } from "./json.js";
import { readPaths } from "./paths.js";

/** An OpenAPI document and the name that errors give it: a file, or a path of the API server. */
export interface OpenApiDocument {
  readonly source: string;
  readonly document: unknown;
}

/**
 * Reads OpenAPI v3 documents. Without `discovery` the kinds follow from the paths.
 *
 * @throws KindredError INVALID_ARGUMENT if a document is not OpenAPI v3.
 */
export function readOpenApi(documents: readonly OpenApiDocument[], discovery?: Discovered): ApiDescription {
  const schemas = new Map<string, unknown>();
  const found: Discovered[] = [];
  for (const { source, document } of documents) {
    if (!isObject(document) || !textAt(document, "openapi").startsWith("3.")) {
      throw invalidArgument(`${source} is not an OpenAPI v3 document: ${describe(document)}`);
    }
    if (discovery === undefined) found.push(readPaths(document));
    const components = objectAt(objectAt(document, "components"), "schemas");
    for (const [name, schema] of Object.entries(components)) if (!schemas.has(name)) schemas.set(name, schema);
  }
  const facts = discovery ?? byVersion(joinDiscovered(found));
  return Object.freeze({ ...facts, schemas });
}

/** Paths do not tell which version a group prefers: the rule that the API server follows does. */
function byVersion(facts: Discovered): Discovered {
  return { ...facts, resources: facts.resources.toSorted((a, b) => compareVersionPriority(a.version, b.version)) };
}

function describe(document: unknown): string {
  if (!isObject(document)) return "it is no JSON object";
  const swagger = textAt(document, "swagger");
  if (swagger !== "") return `it says swagger ${swagger}; take /openapi/v3/… instead of /openapi/v2`;
  if (isObject(document["paths"]) && document["openapi"] === undefined) {
    return "it looks like the index at /openapi/v3; take the documents that it lists, or use --cluster";
  }
  const kind = textAt(document, "kind");
  if (kind === "CustomResourceDefinition") return "it is a CustomResourceDefinition; use --crd";
  return `it has no field openapi that begins with "3."`;
}
