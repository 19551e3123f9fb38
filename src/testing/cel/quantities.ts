/** Quantities such as `500m` and `1Gi`. */

import type { CelFunction } from "./functions.js";
import { CelError, type CelValue, compare, noOverload, QuantityValue } from "./values.js";

export const quantityFunctions: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  [
    "quantity",
    (value = null) => {
      const found = typeof value === "string" ? parse(value) : undefined;
      if (found === undefined)
        throw new CelError(
          "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        );
      return found;
    },
  ],
  ["isQuantity", (value = null) => typeof value === "string" && parse(value) !== undefined],
]);

export const quantityMethods: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ["isGreaterThan", (a = null, b = null) => compare(a, b) > 0],
  ["isLessThan", (a = null, b = null) => compare(a, b) < 0],
  ["compareTo", (a = null, b = null) => BigInt(Math.sign(compare(a, b)))],
  ["isInteger", (a) => quantity(a).nano % unit === 0n],
  [
    "asInteger",
    (a) => {
      const { nano } = quantity(a);
      if (nano % unit !== 0n) throw new CelError("cannot convert value to integer");
      return nano / unit;
    },
  ],
  ["asApproximateFloat", (a) => Number(quantity(a).nano) / Number(unit)],
  ["sign", (a) => (quantity(a).nano < 0n ? -1n : quantity(a).nano > 0n ? 1n : 0n)],
  ["add", (a, b) => new QuantityValue(quantity(a).nano + nanoOf(b))],
  ["sub", (a, b) => new QuantityValue(quantity(a).nano - nanoOf(b))],
]);

const unit = 1_000_000_000n;

function quantity(value: CelValue = null): QuantityValue {
  if (value instanceof QuantityValue) return value;
  throw noOverload();
}

function nanoOf(value: CelValue = null): bigint {
  return typeof value === "bigint" ? value * unit : quantity(value).nano;
}

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

/** The longest exponent that is taken: what lies beyond fits no quantity. */
const maxExponent = 30;

function parse(text: string): QuantityValue | undefined {
  const match = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = "", suffix = "", exponent] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const power = exponent === undefined ? (decimal[suffix] ?? 0) : Number(exponent);
  if (Math.abs(power) > maxExponent || fraction.length > maxExponent) return undefined;
  const shifted = BigInt(`${whole}${fraction}` || "0") * 2n ** (binary[suffix] ?? 0n);
  const scale = 9 + power - fraction.length;
  const nano = scale >= 0 ? shifted * 10n ** BigInt(scale) : shifted / 10n ** BigInt(-scale);
  return new QuantityValue(sign === "-" ? -nano : nano);
}
