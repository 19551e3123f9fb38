/** Checks of the schemas of CustomResourceDefinitions: they must be structural, and mean something. */

import type { FieldError } from "../failure.js";
import { isObject, listOf, objectOf, textOf, textsOf } from "../json.js";
import { ruleProblem } from "./rules.js";
import type { Schema } from "./schema.js";
import { withDefaults } from "./schema.js";
import { validateValue } from "./validate.js";

const required = (field: string, detail: string): FieldError => ({ type: "FieldValueRequired", field, detail });
const forbidden = (field: string, detail: string): FieldError => ({ type: "FieldValueForbidden", field, detail });
const wrong = (field: string, value: unknown, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  value,
  detail,
});
const unsupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: "FieldValueNotSupported",
  field,
  value,
  detail: `supported values: ${supported.map((one) => JSON.stringify(one)).join(", ")}`,
});

/** What is wrong with the schema of a version, which stands at `path`. */
export function schemaErrors(schema: Schema, path: string): readonly FieldError[] {
  const root = schema["type"];
  if (textOf(root) === "") return [required(`${path}.type`, "must not be empty at the root")];
  if (root !== "object") return [wrong(`${path}.type`, root, "must be object at the root")];
  return errorsAt(schema, path, "object fields");
}

function errorsAt(schema: Schema, path: string, what: "object fields" | "array items"): readonly FieldError[] {
  return [
    ...typeErrors(schema, path, what),
    ...mapErrors(schema, path),
    ...listErrors(schema, path),
    ...valueErrors(schema, path),
    ...Object.entries(objectOf(schema["properties"])).flatMap(([key, property]) =>
      errorsAt(objectOf(property), `${path}.properties[${key}]`, "object fields"),
    ),
    ...(isObject(schema["additionalProperties"])
      ? errorsAt(schema["additionalProperties"], `${path}.additionalProperties`, "object fields")
      : []),
    ...(isObject(schema["items"]) ? errorsAt(schema["items"], `${path}.items`, "array items") : []),
  ];
}

const types = ["array", "boolean", "integer", "number", "object", "string"];

/** Only what may be anything needs no type. */
function typeErrors(schema: Schema, path: string, what: string): readonly FieldError[] {
  const type = textOf(schema["type"]);
  const isOpen =
    schema["x-kubernetes-int-or-string"] === true || schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (type === "") return isOpen ? [] : [required(`${path}.type`, `must not be empty for specified ${what}`)];
  if (!types.includes(type)) return [unsupported(`${path}.type`, type, types)];
  const errors: FieldError[] = [];
  const isClosed = schema["x-kubernetes-preserve-unknown-fields"] !== true;
  if (schema["x-kubernetes-embedded-resource"] === true && isClosed && !isObject(schema["properties"])) {
    const detail =
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
    errors.push(required(`${path}.properties`, detail));
  }
  if (schema["x-kubernetes-embedded-resource"] === true && type !== "object") {
    errors.push(wrong(`${path}.type`, type, "must be object if x-kubernetes-embedded-resource is true"));
  }
  return errors;
}

function mapErrors(schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const kind = schema["x-kubernetes-map-type"];
  const additional = schema["additionalProperties"];
  if (isObject(schema["properties"]) && isObject(additional)) {
    errors.push(forbidden(`${path}.additionalProperties`, "additionalProperties and properties are mutual exclusive"));
  }
  if (kind !== undefined) {
    if (kind !== "atomic" && kind !== "granular")
      errors.push(unsupported(`${path}.x-kubernetes-map-type`, kind, ["atomic", "granular"]));
    if (schema["type"] !== "object") {
      errors.push(
        wrong(`${path}.type`, textOf(schema["type"]), "must be object if x-kubernetes-map-type is specified"),
      );
    }
  }
  for (const field of ["$ref", "definitions", "dependencies", "patternProperties"]) {
    if (schema[field] !== undefined) errors.push(forbidden(`${path}.${field}`, `${field} is not supported`));
  }
  return errors;
}

const listTypes = ["atomic", "set", "map"];

function listErrors(schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const kind = schema["x-kubernetes-list-type"];
  const keys = textsOf(schema["x-kubernetes-list-map-keys"]);
  if (schema["type"] === "array" && !isObject(schema["items"]))
    errors.push(required(`${path}.items`, "must be specified"));
  if (schema["uniqueItems"] === true) {
    errors.push(
      forbidden(
        `${path}.uniqueItems`,
        "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
      ),
    );
  }
  if (kind === undefined) return errors;
  if (!listTypes.includes(textOf(kind))) errors.push(unsupported(`${path}.x-kubernetes-list-type`, kind, listTypes));
  if (schema["type"] !== "array") {
    errors.push(wrong(`${path}.type`, textOf(schema["type"]), "must be array if x-kubernetes-list-type is specified"));
  }
  if (kind !== "map") return errors;
  if (keys.length === 0) {
    errors.push(required(`${path}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map"));
  }
  const items = objectOf(schema["items"]);
  const properties = objectOf(items["properties"]);
  if (textOf(items["type"]) !== "object") {
    const type = textOf(items["type"]);
    errors.push(wrong(`${path}.items.type`, type, "must be object if parent array's x-kubernetes-list-type is map"));
    return errors;
  }
  if (keys.some((key) => !Object.hasOwn(properties, key))) {
    errors.push(wrong(`${path}.x-kubernetes-list-map-keys`, keys, "entries must all be names of item properties"));
  }
  for (const key of keys) {
    const isGiven = textsOf(items["required"]).includes(key) || objectOf(properties[key])["default"] !== undefined;
    if (!isGiven && Object.hasOwn(properties, key)) {
      errors.push(
        required(
          `${path}.items.properties[${key}].default`,
          "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
        ),
      );
    }
  }
  return errors;
}

function valueErrors(schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { pattern } = schema;
  const problem = typeof pattern === "string" ? patternProblem(pattern) : undefined;
  if (problem !== undefined) {
    const detail = `must be a valid regular expression, but isn't: error parsing regexp: ${problem}`;
    errors.push(wrong(`${path}.pattern`, pattern, detail));
  }
  const fallback = schema["default"];
  if (fallback !== undefined) {
    const found = validateValue(schema, withDefaults(schema, fallback), "");
    errors.push(
      ...found.map((error) => ({
        ...error,
        field: error.field === "<nil>" || error.field === "" ? `${path}.default` : `${path}.default.${error.field}`,
      })),
    );
  }
  for (const [index, rule] of listOf(schema["x-kubernetes-validations"]).map(objectOf).entries()) {
    const field = `${path}.x-kubernetes-validations[${index}].rule`;
    const text = textOf(rule["rule"]);
    if (text.trim() === "") {
      errors.push(required(field, "rule is not specified"));
      continue;
    }
    const fault = ruleProblem(text);
    if (fault !== undefined) errors.push(wrong(field, goRule(rule), fault));
  }
  return errors;
}

/** A rule as Go prints it: without the names of JSON. */
function goRule(rule: Schema): Schema {
  const { message, messageExpression, reason, fieldPath, optionalOldSelf } = rule;
  return {
    Rule: textOf(rule["rule"]),
    Message: textOf(message),
    MessageExpression: textOf(messageExpression),
    Reason: reason ?? null,
    FieldPath: textOf(fieldPath),
    OptionalOldSelf: optionalOldSelf ?? null,
  };
}

/** Why a pattern is none, in Go's words where they are known; undefined if it is one. */
function patternProblem(pattern: string): string | undefined {
  try {
    RegExp(pattern, "u");
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    if (why.includes("Unterminated group")) return `missing closing ): \`${pattern}\``;
    if (why.includes("Unmatched ')'")) return `unexpected ): \`${pattern}\``;
    if (why.includes("Unterminated character class"))
      return `missing closing ]: \`${pattern.slice(pattern.lastIndexOf("["))}\``;
    if (why.includes("Nothing to repeat")) return "missing argument to repetition operator: `*`";
    return `invalid escape sequence: \`${pattern}\``;
  }
}
