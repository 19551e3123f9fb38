/** The functions and methods of the language itself, and of the libraries that Kubernetes adds. */

import { Unsigned } from "./ast.js";
import { listMethods } from "./lists.js";
import { quantityFunctions, quantityMethods } from "./quantities.js";
import { textMethods } from "./texts.js";
import { timeFunctions, timeMethods } from "./times.js";
import {
  CelError,
  type CelValue,
  int,
  isList,
  isMap,
  noOverload,
  numberOf,
  Optional,
  QuantityValue,
  textOfValue,
  Timestamp,
  typeOf,
  TypeName,
} from "./values.js";

/** Takes its arguments; a method's first is what it is called on. @throws CelError */
export type CelFunction = (...args: readonly CelValue[]) => CelValue;

/** Functions by name. */
export const functions: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ["size", size],
  ["dyn", (value = null) => value],
  ["type", (value = null) => new TypeName(typeOf(value))],
  ["int", toInt],
  ["uint", (value = null) => toUnsigned(value)],
  ["double", (value = null) => toDouble(value)],
  ["string", (value = null) => textOfValue(value)],
  ["bytes", (value = null) => (typeof value === "string" ? new TextEncoder().encode(value) : value)],
  ["bool", (value = null) => toBool(value)],
  ["optional.of", (value = null) => new Optional(value)],
  ["optional.none", () => new Optional(undefined)],
  ["optional.ofNonZeroValue", (value = null) => new Optional(isZero(value) ? undefined : value)],
  ["url", (value = null) => urlOf(value) ?? fail(`parse ${JSON.stringify(value)}: invalid URI for request`)],
  ["isURL", (value = null) => urlOf(value) !== undefined],
  ...timeFunctions,
  ...quantityFunctions,
]);

/** Methods by name. */
export const methods: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ["size", size],
  ...textMethods,
  ...listMethods,
  ...timeMethods,
  ...quantityMethods,
  ["indexOf", choose(textMethods.get("indexOf"), listMethods.get("indexOf"))],
  ["lastIndexOf", choose(textMethods.get("lastIndexOf"), listMethods.get("lastIndexOf"))],
  ["hasValue", (value) => optional(value).value !== undefined],
  ["value", (value) => optional(value).value ?? fail("optional.none() dereference")],
  ["orValue", (value, other = null) => optional(value).value ?? other],
  ["or", (value, other = null) => (optional(value).value === undefined ? other : optional(value))],
  ["getScheme", (value) => url(value).protocol.replace(/:$/, "")],
  ["getHost", (value) => url(value).host],
  ["getHostname", (value) => url(value).hostname],
  ["getPort", (value) => url(value).port],
  ["getEscapedPath", (value) => url(value).pathname],
  [
    "getQuery",
    (value) => {
      const query = new Map<string, CelValue>();
      for (const key of url(value).searchParams.keys()) query.set(key, url(value).searchParams.getAll(key));
      return query;
    },
  ],
]);

/** The method of texts for texts, that of lists for lists. */
function choose(text: CelFunction | undefined, list: CelFunction | undefined): CelFunction {
  return (...args) => (typeof args[0] === "string" ? text : list)?.(...args) ?? fail("no such overload");
}

function fail(message: string): never {
  throw new CelError(message);
}

function size(value: CelValue = null): CelValue {
  if (typeof value === "string") return BigInt(Array.from(value).length);
  if (isMap(value)) return BigInt(value.size);
  if (isList(value) || value instanceof Uint8Array) return BigInt(value.length);
  throw noOverload();
}

function toInt(value: CelValue = null): bigint {
  if (value instanceof Timestamp) return BigInt(Math.floor(value.ms / 1000));
  if (typeof value === "string")
    return /^[+-]?\d+$/.test(value) ? int(BigInt(value)) : fail(notNumber("ParseInt", value));
  const number = numberOf(value);
  if (typeof number === "bigint") return int(number);
  if (number === undefined) throw noOverload();
  return Number.isFinite(number) ? int(BigInt(Math.trunc(number))) : fail("integer overflow");
}

const notNumber = (how: string, text: string) => `strconv.${how}: parsing ${JSON.stringify(text)}: invalid syntax`;

function toUnsigned(value: CelValue): Unsigned {
  const number = toInt(value);
  return number < 0n ? fail("unsigned integer overflow") : new Unsigned(number);
}

function toDouble(value: CelValue): number {
  if (typeof value === "string") {
    return value.trim() === "" || Number.isNaN(Number(value)) ? fail(notNumber("ParseFloat", value)) : Number(value);
  }
  const number = numberOf(value);
  return number === undefined ? fail("no such overload") : Number(number);
}

function toBool(value: CelValue): boolean {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "1" || value === "t" || value === "TRUE" || value === "True") return true;
  if (value === "false" || value === "0" || value === "f" || value === "FALSE" || value === "False") return false;
  return fail(typeof value === "string" ? notNumber("ParseBool", value) : "no such overload");
}

function isZero(value: CelValue): boolean {
  const number = numberOf(value);
  if (number !== undefined) return Number(number) === 0;
  if (value instanceof QuantityValue) return value.nano === 0n;
  return (
    value === null ||
    value === "" ||
    value === false ||
    (isList(value) && value.length === 0) ||
    (isMap(value) && value.size === 0)
  );
}

function optional(value: CelValue = null): Optional {
  if (value instanceof Optional) return value;
  throw noOverload();
}

function urlOf(value: CelValue): URL | undefined {
  return typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
}

function url(value: CelValue = null): URL {
  if (value instanceof URL) return value;
  throw noOverload();
}
