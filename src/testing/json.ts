/** JSON values as this server holds them: frozen objects of unknown content, looked into by path and changed by copying. */

import { isObject, type JsonObject } from "../core/json-fields.js";

export { isEqual, isObject, type JsonObject } from "../core/json-fields.js";

/** The value itself if it is an object, else an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : empty;
}

/** The value itself if it is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value itself if it is a string, else an empty one. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A value without parts as text, and JSON of what has parts. */
export function plainText(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

/** The strings of a list. */
export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((item) => typeof item === "string");
}

/** The value at a path, or undefined. Only own properties count: a field may be called `constructor`. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let inner = value;
  for (const key of path) inner = isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  return inner;
}

/** A copy with the value at a path replaced; objects that the path needs are made. `undefined` removes. */
export function withAt(object: JsonObject, path: readonly string[], value: unknown): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  const inner = rest.length === 0 ? value : withAt(objectOf(at(object, key)), rest, value);
  return inner === undefined ? without(object, key) : withOwn(object, key, inner);
}

/** A copy without one field; the object itself if it has none such. */
export function without(object: JsonObject, key: string): JsonObject {
  if (!Object.hasOwn(object, key)) return object;
  const { [key]: _removed, ...rest } = object;
  return rest;
}

/** A copy with one field set. `__proto__` is a field like any other: so it is in a literal, if its name is computed. */
export function withOwn(object: JsonObject, key: string, value: unknown): JsonObject {
  return { ...object, [key]: value };
}

/** `Object.fromEntries`, where later entries win in the place of the first. */
export function fromEntries(entries: Iterable<readonly [string, unknown]>): JsonObject {
  return Object.fromEntries(entries);
}

/** An object without the fields that are undefined. */
export function compact(object: JsonObject): JsonObject {
  return fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Freezes a value at every depth and returns it. What is frozen already is not walked again. */
export function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}

/** Orders texts by their UTF-16 units, as etcd orders keys, which are ASCII. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** JSON with the keys of every object sorted: equal for equal values. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (isObject(value)) {
    const keys = Object.keys(value).toSorted(compareText);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  }
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? "null");
}

const empty: JsonObject = Object.freeze({});
