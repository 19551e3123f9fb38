/** Validation of custom objects by their schema, in the words of the API server. */

import type { FieldError } from "../failure.js";
import { isEqual, isObject, type JsonObject, listOf, objectOf, textsOf } from "../json.js";
import { isOfFormat } from "./formats.js";
import { correlated } from "./list-items.js";
import { itemsOf, propertyOf, type Schema } from "./schema.js";

/**
 * What is wrong with a value. What did not change since `previous` is not blamed again. After a value of another type all that can be
 * said of such a value is said nevertheless, as the API server does.
 */
export function validateValue(schema: Schema, value: unknown, path: string, previous?: unknown): readonly FieldError[] {
  if (previous !== undefined && isEqual(value, previous)) return [];
  const type = typeErrors(schema, value, path);
  if (value === null) return type;
  return [
    ...type,
    ...combinationErrors(schema, value, path),
    ...(typeof value === "string" ? textErrors(schema, value, path) : []),
    ...(isNumber(value) ? numberErrors(schema, value, path) : []),
    ...(Array.isArray(value) ? listErrors(schema, value, path, previous) : []),
    ...enumErrors(schema, value, path),
    ...(isObject(value) ? objectErrors(schema, value, path, previous) : []),
  ];
}

const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  value,
  detail,
});

/** Some errors do not say in a machine's words where they are. */
const nowhere = (detail: string): FieldError => invalid("<nil>", "", detail);

function typeErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  const types = typesOf(schema);
  if (types.length === 0 || (value === null && schema["nullable"] === true)) return [];
  const [word, format] = nameOf(value);
  const fits =
    types.includes(word) ||
    (word === "number" && types.includes("integer") && Number.isInteger(value)) ||
    (word === "integer" && types.includes("number"));
  if (fits) return [];
  const wanted = schema["format"];
  const named = typeof wanted === "string" && value !== null && typeof value !== "string" && !Array.isArray(value);
  const [expected, found] = named ? [wanted, format] : [types.join(","), word];
  return [
    {
      type: "FieldValueTypeInvalid",
      field: path === "" ? "<nil>" : path,
      value: found,
      detail: `${path} in body must be of type ${expected}: ${JSON.stringify(found)}`,
    },
  ];
}

function typesOf(schema: Schema): readonly string[] {
  if (schema["x-kubernetes-int-or-string"] === true) return ["integer", "string"];
  return typeof schema["type"] === "string" ? [schema["type"]] : [];
}

/** The type of a value, and how Go holds it. */
function nameOf(value: unknown): readonly [string, string] {
  if (value === null) return ["null", ""];
  if (Array.isArray(value)) return ["array", ""];
  if (typeof value === "bigint" || Number.isInteger(value)) return ["integer", "int64"];
  return typeof value === "number" ? ["number", "float64"] : [typeof value, ""];
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function enumErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  const allowed = schema["enum"];
  if (!Array.isArray(allowed) || allowed.some((one) => isEqual(one, value))) return [];
  const shown = allowed.map((one) => JSON.stringify(typeof one === "string" ? one : JSON.stringify(one)));
  return [{ type: "FieldValueNotSupported", field: path, value, detail: `supported values: ${shown.join(", ")}` }];
}

function textErrors(schema: Schema, value: string, path: string): readonly FieldError[] {
  const { maxLength, minLength, pattern, format } = schema;
  const length = Array.from(value).length;
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
  if (typeof format === "string" && !isOfFormat(format, value)) {
    const detail = `${path} in body must be of type ${format}: ${JSON.stringify(value)}`;
    errors.push({ type: "FieldValueTypeInvalid", field: path, value, detail });
  }
  return errors;
}

function matchesPattern(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

function numberErrors(schema: Schema, value: number | bigint, path: string): readonly FieldError[] {
  const { minimum, maximum, multipleOf, format, type } = schema;
  const number = Number(value);
  const errors: FieldError[] = [];
  if (type === "integer" && !isInRange(value, format === "int32" ? 32 : 64)) {
    const kind = typeof format === "string" ? `with format ${format}` : "(default format)";
    errors.push(nowhere(`Checked value must be of type integer ${kind} in ${path}`));
  }
  if (typeof multipleOf === "number" && !Number.isInteger(number / multipleOf)) {
    errors.push(invalid(path, value, `${path} in body should be a multiple of ${multipleOf}`));
  }
  if (typeof maximum === "number") {
    const exclusive = schema["exclusiveMaximum"] === true;
    if (exclusive ? number >= maximum : number > maximum) {
      errors.push(
        invalid(path, value, `${path} in body should be less than ${exclusive ? "" : "or equal to "}${maximum}`),
      );
    }
  }
  if (typeof minimum === "number") {
    const exclusive = schema["exclusiveMinimum"] === true;
    if (exclusive ? number <= minimum : number < minimum) {
      errors.push(
        invalid(path, value, `${path} in body should be greater than ${exclusive ? "" : "or equal to "}${minimum}`),
      );
    }
  }
  return errors;
}

function isInRange(value: number | bigint, bits: number): boolean {
  if (typeof value === "number" && !Number.isInteger(value)) return false;
  return BigInt.asIntN(bits, BigInt(value)) === BigInt(value);
}

function listErrors(schema: Schema, items: readonly unknown[], path: string, previous: unknown): readonly FieldError[] {
  const { maxItems, minItems } = schema;
  const inner = itemsOf(schema);
  const earlier = listOf(previous);
  const errors = items.flatMap((item, index) =>
    validateValue(inner, item, `${path}[${index}]`, correlated(schema, item, earlier)),
  );
  if (typeof minItems === "number" && items.length < minItems) {
    errors.push(invalid(path, items.length, `${path} in body should have at least ${minItems} items`));
  }
  if (typeof maxItems === "number" && items.length > maxItems) {
    errors.push({
      type: "FieldValueTooMany",
      field: path,
      value: items.length,
      detail: `must have at most ${maxItems} items`,
    });
  }
  return errors;
}

function objectErrors(schema: Schema, object: JsonObject, path: string, previous: unknown): readonly FieldError[] {
  const { maxProperties, minProperties } = schema;
  const earlier = objectOf(previous);
  const place = (key: string) => (path === "" ? key : `${path}.${key}`);
  const count = Object.keys(object).length;
  const errors: FieldError[] = [];
  if (typeof minProperties === "number" && count < minProperties) {
    errors.push(invalid(path, count, `${path} in body should have at least ${minProperties} properties`));
  }
  if (typeof maxProperties === "number" && count > maxProperties) {
    errors.push({
      type: "FieldValueTooMany",
      field: path,
      value: count,
      detail: `must have at most ${maxProperties} items`,
    });
  }
  for (const key of textsOf(schema["required"])) {
    if (!Object.hasOwn(object, key)) errors.push({ type: "FieldValueRequired", field: place(key), detail: "" });
  }
  for (const [key, value] of Object.entries(object)) {
    const property = propertyOf(schema, key);
    const before = Object.hasOwn(earlier, key) ? earlier[key] : undefined;
    if (property !== undefined) errors.push(...validateValue(property, value, place(key), before));
  }
  return errors;
}

/** Of the schemas of which one must fit, the first that does not tells why it does not. */
function combinationErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  const { allOf, anyOf, oneOf, not } = schema;
  const name = JSON.stringify(path);
  const against = (inner: unknown) => validateValue(objectOf(inner), value, path);
  const errors: FieldError[] = [];
  if (Array.isArray(anyOf) && anyOf.length > 0) {
    const found = anyOf.map(against);
    if (found.every(({ length }) => length > 0)) {
      errors.push(nowhere(`${name} must validate at least one schema (anyOf)`), ...(found[0] ?? []));
    }
  }
  if (Array.isArray(oneOf) && oneOf.length > 0) {
    const found = oneOf.map(against);
    const valid = found.filter(({ length }) => length === 0).length;
    const why = valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`;
    if (valid !== 1) errors.push(nowhere(`${name} must validate one and only one schema (oneOf). ${why}`));
    if (valid === 0) errors.push(...(found[0] ?? []));
  }
  if (Array.isArray(allOf) && allOf.length > 0) {
    const found = allOf.map(against);
    const isNone = found.every(({ length }) => length > 0);
    errors.push(...found.flat());
    if (found.some(({ length }) => length > 0)) {
      errors.push(nowhere(`${name} must validate all the schemas (allOf)${isNone ? ". None validated" : ""}`));
    }
  }
  if (isObject(not) && against(not).length === 0) errors.push(nowhere(`${name} must not validate the schema (not)`));
  return errors;
}
