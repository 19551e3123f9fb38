/** Times and durations. */

import { parseDuration } from "./durations.js";
import type { CelFunction } from "./functions.js";
import { CelError, type CelValue, Duration, noOverload, Timestamp } from "./values.js";

export const timeFunctions: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ["timestamp", (value = null) => (typeof value === "string" ? parseTimestamp(value) : value)],
  ["duration", (value = null) => (typeof value === "string" ? durationOf(value) : value)],
]);

const parts: readonly (readonly [string, (date: Date) => number])[] = [
  ["getFullYear", (date) => date.getUTCFullYear()],
  ["getMonth", (date) => date.getUTCMonth()],
  ["getDate", (date) => date.getUTCDate()],
  ["getDayOfMonth", (date) => date.getUTCDate() - 1],
  ["getDayOfWeek", (date) => date.getUTCDay()],
  ["getDayOfYear", (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000)],
];

const lengths: readonly (readonly [string, (date: Date) => number, number])[] = [
  ["getHours", (date) => date.getUTCHours(), 3_600_000],
  ["getMinutes", (date) => date.getUTCMinutes(), 60_000],
  ["getSeconds", (date) => date.getUTCSeconds(), 1000],
  ["getMilliseconds", (date) => date.getUTCMilliseconds(), 1],
];

export const timeMethods: ReadonlyMap<string, CelFunction> = new Map<string, CelFunction>([
  ...parts.map(([name, part]) => [name, (value?: CelValue) => BigInt(part(dateOf(value)))] as const),
  ...lengths.map(
    ([name, part, unit]) =>
      [
        name,
        (value?: CelValue) =>
          BigInt(
            value instanceof Duration
              ? Math.trunc(name === "getMilliseconds" ? value.ms % 1000 : value.ms / unit)
              : part(dateOf(value)),
          ),
      ] as const,
  ),
]);

function dateOf(value: CelValue | undefined): Date {
  if (value instanceof Timestamp) return new Date(value.ms);
  throw noOverload();
}

/** A time as RFC 3339 writes it. @throws CelError */
function parseTimestamp(text: string): Timestamp {
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new CelError(`parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse`);
  return new Timestamp(ms);
}

function durationOf(text: string): Duration {
  const ms = parseDuration(text);
  if (ms === undefined) throw new CelError(`time: invalid duration ${JSON.stringify(text)}`);
  return new Duration(ms);
}
