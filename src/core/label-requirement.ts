/** Label requirements: what a label selector consists of, whether labels satisfy it, and the API's own object form of it. */

import { invalidArgument } from "./errors.js";

/**
 * One condition on labels; a selector is a list of them, all of which must hold.
 *
 * `NotEquals` and `NotIn` also hold for an object without that label. `GreaterThan` and `LessThan` compare integers of 64 bits, and
 * do not hold for a label that is none.
 */
export type LabelRequirement =
  | { readonly operator: "Equals" | "NotEquals"; readonly key: string; readonly value: string }
  | { readonly operator: "In" | "NotIn"; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: "Exists" | "DoesNotExist"; readonly key: string }
  | { readonly operator: "GreaterThan" | "LessThan"; readonly key: string; readonly value: string };

/**
 * A label selector as Kubernetes objects hold it: `spec.selector` of a Deployment, `namespaceSelector` of a webhook.
 *
 * An empty one selects everything. Where the API's field is optional, an absent one has a meaning of its own, mostly nothing.
 */
export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly LabelSelectorExpression[];
}

/** One entry of `matchExpressions`. */
export interface LabelSelectorExpression {
  readonly key: string;
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Labels as objects hold them; `undefined` is none. */
export type Labels = { readonly [key: string]: string } | undefined;

/** Whether labels satisfy every requirement; no requirement is satisfied by all. */
export function matchesLabels(requirements: readonly LabelRequirement[], labels: Labels): boolean {
  return requirements.every((requirement) => isSatisfied(requirement, labels));
}

/**
 * Reads the API's object form, such as `deployment.spec.selector`, so that it can select in a list or watch.
 *
 * @throws KindredError INVALID_ARGUMENT on an unknown operator, or a key or value that no label can have.
 */
export function fromLabelSelector(selector: LabelSelector): readonly LabelRequirement[] {
  const equalities = Object.entries(selector.matchLabels ?? {}).map(([key, value]) =>
    checkLabelRequirement({ key, operator: "Equals", value }),
  );
  return Object.freeze([...equalities, ...(selector.matchExpressions ?? []).map(fromExpression)]);
}

/**
 * Writes requirements in the API's object form, for a field such as `spec.selector`.
 *
 * @throws KindredError INVALID_ARGUMENT on `GreaterThan` and `LessThan`, which that form has not.
 */
export function toLabelSelector(requirements: readonly LabelRequirement[]): LabelSelector {
  const labels = new Map<string, string>();
  const expressions: LabelSelectorExpression[] = [];
  for (const requirement of requirements) {
    checkLabelRequirement(requirement);
    // One key can be in matchLabels once: what asks for it twice goes on as an expression.
    if (requirement.operator === "Equals" && !labels.has(requirement.key))
      labels.set(requirement.key, requirement.value);
    else expressions.push(toExpression(requirement));
  }
  return Object.freeze({
    ...(labels.size === 0 ? {} : { matchLabels: Object.fromEntries(labels) }),
    ...(expressions.length === 0 ? {} : { matchExpressions: expressions }),
  });
}

/** Returns a frozen copy of a requirement that the API server would accept; throws on any other. */
export function checkLabelRequirement(requirement: LabelRequirement): LabelRequirement {
  const problem = labelRequirementProblem(requirement);
  if (problem !== undefined) throw invalidArgument(`label requirement ${JSON.stringify(requirement)}: ${problem}`);
  return Object.freeze(
    "values" in requirement ? { ...requirement, values: Object.freeze([...requirement.values]) } : { ...requirement },
  );
}

/** What is wrong with a requirement, with the cure. */
export function labelRequirementProblem(requirement: LabelRequirement): string | undefined {
  const { key } = requirement;
  switch (requirement.operator) {
    case "Equals":
    case "NotEquals":
      return labelKeyProblem(key) ?? valueProblem(requirement.value);
    case "In":
    case "NotIn":
      if (!Array.isArray(requirement.values) || requirement.values.length === 0) {
        return `${requirement.operator} needs at least one value; for any value at all use Exists`;
      }
      return labelKeyProblem(key) ?? requirement.values.map(valueProblem).find((problem) => problem !== undefined);
    case "Exists":
    case "DoesNotExist":
      return labelKeyProblem(key);
    case "GreaterThan":
    case "LessThan":
      if (integerOf(requirement.value) === undefined) {
        return `${requirement.operator} needs an integer of 64 bits as a string, not ${JSON.stringify(requirement.value)}`;
      }
      return labelKeyProblem(key) ?? valueProblem(requirement.value);
    default:
      requirement satisfies never;
      return "unknown operator; use Equals, NotEquals, In, NotIn, Exists, DoesNotExist, GreaterThan or LessThan";
  }
}

/** What is wrong with a label key. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export function labelKeyProblem(key: unknown): string | undefined {
  if (typeof key !== "string") return `the key must be a string, not ${JSON.stringify(key)}`;
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  if (slash >= 0 && !isSubdomain(key.slice(0, slash))) {
    return `the prefix of key ${JSON.stringify(key)} must be a lower-case DNS name of at most 253 characters, as in "example.com/app"`;
  }
  if (name.length > maxLabelLength || !labelName.test(name)) {
    return `the name in key ${JSON.stringify(key)} must be 1 to 63 letters, digits, "-", "_" or ".", with a letter or digit at both ends`;
  }
  return undefined;
}

const maxLabelLength = 63;
const labelName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

function isSubdomain(text: string): boolean {
  return text.length <= 253 && subdomain.test(text);
}

function valueProblem(value: unknown): string | undefined {
  if (typeof value !== "string") return `the value must be a string, not ${JSON.stringify(value)}`;
  if (value === "" || (value.length <= maxLabelLength && labelName.test(value))) return undefined;
  return `value ${JSON.stringify(value)} must be empty, or 1 to 63 letters, digits, "-", "_" or ".", with a letter or digit at both ends`;
}

function isSatisfied(requirement: LabelRequirement, labels: Labels): boolean {
  const { key } = requirement;
  const label = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (requirement.operator) {
    case "Equals":
      return label === requirement.value;
    case "NotEquals":
      return label !== requirement.value;
    case "In":
      return label !== undefined && requirement.values.includes(label);
    case "NotIn":
      return label === undefined || !requirement.values.includes(label);
    case "Exists":
      return label !== undefined;
    case "DoesNotExist":
      return label === undefined;
    case "GreaterThan":
    case "LessThan": {
      const have = integerOf(label);
      const limit = integerOf(requirement.value);
      if (have === undefined || limit === undefined) return false;
      return requirement.operator === "GreaterThan" ? have > limit : have < limit;
    }
    default:
      return requirement satisfies never;
  }
}

function integerOf(text: unknown): bigint | undefined {
  if (typeof text !== "string" || !/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return value === BigInt.asIntN(64, value) ? value : undefined;
}

function fromExpression({ key, operator, values = [] }: LabelSelectorExpression): LabelRequirement {
  switch (operator) {
    case "In":
    case "NotIn":
      return checkLabelRequirement({ key, operator, values });
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0)
        throw invalidArgument(
          `matchExpressions of key ${JSON.stringify(key)}: ${operator} takes no values; use In or NotIn`,
        );
      return checkLabelRequirement({ key, operator });
    default:
      throw invalidArgument(
        `matchExpressions of key ${JSON.stringify(key)}: unknown operator ${JSON.stringify(operator)}; use In, NotIn, Exists or DoesNotExist`,
      );
  }
}

function toExpression(requirement: LabelRequirement): LabelSelectorExpression {
  const { key, operator } = requirement;
  switch (requirement.operator) {
    case "Equals":
    case "NotEquals":
      return { key, operator: operator === "Equals" ? "In" : "NotIn", values: [requirement.value] };
    case "In":
    case "NotIn":
      return { key, operator, values: [...requirement.values] };
    case "Exists":
    case "DoesNotExist":
      return { key, operator };
    case "GreaterThan":
    case "LessThan":
      throw invalidArgument(
        `a LabelSelector object cannot say ${operator} (key ${JSON.stringify(key)}): select with it in a list or watch, or name the values with In`,
      );
    default:
      return requirement satisfies never;
  }
}
