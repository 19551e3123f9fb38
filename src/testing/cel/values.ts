/** Values of the Common Expression Language: their types, equality, order and text. */

import { formatTime } from "../clock.js";
import { compareText } from "../json.js";
import { Unsigned } from "./ast.js";

/** A point in time. */
export class Timestamp {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

/** A length of time. */
export class Duration {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

/** A quantity such as `1Gi`, by its number in billionths: exact for every suffix. */
export class QuantityValue {
  readonly nano: bigint;
  constructor(nano: bigint) {
    this.nano = nano;
  }
}

/** A value that may be missing. */
export class Optional {
  readonly value: CelValue | undefined;
  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A type, as `type(x)` gives it. */
export class TypeName {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Keys of maps are texts, integers or truth values. */
export type CelMap = ReadonlyMap<string | bigint | boolean, CelValue>;

/** Any value. Integers are bigints, floating numbers are numbers. */
export type CelValue =
  | bigint
  | number
  | string
  | boolean
  | null
  | Unsigned
  | Uint8Array
  | Timestamp
  | Duration
  | QuantityValue
  | Optional
  | TypeName
  | URL
  | readonly CelValue[]
  | CelMap;

/** An evaluation that has no result. The message is Go's. */
export class CelError extends Error {
  override readonly name = "CelError";
}

export const noOverload = (): CelError => new CelError("no such overload");

export function isList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

export function isMap(value: CelValue): value is CelMap {
  return value instanceof Map;
}

/** What `type(value)` says. */
export function typeOf(value: CelValue): string {
  if (value === null) return "null_type";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return "double";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  if (value instanceof Unsigned) return "uint";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof Timestamp) return "google.protobuf.Timestamp";
  if (value instanceof Duration) return "google.protobuf.Duration";
  if (value instanceof QuantityValue) return "kubernetes.Quantity";
  if (value instanceof Optional) return "optional_type";
  if (value instanceof TypeName) return "type";
  if (value instanceof URL) return "kubernetes.URL";
  return isList(value) ? "list" : "map";
}

/** A number of any type, for comparison across types. */
export function numberOf(value: CelValue): bigint | number | undefined {
  if (value instanceof Unsigned) return value.value;
  return typeof value === "bigint" || typeof value === "number" ? value : undefined;
}

/** Whether two values are the same: numbers by what they count, lists and maps by their members. */
export function equals(a: CelValue, b: CelValue): boolean {
  const [x, y] = [numberOf(a), numberOf(b)];
  // oxlint-disable-next-line eqeqeq -- a bigint and a number of the same value are equal here
  if (x !== undefined && y !== undefined) return x == y;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => equals(item, b[i] ?? null));
  if (isMap(a)) {
    return (
      isMap(b) && a.size === b.size && [...a].every(([key, item]) => b.has(key) && equals(item, b.get(key) ?? null))
    );
  }
  if (a instanceof Uint8Array)
    return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.ms === b.ms;
  if (a instanceof Duration) return b instanceof Duration && a.ms === b.ms;
  if (a instanceof QuantityValue) return b instanceof QuantityValue && a.nano === b.nano;
  if (a instanceof TypeName) return b instanceof TypeName && a.name === b.name;
  if (a instanceof URL) return b instanceof URL && a.href === b.href;
  if (a instanceof Optional) {
    if (!(b instanceof Optional) || a.value === undefined) return b instanceof Optional && b.value === undefined;
    return b.value !== undefined && equals(a.value, b.value);
  }
  return a === b;
}

/** Below 0, 0, or above. @throws CelError if the values have no order between them. */
export function compare(a: CelValue, b: CelValue): number {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : 0;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return a.ms - b.ms;
  if (a instanceof Duration && b instanceof Duration) return a.ms - b.ms;
  if (a instanceof QuantityValue && b instanceof QuantityValue) return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareText(latin(a), latin(b));
  throw noOverload();
}

function latin(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** What `string(value)` says. */
export function textOfValue(value: CelValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Unsigned) return String(value.value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (value instanceof Timestamp)
    return value.ms % 1000 === 0 ? formatTime(value.ms) : new Date(value.ms).toISOString();
  if (value instanceof Duration) return `${value.ms / 1000}s`;
  if (value instanceof URL) return value.href;
  throw noOverload();
}

const longest = 2n ** 63n;

/** An integer within 64 bits. @throws CelError */
export function int(value: bigint): bigint {
  if (value >= longest || value < -longest) throw new CelError("integer overflow");
  return value;
}
