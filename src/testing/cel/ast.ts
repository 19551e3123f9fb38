/** Expressions of the Common Expression Language, as trees. */

/** A constant. Integers are bigints, floating numbers are numbers. */
export type Constant = bigint | number | string | boolean | null | Unsigned | Uint8Array;

/** An unsigned integer: a type of its own, which mixes with no other. */
export class Unsigned {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** An expression. `position` is where it begins in the text. */
export type Expression =
  | { readonly type: "constant"; readonly value: Constant }
  | { readonly type: "name"; readonly name: string }
  /** `operand.field`, or `operand.?field`. */
  | { readonly type: "select"; readonly operand: Expression; readonly field: string; readonly optional: boolean }
  | { readonly type: "index"; readonly operand: Expression; readonly index: Expression; readonly optional: boolean }
  /** Functions, methods, operators (by their signs), and macros. */
  | {
      readonly type: "call";
      readonly name: string;
      readonly target: Expression | undefined;
      readonly args: readonly Expression[];
    }
  | { readonly type: "list"; readonly items: readonly Expression[] }
  | { readonly type: "map"; readonly entries: readonly (readonly [Expression, Expression])[] };

/** Every expression within one, itself included. */
export function* subexpressions(expression: Expression): Iterable<Expression> {
  yield expression;
  for (const inner of partsOf(expression)) yield* subexpressions(inner);
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case "constant":
    case "name":
      return [];
    case "select":
      return [expression.operand];
    case "index":
      return [expression.operand, expression.index];
    case "call":
      return expression.target === undefined ? expression.args : [expression.target, ...expression.args];
    case "list":
      return expression.items;
    case "map":
      return expression.entries.flat();
    default:
      return expression satisfies never;
  }
}
