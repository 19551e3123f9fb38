/** One request on its way through the verbs, and what every verb works with. */

import type { User } from "../access.js";
import { formatTime, newSuffix, type ServerClock } from "../clock.js";
import { type JsonObject, objectOf } from "../json.js";
import type { Formats } from "../body/read-body.js";
import type { Registry } from "../registry.js";
import type { ApiRequest } from "../request.js";
import { type HookContext, keyOf, type Resource } from "../resource.js";
import type { SortedKeys } from "../store/sorted-keys.js";
import type { Store } from "../store/store.js";

/** What the server consists of. */
export interface Parts {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: ServerClock;
  readonly formats: Formats;
}

/** A request about a kind that is served. */
export interface Call extends Parts {
  readonly request: ApiRequest;
  readonly query: URLSearchParams;
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly user: User;
  /** Adds a warning to the response. */
  readonly warn: (text: string) => void;
}

/** What a verb answers: an object of a kind, a list of it, or something that has no other form. */
export type Answer =
  | { readonly type: "object"; readonly code: number; readonly resource: Resource; readonly object: JsonObject }
  | {
      readonly type: "list";
      readonly resource: Resource;
      readonly metadata: JsonObject;
      readonly items: readonly JsonObject[];
    }
  | { readonly type: "plain"; readonly code: number; readonly object: JsonObject }
  /** No JSON at all: what a container has written. */
  | { readonly type: "text"; readonly text: string };

/** The time, as objects carry it. */
export function nowOf({ clock }: Pick<Call, "clock">): string {
  return formatTime(clock.now());
}

/** The key of the object that the call is about. */
export function callKey({ resource, namespace, name }: Pick<Call, "resource" | "namespace" | "name">): string {
  return keyOf(resource, namespace, name);
}

/** The object that the call is about, in the version of the call. */
export function liveObject(call: Call): JsonObject | undefined {
  const stored = call.store.get(call.resource.collection, callKey(call));
  return stored === undefined ? undefined : call.resource.fromStored(stored);
}

/** Where the keys of the call lie among all of its collection: those of a namespace, of one object, or all. */
export function spanOf(
  { resource, namespace }: { readonly resource: Pick<Resource, "scope">; readonly namespace: string },
  keys: SortedKeys,
  name: string = "",
): { readonly first: number; readonly end: number } {
  if (resource.scope === "Namespaced" && namespace === "") return { first: 0, end: keys.size };
  if (name !== "") {
    const key = keyOf(resource, namespace, name);
    return { first: keys.rank(key), end: keys.rank(`${key}\0`) };
  }
  // All keys of a namespace lie between its name with a slash and its name with the character that follows the slash.
  return resource.scope === "Namespaced"
    ? { first: keys.rank(`${namespace}/`), end: keys.rank(`${namespace}0`) }
    : { first: 0, end: keys.size };
}

/** What hooks may know. */
export function hookContext(call: Pick<Call, "clock" | "warn" | "store" | "query">): HookContext {
  return {
    now: nowOf(call),
    warn: call.warn,
    dryRun: call.query.has("dryRun"),
    suffix: () => newSuffix(call.clock),
    get: (collection, key) => call.store.get(collection, key),
    list: (collection) => {
      const snapshot = call.store.snapshot(collection);
      return Array.from(snapshot.keys, (key) => snapshot.get(key)).filter((object) => object !== undefined);
    },
  };
}

/** The metadata of an object. */
export function metaOf(object: JsonObject): JsonObject {
  return objectOf(object["metadata"]);
}
