/** The items of a list by what tells them apart. */

import { isObject, type JsonObject, objectOf } from "../json.js";
import { anyShape, childShape, type ListShape, type Shape } from "../shape.js";
import { keyStep, valueStep } from "./field-tree.js";

/** An item that should be there once is there twice, or lacks its key. */
export class ItemError extends Error {
  override readonly name = "ItemError";
}

/** Items by their steps, in order. Of items with the same step, the first counts. */
export function itemsByStep(shape: ListShape, items: readonly unknown[]): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const item of items) {
    const step = stepOf(shape, item);
    if (!found.has(step)) found.set(step, item);
  }
  return found;
}

/** Throws if an item occurs twice, which a configuration to apply must not. */
export function checkUnique(shape: ListShape, items: readonly unknown[], path: string): void {
  const seen = new Set<string>();
  for (const item of items) {
    const step = stepOf(shape, item);
    if (seen.has(step)) throw new ItemError(`${path}: duplicate entries for key [${describe(step)}]`);
    seen.add(step);
  }
}

/** The step to an item. Keys that an item leaves out have the value that their field falls back to. */
export function stepOf(shape: ListShape, item: unknown): string {
  if (shape.kind === "set") return valueStep(item);
  return keyStep(keysOf(shape, item));
}

function keysOf(shape: ListShape, item: unknown): JsonObject {
  const inner = shape.items();
  if (!isObject(item)) throw new ItemError(`associative list with keys has an element that is not an object`);
  const entries = shape.keys.flatMap((key) => {
    const value = item[key] ?? fallbackOf(inner, key);
    return value === undefined ? [] : [[key, value] as const];
  });
  if (entries.length === 0) {
    throw new ItemError(
      `associative list with keys has an element that omits key field ${shape.keys.map((key) => JSON.stringify(key)).join(", ")} (and doesn't have default value)`,
    );
  }
  return Object.fromEntries(entries);
}

function fallbackOf(shape: Shape, key: string): unknown {
  return shape.type === "struct" ? shape.fields.get(key)?.fallback : undefined;
}

function describe(step: string): string {
  if (step.startsWith("v:")) return `=${step.slice(2)}`;
  const keys: unknown = JSON.parse(step.slice(2));
  return Object.entries(objectOf(keys))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(",");
}

/** How a value is walked: `leaf` values are owned whole. */
export type Kind = "leaf" | "map" | "list";

/** How a value is walked, by its shape or, where that says nothing, by what it is. */
export function kindOf(shape: Shape, value: unknown): Kind {
  switch (shape.type) {
    case "scalar":
      return "leaf";
    case "struct":
    case "map":
      return shape.atomic ? "leaf" : isObject(value) ? "map" : "leaf";
    case "list":
      return shape.kind === "atomic" || !Array.isArray(value) ? "leaf" : "list";
    case "any":
      return isObject(value) && !shape.atomic ? "map" : "leaf";
    default:
      return shape satisfies never;
  }
}

/** The shape of a member; what has none is taken as it is. */
export function memberShape(shape: Shape, key: string): Shape {
  return childShape(shape, key) ?? anyShape;
}
