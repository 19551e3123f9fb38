/** Writing JSON. Objects of the store are frozen and shared, so each is written once and remembered. */

import { formatJson as format } from "../core/index.js";
import { isObject, type JsonObject, without } from "./json.js";

const written = new WeakMap<object, string>();

/** JSON as text; integers beyond 2^53 stay what they are. */
export function formatJson(value: unknown): string {
  if (!isObject(value) || !Object.isFrozen(value)) return format(value);
  const known = written.get(value);
  if (known !== undefined) return known;
  const text = format(value);
  written.set(value, text);
  return text;
}

/** JSON in lines, two blanks deep. */
export function formatPretty(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? Number(inner) : inner), 2);
}

/** A list as text, from items that may have been written before. */
export function formatList(head: JsonObject, items: readonly JsonObject[]): string {
  return formatWith(head, items.map(formatJson));
}

/** A list as text, whose items do not repeat the kind and version: these begin the text of each, and are cut off. */
export function formatUntypedList(
  head: JsonObject,
  items: readonly JsonObject[],
  type: { readonly kind: string; readonly apiVersion: string },
): string {
  const start = `{"kind":${format(type.kind)},"apiVersion":${format(type.apiVersion)},`;
  const formatItem = (item: JsonObject) => {
    const text = formatJson(item);
    return text.startsWith(start)
      ? `{${text.slice(start.length)}`
      : format(without(without(item, "kind"), "apiVersion"));
  };
  return formatWith(head, items.map(formatItem));
}

function formatWith(head: JsonObject, items: readonly string[]): string {
  const start = format(head).slice(0, -1);
  return `${start}${start === "{" ? "" : ","}"items":[${items.join(",")}]}`;
}
