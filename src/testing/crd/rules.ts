/** The rules of a schema, `x-kubernetes-validations`: expressions that must hold. */

import { type Expression, subexpressions } from "../cel/ast.js";
import { evaluate } from "../cel/evaluate.js";
import { functions, methods } from "../cel/functions.js";
import { parseCel } from "../cel/parse.js";
import { CelSyntaxError } from "../cel/tokens.js";
import { CelError, type CelValue } from "../cel/values.js";
import type { FieldError, FieldErrorType } from "../failure.js";
import { isEqual, isObject, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { celValue } from "./cel-values.js";
import { correlated } from "./list-items.js";
import { itemsOf, propertyOf, type Schema, subschemas } from "./schema.js";

/** The rules of a whole schema. */
export interface RuleSet {
  /** What is wrong with an object, or with what an update makes of it. */
  check(object: JsonObject, previous: JsonObject | undefined): readonly FieldError[];
}

interface Rule {
  readonly text: string;
  readonly expression: Expression;
  /** Whether it asks for the value before. */
  readonly isTransition: boolean;
  readonly optionalOldSelf: boolean;
  readonly message: string;
  readonly messageExpression: Expression | undefined;
  readonly reason: FieldErrorType;
  readonly fieldPath: string;
}

/** The rules of a schema; undefined if it has none. */
export function rulesOf(schema: Schema): RuleSet | undefined {
  const has = [...subschemas(schema)].some((inner) => listOf(inner["x-kubernetes-validations"]).length > 0);
  if (!has) return undefined;
  const compiled = new WeakMap<Schema, readonly Rule[]>();
  const rules = (of: Schema) => {
    const known = compiled.get(of) ?? listOf(of["x-kubernetes-validations"]).flatMap(compile);
    compiled.set(of, known);
    return known;
  };
  return {
    check: (object, previous) => {
      const root = (value: JsonObject) => ({ ...value, metadata: nameOnly(value["metadata"]) });
      const old = previous === undefined ? undefined : root(previous);
      return checkValue({ rules, path: "", schema: withRoot(schema) }, root(object), old);
    },
  };
}

/** Of the metadata, rules see the names alone. */
function nameOnly(metadata: unknown): JsonObject {
  const { name, generateName } = objectOf(metadata);
  return { ...(name === undefined ? {} : { name }), ...(generateName === undefined ? {} : { generateName }) };
}

const roots = new WeakMap<Schema, Schema>();

function withRoot(schema: Schema): Schema {
  const known = roots.get(schema);
  if (known !== undefined) return known;
  const text = { type: "string" };
  const metadata = { type: "object", properties: { name: text, generateName: text } };
  const root = { ...schema, properties: { ...objectOf(schema["properties"]), apiVersion: text, kind: text, metadata } };
  roots.set(schema, root);
  return root;
}

interface Place {
  readonly rules: (schema: Schema) => readonly Rule[];
  readonly path: string;
  readonly schema: Schema;
}

function checkValue(place: Place, value: unknown, old: unknown): readonly FieldError[] {
  const { path, schema } = place;
  if (value === undefined || value === null) return [];
  const unchanged = old !== undefined && isEqual(value, old);
  const own = place.rules(schema).flatMap((rule) => {
    if (unchanged && !rule.isTransition) return [];
    if (rule.isTransition && old === undefined && !rule.optionalOldSelf) return [];
    return checkRule(rule, place, { value, old });
  });
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    const inner = value.flatMap((item, index) =>
      checkValue({ ...place, path: `${path}[${index}]`, schema: items }, item, correlated(schema, item, listOf(old))),
    );
    return [...own, ...inner];
  }
  if (!isObject(value)) return own;
  const before = objectOf(old);
  const inner = Object.entries(value).flatMap(([key, field]) => {
    const property = propertyOf(schema, key);
    if (property === undefined) return [];
    const earlier = Object.hasOwn(before, key) ? before[key] : undefined;
    return checkValue({ ...place, path: path === "" ? key : `${path}.${key}`, schema: property }, field, earlier);
  });
  return [...own, ...inner];
}

function checkRule(
  rule: Rule,
  { path, schema }: Place,
  { value, old }: { readonly value: unknown; readonly old: unknown },
): readonly FieldError[] {
  const shown = typeof value === "object" ? undefined : value;
  const variables = new Map<string, CelValue>([["self", celValue(schema, value)]]);
  if (rule.isTransition && old !== undefined) variables.set("oldSelf", celValue(schema, old));
  try {
    const holds = evaluate(rule.expression, variables);
    if (holds === true) return [];
    const detail = messageOf(rule, variables);
    return [{ type: rule.reason, field: `${path}${rule.fieldPath}`.replace(/^\./, ""), value: shown, detail }];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    const of = rule.message === "" ? rule.text : rule.message;
    const word = Array.isArray(value) ? "array" : typeof value;
    return [
      {
        type: "FieldValueInvalid",
        field: path,
        value: shown ?? word,
        detail: `${error.message} evaluating rule: ${of}`,
      },
    ];
  }
}

function messageOf({ text, message, messageExpression }: Rule, variables: ReadonlyMap<string, CelValue>): string {
  const fallback = message === "" ? `failed rule: ${text}` : message;
  if (messageExpression === undefined) return fallback;
  try {
    const found = evaluate(messageExpression, variables);
    return typeof found === "string" && found.trim() !== "" && !found.includes("\n") ? found : fallback;
  } catch (error) {
    if (error instanceof CelError) return fallback;
    throw error;
  }
}

const reasons: ReadonlySet<string> = new Set(["FieldValueRequired", "FieldValueForbidden", "FieldValueDuplicate"]);

function compile(value: unknown): readonly Rule[] {
  const given = objectOf(value);
  const text = textOf(given["rule"]).trim();
  const expression = parsed(text);
  if (expression === undefined || unknownFunctions(expression).length > 0) return [];
  const reason = textOf(given["reason"]);
  return [
    {
      text,
      expression,
      isTransition: [...subexpressions(expression)].some((inner) => inner.type === "name" && inner.name === "oldSelf"),
      optionalOldSelf: given["optionalOldSelf"] === true,
      message: textOf(given["message"]),
      messageExpression: parsed(textOf(given["messageExpression"])),
      reason: isReason(reason) ? reason : "FieldValueInvalid",
      fieldPath: textOf(given["fieldPath"]),
    },
  ];
}

function isReason(reason: string): reason is FieldErrorType {
  return reasons.has(reason);
}

function parsed(text: string): Expression | undefined {
  if (text === "") return undefined;
  try {
    return parseCel(text);
  } catch (error) {
    if (error instanceof CelSyntaxError) return undefined;
    throw error;
  }
}

/** What is wrong with the text of a rule; undefined if it can be read. */
export function ruleProblem(text: string): string | undefined {
  try {
    parseCel(text);
    return undefined;
  } catch (error) {
    if (error instanceof CelSyntaxError) return `compilation failed: ERROR: ${error.message}`;
    throw error;
  }
}

const macros: ReadonlySet<string> = new Set(
  "has all exists exists_one existsOne filter map optMap optFlatMap ! neg && || ?: == != < <= > >= in + - * / %".split(
    " ",
  ),
);

/** Functions that an expression calls and this server does not have. */
function unknownFunctions(expression: Expression): readonly string[] {
  return [...subexpressions(expression)].flatMap((inner) => {
    if (inner.type !== "call" || macros.has(inner.name)) return [];
    const { name, target } = inner;
    const isKnown =
      target === undefined
        ? functions.has(name)
        : methods.has(name) || (target.type === "name" && functions.has(`${target.name}.${name}`));
    return isKnown ? [] : [name];
  });
}

/** Functions of a rule's text that this server does not have: the rule is then not checked. */
export function uncheckedFunctions(text: string): readonly string[] {
  const expression = parsed(text);
  return expression === undefined ? [] : unknownFunctions(expression);
}
