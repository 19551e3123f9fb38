/** Looking into values of unknown shape. */

export { isEqual } from "../core/json-fields.js";

/** Whether a value is an object with string keys: no array, and not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same JSON value, sharing nothing with it, frozen at every depth; undefined fields are left out. */
export function frozenCopy<T>(value: T): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- copying keeps the type, but the compiler cannot follow a recursion over any JSON
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(copyOf));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.freeze(Object.fromEntries(entries.map(([key, inner]) => [key, copyOf(inner)])));
}
