/** Following a path through a structural schema. */

import { anything, type StructuralSchema } from "./structural.js";

/** What a path leads to, or where it gets lost. */
export type Found =
  | { readonly type: "found"; readonly schema: StructuralSchema; readonly throughList: boolean }
  | { readonly type: "lost"; readonly at: string; readonly known: readonly string[] };

/** Follows `.spec.ports[0].name`; a dot in a field's name is written `\.`, and any text in brackets is an element. */
export function lookup(root: StructuralSchema, path: string): Found {
  const steps = path.match(step) ?? [];
  if (steps.join("") !== path || steps.length === 0) return { type: "lost", at: path, known: [] };
  let schema = root;
  let throughList = false;
  let at = "";
  for (const one of steps) {
    at += one;
    const next = one.startsWith("[") ? elementOf(schema) : fieldOf(schema, one.slice(1).replaceAll("\\.", "."));
    if (next === undefined) return { type: "lost", at, known: Object.keys(schema.properties ?? {}) };
    throughList ||= one.startsWith("[");
    schema = next;
  }
  return { type: "found", schema, throughList };
}

/** A field, or brackets, which may hold quoted brackets. */
const step = /\.(?:[^.[\]\\]|\\.)+|\[(?:[^\]"']|"[^"]*"|'[^']*')*\]/g;

function elementOf(schema: StructuralSchema): StructuralSchema | undefined {
  return schema.items ?? schema.additionalProperties ?? open(schema);
}

function fieldOf(schema: StructuralSchema, name: string): StructuralSchema | undefined {
  const { properties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name];
  return schema.additionalProperties ?? open(schema);
}

function open(schema: StructuralSchema): StructuralSchema | undefined {
  return schema["x-kubernetes-preserve-unknown-fields"] === true ? anything : undefined;
}
