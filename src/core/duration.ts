/** Durations: Go's text form, which Kubernetes fields use, and objects with units, which kindred's options use. */

import { invalidArgument } from "./errors.js";

/** A span of time by its units, which add up: `{ minutes: 5 }`, `{ hours: 1, minutes: 30 }`. */
export interface DurationLike {
  readonly hours?: number | undefined;
  readonly minutes?: number | undefined;
  readonly seconds?: number | undefined;
  readonly milliseconds?: number | undefined;
}

/**
 * The milliseconds of a duration; fractions of a unit are allowed.
 *
 * @throws KindredError INVALID_ARGUMENT if a unit is unknown, negative or not finite, or if none is given: a forgotten value must
 * not become a wait of no time.
 */
export function durationMs(duration: DurationLike): number {
  const entries = Object.entries(duration).filter(([, value]) => value !== undefined);
  if (entries.length === 0) {
    throw invalidArgument(
      `a duration needs at least one of ${unitNames}, as in { minutes: 5 }; for none at all say { milliseconds: 0 }`,
    );
  }
  const total = entries.reduce((sum, [unit, value]) => sum + millisecondsOf(unit, value), 0);
  if (!Number.isFinite(total)) {
    throw invalidArgument(
      `a duration must be finite, but its units (${entries.map(([unit]) => unit).join(", ")}) add up to ${total}`,
    );
  }
  return total;
}

/**
 * Reads a Go duration, such as `1h30m`, `-1.5s` and `100µs`, as nanoseconds, with Go's own rounding of fractions.
 *
 * @throws KindredError INVALID_ARGUMENT if it is none, or exceeds the 64 bits (about 292 years) that Go has for it.
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: string): bigint {
  const match = /^([+-]?)(.*)$/s.exec(text);
  const [, sign = "", body = ""] = match ?? [];
  if (body === "0") return 0n;
  if (body === "") throw unparsable(text, "it is empty");
  let total = 0n;
  let position = 0;
  while (position < body.length) {
    term.lastIndex = position;
    const [all, whole = "", fraction = "", unit = ""] = term.exec(body) ?? [""];
    if (whole === "" && fraction === "")
      throw unparsable(text, `expected a number at position ${sign.length + position}`);
    const size = nanoseconds.get(unit);
    if (size === undefined) {
      throw unparsable(
        text,
        unit === ""
          ? `the number at position ${sign.length + position} has no unit`
          : `unknown unit ${JSON.stringify(unit)}`,
      );
    }
    total += BigInt(whole === "" ? "0" : whole) * size + fractionOf(fraction, size);
    position += all.length;
  }
  const result = sign === "-" ? -total : total;
  if (result !== BigInt.asIntN(64, result))
    throw unparsable(text, "it exceeds 64 bits of nanoseconds, about 292 years");
  return result;
}

/** Reads a Go duration as milliseconds; what is finer stays as a fraction. Throws as {@link parseDuration} does. */
export function parseDurationMs(text: string): number {
  return Number(`${parseDuration(text)}e-6`);
}

/**
 * Writes nanoseconds as Go does: `1h30m0s`, `1.5s`, `100µs`, `0s`.
 *
 * @see https://pkg.go.dev/time#Duration.String
 */
export function formatDuration(duration: bigint): string {
  const sign = duration < 0n ? "-" : "";
  const total = duration < 0n ? -duration : duration;
  if (total === 0n) return "0s";
  if (total < microsecond) return `${sign}${total}ns`;
  if (total < millisecond) return `${sign}${decimal(total, microsecond)}µs`;
  if (total < second) return `${sign}${decimal(total, millisecond)}ms`;
  const hours = total / hour;
  const minutes = (total / minute) % 60n;
  const prefix = hours > 0n ? `${hours}h${minutes}m` : minutes > 0n ? `${minutes}m` : "";
  return `${sign}${prefix}${decimal(total % minute, second)}s`;
}

const microsecond = 1_000n;
const millisecond = 1_000_000n;
const second = 1_000_000_000n;
const minute = 60n * second;
const hour = 60n * minute;

const nanoseconds: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", microsecond],
  ["\u00b5s", microsecond], // micro sign
  ["\u03bcs", microsecond], // Greek mu
  ["ms", millisecond],
  ["s", second],
  ["m", minute],
  ["h", hour],
]);

const term = /(\d*)(?:\.(\d*))?([^\d.]*)/y;

const millisecondsPer: ReadonlyMap<string, number> = new Map([
  ["hours", 3_600_000],
  ["minutes", 60_000],
  ["seconds", 1_000],
  ["milliseconds", 1],
]);
const unitNames = [...millisecondsPer.keys()].join(", ");

function millisecondsOf(unit: string, value: unknown): number {
  const factor = millisecondsPer.get(unit);
  if (factor === undefined) throw invalidArgument(`a duration has no unit ${JSON.stringify(unit)}: use ${unitNames}`);
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw invalidArgument(`${unit} of a duration must be a finite number, 0 or more, but is ${String(value)}`);
  }
  return value * factor;
}

/**
 * The nanoseconds of the digits after the point. Go computes these in floating point, of the digits that fit 63 bits, and cuts
 * the rest off: 0.3333333333333333333h is 20m. To agree on every text, so do we.
 */
function fractionOf(digits: string, size: bigint): bigint {
  let numerator = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = numerator * 10n + BigInt(digit);
    if (next >= 2n ** 63n) break;
    numerator = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(numerator) * (Number(size) / scale)));
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = String(value % unit)
    .padStart(digits, "0")
    .replace(/0+$/, "");
  return fraction === "" ? `${value / unit}` : `${value / unit}.${fraction}`;
}

function unparsable(text: string, why: string) {
  return invalidArgument(
    `cannot parse duration ${JSON.stringify(text)}: ${why}; write numbers with units h, m, s, ms, us or ns, as in "1h30m" or "1.5s"`,
  );
}
