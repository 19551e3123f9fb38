/** The constraints of texts and numbers. */

import { type Node, pick } from "./keywords.js";
import { checkedFormats, problemInPattern } from "./pattern.js";
import type { Place } from "./problems.js";
import type { StructuralSchema } from "./structural.js";

export function stringConstraints(node: Node, { path, problems }: Place): StructuralSchema {
  const { format, pattern } = node;
  if (typeof pattern === "string") {
    const problem = problemInPattern(pattern);
    if (problem !== undefined) {
      problems.add(
        path,
        `the API server's regular expressions lack ${problem}, in ${pattern}`,
        "Use a simpler pattern.",
      );
    }
  }
  const isChecked = typeof format === "string" && checkedFormats.has(format);
  if (typeof format === "string" && !isChecked && pattern === undefined) {
    problems.add(path, `the API server does not check the format ${format}`, "Add a pattern (regex).");
  }
  return { ...(isChecked ? { format } : {}), ...pick(node, "minLength", "maxLength", "pattern") };
}

const int32 = 2 ** 31;

export function numberConstraints(node: Node, type: "integer" | "number"): StructuralSchema {
  const bounds = { ...lowerBound(node), ...upperBound(node) };
  const isInt32 = (bounds.minimum ?? -Infinity) >= -int32 && (bounds.maximum ?? Infinity) < int32;
  return {
    ...(type === "integer" ? { format: isInt32 ? "int32" : "int64" } : {}),
    ...bounds,
    ...pick(node, "multipleOf"),
  };
}

function lowerBound({ minimum, exclusiveMinimum }: Node): {
  readonly minimum?: number;
  readonly exclusiveMinimum?: true;
} {
  const isExclusive =
    typeof exclusiveMinimum === "number" && !(typeof minimum === "number" && minimum > exclusiveMinimum);
  if (isExclusive) return { minimum: exclusiveMinimum, exclusiveMinimum: true };
  return typeof minimum === "number" ? { minimum } : {};
}

function upperBound({ maximum, exclusiveMaximum }: Node): {
  readonly maximum?: number;
  readonly exclusiveMaximum?: true;
} {
  const isExclusive =
    typeof exclusiveMaximum === "number" && !(typeof maximum === "number" && maximum < exclusiveMaximum);
  if (isExclusive) return { maximum: exclusiveMaximum, exclusiveMaximum: true };
  return typeof maximum === "number" ? { maximum } : {};
}

/** Numbers' constraints do not touch strings, nor those of strings numbers: both may stand beside each other. */
export function intOrString(node: Node, place: Place): StructuralSchema {
  const { format: _format, ...text } = stringConstraints(node, place);
  return { "x-kubernetes-int-or-string": true, ...lowerBound(node), ...upperBound(node), ...text };
}
