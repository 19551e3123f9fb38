/** The parser of the Common Expression Language. @see https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax */

import { type Expression, Unsigned } from "./ast.js";
import { CelSyntaxError, type Token, tokenize } from "./tokens.js";

/** Reads an expression. @throws CelSyntaxError */
export function parseCel(text: string): Expression {
  const parser = new Parser(tokenize(text));
  const expression = parser.expression();
  parser.end();
  return expression;
}

/** Binary operators by how tightly they bind. */
const levels: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["<", "<=", ">", ">=", "==", "!=", "in"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** Deeper nesting than this is refused, as by the API server. */
const maxDepth = 250;

/** More steps than this in one row, such as terms of a sum, are refused: each lies within the next. */
const maxChain = 1000;

const tooDeep = () => new CelSyntaxError("expression recursion limit exceeded");

const reserved: ReadonlySet<string> = new Set(
  "as break const continue else for function if import let loop package namespace return var void while".split(" "),
);

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  end(): void {
    if (this.#peek().type !== "end") throw this.#unexpected();
  }

  expression(): Expression {
    if (++this.#depth > maxDepth) throw tooDeep();
    const condition = this.#binary(0);
    let result = condition;
    if (this.#accept("?")) {
      const yes = this.#binary(0);
      this.#expect(":");
      result = call("?:", [condition, yes, this.expression()]);
    }
    this.#depth--;
    return result;
  }

  #binary(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (let steps = 0; ; steps++) {
      if (steps > maxChain) throw tooDeep();
      const { type, text } = this.#peek();
      if ((type !== "sign" && text !== "in") || type === "text" || !operators.includes(text)) return left;
      this.#next++;
      left = call(text, [left, this.#binary(level + 1)]);
    }
  }

  #unary(): Expression {
    for (const operator of ["!", "-"]) {
      if (!this.#accept(operator)) continue;
      const next = this.#peek();
      if (operator === "-" && (next.type === "int" || next.type === "double")) {
        this.#next++;
        return this.#member({ type: "constant", value: next.type === "int" ? -BigInt(next.text) : -Number(next.text) });
      }
      if (++this.#depth > maxDepth) throw tooDeep();
      const operand = this.#unary();
      this.#depth--;
      return call(operator === "!" ? "!" : "neg", [operand]);
    }
    return this.#member(this.#primary());
  }

  #member(start: Expression): Expression {
    let operand = start;
    for (let steps = 0; ; steps++) {
      if (steps > maxChain) throw tooDeep();
      if (this.#accept(".")) {
        const field = this.#name();
        operand = this.#accept("(")
          ? { type: "call", name: field, target: operand, args: this.#list(")") }
          : { type: "select", operand, field, optional: false };
      } else if (this.#accept(".?")) {
        operand = { type: "select", operand, field: this.#name(), optional: true };
      } else if (this.#accept("[") || this.#accept("[?")) {
        const optional = this.#tokens[this.#next - 1]?.text === "[?";
        const index = this.expression();
        this.#expect("]");
        operand = { type: "index", operand, index, optional };
      } else return operand;
    }
  }

  #primary(): Expression {
    const token = this.#peek();
    this.#next++;
    switch (token.type) {
      case "int":
        return { type: "constant", value: BigInt(token.text) };
      case "uint":
        return { type: "constant", value: new Unsigned(BigInt(token.text)) };
      case "double":
        return { type: "constant", value: Number(token.text) };
      case "text":
        return { type: "constant", value: token.text };
      case "bytes":
        return { type: "constant", value: new TextEncoder().encode(token.text) };
      case "name":
        return this.#named(token.text);
      case "sign":
        return this.#enclosed(token.text);
      case "end":
        throw new CelSyntaxError("the expression ends too early");
      default:
        return token.type satisfies never;
    }
  }

  #named(name: string): Expression {
    if (name === "true" || name === "false") return { type: "constant", value: name === "true" };
    if (name === "null") return { type: "constant", value: null };
    if (reserved.has(name) || name === "in") throw new CelSyntaxError(`reserved identifier: ${name}`);
    return this.#accept("(") ? call(name, this.#list(")")) : { type: "name", name };
  }

  #enclosed(open: string): Expression {
    if (open === "(") {
      const inner = this.expression();
      this.#expect(")");
      return inner;
    }
    if (open === "[") return { type: "list", items: this.#list("]") };
    if (open === "{") return { type: "map", entries: this.#entries() };
    this.#next--;
    throw this.#unexpected();
  }

  #list(close: string): readonly Expression[] {
    const items: Expression[] = [];
    while (!this.#accept(close)) {
      items.push(this.expression());
      if (!this.#accept(",") && this.#peek().text !== close) throw this.#unexpected();
    }
    return items;
  }

  #entries(): readonly (readonly [Expression, Expression])[] {
    const entries: (readonly [Expression, Expression])[] = [];
    while (!this.#accept("}")) {
      const key = this.expression();
      this.#expect(":");
      entries.push([key, this.expression()]);
      if (!this.#accept(",") && this.#peek().text !== "}") throw this.#unexpected();
    }
    return entries;
  }

  #name(): string {
    const { type, text } = this.#peek();
    if (type !== "name") throw this.#unexpected();
    this.#next++;
    return text;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { type: "end", text: "", position: 0 };
  }

  #accept(text: string): boolean {
    const next = this.#peek();
    if (next.type !== "sign" || next.text !== text) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected();
  }

  #unexpected(): CelSyntaxError {
    const { type, text, position } = this.#peek();
    return new CelSyntaxError(
      `<input>:1:${position + 1}: Syntax error: unexpected ${type === "end" ? "end" : `'${text}'`}`,
    );
  }
}

function call(name: string, args: readonly Expression[]): Expression {
  return { type: "call", name, target: undefined, args };
}
