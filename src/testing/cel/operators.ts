/** Arithmetic, concatenation, and membership. */

import { Unsigned } from "./ast.js";
import {
  CelError,
  type CelValue,
  Duration,
  equals,
  int,
  isList,
  isMap,
  noOverload,
  numberOf,
  Timestamp,
} from "./values.js";

/** The value of `a operator b`, or of `-a`. @throws CelError */
export function arithmetic(operator: "+" | "-" | "*" | "/" | "%" | "neg", a: CelValue, b: CelValue): CelValue {
  if (operator === "neg") return typeof a === "bigint" ? int(-a) : typeof a === "number" ? -a : fail();
  if (typeof a === "bigint" && typeof b === "bigint") return int(whole(operator, a, b));
  if (a instanceof Unsigned && b instanceof Unsigned) return unsigned(whole(operator, a.value, b.value));
  if (typeof a === "number" && typeof b === "number") return floating(operator, a, b);
  if (operator === "+") return sum(a, b);
  if (operator === "-") return span(a, b);
  throw noOverload();
}

function fail(): never {
  throw noOverload();
}

function whole(operator: "+" | "-" | "*" | "/" | "%", a: bigint, b: bigint): bigint {
  if ((operator === "/" || operator === "%") && b === 0n) {
    throw new CelError(operator === "/" ? "division by zero" : "modulus by zero");
  }
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    default:
      return operator satisfies never;
  }
}

function unsigned(value: bigint): Unsigned {
  if (value < 0n || value >= 2n ** 64n) throw new CelError("unsigned integer overflow");
  return new Unsigned(value);
}

function floating(operator: "+" | "-" | "*" | "/" | "%", a: number, b: number): number {
  if (operator === "%") throw noOverload();
  return operator === "+" ? a + b : operator === "-" ? a - b : operator === "*" ? a * b : a / b;
}

function sum(a: CelValue, b: CelValue): CelValue {
  if (typeof a === "string" && typeof b === "string") return a + b;
  if (isList(a) && isList(b)) return [...a, ...b];
  if (a instanceof Uint8Array && b instanceof Uint8Array) return new Uint8Array([...a, ...b]);
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.ms + b.ms);
  if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(a.ms + b.ms);
  if (a instanceof Duration && b instanceof Timestamp) return new Timestamp(a.ms + b.ms);
  throw noOverload();
}

function span(a: CelValue, b: CelValue): CelValue {
  if (a instanceof Timestamp && b instanceof Timestamp) return new Duration(a.ms - b.ms);
  if (a instanceof Timestamp && b instanceof Duration) return new Timestamp(a.ms - b.ms);
  if (a instanceof Duration && b instanceof Duration) return new Duration(a.ms - b.ms);
  throw noOverload();
}

/** Whether a list has an item, or a map a key. */
export function isIn(item: CelValue, of: CelValue): boolean {
  if (isList(of)) return of.some((other) => equals(item, other));
  if (!isMap(of)) throw noOverload();
  const key = numberOf(item);
  if (typeof key === "bigint") return of.has(key);
  return (typeof item === "string" || typeof item === "boolean") && of.has(item);
}
