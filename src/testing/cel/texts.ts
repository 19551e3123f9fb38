/** Methods of texts. Positions count characters, not units of UTF-16. */

import type { CelFunction } from "./functions.js";
import { CelError, type CelValue, isList, noOverload, textOfValue } from "./values.js";

export const textMethods: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ["contains", (of, part) => text(of).includes(text(part))],
  ["startsWith", (of, part) => text(of).startsWith(text(part))],
  ["endsWith", (of, part) => text(of).endsWith(text(part))],
  ["matches", (of, pattern) => regexOf(text(pattern)).test(text(of))],
  ["find", (of, pattern) => regexOf(text(pattern)).exec(text(of))?.[0] ?? ""],
  [
    "findAll",
    (of, pattern, limit) => {
      const found = Array.from(text(of).matchAll(regexOf(text(pattern), "g")), ([match]) => match);
      return limit === undefined || integer(limit) < 0 ? found : found.slice(0, integer(limit));
    },
  ],
  [
    "charAt",
    (of, at) => {
      const characters = Array.from(text(of));
      const index = integer(at);
      if (index < 0 || index > characters.length) throw new CelError(`index out of range: ${index}`);
      return characters[index] ?? "";
    },
  ],
  [
    "indexOf",
    (of, part, from) => position(text(of).indexOf(text(part), from === undefined ? 0 : unitOf(of, from)), text(of)),
  ],
  [
    "lastIndexOf",
    (of, part, from) =>
      position(text(of).lastIndexOf(text(part), from === undefined ? undefined : unitOf(of, from)), text(of)),
  ],
  ["lowerAscii", (of) => text(of).replace(/[A-Z]/g, (letter) => letter.toLowerCase())],
  ["upperAscii", (of) => text(of).replace(/[a-z]/g, (letter) => letter.toUpperCase())],
  [
    "replace",
    (of, part, by, limit) =>
      replaced(text(of), text(part), { by: text(by), limit: limit === undefined ? -1 : integer(limit) }),
  ],
  ["split", (of, separator, limit) => split(text(of), text(separator), limit === undefined ? -1 : integer(limit))],
  [
    "substring",
    (of, from, to) => {
      const characters = Array.from(text(of));
      const start = integer(from);
      const end = to === undefined ? characters.length : integer(to);
      if (start < 0 || start > characters.length) throw new CelError(`index out of range: ${start}`);
      if (end < start || end > characters.length) throw new CelError(`index out of range: ${end}`);
      return characters.slice(start, end).join("");
    },
  ],
  ["trim", (of) => text(of).trim()],
  [
    "join",
    (of, separator) =>
      list(of)
        .map(textOfValue)
        .join(separator === undefined ? "" : text(separator)),
  ],
  ["format", (of, args) => formatted(text(of), list(args))],
]);

function text(value: CelValue = null): string {
  if (typeof value === "string") return value;
  throw noOverload();
}

function list(value: CelValue = null): readonly CelValue[] {
  if (isList(value)) return value;
  throw noOverload();
}

function integer(value: CelValue = null): number {
  if (typeof value === "bigint") return Number(value);
  throw noOverload();
}

function regexOf(pattern: string, flags = ""): RegExp {
  try {
    return new RegExp(pattern, `u${flags}`);
  } catch {
    throw new CelError(`error parsing regexp: ${pattern}`);
  }
}

/** From a position in units to one in characters. */
function position(unit: number, of: string): bigint {
  return BigInt(unit < 0 ? -1 : Array.from(of.slice(0, unit)).length);
}

function unitOf(of: CelValue | undefined, from: CelValue): number {
  const characters = Array.from(text(of));
  const index = integer(from);
  if (index < 0 || index > characters.length) throw new CelError(`index out of range: ${index}`);
  return characters.slice(0, index).join("").length;
}

function replaced(of: string, part: string, { by, limit }: { readonly by: string; readonly limit: number }): string {
  if (limit < 0) return of.replaceAll(part, () => by);
  let left = limit;
  return of.replaceAll(part, (found) => (left-- > 0 ? by : found));
}

function split(of: string, separator: string, limit: number): readonly string[] {
  const parts = of.split(separator);
  if (limit === 0) return [];
  if (limit < 0 || parts.length <= limit) return parts;
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
}

function formatted(pattern: string, args: readonly CelValue[]): string {
  let next = 0;
  return pattern.replace(/%(?:\.(\d+))?([sdfexXob%])/g, (_all, digits: string | undefined, verb: string) => {
    if (verb === "%") return "%";
    const value = args[next++];
    if (value === undefined) throw new CelError("index out of range");
    if (verb === "s") return isList(value) ? `[${value.map(textOfValue).join(", ")}]` : textOfValue(value);
    if (verb === "f" || verb === "e") {
      const number = Number(textOfValue(value));
      return verb === "f" ? number.toFixed(Number(digits ?? 6)) : number.toExponential(Number(digits ?? 6));
    }
    if (typeof value !== "bigint") return textOfValue(value);
    const radix = verb === "d" ? 10 : verb === "o" ? 8 : verb === "b" ? 2 : 16;
    return verb === "X" ? value.toString(radix).toUpperCase() : value.toString(radix);
  });
}
