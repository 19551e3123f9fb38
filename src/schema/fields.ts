/** Writing what an author says of single fields into a structural schema. */

import type { FieldOptions } from "./definition.js";
import type { Problems } from "./problems.js";
import { isScalar, type StructuralSchema } from "./structural.js";

/** The schema with the options of each field in its place; a path that leads nowhere is noted as a problem. */
export function withFields(
  schema: StructuralSchema,
  fields: { readonly [path: string]: FieldOptions | undefined },
  problems: Problems,
): StructuralSchema {
  const used = new Set<string>();
  const apply = (node: StructuralSchema, path: string): StructuralSchema => {
    const options = fields[path];
    const children = {
      ...(node.properties === undefined
        ? {}
        : {
            properties: Object.fromEntries(
              Object.entries(node.properties).map(([name, property]) => [name, apply(property, `${path}.${name}`)]),
            ),
          }),
      ...(node.items === undefined ? {} : { items: apply(node.items, `${path}[*]`) }),
      ...(node.additionalProperties === undefined
        ? {}
        : { additionalProperties: apply(node.additionalProperties, `${path}[*]`) }),
    };
    if (options === undefined) return { ...node, ...children };
    used.add(path);
    return { ...node, ...children, ...extensionsOf(options, { ...node, ...children }, path, problems) };
  };
  const applied = apply(schema, "");
  for (const path of Object.keys(fields).filter((p) => !used.has(p))) {
    problems.add(
      path,
      "fields names it, and the schema has no such field",
      "Write it as .spec.name, with [*] for each element.",
    );
  }
  return applied;
}

function extensionsOf(
  options: FieldOptions,
  node: StructuralSchema,
  path: string,
  problems: Problems,
): StructuralSchema {
  const { listType, listMapKeys, mapType, validations = [], embeddedResource } = options;
  if (listType !== undefined) checkList(listType, listMapKeys, node, path, problems);
  else if (listMapKeys !== undefined) problems.add(path, "listMapKeys without listType", 'Add listType: "map".');
  if (mapType !== undefined && node.type !== "object") {
    problems.add(path, `mapType on ${node.type ?? "a field of any type"}`, "Only objects have it.");
  }
  if (embeddedResource === true && node.type !== "object") {
    problems.add(path, `embeddedResource on ${node.type ?? "a field of any type"}`, "Make the field an object.");
  }
  checkRules(validations, path, problems);
  return {
    ...(listType === undefined ? {} : { "x-kubernetes-list-type": listType }),
    ...(listMapKeys === undefined ? {} : { "x-kubernetes-list-map-keys": listMapKeys }),
    ...(mapType === undefined ? {} : { "x-kubernetes-map-type": mapType }),
    ...(embeddedResource === undefined ? {} : { "x-kubernetes-embedded-resource": embeddedResource }),
    ...(validations.length === 0
      ? {}
      : { "x-kubernetes-validations": [...(node["x-kubernetes-validations"] ?? []), ...validations] }),
  };
}

/** Notes rules that the API server would refuse whatever they mean. */
export function checkRules(rules: NonNullable<FieldOptions["validations"]>, path: string, problems: Problems): void {
  for (const { rule, message, messageExpression } of rules) {
    if (rule.trim() === "")
      problems.add(path, "a validation without a rule", "Write the rule, or drop the validation.");
    if (rule.includes("\n") && message === undefined && messageExpression === undefined) {
      problems.add(path, "a rule of several lines without a message", "Add a message.");
    }
  }
}

function checkList(
  listType: NonNullable<FieldOptions["listType"]>,
  keys: readonly string[] | undefined,
  node: StructuralSchema,
  path: string,
  problems: Problems,
): void {
  const { items } = node;
  if (node.type !== "array" || items === undefined) {
    problems.add(
      path,
      `listType on ${node.type ?? "a field of any type"}`,
      "Only lists have it; objects have mapType.",
    );
    return;
  }
  const isAtomic = items["x-kubernetes-list-type"] === "atomic" || items["x-kubernetes-map-type"] === "atomic";
  if (listType === "set" && !isScalar(items) && items["x-kubernetes-int-or-string"] !== true && !isAtomic) {
    problems.add(
      path,
      'listType "set" of objects or lists',
      `Use "map" with listMapKeys, or say "${path}[*]": { mapType: "atomic" }.`,
    );
  }
  if (listType !== "map") {
    if (keys !== undefined)
      problems.add(path, `listMapKeys with listType "${listType}"`, 'They belong to listType "map".');
    return;
  }
  if (keys === undefined || keys.length === 0) {
    problems.add(path, 'listType "map" without listMapKeys', "Name the fields that tell its objects apart.");
  }
  for (const key of keys ?? []) {
    const property = items.properties?.[key];
    if (property === undefined) {
      const known = Object.keys(items.properties ?? {}).join(", ");
      problems.add(
        path,
        `listMapKeys names ${key}, which its objects do not have`,
        `They have ${known || "no fields"}.`,
      );
    } else if (!isScalar(property)) {
      problems.add(path, `the key ${key} is no scalar`, "Choose a text, a number or a boolean.");
    } else if (items.required?.includes(key) !== true && property.default === undefined) {
      problems.add(path, `the key ${key} may be missing`, "Make it required, or give it a default.");
    }
  }
}
