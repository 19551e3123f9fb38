/** Requests that read: get, list, watch. */

import { invalidArgument } from "../errors.js";
import type { GetOptions, ListOptions, SelectorOptions, WatchOptions } from "../options.js";
import { formatFieldSelector, formatLabelSelector } from "../selector.js";
import { collectionPath, objectPath, type Representation, type Target } from "./path.js";
import type { ApiRequest, QueryPair } from "./request.js";

/** Below the 300 seconds after which many load balancers and proxies cut a connection. */
export const defaultWatchTimeoutSeconds = 290;
const watchTimeoutLimitSeconds = 295;

/** One object, or its subresource. */
export function getRequest(target: Target, name: string, options: GetOptions = {}): ApiRequest {
  return Object.freeze({
    method: "GET",
    path: objectPath(target, name),
    query: pairs([["resourceVersion", options.resourceVersion], includePair(target)]),
    headers: accept(target.representation, "one"),
  });
}

/** One page of a collection; all of it without `limit`. */
export function listRequest(target: Target, options: ListOptions = {}): ApiRequest {
  validateList(target, options);
  const continues = options.continue !== undefined;
  // The server ignores a limit at "0" and would send everything: the limit is what the caller wants.
  const version = options.limit !== undefined && options.resourceVersion === "0" ? undefined : options.resourceVersion;
  return Object.freeze({
    method: "GET",
    path: collectionPath(target),
    query: pairs([
      ...selectorPairs(options),
      ["limit", options.limit],
      ["continue", options.continue],
      ["resourceVersion", continues ? undefined : version],
      ["resourceVersionMatch", continues || version === undefined ? undefined : options.resourceVersionMatch],
      ["timeoutSeconds", options.timeoutSeconds],
      includePair(target),
    ]),
    headers: accept(target.representation, "many"),
  });
}

/** One watch connection. */
export function watchRequest(target: Target, options: WatchOptions = {}): ApiRequest {
  const timeoutSeconds = options.timeoutSeconds ?? defaultWatchTimeoutSeconds;
  const bookmarks = options.bookmarks ?? true;
  if (!(timeoutSeconds > 0 && timeoutSeconds < watchTimeoutLimitSeconds && Number.isInteger(timeoutSeconds))) {
    throw invalidArgument(
      `a watch of ${target.kind.plural}: timeoutSeconds must be a whole number from 1 to ${watchTimeoutLimitSeconds - 1} (many proxies cut a connection at 300), but is ${timeoutSeconds}`,
    );
  }
  if (options.sendInitialEvents === true && !bookmarks) {
    throw invalidArgument(
      `a watch of ${target.kind.plural}: sendInitialEvents needs bookmarks, because a bookmark ends the initial events: leave bookmarks on`,
    );
  }
  return Object.freeze({
    method: "GET",
    path: collectionPath(target),
    query: pairs([
      ["watch", true],
      ["timeoutSeconds", timeoutSeconds],
      ...selectorPairs(options),
      ["allowWatchBookmarks", bookmarks || undefined],
      ["sendInitialEvents", options.sendInitialEvents],
      ["resourceVersionMatch", options.sendInitialEvents === undefined ? undefined : "NotOlderThan"],
      ["resourceVersion", options.resourceVersion],
      includePair(target),
    ]),
    headers: accept(target.representation, "one"),
  });
}

function validateList({ kind }: Target, options: ListOptions): void {
  if (options.limit !== undefined && !(Number.isInteger(options.limit) && options.limit > 0)) {
    throw invalidArgument(`a list of ${kind.plural}: limit must be a whole number above 0, but is ${options.limit}`);
  }
  if (options.resourceVersionMatch === undefined) return;
  if (options.resourceVersion === undefined || options.resourceVersion === "") {
    throw invalidArgument(
      `a list of ${kind.plural}: resourceVersionMatch ${options.resourceVersionMatch} says how a resourceVersion is meant, and none was given: give one, or leave the match out`,
    );
  }
  if (options.resourceVersionMatch === "Exact" && options.resourceVersion === "0") {
    throw invalidArgument(
      `a list of ${kind.plural}: resourceVersion "0" is whatever the server has cached, which nothing can match exactly: name another version, or match NotOlderThan`,
    );
  }
}

/** Fields before labels: the order of the field's other clients, which recorded tests rely on. */
export function selectorPairs(options: SelectorOptions): readonly OptionalPair[] {
  return [
    ["fieldSelector", options.fields === undefined ? undefined : formatFieldSelector(options.fields) || undefined],
    ["labelSelector", options.labels === undefined ? undefined : formatLabelSelector(options.labels) || undefined],
  ];
}

/** `Metadata` is the server's default. */
function includePair({ representation, includeObject }: Target): OptionalPair {
  return ["includeObject", representation === "table" ? includeObject : undefined];
}

type OptionalPair = readonly [name: string, value: string | number | boolean | undefined];

/** Drops what was not asked for. */
export function pairs(optional: readonly OptionalPair[]): readonly QueryPair[] {
  return Object.freeze(
    optional.flatMap(([name, value]) => (value === undefined ? [] : [Object.freeze([name, String(value)] as const)])),
  );
}

/** The Accept header for a representation; a collection has a list form of its own. */
export function accept(representation: Representation | undefined, count: "one" | "many"): ApiRequest["headers"] {
  return Object.freeze({ accept: mediaType(representation ?? "object", count) });
}

function mediaType(representation: Representation, count: "one" | "many"): string {
  switch (representation) {
    case "object":
      return "application/json";
    case "metadata":
      return `application/json;as=PartialObjectMetadata${count === "many" ? "List" : ""};g=meta.k8s.io;v=v1`;
    case "table":
      return "application/json;as=Table;g=meta.k8s.io;v=v1";
    default:
      throw new TypeError(`unknown representation ${String(representation satisfies never)}`);
  }
}
