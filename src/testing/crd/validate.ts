/** Validation of custom objects by their schema, in the words of the API server. */

import type { FieldError } from "../failure.js";
import { formatGo } from "../failure.js";
import { canonical, isEqual, isObject, type JsonObject, listOf, objectOf, textsOf } from "../json.js";
import { itemsOf, propertyOf, type Schema } from "./schema.js";

/** What is wrong with a value. What did not change since `previous` is not blamed again. */
export function validateValue(schema: Schema, value: unknown, path: string, previous?: unknown): readonly FieldError[] {
  if (previous !== undefined && isEqual(value, previous)) return [];
  if (value === null) return schema["nullable"] === true || schema["type"] === undefined ? [] : [typeError(schema, value, path)];
  const type = typeProblem(schema, value, path);
  if (type !== undefined) return [type];
  return [
    ...enumErrors(schema, value, path),
    ...(typeof value === "string" ? textErrors(schema, value, path) : []),
    ...(typeof value === "number" || typeof value === "bigint" ? numberErrors(schema, Number(value), path) : []),
    ...(Array.isArray(value) ? listErrors(schema, value, path, previous) : []),
    ...(isObject(value) ? objectErrors(schema, value, path, previous) : []),
    ...combinationErrors(schema, value, path),
  ];
}

/** Items that must differ and do not. */
export function duplicateErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return [
      ...sameItems(schema, value, path),
      ...value.flatMap((item, index) => duplicateErrors(items, item, `${path}[${index}]`)),
    ];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const property = propertyOf(schema, key);
    return property === undefined ? [] : duplicateErrors(property, inner, path === "" ? key : `${path}.${key}`);
  });
}

function sameItems(schema: Schema, items: readonly unknown[], path: string): readonly FieldError[] {
  const kind = schema["x-kubernetes-list-type"];
  if (kind !== "set" && kind !== "map") return [];
  const keys = textsOf(schema["x-kubernetes-list-map-keys"]);
  const idOf = (item: unknown): unknown =>
    kind === "set" ? item : Object.fromEntries(keys.flatMap((key) => (objectOf(item)[key] === undefined ? [] : [[key, objectOf(item)[key]]])));
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const id = canonical(idOf(item));
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [{ type: "FieldValueDuplicate", field: `${path}[${index}]`, value: idOf(item), detail: "" } as const];
  });
}

const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  value,
  detail,
});

function typeProblem(schema: Schema, value: unknown, path: string): FieldError | undefined {
  if (schema["x-kubernetes-int-or-string"] === true) {
    return isInteger(value) || typeof value === "string" ? undefined : typeError({ type: "integer,string" }, value, path);
  }
  const { type } = schema;
  const fits =
    type === undefined ||
    (type === "object" && isObject(value)) ||
    (type === "array" && Array.isArray(value)) ||
    (type === "string" && typeof value === "string") ||
    (type === "boolean" && typeof value === "boolean") ||
    (type === "integer" && isInteger(value)) ||
    (type === "number" && (typeof value === "number" || typeof value === "bigint"));
  return fits ? undefined : typeError(schema, value, path);
}

function isInteger(value: unknown): boolean {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

function typeError(schema: Schema, value: unknown, path: string): FieldError {
  const word = Array.isArray(value)
    ? "array"
    : value === null
      ? "null"
      : isInteger(value)
        ? "integer"
        : typeof value === "bigint"
          ? "integer"
          : typeof value;
  return {
    type: "FieldValueTypeInvalid",
    field: path === "" ? "<nil>" : path,
    value: word,
    detail: `${path} in body must be of type ${String(schema["type"])}: ${JSON.stringify(word)}`,
  };
}

function enumErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  const allowed = schema["enum"];
  if (!Array.isArray(allowed) || allowed.some((one) => isEqual(one, value))) return [];
  return [
    {
      type: "FieldValueNotSupported",
      field: path,
      value,
      detail: `supported values: ${allowed.map((one) => (typeof one === "string" ? JSON.stringify(one) : JSON.stringify(formatGo(one)))).join(", ")}`,
    },
  ];
}

function textErrors(schema: Schema, value: string, path: string): readonly FieldError[] {
  const { maxLength, minLength, pattern, format } = schema;
  const length = [...value].length;
  const errors: FieldError[] = [];
  if (typeof maxLength === "number" && length > maxLength) {
    errors.push({ type: "FieldValueTooLong", field: path, detail: `may not be more than ${maxLength} bytes` });
  }
  if (typeof minLength === "number" && length < minLength) {
    errors.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`));
  }
  if (typeof pattern === "string" && !matchesPattern(pattern, value)) {
    errors.push(invalid(path, value, `${path} in body should match '${pattern}'`));
  }
  if (typeof format === "string" && !(formats[format]?.test(value) ?? true)) {
    errors.push({ type: "FieldValueInvalid", field: path, value, detail: `${path} in body must be of type ${format}: ${JSON.stringify(value)}` });
  }
  return errors;
}

/** Formats that are checked; unknown ones are not. */
const formats: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d\d-\d\d$/,
  "date-time": /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/,
  email: /^[^@\s]+@[^@\s]+$/,
  ipv4: /^\d{1,3}(?:\.\d{1,3}){3}$/,
  uuid: /^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$/,
};

function matchesPattern(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

function numberErrors(schema: Schema, value: number, path: string): readonly FieldError[] {
  const { minimum, maximum, multipleOf } = schema;
  const errors: FieldError[] = [];
  if (typeof minimum === "number") {
    const exclusive = schema["exclusiveMinimum"] === true;
    if (exclusive ? value <= minimum : value < minimum) {
      errors.push(invalid(path, value, `${path} in body should be greater than ${exclusive ? "" : "or equal to "}${minimum}`));
    }
  }
  if (typeof maximum === "number") {
    const exclusive = schema["exclusiveMaximum"] === true;
    if (exclusive ? value >= maximum : value > maximum) {
      errors.push(invalid(path, value, `${path} in body should be less than ${exclusive ? "" : "or equal to "}${maximum}`));
    }
  }
  if (typeof multipleOf === "number" && !Number.isInteger(value / multipleOf)) {
    errors.push(invalid(path, value, `${path} in body should be a multiple of ${multipleOf}`));
  }
  return errors;
}

function listErrors(schema: Schema, items: readonly unknown[], path: string, previous: unknown): readonly FieldError[] {
  const { maxItems, minItems } = schema;
  const errors: FieldError[] = [];
  if (typeof maxItems === "number" && items.length > maxItems) {
    errors.push({ type: "FieldValueTooMany", field: path, value: items.length, detail: `must have at most ${maxItems} items` });
  }
  if (typeof minItems === "number" && items.length < minItems) {
    errors.push(invalid(path, items.length, `${path} in body should have at least ${minItems} items`));
  }
  const inner = itemsOf(schema);
  const old = listOf(previous);
  return [...errors, ...items.flatMap((item, index) => validateValue(inner, item, `${path}[${index}]`, old[index]))];
}

function objectErrors(schema: Schema, object: JsonObject, path: string, previous: unknown): readonly FieldError[] {
  const { maxProperties, minProperties } = schema;
  const old = objectOf(previous);
  const place = (key: string) => (path === "" ? key : `${path}.${key}`);
  const count = Object.keys(object).length;
  const errors: FieldError[] = [];
  if (typeof maxProperties === "number" && count > maxProperties) {
    errors.push({ type: "FieldValueTooMany", field: path, value: count, detail: `must have at most ${maxProperties} items` });
  }
  if (typeof minProperties === "number" && count < minProperties) {
    errors.push(invalid(path, count, `${path} in body should have at least ${minProperties} properties`));
  }
  for (const [key, value] of Object.entries(object)) {
    const property = propertyOf(schema, key);
    if (property !== undefined) errors.push(...validateValue(property, value, place(key), old[key]));
  }
  for (const key of textsOf(schema["required"])) {
    if (!Object.hasOwn(object, key)) errors.push({ type: "FieldValueRequired", field: place(key), detail: "" });
  }
  return errors;
}

function combinationErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  const fits = (inner: unknown) => validateValue(objectOf(inner), value, path).length === 0;
  const shown = isObject(value) || Array.isArray(value) ? "" : value;
  const errors: FieldError[] = listOf(schema["allOf"]).flatMap((inner) => validateValue(objectOf(inner), value, path));
  const { anyOf, oneOf, not } = schema;
  const name = JSON.stringify(path);
  if (Array.isArray(anyOf) && !anyOf.some(fits)) errors.push(invalid(path, shown, `${name} must validate at least one schema (anyOf)`));
  if (Array.isArray(oneOf)) {
    const found = oneOf.filter(fits).length;
    if (found !== 1) {
      errors.push(invalid(path, shown, `${name} must validate one and only one schema (oneOf). ${found === 0 ? "Found none valid" : `Found ${found} valid alternatives`}`));
    }
  }
  if (isObject(not) && fits(not)) errors.push(invalid(path, shown, `${name} must not validate the schema (not)`));
  return errors;
}
