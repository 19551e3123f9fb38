/** The parser of label selectors in text, such as `app in (web,api),!canary`: the API server's own grammar. */

import { invalidArgument } from "./errors.js";
import { type LabelRequirement, labelKeyProblem, labelRequirementProblem } from "./label-requirement.js";

/**
 * Reads a label selector: `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, `k>1`, `k<1`, joined by commas that mean "and".
 *
 * Blanks between the parts are ignored. A value may be empty (`k=`, `k in (a,)`) and has no quotes. Empty text is an empty list, which
 * selects everything.
 *
 * @throws KindredError INVALID_ARGUMENT with the position (from 0) and the text of the selector.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  const parser = new Parser(text);
  const requirements: LabelRequirement[] = [];
  if (!parser.atEnd()) {
    do requirements.push(parser.requirement());
    while (parser.comma());
  }
  return Object.freeze(requirements);
}

interface Token {
  readonly type: "word" | "symbol" | "end";
  readonly text: string;
  readonly position: number;
}

const tokenPattern = /[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^=!(),<> \t\r\n]+)|$)/y;

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (;;) {
    const [, symbol, word] = tokenPattern.exec(text) ?? [];
    const found = symbol ?? word ?? "";
    // After a match that reached the end, `lastIndex` is the length of the text.
    const position = found === "" ? text.length : tokenPattern.lastIndex - found.length;
    tokens.push({ type: symbol !== undefined ? "symbol" : word !== undefined ? "word" : "end", text: found, position });
    if (found === "") return tokens;
  }
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  atEnd(): boolean {
    return this.#peek().type === "end";
  }

  /** Whether another requirement follows; anything but a comma or the end is an error. */
  comma(): boolean {
    if (this.#accept(",")) return true;
    if (this.atEnd()) return false;
    throw this.#unexpected('"," or the end');
  }

  requirement(): LabelRequirement {
    const start = this.#peek();
    const requirement = this.#requirement();
    const problem = labelRequirementProblem(requirement);
    if (problem !== undefined) throw this.#error(start.position, problem);
    return Object.freeze(requirement);
  }

  #requirement(): LabelRequirement {
    if (this.#accept("!")) return { operator: "DoesNotExist", key: this.#key() };
    const key = this.#key();
    const operator = this.#peek();
    if (operator.type === "end" || operator.text === ",") return { operator: "Exists", key };
    this.#next += 1;
    switch (operator.text) {
      case "=":
      case "==":
        return { operator: "Equals", key, value: this.#value() };
      case "!=":
        return { operator: "NotEquals", key, value: this.#value() };
      case "in":
        return { operator: "In", key, values: this.#values() };
      case "notin":
        return { operator: "NotIn", key, values: this.#values() };
      case ">":
        return { operator: "GreaterThan", key, value: this.#value() };
      case "<":
        return { operator: "LessThan", key, value: this.#value() };
      default:
        this.#next -= 1;
        throw this.#unexpected('an operator: "=", "==", "!=", "in", "notin", ">" or "<"');
    }
  }

  #key(): string {
    const token = this.#peek();
    if (token.type !== "word") throw this.#unexpected("a label key");
    const problem = labelKeyProblem(token.text);
    if (problem !== undefined) throw this.#error(token.position, problem);
    this.#next += 1;
    return token.text;
  }

  #value(): string {
    const token = this.#peek();
    if (token.type === "end" || token.text === ",") return "";
    if (token.type !== "word") throw this.#unexpected("a value");
    this.#next += 1;
    return token.text;
  }

  #values(): readonly string[] {
    if (!this.#accept("(")) throw this.#unexpected('"(" and values, as in (a,b)');
    const values: string[] = [];
    do values.push(this.#peek().text === ")" ? "" : this.#value());
    while (this.#accept(","));
    if (!this.#accept(")")) throw this.#unexpected('"," or ")"');
    return Object.freeze(values);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { type: "end", text: "", position: this.#text.length };
  }

  #accept(symbol: string): boolean {
    const { type, text } = this.#peek();
    const accepted = type === "symbol" && text === symbol;
    if (accepted) this.#next += 1;
    return accepted;
  }

  #unexpected(expected: string) {
    const { type, text, position } = this.#peek();
    return this.#error(position, `found ${type === "end" ? "the end" : JSON.stringify(text)}, expected ${expected}`);
  }

  #error(position: number, problem: string) {
    return invalidArgument(
      `unable to parse requirement at position ${position} of label selector ${JSON.stringify(this.#text)}: ${problem}`,
    );
  }
}
