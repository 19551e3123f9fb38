/** The schema of what satisfies one of several schemas: structural only if the branches agree on the shape. */

import type { Place } from "./problems.js";
import { isEqual } from "./record.js";
import { cureOfMixedTypes } from "./refused.js";
import { anything, constraintsOf, isEmpty, isScalar, type StructuralSchema } from "./structural.js";

/** One way to satisfy a union. */
export interface Branch {
  readonly schema: StructuralSchema;
  /** Whether it refuses fields that it does not name. */
  readonly isClosed: boolean;
}

interface UnionOptions extends Place {
  /** `oneOf` if exactly one branch may hold. */
  readonly keyword: "anyOf" | "oneOf";
}

/** Merges the branches of a union; what has no common shape is noted as a problem. */
export function unionOf(all: readonly Branch[], options: UnionOptions): StructuralSchema {
  const branches = all.map(({ schema: { nullable: _nullable, ...schema }, isClosed }) => ({
    schema,
    isClosed,
  }));
  const nullable = all.some(({ schema }) => schema.nullable === true) ? { nullable: true } : {};
  const schemas = branches
    .map(({ schema }) => schema)
    .filter((s, i, every) => every.findIndex((o) => isEqual(o, s)) === i);
  const [first = anything] = schemas;
  // An empty schema stands for a problem that is noted already.
  if (schemas.some(isEmpty)) return {};
  if (schemas.length <= 1) return { ...first, ...nullable };
  if (all.some(({ schema }) => isEqual(schema, anything))) return anything;
  if (schemas.every((s) => s.type === "object")) return { ...unionOfObjects(branches, options), ...nullable };
  if (schemas.every((s) => s.type === first.type && isScalar(s))) return { ...unionOfScalars(schemas), ...nullable };
  if (isIntOrString(schemas)) return { ...unionOfIntAndString(schemas), ...nullable };
  const types = [...new Set(schemas.map((s) => s.type ?? "int-or-string"))];
  if (types.length === 1) {
    options.problems.add(
      options.path,
      `a union of ${types.join()}s that differ`,
      "Use one type of element with what they share.",
    );
  } else {
    options.problems.add(options.path, `a union of ${types.join(" and ")}`, cureOfMixedTypes(types, options.path));
  }
  return {};
}

function unionOfScalars(schemas: readonly StructuralSchema[]): StructuralSchema {
  const type = schemas[0]?.type;
  const base: StructuralSchema = type === undefined ? {} : { type };
  const constraints = schemas.map(constraintsOf);
  if (constraints.some(isEmpty)) return base;
  if (
    constraints.every((c) =>
      isEqual(
        Object.keys(c).filter((k) => k !== "format"),
        ["enum"],
      ),
    )
  ) {
    return { ...base, enum: [...new Set(constraints.flatMap((c) => c.enum ?? []))] };
  }
  return { ...base, anyOf: constraints };
}

function isIntOrString(schemas: readonly StructuralSchema[]): boolean {
  return (
    schemas.length === 2 &&
    ["integer", "string"].every((t) => schemas.some((s) => s.type === t && s.enum === undefined))
  );
}

/** Constraints of numbers do not touch strings, and the other way round. */
function unionOfIntAndString(schemas: readonly StructuralSchema[]): StructuralSchema {
  const { format: _, ...constraints }: StructuralSchema = Object.assign({}, ...schemas.map(constraintsOf));
  return { "x-kubernetes-int-or-string": true, ...constraints };
}

function unionOfObjects(branches: readonly Branch[], options: UnionOptions): StructuralSchema {
  const { keyword, path, problems } = options;
  refuseDifferentRest(branches, options);
  const names = [...new Set(branches.flatMap(({ schema }) => Object.keys(schema.properties ?? {})))];
  const merged = new Map(names.map((name) => [name, mergeProperty(name, branches, options)]));
  const common = names.filter((name) => branches.every(({ schema }) => schema.required?.includes(name) === true));
  const alternatives = branches.map(({ schema, isClosed }) => {
    const own = schema.properties ?? {};
    const { required, properties: _, ...constraints } = constraintsOf(schema);
    const needed = (required ?? []).filter((name) => !common.includes(name));
    const narrowed = Object.entries(own)
      .map(([name, property]) => [name, isEqual(property, merged.get(name)) ? {} : constraintsOf(property)] as const)
      .filter(([, property]) => !isEmpty(property));
    const foreign = isClosed ? names.filter((name) => !(name in own)) : [];
    return {
      ...constraints,
      ...(needed.length === 0 ? {} : { required: needed }),
      ...(narrowed.length === 0 ? {} : { properties: Object.fromEntries(narrowed) }),
      ...(foreign.length === 0 ? {} : { not: { anyOf: foreign.map((name) => ({ required: [name] })) } }),
    };
  });
  if (keyword === "oneOf" && alternatives.filter(isEmpty).length > 0) {
    problems.add(
      path,
      "branches that the API server cannot tell apart",
      "Give each branch a required field with a literal of its own.",
    );
  }
  const rest = branches[0]?.schema;
  return {
    type: "object",
    properties: Object.fromEntries(merged),
    ...(common.length === 0 ? {} : { required: common.toSorted() }),
    ...(rest?.["x-kubernetes-preserve-unknown-fields"] === true
      ? { "x-kubernetes-preserve-unknown-fields": true }
      : {}),
    ...(alternatives.some(isEmpty) ? {} : { [keyword]: alternatives }),
  };
}

/** A field's one shape: the same in all branches that have it, or a scalar of one type. */
function mergeProperty(name: string, branches: readonly Branch[], { path, problems }: UnionOptions): StructuralSchema {
  const found = branches.map(({ schema }) => schema.properties?.[name]).filter((property) => property !== undefined);
  const [first = anything, ...others] = found;
  const place = `${path}.${name}`;
  if (
    found.some((property) => property.default !== undefined) &&
    (found.length < branches.length || !others.every((o) => isEqual(o, first)))
  ) {
    problems.add(
      place,
      "a default in one branch of a union",
      "The API server would set it in all of them: drop the default.",
    );
  }
  if (others.every((other) => isEqual(other, first))) return first;
  if (
    found.every(
      (property) => isScalar(property) && property.type === first.type && property.nullable === first.nullable,
    )
  ) {
    const { description: _, ...union } = unionOfScalars(found);
    // What the branches allow is said in the branches, but for an enumeration, which reads better in one place.
    const { anyOf: _anyOf, ...base } = union;
    return { ...base, ...(first.nullable === undefined ? {} : { nullable: first.nullable }) };
  }
  problems.add(
    place,
    "it has different shapes in the branches of a union",
    "Give it one shape, or another name in each branch.",
  );
  return first;
}

function refuseDifferentRest(branches: readonly Branch[], { path, problems }: UnionOptions): void {
  const isMap = branches.some(({ schema }) => schema.additionalProperties !== undefined);
  const open = branches.filter(({ schema }) => schema["x-kubernetes-preserve-unknown-fields"] === true).length;
  if (isMap) problems.add(path, "a union of a map and another object", "Use a field for each.");
  else if (open > 0 && open < branches.length) {
    problems.add(path, "a union of objects that do and do not take unknown fields", "Make all of them loose, or none.");
  }
}
