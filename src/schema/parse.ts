/** Checking objects of a custom kind against its schemas. */

import { KindredError, type Scope } from "../core/index.js";
import { isRecord } from "./record.js";
import type { Schema } from "./standard.js";
import { validate, withUnknownFields } from "./validate.js";

/** What an object is checked against. */
export interface Expected {
  readonly apiVersion: string;
  readonly kind: string;
  readonly scope: Scope;
  readonly spec: Schema;
  readonly status?: Schema | undefined;
}

/** @throws KindredError `VALIDATION` if `value` is not a complete object of the kind. */
export function parseObject(value: unknown, expected: Expected): Readonly<Record<string, unknown>> {
  const object = isRecord(value) ? value : {};
  const lines = [...typeProblems(value, expected), ...metadataProblems(object["metadata"], expected.scope)];
  const spec = check(expected.spec, object["spec"], ".spec", lines);
  const status =
    expected.status === undefined || object["status"] === undefined
      ? undefined
      : check(expected.status, object["status"], ".status", lines);
  throwIfInvalid(expected.kind, object["metadata"], lines);
  return { ...object, spec, ...(status === undefined ? {} : { status }) };
}

/** @throws KindredError `VALIDATION` if `value` is no spec of the kind. */
export function parseSpec(
  schema: Schema,
  value: unknown,
  of: { readonly kind: string; readonly metadata: unknown },
): unknown {
  const { name, generateName } = isRecord(of.metadata) ? of.metadata : {};
  const isNamed = typeof name === "string" || typeof generateName === "string";
  const lines = isNamed ? [] : [".metadata: a new object needs a name or a generateName"];
  const spec = check(schema, value, ".spec", lines);
  throwIfInvalid(of.kind, of.metadata, lines);
  return spec;
}

function check(schema: Schema, value: unknown, path: string, lines: string[]): unknown {
  const validated = validate(schema, value, path);
  if (validated.type === "valid") return withUnknownFields(validated.value, value);
  lines.push(...validated.lines);
  return undefined;
}

function typeProblems(value: unknown, { apiVersion, kind }: Expected): readonly string[] {
  if (!isRecord(value)) return ["it is not an object"];
  return Object.entries({ apiVersion, kind })
    .filter(([field, wanted]) => value[field] !== wanted)
    .map(([field, wanted]) => `.${field}: expected ${wanted}, found ${describe(value[field])}`);
}

function metadataProblems(metadata: unknown, scope: Scope): readonly string[] {
  if (!isRecord(metadata)) return [`.metadata: expected an object, found ${describe(metadata)}`];
  const needed = [
    "name",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    ...(scope === "Namespaced" ? ["namespace"] : []),
  ];
  return needed
    .filter((field) => typeof metadata[field] !== "string")
    .map((field) => `.metadata.${field}: expected a text, found ${describe(metadata[field])}`);
}

/** Texts are shown, cut short: only type, names and times come here. */
function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? `"${value.slice(0, 80)}"` : `a value of type ${typeof value}`;
}

function throwIfInvalid(kind: string, metadata: unknown, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const { name, generateName, namespace } = isRecord(metadata) ? metadata : {};
  const known = [namespace, name ?? generateName].filter((part) => typeof part === "string").join("/");
  const subject = known === "" ? kind : `${kind} ${known}`;
  throw new KindredError(
    "VALIDATION",
    `${subject} does not satisfy its schema:\n${lines.map((l) => `  ${l}`).join("\n")}`,
  );
}
