/** Lists whose items must differ: sets by value, maps by key. */

import type { FieldError } from "../failure.js";
import { canonical, isObject, objectOf, textsOf } from "../json.js";
import { itemsOf, propertyOf, type Schema } from "./schema.js";

/** Items that must differ and do not. */
export function duplicateErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return [
      ...sameItems(schema, value, path),
      ...value.flatMap((item, index) => duplicateErrors(items, item, `${path}[${index}]`)),
    ];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const property = propertyOf(schema, key);
    return property === undefined ? [] : duplicateErrors(property, inner, path === "" ? key : `${path}.${key}`);
  });
}

function sameItems(schema: Schema, items: readonly unknown[], path: string): readonly FieldError[] {
  if (schema["x-kubernetes-list-type"] !== "set" && schema["x-kubernetes-list-type"] !== "map") return [];
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const id = identityOf(schema, item);
    const text = canonical(id);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [{ type: "FieldValueDuplicate", field: `${path}[${index}]`, value: id, detail: "" } as const];
  });
}

function identityOf(schema: Schema, item: unknown): unknown {
  if (schema["x-kubernetes-list-type"] === "set") return item;
  const keys = textsOf(schema["x-kubernetes-list-map-keys"]);
  const object = objectOf(item);
  return Object.fromEntries(keys.flatMap((key) => (object[key] === undefined ? [] : [[key, object[key]]])));
}

/** The item of an earlier list that is the same one as this; undefined where items cannot be told apart. */
export function correlated(schema: Schema, item: unknown, earlier: readonly unknown[]): unknown {
  if (schema["x-kubernetes-list-type"] !== "map") return undefined;
  const id = canonical(identityOf(schema, item));
  return earlier.find((other) => canonical(identityOf(schema, other)) === id);
}
