/** Selectors in whatever form a caller finds handy, and the text that goes into the query. */

import { invalidArgument } from "./errors.js";
import {
  checkFieldRequirement,
  type FieldRequirement,
  formatFieldRequirement,
  parseFieldSelector,
} from "./field-selector.js";
import { parseLabelSelector } from "./label-parser.js";
import { checkLabelRequirement, type LabelRequirement } from "./label-requirement.js";

/**
 * Which labels: text (`"app in (web,api),!canary"`), an object (`{ app: "web", tier: ["front", "back"] }`: any of a list), or
 * requirements. For the API's own form, such as `deployment.spec.selector`, see `fromLabelSelector`.
 */
export type LabelSelectorInput =
  | string
  | Readonly<Record<string, string | readonly string[]>>
  | readonly LabelRequirement[];

/** Which fields: text (`"status.phase!=Running"`), an object (`{ "spec.nodeName": "n1" }`), or requirements. */
export type FieldSelectorInput = string | Readonly<Record<string, string>> | readonly FieldRequirement[];

/**
 * The requirements of a label selector in any form; parse once, then match often.
 *
 * @throws KindredError INVALID_ARGUMENT on what the API server would refuse, and on a value that is `undefined`: leaving it out would
 * select more than was meant.
 */
export function labelRequirements(input: LabelSelectorInput): readonly LabelRequirement[] {
  if (typeof input === "string") return parseLabelSelector(input);
  if (isList(input)) return Object.freeze(input.map(checkLabelRequirement));
  return Object.freeze(Object.entries(input).map(([key, value]) => checkLabelRequirement(requirementOf(key, value))));
}

/** The requirements of a field selector in any form. Throws as {@link labelRequirements} does. */
export function fieldRequirements(input: FieldSelectorInput): readonly FieldRequirement[] {
  if (typeof input === "string") return parseFieldSelector(input);
  if (isList(input)) return Object.freeze(input.map(checkFieldRequirement));
  return Object.freeze(
    Object.entries(input).map(([field, value]) => checkFieldRequirement({ field, operator: "Equals", value })),
  );
}

/**
 * The value of the query parameter `labelSelector`: checked, in canonical form (`foo in (bar,baz),foo=bar,foo,!foo`), in the order of
 * the input; empty if it selects everything. Throws as {@link labelRequirements} does.
 */
export function formatLabelSelector(input: LabelSelectorInput): string {
  return labelRequirements(input).map(formatLabelRequirement).join(",");
}

/**
 * The value of the query parameter `fieldSelector`: checked, in canonical form, values escaped, in the order of the input; empty if it
 * selects everything. Throws as {@link labelRequirements} does.
 */
export function formatFieldSelector(input: FieldSelectorInput): string {
  return fieldRequirements(input).map(formatFieldRequirement).join(",");
}

/** `Array.isArray` does not narrow a readonly array out of a union. */
function isList<T>(input: readonly T[] | object): input is readonly T[] {
  return Array.isArray(input);
}

function requirementOf(key: string, value: unknown): LabelRequirement {
  if (typeof value === "string") return { key, operator: "Equals", value };
  if (Array.isArray(value)) return { key, operator: "In", values: value };
  throw invalidArgument(
    `label selector: the value of ${JSON.stringify(key)} must be a string or a list of strings, not ${JSON.stringify(value)}` +
      (key === "matchLabels" || key === "matchExpressions"
        ? "; read the API's LabelSelector with fromLabelSelector"
        : ""),
  );
}

function formatLabelRequirement(requirement: LabelRequirement): string {
  const { key } = requirement;
  switch (requirement.operator) {
    case "Equals":
      return `${key}=${requirement.value}`;
    case "NotEquals":
      return `${key}!=${requirement.value}`;
    case "In":
      return `${key} in (${listOf(requirement.values)})`;
    case "NotIn":
      return `${key} notin (${listOf(requirement.values)})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "GreaterThan":
      return `${key}>${requirement.value}`;
    case "LessThan":
      return `${key}<${requirement.value}`;
    default:
      return requirement satisfies never;
  }
}

function listOf(values: readonly string[]): string {
  return [...new Set(values)].toSorted().join(",");
}
