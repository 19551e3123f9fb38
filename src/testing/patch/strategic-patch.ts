/**
 * Strategic merge patch: lists of the built-in kinds merge by their key.
 *
 * @see https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 */

import { isEqual, isObject, type JsonObject, listOf, textOf } from "../json.js";
import { anyShape, childShape, type Field, itemShape, plainPatch, type PatchStrategy, type Shape } from "../shape.js";

/** A patch that contradicts itself or its kind. */
export class StrategicPatchError extends Error {
  override readonly name = "StrategicPatchError";
}

const directive = "$patch";
const retainKeys = "$retainKeys";
const deleteFrom = "$deleteFromPrimitiveList/";
const order = "$setElementOrder/";

/** Lays a patch over an object of a kind. @throws StrategicPatchError */
export function applyStrategicPatch(shape: Shape, value: unknown, patch: JsonObject): unknown {
  return mergeObject(shape, isObject(value) ? value : {}, patch);
}

function mergeObject(shape: Shape, value: JsonObject, patch: JsonObject): JsonObject {
  const what = patch[directive];
  if (what === "replace") return withoutDirectives(patch);
  if (what === "delete") return {};
  if (what !== undefined && what !== "merge")
    throw new StrategicPatchError(`Unknown patch type found: ${JSON.stringify(what)}`);
  const kept = patch[retainKeys];
  const merged = new Map(
    Object.entries(value).filter(([key]) => !Array.isArray(kept) || kept.includes(key) || Object.hasOwn(patch, key)),
  );
  for (const [key, inner] of Object.entries(patch)) {
    if (key.startsWith(deleteFrom)) {
      const field = key.slice(deleteFrom.length);
      merged.set(
        field,
        listOf(merged.get(field)).filter((item) => !listOf(inner).some((gone) => isEqual(gone, item))),
      );
    }
  }
  for (const [key, inner] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    if (inner === null) {
      merged.delete(key);
      continue;
    }
    const result = mergeField(fieldOf(shape, key), merged.get(key), inner, patch[order + key]);
    merged.set(key, result);
  }
  for (const [key, inner] of Object.entries(patch)) {
    if (!key.startsWith(order)) continue;
    const field = key.slice(order.length);
    if (!merged.has(field)) continue;
    const lists = { before: listOf(value[field]), wanted: listOf(inner) };
    merged.set(field, inOrder(fieldOf(shape, field).patch, listOf(merged.get(field)), lists));
  }
  return Object.fromEntries(merged);
}

interface FieldOf {
  readonly shape: Shape;
  readonly patch: PatchStrategy;
}

function fieldOf(shape: Shape, key: string): FieldOf {
  const field: Field | undefined = shape.type === "struct" ? shape.fields.get(key) : undefined;
  return { shape: childShape(shape, key) ?? anyShape, patch: field?.patch ?? plainPatch };
}

function mergeField({ shape, patch }: FieldOf, value: unknown, inner: unknown, wanted: unknown): unknown {
  if (Array.isArray(inner)) {
    if (!patch.merge) return inner.filter((item) => !(isObject(item) && Object.hasOwn(item, directive)));
    return mergeList(itemShape(shape), patch, listOf(value), { items: inner, order: wanted });
  }
  if (!isObject(inner)) return inner;
  return mergeObject(shape, isObject(value) ? value : {}, inner);
}

function mergeList(
  shape: Shape,
  { key }: PatchStrategy,
  value: readonly unknown[],
  patch: { readonly items: readonly unknown[]; readonly order: unknown },
): unknown[] {
  if (key === undefined) {
    const added = patch.items.filter((item) => !value.some((known) => isEqual(known, item)));
    return inOrder({ key }, [...value, ...added], { before: value, wanted: patch.items });
  }
  if (patch.items.some((item) => isObject(item) && item[directive] === "replace")) {
    return patch.items.filter((item) => !(isObject(item) && Object.hasOwn(item, directive)));
  }
  let merged = [...value];
  for (const item of patch.items) {
    if (!isObject(item))
      throw new StrategicPatchError("expected map, but got a different type in a list that merges by key");
    const id = item[key];
    if (id === undefined) {
      throw new StrategicPatchError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    }
    const index = merged.findIndex((known) => isObject(known) && isEqual(known[key], id));
    if (item[directive] === "delete") {
      merged = merged.filter((known) => !(isObject(known) && isEqual(known[key], id)));
    } else if (index === -1) {
      merged = [...merged, mergeObject(shape, {}, item)];
    } else {
      const known = merged[index];
      merged = merged.with(index, mergeObject(shape, isObject(known) ? known : {}, item));
    }
  }
  return inOrder({ key }, merged, { before: value, wanted: patch.items });
}

/**
 * Merges two orders: that of the patch for the items that it names, and that of the list before for the others. One of the others comes
 * first only where both were in the list before, in this order; so what is new goes to the front.
 */
function inOrder(
  { key }: Pick<PatchStrategy, "key">,
  items: readonly unknown[],
  { before, wanted }: { readonly before: readonly unknown[]; readonly wanted: readonly unknown[] },
): unknown[] {
  const idOf = (item: unknown) => (key !== undefined && isObject(item) ? item[key] : item);
  const rankIn = (list: readonly unknown[]) => (item: unknown) =>
    list.findIndex((other) => isEqual(idOf(other), idOf(item)));
  const [rankBefore, rankWanted] = [rankIn(before), rankIn(wanted)];
  const named = items.filter((item) => rankWanted(item) !== -1).toSorted((a, b) => rankWanted(a) - rankWanted(b));
  const others = items.filter((item) => rankWanted(item) === -1).toSorted((a, b) => rankBefore(a) - rankBefore(b));
  const ordered: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const [other, next] = [rankBefore(others[0]), rankBefore(named[0])];
    ordered.push(other !== -1 && next !== -1 && other < next ? others.shift() : named.shift());
  }
  return [...ordered, ...named, ...others];
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !textOf(key).startsWith("$")));
}
