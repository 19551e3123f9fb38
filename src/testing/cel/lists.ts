/** Methods of lists, and of lists as sets. */

import type { CelFunction } from "./functions.js";
import { isIn } from "./operators.js";
import { arithmetic } from "./operators.js";
import { CelError, type CelValue, compare, equals, isList, noOverload } from "./values.js";

export const listMethods: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ["isSorted", (of) => list(of).every((item, i, all) => i === 0 || compare(all[i - 1] ?? null, item) <= 0)],
  ["sum", (of) => list(of).reduce<CelValue>((total, item, i) => (i === 0 ? item : arithmetic("+", total, item)), 0n)],
  ["min", (of) => extreme(list(of), "min")],
  ["max", (of) => extreme(list(of), "max")],
  ["indexOf", (of, item = null) => BigInt(list(of).findIndex((other) => equals(item, other)))],
  ["lastIndexOf", (of, item = null) => BigInt(list(of).findLastIndex((other) => equals(item, other)))],
  ["reverse", (of) => list(of).toReversed()],
  ["distinct", (of) => list(of).filter((item, i, all) => all.findIndex((other) => equals(item, other)) === i)],
  ["sort", (of) => list(of).toSorted(compare)],
  ["flatten", (of) => list(of).flatMap((item) => (isList(item) ? item : [item]))],
  ["slice", (of, from, to) => list(of).slice(integer(from), integer(to))],
  ["first", (of) => list(of)[0] ?? null],
  ["last", (of) => list(of).at(-1) ?? null],
  ["containsAll", (of, others) => list(others).every((item) => isIn(item, list(of)))],
]);

function list(value: CelValue = null): readonly CelValue[] {
  if (isList(value)) return value;
  throw noOverload();
}

function integer(value: CelValue = null): number {
  if (typeof value === "bigint") return Number(value);
  throw noOverload();
}

function extreme(items: readonly CelValue[], which: "min" | "max"): CelValue {
  const [first, ...rest] = items;
  if (first === undefined) throw new CelError(`${which} called on empty list`);
  return rest.reduce(
    (best, item) => ((which === "min" ? compare(item, best) < 0 : compare(item, best) > 0) ? item : best),
    first,
  );
}
