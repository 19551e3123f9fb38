/** The words of an expression. */

/** Why a text is no expression. */
export class CelSyntaxError extends Error {
  override readonly name = "CelSyntaxError";
}

/** One word. Text and bytes carry their decoded value. */
export interface Token {
  readonly type: "name" | "int" | "uint" | "double" | "text" | "bytes" | "sign" | "end";
  readonly text: string;
  readonly position: number;
}

const blank = /(?:\s|\/\/[^\n]*)*/y;
const number = /(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)u?/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const sign = /&&|\|\||[=!<>]=|\.\?|\[\?|\{\?|[-+*/%<>=!?:.,()[\]{}]/y;
const quote = /([rRbB]{0,2})("""|'''|"|')/y;

/** Splits a text into words; the last one is the end. @throws CelSyntaxError */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = skip(text, 0);
  while (position < text.length) {
    const [token, end] = next(text, position);
    tokens.push(token);
    position = skip(text, end);
  }
  return [...tokens, { type: "end", text: "", position: text.length }];
}

function skip(text: string, position: number): number {
  return position + (match(blank, text, position)?.[0].length ?? 0);
}

function match(pattern: RegExp, text: string, position: number): RegExpExecArray | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text) ?? undefined;
}

function next(text: string, position: number): readonly [Token, number] {
  const opened = match(quote, text, position);
  if (opened !== undefined) return quoted(text, position, opened);
  const digits = match(number, text, position)?.[0];
  if (digits !== undefined) {
    const isDouble = !digits.startsWith("0x") && /[.eE]/.test(digits);
    const type = isDouble ? "double" : digits.endsWith("u") ? "uint" : "int";
    return [{ type, text: digits.replace(/u$/, ""), position }, position + digits.length];
  }
  const word = match(name, text, position)?.[0];
  if (word !== undefined) return [{ type: "name", text: word, position }, position + word.length];
  const found = match(sign, text, position)?.[0];
  if (found !== undefined) return [{ type: "sign", text: found, position }, position + found.length];
  throw new CelSyntaxError(`token recognition error at: '${text[position] ?? ""}'`);
}

function quoted(text: string, position: number, opened: RegExpExecArray): readonly [Token, number] {
  const [whole, prefix = "", mark = ""] = opened;
  const isRaw = /r/i.test(prefix);
  let end = position + whole.length;
  const start = end;
  while (!text.startsWith(mark, end)) {
    if (end >= text.length || (mark.length === 1 && text[end] === "\n"))
      throw new CelSyntaxError("a text does not end");
    end += !isRaw && text[end] === "\\" ? 2 : 1;
  }
  const raw = text.slice(start, end);
  const type = /b/i.test(prefix) ? "bytes" : "text";
  return [{ type, text: isRaw ? raw : unescape(raw), position }, end + mark.length];
}

const escapes: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const escape = /\\(?:([abfnrtv])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\\?"'`]))/g;

function unescape(raw: string): string {
  return raw.replace(
    escape,
    (_all, letter?: string, x?: string, u?: string, long?: string, octal?: string, same?: string) => {
      if (letter !== undefined) return escapes[letter] ?? "";
      if (same !== undefined) return same;
      const code = octal === undefined ? Number.parseInt(x ?? u ?? long ?? "0", 16) : Number.parseInt(octal, 8);
      return String.fromCodePoint(Math.min(code, 0x10ffff));
    },
  );
}
