/** Everything that can be wrong with an object of a custom kind, in the order in which the API server says it. */

import type { FieldError } from "../failure.js";
import { at, type JsonObject } from "../json.js";
import type { ScalePaths } from "../resource.js";
import { embeddedErrors } from "./embedded.js";
import { duplicateErrors } from "./list-items.js";
import type { RuleSet } from "./rules.js";
import type { Schema } from "./schema.js";
import { validateValue } from "./validate.js";

/** What an object is checked against. */
export interface Checks {
  readonly schema: Schema;
  readonly scale: ScalePaths | undefined;
  /** The schema's rules; undefined if it has none. */
  readonly rules: RuleSet | undefined;
}

/** Checks an object, or what an update makes of `previous`. */
export function objectErrors(checks: Checks, object: JsonObject, previous?: JsonObject): readonly FieldError[] {
  const { schema, scale } = checks;
  const before = previous === undefined ? undefined : contentOf(previous);
  const found = [
    ...validateValue(schema, contentOf(object), "", before),
    ...(scale === undefined ? [] : scaleErrors(scale, object)),
  ];
  return withRules(checks, found, object, previous);
}

/** Checks the status alone, as writes to the status do: the schema is that of the status, and knows no other path. */
export function statusErrors(checks: Checks, object: JsonObject, previous: JsonObject): readonly FieldError[] {
  const schema = at(checks.schema, "properties", "status");
  const found =
    typeof schema === "object" && schema !== null && "status" in object
      ? validateValue({ ...schema }, object["status"], "", previous["status"])
      : [];
  const placed = found.map((error) => ({
    ...error,
    field: error.field === "<nil>" ? "status" : `status.${error.field}`,
  }));
  return withRules(checks, placed, object, previous);
}

function withRules(
  { schema, rules }: Checks,
  found: readonly FieldError[],
  object: JsonObject,
  previous: JsonObject | undefined,
): readonly FieldError[] {
  const content = contentOf(object);
  const errors = [...found, ...embeddedErrors(schema, content, ""), ...duplicateErrors(schema, content, "")];
  if (rules === undefined) return errors;
  if (errors.some(({ type }) => blocking.has(type))) return [...errors, notChecked];
  return [...errors, ...rules.check(object, previous)];
}

/** Errors after which rules could not be trusted. */
const blocking: ReadonlySet<FieldError["type"]> = new Set<FieldError["type"]>([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  "FieldValueTypeInvalid",
]);

const notChecked: FieldError = {
  type: "FieldValueInvalid",
  field: "<nil>",
  value: null,
  detail:
    "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
};

function contentOf({ apiVersion: _version, kind: _kind, metadata: _metadata, ...rest }: JsonObject): JsonObject {
  return rest;
}

function scaleErrors({ spec, status }: ScalePaths, object: JsonObject): readonly FieldError[] {
  return [spec, status].flatMap((path): readonly FieldError[] => {
    const value = at(object, ...path);
    const field = `.${path.join(".")}`;
    if (value === undefined || value === null) return [];
    if (typeof value === "number" && Number.isInteger(value)) {
      return value < 0 ? [{ type: "FieldValueInvalid", field, value, detail: "should be a non-negative integer" }] : [];
    }
    const type = typeof value === "number" ? "float64" : typeof value === "boolean" ? "bool" : typeof value;
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    const detail = `${field} accessor error: ${shown} is of the type ${type}, expected int64`;
    return [{ type: "FieldValueInvalid", field, value: 0, detail }];
  });
}
