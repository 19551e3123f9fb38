/** Kubernetes quantities, such as `500m` and `1.5Gi`: exact arithmetic, written back the way the API server writes them. */

import { invalidArgument } from "./errors.js";

/** Which family of suffixes a quantity was written in, and is written back in: `1M`, `1Mi` or `1e6`. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** An exact amount of something: cores, bytes, pods. Frozen; every operation returns a new one. */
export interface Quantity {
  /** The amount in units of 10⁻⁹, the finest that Kubernetes keeps. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

/** A quantity, or the text or number that a manifest holds in its place. */
export type QuantityInput = Quantity | string | number;

/**
 * Reads a quantity: `2`, `0.5`, `100m`, `1.5Gi`, `12e6`.
 *
 * As in Kubernetes, what is finer than 10⁻⁹ is rounded away from zero, and an amount with a binary suffix is capped at 2⁶³-1.
 * Stricter than the API server in two points: there must be a digit (it reads `+`, `.` and `Ki` as 0), and an exponent lies within ±999.
 *
 * @throws KindredError INVALID_ARGUMENT on anything else, such as `1KB`.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(input: QuantityInput): Quantity {
  if (typeof input === "object") return input;
  const text = String(input);
  const match = numberAndSuffix.exec(text);
  if (match === null) {
    throw invalidArgument(
      `cannot parse quantity ${JSON.stringify(text)}: it must begin with a decimal number, as in "500m" or "1.5Gi"`,
    );
  }
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  const unit = unitOf(suffix, text);
  const factor = (10n ** BigInt(Math.max(unit.exponent + 9, 0))) << unit.shift;
  const divisor = 10n ** BigInt(fraction.length + Math.max(-unit.exponent - 9, 0));
  const exact = roundUp(BigInt(whole + fraction) * factor, divisor);
  const amount = unit.format === "BinarySI" && exact > maxBinary ? maxBinary : exact;
  // Kubernetes reads a fraction of one unit as decimal whatever its suffix, so that sums with it do too.
  const isFraction = amount > 0n && amount < one;
  return quantity(
    sign === "-" ? -amount : amount,
    isFraction && unit.format === "BinarySI" ? "DecimalSI" : unit.format,
  );
}

/**
 * Writes a quantity in canonical form: no fraction, the largest suffix of its family that is exact; `1.5Gi` becomes `1536Mi`.
 *
 * A binary quantity below 1024, or with a fraction, is written with a decimal suffix. Beyond `E` and `Ei` the number grows
 * (`1000E`), where Go's own implementation drops the suffix and so changes the amount.
 */
export function formatQuantity(input: QuantityInput): string {
  const { nano, format } = parseQuantity(input);
  if (nano === 0n) return "0";
  if (format === "BinarySI" && nano % one === 0n && absolute(nano) >= 1024n * one) {
    const [mantissa, steps] = divideOut(nano / one, 1024n, binarySuffixes.length - 1);
    return `${mantissa}${binarySuffixes[steps]}`;
  }
  if (format === "DecimalExponent") {
    const [mantissa, steps] = divideOut(nano, 1000n, Number.POSITIVE_INFINITY);
    return steps === 3 ? `${mantissa}` : `${mantissa}e${steps * 3 - 9}`;
  }
  const [mantissa, steps] = divideOut(nano, 1000n, decimalSuffixes.length - 1);
  return `${mantissa}${decimalSuffixes[steps]}`;
}

/** Compares amounts whatever their suffixes: negative if `a` is smaller, 0 if they are equal; a comparator for `sort`. */
export function compareQuantities(a: QuantityInput, b: QuantityInput): -1 | 0 | 1 {
  const left = parseQuantity(a).nano;
  const right = parseQuantity(b).nano;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The exact sum, in the format of `a`; in the format of `b` if `a` is zero. */
export function addQuantities(a: QuantityInput, b: QuantityInput): Quantity {
  const left = parseQuantity(a);
  const right = parseQuantity(b);
  return quantity(left.nano + right.nano, left.nano === 0n ? right.format : left.format);
}

/** The exact difference `a - b`, in the format of `a`; in the format of `b` if `a` is zero. */
export function subtractQuantities(a: QuantityInput, b: QuantityInput): Quantity {
  return addQuantities(a, negateQuantity(b));
}

/** The same amount with the opposite sign. */
export function negateQuantity(input: QuantityInput): Quantity {
  const { nano, format } = parseQuantity(input);
  return quantity(-nano, format);
}

/**
 * The exact product with an integer, in the same format.
 *
 * @throws KindredError INVALID_ARGUMENT if `by` is no integer, or a number too large to be one exactly.
 */
export function multiplyQuantity(input: QuantityInput, by: bigint | number): Quantity {
  if (typeof by === "number" && !Number.isSafeInteger(by)) {
    throw invalidArgument(
      `cannot multiply a quantity by ${by}: the factor must be an integer; pass a bigint beyond ±(2⁵³-1)`,
    );
  }
  const { nano, format } = parseQuantity(input);
  return quantity(nano * BigInt(by), format);
}

/** The nearest number to a quantity: cores for `cpu`, bytes for `memory`. Inexact from 2⁵³ on, and where a decimal fraction is. */
export function quantityToNumber(input: QuantityInput): number {
  return Number(`${parseQuantity(input).nano}e-9`);
}

interface Unit {
  readonly format: QuantityFormat;
  /** The power of ten. */
  readonly exponent: number;
  /** The power of two. */
  readonly shift: bigint;
}

const one = 1_000_000_000n;
const maxBinary = (2n ** 63n - 1n) * one;
const maxExponent = 999;
const numberAndSuffix = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(.*)$/s;
const decimalSuffixes: readonly string[] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes: readonly string[] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

function unitOf(suffix: string, text: string): Unit {
  const decimal = decimalSuffixes.indexOf(suffix);
  if (decimal >= 0) return { format: "DecimalSI", exponent: decimal * 3 - 9, shift: 0n };
  const binary = binarySuffixes.indexOf(suffix);
  if (binary >= 0) return { format: "BinarySI", exponent: 0, shift: BigInt(binary) * 10n };
  if (!/^[eE][+-]?\d+$/.test(suffix)) {
    throw invalidArgument(
      `cannot parse quantity ${JSON.stringify(text)}: unknown suffix ${JSON.stringify(suffix)}; use one of ` +
        "n, u, m, k, M, G, T, P, E (powers of 1000), Ki, Mi, Gi, Ti, Pi, Ei (powers of 1024) or an exponent such as e3",
    );
  }
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > maxExponent) {
    throw invalidArgument(
      `cannot parse quantity ${JSON.stringify(text)}: the exponent must lie within ±${maxExponent}`,
    );
  }
  return { format: "DecimalExponent", exponent, shift: 0n };
}

function quantity(nano: bigint, format: QuantityFormat): Quantity {
  return Object.freeze({ nano, format });
}

function roundUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Divides by `base` as often as it is exact, at most `limit` times: the rest, and how often. */
function divideOut(value: bigint, base: bigint, limit: number): readonly [rest: bigint, steps: number] {
  let rest = value;
  let steps = 0;
  while (steps < limit && rest % base === 0n) {
    rest /= base;
    steps += 1;
  }
  return [rest, steps];
}
