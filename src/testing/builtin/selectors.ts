/** Label selectors within objects. */

import { fromLabelSelector, type LabelSelector, matchesLabels } from "../../core/index.js";
import { isObject, type JsonObject, objectOf, textOf } from "../json.js";

/** Whether labels are selected by a selector as objects carry it; nothing that is no selector selects. */
export function selects(selector: unknown, labels: unknown): boolean {
  const texts = Object.fromEntries(Object.entries(objectOf(labels)).map(([key, value]) => [key, textOf(value)]));
  return isObject(selector) && isSelector(selector) && matchesLabels(fromLabelSelector(selector), texts);
}

/** Whether a selector selects everything. */
export function isEmptySelector(selector: JsonObject): boolean {
  return ["matchLabels", "matchExpressions"].every((field) => Object.keys(objectOf(selector[field])).length === 0);
}

function isSelector(value: JsonObject): value is JsonObject & LabelSelector {
  return isObject(value["matchLabels"] ?? {}) && Array.isArray(value["matchExpressions"] ?? []);
}
