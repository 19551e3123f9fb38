/** How Go prints and converts the values of a strategic merge patch, for its errors. */

import { compareText, isObject, plainText } from "../json.js";

/** A value as `%+v` prints it: `map[data:map[y:1]]`. */
export function formatGo(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatGo).join(" ")}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).toSorted(compareText);
    return `map[${keys.map((key) => `${key}:${formatGo(value[key])}`).join(" ")}]`;
  }
  return value === null ? "<nil>" : plainText(value);
}

const words: Readonly<Record<string, string>> = {
  number: "int64",
  bool: "bool",
  string: "string",
  object: "map[string]interface {}",
  array: "[]interface {}",
};

/** What the decoder of JSON says of a value, in the words of the converter that strategic merge patches go through. */
export function asConversion(why: string): string {
  const [, found = "", wanted = ""] = /^json: cannot unmarshal (\w+) into .* of type (.+)$/.exec(why) ?? [];
  const from = words[found];
  if (from === undefined) return why;
  if (wanted.startsWith("[]")) return `cannot restore slice from ${from}`;
  if (wanted.startsWith("map[")) return `cannot restore map from ${from}`;
  return wanted.includes(".") ? `cannot restore struct from: ${from}` : `cannot convert ${from} to ${wanted}`;
}
