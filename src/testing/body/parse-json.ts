/** A JSON parser that tells which fields were given twice, and keeps integers of 64 bits. */

/** What was read, and the paths of the fields that were given more than once; the last value counts. */
export interface ParsedJson {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

/** Deeper than this is refused. The API server takes ten times as much; nothing sensible is so deep, and every walk must come back from it. */
const maxDepth = 1000;

/** What is said of a value that is too deep. */
export const tooDeep = "exceeded max depth";

/** @throws SyntaxError in Go's words. */
export function parseJsonStrictly(text: string): ParsedJson {
  const reader = new Reader(text);
  const value = reader.value("", 0);
  reader.end();
  return { value, duplicates: reader.duplicates };
}

const whitespace = /[ \t\r\n]*/y;
// oxlint-disable-next-line no-control-regex -- these are what JSON forbids within a text
const stringToken = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

class Reader {
  readonly duplicates: string[] = [];
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(path: string, depth: number): unknown {
    if (depth > maxDepth) throw new SyntaxError(tooDeep);
    this.#skip();
    const character = this.#text[this.#position];
    if (character === "{") return this.#object(path, depth);
    if (character === "[") return this.#list(path, depth);
    if (character === '"') return this.#string();
    if (character !== undefined && /[-\d]/.test(character)) return this.#number();
    for (const [word, value] of literals) {
      if (this.#text.startsWith(word, this.#position)) {
        this.#position += word.length;
        return value;
      }
    }
    throw this.#unexpected("looking for beginning of value");
  }

  end(): void {
    this.#skip();
    if (this.#position < this.#text.length) throw this.#unexpected("after top-level value");
  }

  #object(path: string, depth: number): unknown {
    const entries = new Map<string, unknown>();
    this.#position++;
    this.#skip();
    if (this.#take("}")) return {};
    for (;;) {
      this.#skip();
      if (this.#text[this.#position] !== '"') throw this.#unexpected("looking for beginning of object key string");
      const key = this.#string();
      this.#skip();
      if (!this.#take(":")) throw this.#unexpected("after object key");
      const inner = path === "" ? key : `${path}.${key}`;
      if (entries.has(key) && !this.duplicates.includes(inner)) this.duplicates.push(inner);
      entries.set(key, this.value(inner, depth + 1));
      this.#skip();
      if (this.#take("}")) return Object.fromEntries(entries);
      if (!this.#take(",")) throw this.#unexpected("after object key:value pair");
    }
  }

  #list(path: string, depth: number): unknown {
    const items: unknown[] = [];
    this.#position++;
    this.#skip();
    if (this.#take("]")) return items;
    for (;;) {
      items.push(this.value(`${path}[${items.length}]`, depth + 1));
      this.#skip();
      if (this.#take("]")) return items;
      if (!this.#take(",")) throw this.#unexpected("after array element");
    }
  }

  #string(): string {
    const token = this.#match(stringToken);
    if (token === undefined) throw this.#unexpected("in string literal", this.#endOfString());
    if (!token.includes("\\")) return token.slice(1, -1);
    const value: unknown = JSON.parse(token);
    return typeof value === "string" ? value : "";
  }

  #number(): number | bigint {
    const token = this.#match(numberToken);
    if (token === undefined) throw this.#unexpected("in numeric literal");
    const value = Number(token);
    return Number.isSafeInteger(value) || /[.eE]/.test(token) ? value : BigInt(token);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const [token] = pattern.exec(this.#text) ?? [];
    if (token !== undefined) this.#position += token.length;
    return token;
  }

  #skip(): void {
    whitespace.lastIndex = this.#position;
    whitespace.test(this.#text);
    this.#position = whitespace.lastIndex;
  }

  #take(character: string): boolean {
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #endOfString(): number {
    const end = this.#text.slice(this.#position + 1).search(/["\p{Cc}]/u);
    return end === -1 ? this.#text.length : this.#position + 1 + end;
  }

  #unexpected(where: string, position: number = this.#position): SyntaxError {
    const character = this.#text[position];
    return new SyntaxError(
      character === undefined ? "unexpected end of JSON input" : `invalid character '${character}' ${where}`,
    );
  }
}
