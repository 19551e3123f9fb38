/** The types of paths into an object, computed from its type: a column or a scale that points nowhere does not compile. */

import type { ObjectMeta } from "../core/index.js";
import type { InputOf, Schema } from "./standard.js";

/** The parts of a custom object that paths may lead into. */
export interface Whole<Spec extends Schema, Status extends Schema | undefined> {
  metadata: ObjectMeta;
  spec: InputOf<Spec>;
  status: Status extends Schema ? InputOf<Status> : never;
}

/** A path to anything in an object: `.spec.content`, `.status.conditions[?(@.type=="Ready")].status`. */
export type ColumnPath<Spec extends Schema, Status extends Schema | undefined> = PathTo<
  Whole<Spec, Status>,
  unknown,
  `[${string}]`
>;

/** A path to a text, number or boolean, not through lists, in spec or status. */
export type SelectablePath<Spec extends Schema, Status extends Schema | undefined> = PathTo<
  Pick<Whole<Spec, Status>, "spec" | "status">,
  string | number | boolean,
  never
>;

/** A path to a number in `Part`, not through lists. */
export type NumberPath<
  Part extends "spec" | "status",
  Spec extends Schema,
  Status extends Schema | undefined,
> = Part extends "status"
  ? Status extends Schema
    ? PathTo<Pick<Whole<Spec, Status>, "status">, number, never>
    : "scale needs a status: give the kind a schema for it"
  : PathTo<Pick<Whole<Spec, Status>, Part>, number, never>;

/** A path to a text in spec or status, not through lists. */
export type TextPath<Spec extends Schema, Status extends Schema | undefined> = PathTo<
  Pick<Whole<Spec, Status>, "spec" | "status">,
  string,
  never
>;

/** A path to a field of the schema; `[*]` stands for each element of a list or map: `.spec.ports[*].name`. */
export type FieldPath<Spec extends Schema, Status extends Schema | undefined> = PathTo<
  Pick<Whole<Spec, Status>, "spec" | "status">,
  unknown,
  "[*]",
  "[*]"
>;

/** How deep paths are spelt out; below, any path compiles and is checked when the kind is defined. */
type Depth = 6;

type Less = [never, 0, 1, 2, 3, 4, 5];

type Primitive = string | number | bigint | boolean | null | undefined;

/**
 * Every path from a `T` to a `Leaf`. `Item` is how a list's element is written, never if paths do not enter lists; `Value` how
 * a map's is.
 */
type PathTo<T, Leaf, Item extends string, Value extends string = `.${string}`, D extends number = Depth> = {
  [P in keyof T & string]-?: `.${P}${Below<T[P], Leaf, Item, Value, D>}`;
}[keyof T & string];

type Below<T, Leaf, Item extends string, Value extends string, D extends number> = unknown extends T
  ? "" | `.${string}`
  : T extends null | undefined
    ? never
    :
        | (T extends Leaf ? "" : never)
        | (T extends Primitive ? never : D extends 0 ? `${"." | "["}${string}` : Inside<T, Leaf, Item, Value, Less[D]>);

type Inside<T, Leaf, Item extends string, Value extends string, D extends number> = T extends readonly (infer E)[]
  ? `${Item}${Below<E, Leaf, Item, Value, D>}`
  : string extends keyof T
    ? `${Value}${Below<T[keyof T], Leaf, Item, Value, D>}`
    : PathTo<T, Leaf, Item, Value, D>;
