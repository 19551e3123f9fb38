/** Shapes: what kind of value stands where, for decoding, merging, and the ownership of fields. */

/** What a value may be. Shapes of structs may refer to themselves, so what is inside comes from functions. */
export type Shape = ScalarShape | AnyShape | StructShape | MapShape | ListShape;

/** One value without parts. */
export interface ScalarShape {
  readonly type: "scalar";
  readonly scalar: Scalar;
}

/** `quantity` and `intOrString` may be numbers or strings. */
export type Scalar =
  | "string"
  | "bytes"
  | "time"
  | "microTime"
  | "int32"
  | "int64"
  | "number"
  | "boolean"
  | "quantity"
  | "intOrString";

/** Whatever it turns out to be: objects merge by field, lists are replaced. */
export interface AnyShape {
  readonly type: "any";
  /** Owned and replaced as one value. */
  readonly atomic: boolean;
}

/** An object with known fields. */
export interface StructShape {
  readonly type: "struct";
  /** As Go calls it, for its error messages. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** Owned and replaced as one value. */
  readonly atomic: boolean;
  /** What unknown fields are, if they are kept. */
  readonly rest: Shape | undefined;
}

/** A field of a struct. */
export interface Field {
  readonly shape: () => Shape;
  readonly required: boolean;
  /** An object that is there even when nothing is in it, as Go writes structs that are no pointers. */
  readonly inline: boolean;
  /** The value of a key of a list whose items leave it out. */
  readonly fallback: unknown;
  readonly patch: PatchStrategy;
}

/** How a strategic merge patch treats a field. */
export interface PatchStrategy {
  readonly merge: boolean;
  readonly retainKeys: boolean;
  /** The field that tells the items of a merged list apart; undefined for lists of scalars. */
  readonly key: string | undefined;
}

/** An object whose fields are data. */
export interface MapShape {
  readonly type: "map";
  readonly values: () => Shape;
  readonly atomic: boolean;
}

/** A list, and how its items are told apart. */
export interface ListShape {
  readonly type: "list";
  readonly items: () => Shape;
  readonly kind: "atomic" | "set" | "map";
  readonly keys: readonly string[];
}

/** The shape of values that nothing is known of. */
export const anyShape: AnyShape = Object.freeze({ type: "any", atomic: false });

/** The shape of values that built-in kinds carry without knowing them. */
export const rawShape: AnyShape = Object.freeze({ type: "any", atomic: true });

/** A patch replaces lists, and merges objects. */
export const plainPatch: PatchStrategy = Object.freeze({ merge: false, retainKeys: false, key: undefined });

/** The shape of a field or value in an object; undefined if the object may not have it. */
export function childShape(shape: Shape, key: string): Shape | undefined {
  switch (shape.type) {
    case "struct":
      return shape.fields.get(key)?.shape() ?? shape.rest;
    case "map":
      return shape.values();
    case "any":
      return shape;
    case "scalar":
    case "list":
      return undefined;
    default:
      return shape satisfies never;
  }
}

/** The shape of a list's items. */
export function itemShape(shape: Shape): Shape {
  return shape.type === "list" ? shape.items() : anyShape;
}
