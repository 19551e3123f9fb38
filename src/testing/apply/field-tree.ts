/** Sets of fields as trees, and the two ways in which Kubernetes writes them: `fieldsV1`, and paths in messages. */

import { canonical, compareText, isObject, type JsonObject } from "../json.js";

/**
 * A set of paths. Each step is written as in `fieldsV1`: `f:name`, `k:{"name":"x"}`, `v:"x"`, `i:0`.
 */
export interface FieldTree {
  /** Whether the path that leads here is itself in the set. */
  readonly own: boolean;
  readonly children: ReadonlyMap<string, FieldTree>;
}

/** The empty set. */
export const noFields: FieldTree = Object.freeze({ own: false, children: new Map() });

/** The set of one path that ends here. */
export const ownField: FieldTree = Object.freeze({ own: true, children: new Map() });

/** A step into a field of an object. */
export const fieldStep = (name: string): string => `f:${name}`;

/** A step to the item of a list that has these keys. */
export const keyStep = (keys: JsonObject): string => `k:${canonical(keys)}`;

/** A step to a member of a set. */
export const valueStep = (value: unknown): string => `v:${canonical(value)}`;

/** Builds a tree, leaving out branches with nothing in them. */
export function tree(own: boolean, children: Iterable<readonly [string, FieldTree]>): FieldTree {
  const found = new Map<string, FieldTree>();
  for (const [step, child] of children) if (!isEmptyTree(child)) found.set(step, child);
  return found.size > 0 ? { own, children: found } : own ? ownField : noFields;
}

/** Whether a set has no paths. */
export function isEmptyTree({ own, children }: FieldTree): boolean {
  return !own && children.size === 0;
}

/** Paths in either. */
export function union(a: FieldTree, b: FieldTree): FieldTree {
  if (isEmptyTree(a)) return b;
  if (isEmptyTree(b)) return a;
  return combine(a, b, (x, y) => x || y, union);
}

/** Paths in both. */
export function intersection(a: FieldTree, b: FieldTree): FieldTree {
  return combine(a, b, (x, y) => x && y, intersection);
}

/** Paths in `a` that are not in `b`. */
export function difference(a: FieldTree, b: FieldTree): FieldTree {
  if (isEmptyTree(b)) return a;
  return combine(a, b, (x, y) => x && !y, difference);
}

/** Paths in `a` that are neither in `b` nor below a path in `b`. */
export function withoutBelow(a: FieldTree, b: FieldTree): FieldTree {
  if (isEmptyTree(a) || isEmptyTree(b)) return a;
  return tree(
    a.own,
    [...a.children].flatMap(([step, child]) => {
      const other = b.children.get(step);
      if (other === undefined) return [[step, child] as const];
      return other.own ? [] : [[step, withoutBelow(child, other)] as const];
    }),
  );
}

function combine(
  a: FieldTree,
  b: FieldTree,
  own: (a: boolean, b: boolean) => boolean,
  inner: (a: FieldTree, b: FieldTree) => FieldTree,
): FieldTree {
  const steps = new Set([...a.children.keys(), ...b.children.keys()]);
  return tree(
    own(a.own, b.own),
    [...steps].map(
      (step) => [step, inner(a.children.get(step) ?? noFields, b.children.get(step) ?? noFields)] as const,
    ),
  );
}

/** Every path of a set. */
export function* pathsOf(fields: FieldTree, path: readonly string[] = []): Iterable<readonly string[]> {
  if (fields.own) yield path;
  for (const [step, child] of sorted(fields)) yield* pathsOf(child, [...path, step]);
}

/** The set of one path. */
export function treeOf(path: readonly string[]): FieldTree {
  return path.reduceRight<FieldTree>((inner, step) => tree(false, [[step, inner]]), ownField);
}

/** As `fieldsV1`: `"."` stands for the path itself, where more lies below it. */
export function toFieldsV1(fields: FieldTree): JsonObject {
  if (fields.children.size === 0) return leaf;
  return Object.fromEntries(
    sorted(fields).map(([step, child]) => [
      step,
      child.own && child.children.size > 0 ? { ".": leaf, ...toFieldsV1(child) } : toFieldsV1(child),
    ]),
  );
}

/** There are so many of them that they are one. */
const leaf: JsonObject = Object.freeze({});

/** Reads `fieldsV1`; undefined if it is none. */
export function fromFieldsV1(value: unknown): FieldTree | undefined {
  if (!isObject(value)) return undefined;
  const children: [string, FieldTree][] = [];
  for (const [step, inner] of Object.entries(value)) {
    if (step === ".") continue;
    const child = fromFieldsV1(inner);
    if (child === undefined || !/^[fkvi]:/.test(step)) return undefined;
    const isLeaf = isObject(inner) && (Object.keys(inner).length === 0 || Object.hasOwn(inner, "."));
    children.push([canonicalStep(step), { own: isLeaf, children: child.children }]);
  }
  return { own: false, children: new Map(children) };
}

/** Keys and values are compared as text: clients may write them in another order. */
function canonicalStep(step: string): string {
  if (step.startsWith("f:") || step.startsWith("i:")) return step;
  try {
    return step.slice(0, 2) + canonical(JSON.parse(step.slice(2)));
  } catch {
    return step;
  }
}

/** As messages write paths: `.spec.ports[port=80,protocol="TCP"].name`. */
export function formatPath(path: readonly string[]): string {
  return path.map(formatStep).join("");
}

function formatStep(step: string): string {
  const rest = step.slice(2);
  if (step.startsWith("f:")) return `.${rest}`;
  if (step.startsWith("v:")) return `[=${rest}]`;
  if (step.startsWith("i:")) return `[${rest}]`;
  const keys: unknown = JSON.parse(rest);
  return `[${Object.entries(isObject(keys) ? keys : {})
    .map(([key, value]) => `${key}=${canonical(value)}`)
    .join(",")}]`;
}

function sorted({ children }: FieldTree): readonly (readonly [string, FieldTree])[] {
  return [...children].toSorted(([a], [b]) => compareText(a, b));
}
