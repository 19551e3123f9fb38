/** Methods of lists. */

import type { CelFunction } from "./functions.js";
import { arithmetic } from "./operators.js";
import { CelError, type CelValue, compare, equals, isList, noOverload } from "./values.js";

export const listMethods: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ["isSorted", (of) => list(of).every((item, i, all) => i === 0 || compare(all[i - 1] ?? null, item) <= 0)],
  ["sum", (of) => list(of).reduce<CelValue>((total, item, i) => (i === 0 ? item : arithmetic("+", total, item)), 0n)],
  ["min", (of) => extreme(list(of), "min")],
  ["max", (of) => extreme(list(of), "max")],
  ["indexOf", (of, item = null) => BigInt(list(of).findIndex((other) => equals(item, other)))],
  ["lastIndexOf", (of, item = null) => BigInt(list(of).findLastIndex((other) => equals(item, other)))],
]);

function list(value: CelValue = null): readonly CelValue[] {
  if (isList(value)) return value;
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
