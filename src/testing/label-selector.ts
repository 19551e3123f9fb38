/** Label selectors in the API server's grammar, refused in its words. It shares no parser with the client: each is judged by the other. */

import type { LabelRequirement } from "../core/index.js";
import { keyProblems, labelValueProblems } from "./names.js";

/** Why a text is no label selector, as the API server says it. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}

/** Reads a label selector; an empty one has no requirements. @throws SelectorError */
export function parseLabels(text: string): readonly LabelRequirement[] {
  const tokens = new Tokens(text);
  const found: LabelRequirement[] = [];
  for (;;) {
    const next = tokens.peek();
    if (next === "" && found.length === 0) return found;
    if (next !== "!" && !isWord(next))
      throw new SelectorError(`found '${next}', expected: !, identifier, or 'end of string'`);
    found.push(requirement(tokens));
    const separator = tokens.take();
    if (separator === "") return found;
    if (separator !== ",") throw new SelectorError(`found '${separator}', expected: ',' or 'end of string'`);
    if (!isWord(tokens.peek()) && tokens.peek() !== "!") {
      throw new SelectorError(`found '${tokens.peek()}', expected: identifier after ','`);
    }
  }
}

/** Tokens of a selector; the end is an empty one. */
class Tokens {
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!(),<>]|[^=!(),<>\s]+/g) ?? [];
  }

  peek(): string {
    return this.#tokens[this.#next] ?? "";
  }

  take(): string {
    const token = this.peek();
    this.#next++;
    return token;
  }
}

const isWord = (token: string): boolean => token !== "" && !/^[=!(),<>]/.test(token);

const unparsable = (why: string): SelectorError => new SelectorError(`unable to parse requirement: ${why}`);

function requirement(tokens: Tokens): LabelRequirement {
  const isNegative = tokens.peek() === "!";
  if (isNegative) tokens.take();
  const key = tokens.take();
  if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`);
  checkAll(key, keyProblems(key));
  const operator = tokens.peek();
  if (isNegative) return { operator: "DoesNotExist", key };
  if (operator === "" || operator === ",") return { operator: "Exists", key };
  tokens.take();
  switch (operator) {
    case "=":
    case "==":
      return { operator: "Equals", key, value: value(tokens) };
    case "!=":
      return { operator: "NotEquals", key, value: value(tokens) };
    case ">":
    case "<":
      return { operator: operator === ">" ? "GreaterThan" : "LessThan", key, value: integer(operator, value(tokens)) };
    case "in":
    case "notin":
      return { operator: operator === "in" ? "In" : "NotIn", key, values: values(tokens) };
    default:
      throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  }
}

/** A value may be missing: then it is empty. */
function value(tokens: Tokens): string {
  const next = tokens.peek();
  if (next === "" || next === ",") return "";
  tokens.take();
  if (!isWord(next)) throw unparsable(`found '${next}', expected: identifier`);
  checkAll(next, labelValueProblems(next));
  return next;
}

function integer(operator: string, text: string): string {
  if (/^[+-]?\d+$/.test(text)) return text;
  throw unparsable(
    `values[0]: Invalid value: ${JSON.stringify(text)}: for 'Gt', 'Lt' operators, the value must be an integer: ${operator}`,
  );
}

function values(tokens: Tokens): readonly string[] {
  const open = tokens.take();
  if (open !== "(") throw unparsable(`found '${open}' expected: '('`);
  const found: string[] = [];
  for (;;) {
    const next = tokens.peek();
    if (isWord(next)) {
      checkAll(next, labelValueProblems(next));
      found.push(tokens.take());
    } else if (next === "," || (next === ")" && found.length === 0)) {
      found.push("");
    }
    const after = tokens.take();
    if (after === ")") return found;
    if (after !== ",") throw unparsable(`found '${after}', expected: ',' or ')'`);
    if (tokens.peek() === ")") found.push("");
  }
}

function checkAll(word: string, problems: readonly string[]): void {
  const [problem] = problems;
  if (problem !== undefined) throw unparsable(`<nil>: Invalid value: ${JSON.stringify(word)}: ${problems.join("; ")}`);
}
