/** Operations on values by their shape: which fields they have, what differs, how they merge, and what is left without some. */

import { isEqual, isObject, type JsonObject } from "../json.js";
import { anyShape, type ListShape, type Shape } from "../shape.js";
import { difference, type FieldTree, fieldStep, noFields, ownField, tree, union } from "./field-tree.js";
import { checkUnique, itemsByStep, type Kind, kindOf, memberShape, stepOf } from "./items.js";

/** What changed from one value to another. */
export interface Comparison {
  readonly added: FieldTree;
  readonly modified: FieldTree;
  readonly removed: FieldTree;
}

const nothing: Comparison = { added: noFields, modified: noFields, removed: noFields };

/** The fields that a value sets: its leaves, and the items of its lists and maps. */
export function fieldsOf(shape: Shape, value: unknown, path: string = ""): FieldTree {
  switch (kindOf(shape, value)) {
    case "leaf":
      return ownField;
    case "map":
      return tree(
        false,
        Object.entries(isObject(value) ? value : {}).map(([key, inner]) => {
          const fields = fieldsOf(memberShape(shape, key), inner, `${path}.${key}`);
          const isEmpty = inner === null || (isObject(inner) && Object.keys(inner).length === 0);
          const isMember = isEmpty || !isStructField(shape, key);
          return [fieldStep(key), isMember ? union(fields, ownField) : fields] as const;
        }),
      );
    case "list": {
      if (shape.type !== "list" || !Array.isArray(value)) return ownField;
      checkUnique(shape, value, path);
      const items = shape.items();
      return tree(
        false,
        value.map((item) => [stepOf(shape, item), union(fieldsOf(items, item, path), ownField)] as const),
      );
    }
    default:
      return ownField;
  }
}

/** Whether a key is a known field, and not data or of unknown shape. */
function isStructField(shape: Shape, key: string): boolean {
  return shape.type === "struct" && shape.fields.has(key);
}

/** What changed between two values; `undefined` is absent. */
export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  if (before === undefined && after === undefined) return nothing;
  const was = knownKindOf(shape, before);
  const kind = knownKindOf(shape, after) ?? was ?? "leaf";
  if (was !== undefined && was !== kind) {
    // One kind of value became another: all of the old is gone, all of the new is there.
    return { added: everyField(shape, after), modified: ownField, removed: everyField(shape, before) };
  }
  if (kind === "leaf") return compareLeaf(before, after);
  const inner = kind === "map" ? compareMaps(shape, before, after) : compareLists(shape, before, after);
  return {
    added: before === undefined ? union(inner.added, ownField) : inner.added,
    modified: inner.modified,
    removed: after === undefined ? union(inner.removed, ownField) : inner.removed,
  };
}

/** Undefined for what is absent or null, which can be of any kind. */
function knownKindOf(shape: Shape, value: unknown): Kind | undefined {
  return value === undefined || value === null ? undefined : kindOf(shape, value);
}

function everyField(shape: Shape, value: unknown): FieldTree {
  return value === undefined ? noFields : compare(shape, undefined, value).added;
}

function compareLeaf(before: unknown, after: unknown): Comparison {
  if (before === undefined) return { ...nothing, added: ownField };
  if (after === undefined) return { ...nothing, removed: ownField };
  return isEqual(before, after) ? nothing : { ...nothing, modified: ownField };
}

function compareMaps(shape: Shape, before: unknown, after: unknown): Comparison {
  const old = isObject(before) ? before : {};
  const now = isObject(after) ? after : {};
  const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
  return join(
    [...keys].map((key) => [fieldStep(key), compare(memberShape(shape, key), own(old, key), own(now, key))] as const),
  );
}

function compareLists(shape: Shape, before: unknown, after: unknown): Comparison {
  if (shape.type !== "list") return nothing;
  const old = itemsByStep(shape, Array.isArray(before) ? before : []);
  const now = itemsByStep(shape, Array.isArray(after) ? after : []);
  const steps = new Set([...old.keys(), ...now.keys()]);
  const items = shape.items();
  return join([...steps].map((step) => [step, compare(items, old.get(step), now.get(step))] as const));
}

type Children = (readonly [string, FieldTree])[];

function join(inner: readonly (readonly [string, Comparison])[]): Comparison {
  const added: Children = [];
  const modified: Children = [];
  const removed: Children = [];
  for (const [step, found] of inner) {
    if (found === nothing) continue;
    added.push([step, found.added]);
    modified.push([step, found.modified]);
    removed.push([step, found.removed]);
  }
  if (added.length === 0) return nothing;
  return { added: tree(false, added), modified: tree(false, modified), removed: tree(false, removed) };
}

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The live value with the applied one laid over it: fields and items that only one of them has stay. */
export function merge(shape: Shape, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined || live === null || applied === null) return applied;
  const kind = kindOf(shape, applied);
  if (kind === "leaf" || kindOf(shape, live) !== kind) return applied;
  if (kind === "list") {
    return shape.type === "list" && Array.isArray(live) && Array.isArray(applied)
      ? mergeLists(shape, live, applied)
      : applied;
  }
  if (!isObject(live) || !isObject(applied)) return applied;
  const keys = new Set([...Object.keys(live), ...Object.keys(applied)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, merge(memberShape(shape, key), own(live, key), own(applied, key))]),
  );
}

/** Applied items keep their order; live ones that were not applied keep their place before the next item that both have. */
function mergeLists(shape: ListShape, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const old = [...itemsByStep(shape, live)];
  const oldByStep = new Map(old);
  const now = [...itemsByStep(shape, applied)];
  const nowByStep = new Map(now);
  const items = shape.items();
  const merged: unknown[] = [];
  const done = new Set<string>();
  let next = 0;
  for (const [index, [step, item]] of now.entries()) {
    const shared = now.slice(index).find(([candidate]) => oldByStep.has(candidate))?.[0];
    for (; next < old.length; next++) {
      const entry = old[next];
      if (entry === undefined || entry[0] === shared) break;
      if (!nowByStep.has(entry[0]) && !done.has(entry[0])) {
        done.add(entry[0]);
        merged.push(entry[1]);
      }
    }
    merged.push(merge(items, oldByStep.get(step), item));
  }
  for (const [step, item] of old) if (!nowByStep.has(step) && !done.has(step)) merged.push(item);
  return merged;
}

/** The value without the given fields. */
export function withoutFields(shape: Shape, value: unknown, fields: FieldTree): unknown {
  const kind = kindOf(shape, value);
  if (kind === "map" && isObject(value)) {
    const left = Object.entries(value).flatMap(([key, inner]) => {
      const found = fields.children.get(fieldStep(key));
      if (found === undefined) return [[key, inner] as const];
      if (found.own) return [];
      return [[key, withoutFields(memberShape(shape, key), inner, found)] as const];
    });
    return left.length > 0 || Object.keys(value).length === 0 ? Object.fromEntries(left) : null;
  }
  if (kind === "list" && shape.type === "list" && Array.isArray(value)) {
    const items = shape.items();
    const left = value.flatMap((item: unknown) => {
      const found = fields.children.get(stepOf(shape, item));
      if (found === undefined) return [item];
      return found.own ? [] : [withoutFields(items, item, found)];
    });
    return left.length > 0 || value.length === 0 ? left : null;
  }
  return value;
}

/** Adds the known fields that lead to paths of the set, so that emptied structs go with their content. */
export function withNamedFields(shape: Shape, fields: FieldTree): FieldTree {
  return tree(
    fields.own,
    [...fields.children].map(([step, child]) => {
      const inner = shapeAtStep(shape, step);
      const named = withNamedFields(inner, child);
      const isNamed = step.startsWith("f:") && isStructField(shape, step.slice(2)) && child.children.size > 0;
      return [step, isNamed ? union(named, ownField) : named] as const;
    }),
  );
}

function shapeAtStep(shape: Shape, step: string): Shape {
  if (step.startsWith("f:")) return memberShape(shape, step.slice(2));
  return shape.type === "list" ? shape.items() : anyShape;
}

/** The comparison without the fields that an endpoint does not own. */
export function withoutIgnored(comparison: Comparison, ignore: (fields: FieldTree) => FieldTree): Comparison {
  return {
    added: ignore(comparison.added),
    modified: ignore(comparison.modified),
    removed: ignore(comparison.removed),
  };
}

/** What a merge has that its pruned form has lost, kept where it is wanted. */
export function addBack(shape: Shape, merged: unknown, pruned: unknown, keep: (lost: FieldTree) => FieldTree): unknown {
  const lost = difference(
    withNamedFields(shape, fieldsOf(shape, merged)),
    withNamedFields(shape, fieldsOf(shape, pruned)),
  );
  return withoutFields(shape, merged, keep(lost));
}
