/** What of JSON Schema a structural schema has no word for, and what to do instead. */

import { enumOf, type Node } from "./keywords.js";
import type { Place } from "./problems.js";
import { isRecord } from "./record.js";

const refusedKeywords: { readonly [keyword: string]: string | undefined } = {
  not: "Say it as a rule: validations: [{ rule: \"self != 'x'\" }].",
  if: "Say it as a rule (validations).",
  contains: "Say it as a rule: validations: [{ rule: \"self.exists(x, x == 'a')\" }].",
  patternProperties:
    "Use a map (a record) with a rule for its keys: validations: [{ rule: \"self.all(k, k.matches('^a'))\" }].",
  dependentRequired: "Say it as a rule (validations).",
  dependentSchemas: "Say it as a rule (validations).",
  dependencies: "Say it as a rule (validations).",
  unevaluatedItems: "Use a list of one type.",
};

export function refuseKeywords(node: Node, { path, problems }: Place): void {
  for (const [keyword, cure] of Object.entries(refusedKeywords)) {
    if (cure !== undefined && node[keyword] !== undefined) problems.add(path, `the keyword ${keyword}`, cure);
  }
  const names = node["propertyNames"];
  if (
    isRecord(names) &&
    enumOf(names) === undefined &&
    (names["pattern"] ?? names["minLength"] ?? names["maxLength"]) !== undefined
  ) {
    problems.add(
      path,
      "a constraint on the keys of a map",
      "Say it as a rule: validations: [{ rule: \"self.all(k, k.matches('^a'))\" }].",
    );
  }
}

/** What to do instead of what vendor.ts marks. */
export function cureOfMark(mark: string): string {
  if (/date/i.test(mark)) return "Use a text in RFC 3339, and make a Date of it where you need one.";
  if (/bigint/.test(mark)) return "Use an integer, or a text of digits.";
  if (/transform|preprocess|coercion|change/.test(mark)) return cureOfTransform;
  if (/check/.test(mark)) return "Check it by a plain pattern, by bounds, or by a rule (validations).";
  if (/fallback|catch/.test(mark)) return "Use a default.";
  return "Use a text, a number, a boolean, a list, an object or a map of these.";
}

/** What to do instead of a transform. */
export const cureOfTransform = "Describe what is stored, and transform it where you read it.";

/** What to do about values of several types. */
export function cureOfMixedTypes(types: readonly string[], path: string): string {
  if (types.toSorted().join() === "number,string") {
    return "Use an integer or a text, which Kubernetes knows as IntOrString.";
  }
  return `Use one type or an object with a field for each, or take any JSON by fields: { "${path}": { preserveUnknownFields: true } }.`;
}
