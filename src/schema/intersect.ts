/** The schema of what satisfies several schemas at once. */

import type { Problems } from "./problems.js";
import { isEqual } from "./record.js";
import { anything, constraintsOf, isEmpty, isScalar, type StructuralSchema } from "./structural.js";

/** Merges schemas that must all hold; a contradiction is noted as a problem. */
export function intersectionOf(
  schemas: readonly StructuralSchema[],
  path: string,
  problems: Problems,
): StructuralSchema {
  const [first = anything, ...others] = schemas.filter((schema) => !isEqual(schema, anything));
  return others.reduce((a, b) => intersect(a, b, path, problems), first);
}

function intersect(a: StructuralSchema, b: StructuralSchema, path: string, problems: Problems): StructuralSchema {
  if (isEqual(a, b) || isEmpty(b)) return a;
  if (isEmpty(a)) return b;
  if (a.type !== b.type || a["x-kubernetes-int-or-string"] !== b["x-kubernetes-int-or-string"]) {
    problems.add(path, `it must be ${nameOf(a)} and ${nameOf(b)} at once`, "Make the parts of the intersection agree.");
    return a;
  }
  if (a.type === "object") return intersectObjects(a, b, path, problems);
  if (isScalar(a)) return { ...a, ...intersectScalars(a, b), ...nullableIfBoth(a, b) };
  problems.add(path, "two different lists or maps at once", "Make the parts of the intersection agree.");
  return a;
}

function intersectObjects(
  a: StructuralSchema,
  b: StructuralSchema,
  path: string,
  problems: Problems,
): StructuralSchema {
  if (!isEqual(a.additionalProperties, b.additionalProperties)) {
    problems.add(path, "both fields and a map of further ones", "Move the map into a field of its own.");
  }
  const shared = Object.entries(b.properties ?? {}).map(([name, property]) => {
    const other = a.properties?.[name];
    return [name, other === undefined ? property : intersect(other, property, `${path}.${name}`, problems)] as const;
  });
  const properties = { ...a.properties, ...Object.fromEntries(shared) };
  const required = [...new Set([...(a.required ?? []), ...(b.required ?? [])])].toSorted();
  const { properties: _a, required: _ar, ...restOfA } = a;
  const { properties: _b, required: _br, nullable: _n, ...restOfB } = b;
  const { nullable: _m, ...kept } = restOfA;
  const conflicting = Object.keys(restOfB).filter(
    (key) =>
      key in kept &&
      !isEqual(Reflect.get(kept, key), Reflect.get(restOfB, key)) &&
      key !== "description" &&
      key !== "title",
  );
  if (conflicting.length > 0) {
    problems.add(
      path,
      `two different values of ${conflicting.join(", ")}`,
      "Make the parts of the intersection agree.",
    );
  }
  return {
    ...restOfB,
    ...kept,
    ...nullableIfBoth(a, b),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required }),
  };
}

/** Constraints of `b` join those of `a`; what both constrain goes under `allOf`. */
function intersectScalars(a: StructuralSchema, b: StructuralSchema): StructuralSchema {
  const added = Object.entries(constraintsOf(b)).filter(([key, value]) => !isEqual(Reflect.get(a, key), value));
  const isFree = added.every(([key]) => !(key in a));
  const constraints: StructuralSchema = Object.fromEntries(added);
  return isFree ? constraints : { allOf: [...(a.allOf ?? []), constraints] };
}

function nullableIfBoth(a: StructuralSchema, b: StructuralSchema): { readonly nullable?: boolean } {
  return a.nullable === true && b.nullable === true
    ? { nullable: true }
    : a.nullable === undefined
      ? {}
      : { nullable: false };
}

function nameOf(schema: StructuralSchema): string {
  return schema.type ?? (schema["x-kubernetes-int-or-string"] === true ? "int-or-string" : "anything");
}
