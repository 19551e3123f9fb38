/** GET of an object or a list. */

import {
  expired,
  badRequest,
  continueExpiredText,
  listVersionExpiredText,
  notFound,
  tooLargeVersion,
} from "../messages.js";
import { parseVersion, type ReadOptions, readOptions } from "../options.js";
import { isObject, type JsonObject, textOf } from "../json.js";
import { selectionOf } from "../selectors.js";
import type { Snapshot } from "../store/store.js";
import { type Answer, type Call, liveObject, spanOf } from "./call.js";

/** Gets one object. */
export function getOne(call: Call): Answer {
  const version = call.query.get("resourceVersion") ?? "";
  if (version !== "") checkFuture(call, parseVersion(version, "other"));
  const object = liveObject(call);
  if (object === undefined) throw notFound(call.resource, call.name);
  return { type: "object", code: 200, resource: call.resource, object };
}

/** Lists objects: all of them, or a page. */
export function list(call: Call, options: ReadOptions = readOptions(call.query, false)): Answer {
  const { resource } = call;
  const selection = selectionOf(resource, call.query);
  const start = startOf(call, options);
  const limit = options.resourceVersion === "0" ? 0 : options.limit;
  const items: JsonObject[] = [];
  let last = "";
  let remaining = 0;
  const { keys } = start.snapshot;
  const { first, end } = spanOf(call, keys, selection.name);
  let index = Math.max(first, keys.rank(start.from));
  for (const key of keys.between(index, end)) {
    const here = index++;
    const stored = start.snapshot.get(key);
    if (stored === undefined) continue;
    if (limit > 0 && items.length === limit && selection.isEmpty) {
      remaining = end - here;
      break;
    }
    const object = resource.fromStored(stored);
    if (!selection.matches(object)) continue;
    if (limit > 0 && items.length === limit) {
      remaining++;
      continue;
    }
    items.push(object);
    last = key;
  }
  const revision = start.revision;
  const metadata: JsonObject = {
    resourceVersion: String(revision),
    ...(remaining > 0 ? { continue: formatToken(revision, `${last}\0`) } : resource.custom ? { continue: "" } : {}),
    ...(remaining === 0 || !selection.isEmpty ? {} : { remainingItemCount: remaining }),
  };
  return { type: "list", resource, metadata, items };
}

interface Start {
  readonly snapshot: Snapshot;
  /** The revision that the list reports. */
  readonly revision: number;
  /** The least key that the list may begin with. */
  readonly from: string;
}

function startOf(call: Call, options: ReadOptions): Start {
  const { store, resource } = call;
  if (options.continue !== "") return continued(call, options);
  const text = options.resourceVersion;
  const version = text === "" || text === "0" ? 0 : parseVersion(text, "list");
  if (version === 0) return latest(call, "");
  checkFuture(call, version);
  const isExact = options.match === "Exact" || (options.match === "" && options.limit > 0);
  if (!isExact) return latest(call, "");
  const snapshot = store.snapshotAt(resource.collection, version);
  if (snapshot === undefined) throw expired(listVersionExpiredText);
  return { snapshot, revision: version, from: "" };
}

function latest({ store, resource }: Call, from: string): Start {
  const snapshot = store.snapshot(resource.collection);
  return { snapshot, revision: snapshot.revision, from };
}

function continued(call: Call, options: ReadOptions): Start {
  const token = parseToken(options.continue);
  if (options.resourceVersion !== "" && options.resourceVersion !== "0") {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  if (token.revision < 0) return latest(call, token.from);
  const snapshot = call.store.snapshotAt(call.resource.collection, token.revision);
  if (snapshot === undefined) throw expired(continueExpiredText, formatToken(-1, token.from));
  return { snapshot, revision: token.revision, from: token.from };
}

/** Nothing is known of the future. The API server waits three seconds for it first. */
function checkFuture({ store }: Call, version: number): void {
  if (version > store.revision) throw tooLargeVersion(String(version), String(store.revision));
}

function formatToken(revision: number, from: string): string {
  const text = JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: from });
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function parseToken(text: string): { readonly revision: number; readonly from: string } {
  const wrong = text.search(/[^\w-]/);
  if (wrong !== -1) throw badToken(`illegal base64 data at input byte ${wrong}`);
  const value = decoded(text);
  if (!isObject(value)) throw badToken("invalid character at the beginning of the value");
  if (value["v"] !== "meta.k8s.io/v1") throw badToken(`server version mismatch`);
  const revision = value["rv"];
  if (typeof revision !== "number" || revision === 0)
    throw badToken("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  const from = textOf(value["start"]);
  if (from === "") throw badToken("encoded start key empty (version meta.k8s.io/v1)");
  return { revision, from };
}

function decoded(text: string): unknown {
  try {
    const value: unknown = JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
    return value;
  } catch {
    return undefined;
  }
}

function badToken(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
