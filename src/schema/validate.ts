/** Asking a schema about a value, and keeping what it does not know. */

import { KindredError } from "../core/index.js";
import { isRecord } from "./record.js";
import type { Schema, ValidationIssue } from "./standard.js";

/** A value that satisfies its schema, or what is wrong with it, line by line. */
export type Validated<Out> =
  | { readonly type: "valid"; readonly value: Out }
  | { readonly type: "invalid"; readonly lines: readonly string[] };

/**
 * @param path where the value stands, such as `.spec`.
 * @throws KindredError `SCHEMA` if the schema answers with a promise.
 */
export function validate<Out>(schema: Schema<unknown, Out>, value: unknown, path: string): Validated<Out> {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) {
    // Nobody waits for it; what it says is not lost in silence, for the error below is thrown.
    result.catch(() => undefined);
    throw new KindredError(
      "SCHEMA",
      `${path}: its schema validates asynchronously, and kindred does not wait. Remove the asynchronous check from the schema, and run it where you need it.`,
    );
  }
  if (result.issues === undefined) return { type: "valid", value: result.value };
  return { type: "invalid", lines: result.issues.map((issue) => `${path}${pathOf(issue)}: ${issue.message}`) };
}

/**
 * The validated value with the fields that the schema dropped: defaults are filled in, nothing is lost. Fields newer than our
 * schema are written back as they were read.
 */
export function withUnknownFields(validated: unknown, original: unknown): unknown {
  if (Array.isArray(validated) && Array.isArray(original) && validated.length === original.length)
    return validated.map((item: unknown, i) => withUnknownFields(item, original[i]));
  if (!isRecord(validated) || !isRecord(original)) return validated;
  const known = Object.entries(validated).map(
    ([key, value]) => [key, withUnknownFields(value, original[key])] as const,
  );
  return { ...original, ...Object.fromEntries(known) };
}

function pathOf({ path = [] }: ValidationIssue): string {
  return path
    .map((part) => (typeof part === "object" ? part.key : part))
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("");
}
