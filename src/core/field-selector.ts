/** Field selectors, such as `status.phase!=Running`: what they consist of, their text form, and whether fields satisfy them. */

import { invalidArgument } from "./errors.js";

/** One condition on a field; a selector is a list of them, all of which must hold. Which fields there are depends on the kind. */
export interface FieldRequirement {
  readonly operator: "Equals" | "NotEquals";
  /** The path of the field, such as `spec.nodeName`. */
  readonly field: string;
  readonly value: string;
}

/**
 * Reads a field selector: `k=v`, `k==v`, `k!=v`, joined by commas that mean "and". In a value, `\,`, `\=` and `\\` stand for the
 * second character.
 *
 * More lenient than the API server in one point: it refuses a bare `=` in a value, as in `metadata.name=a=b`, which can mean one thing
 * only and is read as that. {@link formatFieldRequirement} writes it as `metadata.name=a\=b`, which the server understands.
 *
 * @throws KindredError INVALID_ARGUMENT with the position (from 0) and the text of the selector.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  const requirements: FieldRequirement[] = [];
  let start = 0;
  for (const end of [...termEnds(text), text.length]) {
    // The API server ignores an empty term, such as after a last comma.
    if (end > start) requirements.push(parseTerm(text, start, end));
    start = end + 1;
  }
  return Object.freeze(requirements);
}

/** Whether fields, by their paths, satisfy every requirement; a field that is not there counts as empty. */
export function matchesFields(
  requirements: readonly FieldRequirement[],
  fields: { readonly [field: string]: string },
): boolean {
  return requirements.every(({ field, operator, value }) => {
    const have = Object.hasOwn(fields, field) ? fields[field] : "";
    return (have === value) === (operator === "Equals");
  });
}

/** Writes one requirement, with what is special in its value escaped; throws on one that no server accepts. */
export function formatFieldRequirement(requirement: FieldRequirement): string {
  const { field, operator, value } = checkFieldRequirement(requirement);
  return `${field}${operator === "Equals" ? "=" : "!="}${value.replace(/[\\,=]/g, "\\$&")}`;
}

/** Returns a frozen copy of a requirement that makes sense; throws on any other. */
export function checkFieldRequirement(requirement: FieldRequirement): FieldRequirement {
  const problem = problemOf(requirement);
  if (problem !== undefined) throw invalidArgument(`field requirement ${JSON.stringify(requirement)}: ${problem}`);
  return Object.freeze({ ...requirement });
}

/** Where the commas are that no backslash precedes. */
function termEnds(text: string): readonly number[] {
  return [...text.matchAll(/\\.|,/gs)].filter(([found]) => found === ",").map(({ index }) => index);
}

function parseTerm(text: string, start: number, end: number): FieldRequirement {
  const term = text.slice(start, end);
  const fail = (offset: number, problem: string) =>
    invalidArgument(
      `unable to parse term at position ${start + offset} of field selector ${JSON.stringify(text)}: ${problem}`,
    );
  const operator = /!=|==?/.exec(term);
  if (operator === null) {
    throw fail(
      0,
      `${JSON.stringify(term)} has no operator "=", "==" or "!="; write a comma that belongs to a value as "\\,"`,
    );
  }
  const valueStart = operator.index + operator[0].length;
  const raw = term.slice(valueStart);
  if (raw.startsWith("=")) throw fail(valueStart, 'found one "=" too many; write one that begins the value as "\\="');
  const value = raw.replace(/\\(.?)/gs, (escape: string, character: string, offset: number) => {
    if (character === "" || !"\\,=".includes(character)) {
      throw fail(valueStart + offset, `unknown escape ${escape}; write a backslash as "\\\\"`);
    }
    return character;
  });
  const requirement: FieldRequirement = {
    operator: operator[0] === "!=" ? "NotEquals" : "Equals",
    field: term.slice(0, operator.index),
    value,
  };
  const problem = problemOf(requirement);
  if (problem !== undefined) throw fail(0, problem);
  return Object.freeze(requirement);
}

function problemOf({ field, operator, value }: FieldRequirement): string | undefined {
  if (typeof field !== "string" || !/^[^\s=!,\\]+$/.test(field)) {
    return `the field must be a path without blanks, such as "metadata.name", not ${JSON.stringify(field)}`;
  }
  if (operator !== "Equals" && operator !== "NotEquals") {
    return `unknown operator ${JSON.stringify(operator satisfies never)}; field selectors have Equals and NotEquals only`;
  }
  return typeof value === "string" ? undefined : `the value must be a string, not ${JSON.stringify(value)}`;
}
