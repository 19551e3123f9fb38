/** Label selectors within objects. */

import { fromLabelSelector, KindredError, type LabelSelector, matchesLabels } from "../../core/index.js";
import type { FieldError } from "../failure.js";
import { isObject, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { keyProblems, labelValueProblems } from "../names.js";
import { forbiddenField, required, wrong } from "./field-errors.js";

/** Whether labels are selected by a selector as objects carry it; nothing that is no selector selects. */
export function selects(selector: unknown, labels: unknown): boolean {
  if (!isObject(selector) || !isSelector(selector)) return false;
  const texts = Object.fromEntries(Object.entries(objectOf(labels)).map(([key, value]) => [key, textOf(value)]));
  try {
    return matchesLabels(fromLabelSelector(selector), texts);
  } catch (error) {
    if (error instanceof KindredError) return false;
    throw error;
  }
}

/** Whether a selector selects everything. */
export function isEmptySelector({ matchLabels, matchExpressions }: JsonObject): boolean {
  return Object.keys(objectOf(matchLabels)).length === 0 && listOf(matchExpressions).length === 0;
}

/** What is wrong with a selector; one that is not there is right. */
export function labelSelectorErrors(selector: unknown, path: string): readonly FieldError[] {
  const { matchLabels, matchExpressions } = objectOf(selector);
  const labels = Object.entries(objectOf(matchLabels)).flatMap(([key, value]) => [
    ...keyProblems(key).map((problem) => wrong(`${path}.matchLabels`, key, problem)),
    ...labelValueProblems(textOf(value)).map((problem) => wrong(`${path}.matchLabels`, value, problem)),
  ]);
  const expressions = listOf(matchExpressions).flatMap((expression, index) =>
    expressionErrors(objectOf(expression), `${path}.matchExpressions[${index}]`),
  );
  return [...labels, ...expressions];
}

function expressionErrors({ key, operator, values }: JsonObject, path: string): readonly FieldError[] {
  return [
    ...operatorErrors(operator, listOf(values).length, path),
    ...keyProblems(textOf(key)).map((problem) => wrong(`${path}.key`, textOf(key), problem)),
    ...listOf(values).flatMap((value, index) =>
      labelValueProblems(textOf(value)).map((problem) => wrong(`${path}.values[${index}]`, value, problem)),
    ),
  ];
}

function operatorErrors(operator: unknown, count: number, path: string): readonly FieldError[] {
  switch (operator) {
    case "In":
    case "NotIn":
      return count > 0 ? [] : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case "Exists":
    case "DoesNotExist": {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      return count === 0 ? [] : [forbiddenField(`${path}.values`, detail)];
    }
    default:
      return [wrong(`${path}.operator`, textOf(operator), "not a valid selector operator")];
  }
}

function isSelector(value: JsonObject): value is JsonObject & LabelSelector {
  return isObject(value["matchLabels"] ?? {}) && Array.isArray(value["matchExpressions"] ?? []);
}
