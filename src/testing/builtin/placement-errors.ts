/** What can be wrong with where a pod wants to run. */

import type { FieldError } from "../failure.js";
import { at, isObject, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { keyProblems } from "../names.js";
import { notOneOf, required, wrong } from "./field-errors.js";

/** Checks tolerations. */
export function tolerationErrors(tolerations: unknown, field: string): readonly FieldError[] {
  return listOf(tolerations).flatMap((toleration, index) =>
    tolerationError(objectOf(toleration), `${field}[${index}]`),
  );
}

function tolerationError(toleration: JsonObject, field: string): readonly FieldError[] {
  const key = textOf(toleration["key"]);
  const operator = textOf(toleration["operator"]);
  const effect = textOf(toleration["effect"]);
  const value = textOf(toleration["value"]);
  const needsNoExecute = toleration["tolerationSeconds"] !== undefined && effect !== "NoExecute";
  return [
    ...(key === "" ? [] : keyProblems(key).map((problem) => wrong(`${field}.key`, key, problem))),
    ...(key === "" && operator !== "Exists"
      ? [
          wrong(
            `${field}.operator`,
            operator,
            'operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ),
        ]
      : []),
    ...(needsNoExecute
      ? [wrong(`${field}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")]
      : []),
    ...(operator === "Exists" && value !== ""
      ? [wrong(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'")]
      : []),
    ...(operator === "" ? [] : notOneOf(`${field}.operator`, operator, ["Equal", "Exists"])),
    ...(effect === "" ? [] : notOneOf(`${field}.effect`, effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"])),
  ];
}

/** Checks the affinity to nodes. */
export function affinityErrors(affinity: unknown, field: string): readonly FieldError[] {
  const node = at(affinity, "nodeAffinity");
  if (!isObject(node)) return [];
  const place = `${field}.nodeAffinity`;
  const wanted = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  const terms = node[wanted] === undefined ? 1 : listOf(at(node, wanted, "nodeSelectorTerms")).length;
  return [
    ...(terms === 0
      ? [required(`${place}.${wanted}.nodeSelectorTerms`, "must have at least one node selector term")]
      : []),
    ...listOf(node[preferred]).flatMap((term, index) => {
      const weight = at(term, "weight");
      const isRight = typeof weight === "number" && weight >= 1 && weight <= 100;
      return isRight
        ? []
        : [wrong(`${place}.${preferred}[${index}].weight`, weight ?? 0, "must be in the range 1-100")];
    }),
  ];
}
