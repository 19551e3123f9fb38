/** The ways in which a field can be wrong, as upstream words them. */

import type { FieldError } from "../failure.js";
import { isEqual } from "../json.js";

export const required = (field: string, detail = ""): FieldError => ({ type: "FieldValueRequired", field, detail });

export const wrong = (field: string, value: unknown, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  value,
  detail,
});

export const forbiddenField = (field: string, detail: string): FieldError => ({
  type: "FieldValueForbidden",
  field,
  detail,
});

export const duplicate = (field: string, value: unknown): FieldError => ({
  type: "FieldValueDuplicate",
  field,
  value,
  detail: "",
});

export const notFoundField = (field: string, value: unknown): FieldError => ({
  type: "FieldValueNotFound",
  field,
  value,
  detail: "",
});

/** A value that is none of those that there are. */
export function notOneOf(field: string, value: unknown, supported: readonly string[]): readonly FieldError[] {
  if (typeof value === "string" && supported.includes(value)) return [];
  const detail = `supported values: ${supported.map((name) => JSON.stringify(name)).join(", ")}`;
  return [{ type: "FieldValueNotSupported", field, value: value ?? "", detail }];
}

/** A count below zero. What is no number is left to the decoder. */
export function negative(field: string, value: unknown): readonly FieldError[] {
  return typeof value === "number" && value < 0 ? [wrong(field, value, "must be greater than or equal to 0")] : [];
}

/** A value that differs from what it was. */
export function changed(field: string, value: unknown, before: unknown): readonly FieldError[] {
  return isEqual(value, before) ? [] : [wrong(field, value ?? null, "field is immutable")];
}

/** A text that is not there. */
export function missing(field: string, value: unknown, detail = ""): readonly FieldError[] {
  return value === undefined || value === null || value === "" ? [required(field, detail)] : [];
}

/** A port out of range. */
export function badPort(field: string, value: unknown): readonly FieldError[] {
  const isPort = typeof value === "number" && value >= 1 && value <= 65_535;
  return isPort ? [] : [wrong(field, value ?? 0, "must be between 1 and 65535, inclusive")];
}

/** A user or group of the machine. */
export function idErrors(value: unknown, field: string): readonly FieldError[] {
  const isId = typeof value !== "number" || (value >= 0 && value <= 2_147_483_647);
  return isId ? [] : [wrong(field, value, "must be between 0 and 2147483647, inclusive")];
}

/** A number of things, or a percentage of them. */
export function countErrors(field: string, value: unknown): readonly FieldError[] {
  if (typeof value === "number") return negative(field, value);
  if (typeof value !== "string") return [];
  if (!/^\d+%$/.test(value)) {
    const detail =
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    return [wrong(field, value, detail)];
  }
  return Number(value.slice(0, -1)) > 100 ? [wrong(field, value, "must not be greater than 100%")] : [];
}
