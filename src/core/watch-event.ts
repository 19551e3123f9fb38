/** The events of one watch connection, as the API server sends them. */

import { isStatus, type Status } from "./status.js";

/** A marker that moves the version forward; its object has metadata only. */
export interface Bookmark {
  apiVersion: string;
  kind: string;
  metadata: { resourceVersion: string; annotations?: { [key: string]: string } };
}

/** One event of a watch. */
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED"; readonly object: T }
  /** The object's last state; its resource version is that of the deletion. */
  | { readonly type: "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly object: Bookmark }
  | { readonly type: "ERROR"; readonly object: Status };

/** Whether a bookmark ends the initial events of a streaming list. */
export function endsInitialEvents(bookmark: Bookmark): boolean {
  return bookmark.metadata.annotations?.["k8s.io/initial-events-end"] === "true";
}

/**
 * Takes the JSON value of one line of a watch for the event that it is.
 *
 * A bare Status, which proxies and old servers send, counts as an `ERROR` event.
 *
 * @returns undefined if it is no watch event.
 */
export function watchEventOf<T>(value: unknown): WatchEvent<T> | undefined {
  if (isStatus(value)) return { type: "ERROR", object: value };
  return isWatchEvent<T>(value) ? value : undefined;
}

/** The object's content is the server's promise: it is not inspected, as nothing that is read is. */
function isWatchEvent<T>(value: unknown): value is WatchEvent<T> {
  if (typeof value !== "object" || value === null || !("type" in value) || !("object" in value)) return false;
  const { type, object } = value;
  if (typeof object !== "object" || object === null || typeof type !== "string") return false;
  if (type === "ERROR") return isStatus(object);
  return eventTypes.has(type) && hasResourceVersion(object);
}

function hasResourceVersion(object: object): boolean {
  if (!("metadata" in object)) return false;
  const { metadata } = object;
  return (
    typeof metadata === "object" &&
    metadata !== null &&
    "resourceVersion" in metadata &&
    typeof metadata.resourceVersion === "string" &&
    metadata.resourceVersion !== ""
  );
}

const eventTypes: ReadonlySet<string> = new Set(["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]);
