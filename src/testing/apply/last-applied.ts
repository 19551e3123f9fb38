/** The note that `kubectl apply` without `--server-side` leaves on objects, for its move to server-side apply. */

import { parseJson } from "../../core/index.js";
import { formatJson } from "../core-json.js";
import { at, isObject, type JsonObject, objectOf, without, withAt } from "../json.js";
import type { Resource } from "../resource.js";
import { difference, type FieldTree, union } from "./field-tree.js";
import { compare, fieldsOf } from "./typed.js";

const annotation = "kubectl.kubernetes.io/last-applied-configuration";
const path = ["metadata", "annotations", annotation];

/** What was applied last from the client; undefined if nothing was, or it cannot be read. */
export function lastApplied(live: JsonObject): JsonObject | undefined {
  const note = at(live, ...path);
  if (typeof note !== "string") return undefined;
  try {
    const value = parseJson(note);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The fields of what was applied last that are still as they were applied. */
export function fieldsStillApplied({ shape }: Resource, last: JsonObject, live: JsonObject): FieldTree {
  const { modified, removed } = compare(shape, last, live);
  return difference(fieldsOf(shape, last), union(modified, removed));
}

/** The object with the note renewed. */
export function withLastApplied(object: JsonObject, applied: JsonObject): JsonObject {
  const annotations = without(objectOf(at(applied, "metadata", "annotations")), annotation);
  const kept = Object.keys(annotations).length === 0 ? undefined : annotations;
  const note = formatJson(withAt(applied, ["metadata", "annotations"], kept));
  return withAt(object, path, `${note}\n`);
}
