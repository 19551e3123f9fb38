/** A request as plain data: what the client sends, without a socket in sight. */

import { checkWellFormed } from "../well-formed.js";

/** HTTP methods that the API uses. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What to send to an API server, below its base URL. Frozen. */
export interface ApiRequest {
  readonly method: Method;
  /** Starts with a slash; segments are percent-encoded. */
  readonly path: string;
  /** Names and values in order, not yet encoded. */
  readonly query: readonly QueryPair[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value; absent means no body. */
  readonly body?: unknown;
}

/** One parameter of a query. */
export type QueryPair = readonly [name: string, value: string];

/**
 * The path and, if there is a query, a question mark and the query: `path?a=b&c=d`.
 *
 * @throws KindredError `INVALID_ARGUMENT` for a value with half a character.
 */
export function formatUrl(request: Pick<ApiRequest, "path" | "query">): string {
  if (request.query.length === 0) return request.path;
  const query = request.query.map(([name, value]) => {
    checkWellFormed(value, `the parameter ${name} of ${request.path}`);
    return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  });
  return `${request.path}?${query.join("&")}`;
}
