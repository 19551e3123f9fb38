/** An API from a live cluster. */

import { KindredError } from "../../core/index.js";
import type { ApiDescription } from "./api-description.js";
import { aggregatedDiscovery, isAggregatedDiscovery, readDiscovery } from "./discovery.js";
import { isObject, objectAt } from "./json.js";
import { type OpenApiDocument, readOpenApi } from "./openapi.js";

/** GETs a path of the API server and parses the JSON that comes back; `accept` is the media type to ask for. */
export type Get = (
  path: string,
  options: { readonly accept: string; readonly signal?: AbortSignal },
) => Promise<unknown>;

/**
 * Reads discovery and OpenAPI v3 of a cluster. Where a server is too old for aggregated discovery, the paths take its place.
 *
 * @param options.groups only these API groups, `core` being the one without a name. Default: all.
 * @throws whatever `get` throws; KindredError PROTOCOL if the server's OpenAPI index is none.
 */
export async function readCluster(
  get: Get,
  options: { readonly groups?: readonly string[]; readonly signal?: AbortSignal } = {},
): Promise<ApiDescription> {
  const ask = (path: string, accept: string) =>
    get(path, { accept, ...(options.signal === undefined ? {} : { signal: options.signal }) });
  const accept = `${aggregatedDiscovery},application/json`;
  const discovered = [await ask("/api", accept), await ask("/apis", accept)];
  const index = await ask("/openapi/v3", "application/json");
  if (!isObject(index) || !isObject(index["paths"])) {
    throw new KindredError(
      "PROTOCOL",
      "/openapi/v3 lists no documents: the API server has to be Kubernetes 1.27 or later",
    );
  }
  const documents: OpenApiDocument[] = [];
  for (const path of Object.keys(objectAt(index, "paths")).toSorted()) {
    const [, version, group = "core"] = /^(?:api\/(v[^/]+)|apis\/([^/]+)\/[^/]+)$/.exec(path) ?? [];
    if (version === undefined && group === "core") continue;
    if (options.groups !== undefined && !options.groups.includes(group)) continue;
    documents.push({ source: `/openapi/v3/${path}`, document: await ask(`/openapi/v3/${path}`, "application/json") });
  }
  return readOpenApi(documents, discovered.every(isAggregatedDiscovery) ? readDiscovery(discovered) : undefined);
}
