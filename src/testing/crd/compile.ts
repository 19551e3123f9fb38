/** From a CustomResourceDefinition to the descriptors of its versions. */

import { standardVerbs } from "../../core/index.js";
import { ageOf, cellOf } from "../builtin/columns.js";
import { at, isObject, type JsonObject, listOf, objectOf, textOf, textsOf } from "../json.js";
import { nameOf } from "../request.js";
import type { Column, Resource, ScalePaths, Subresource } from "../resource.js";
import { hasCondition, versionsOf } from "./definition.js";
import { type Checks, objectErrors, statusErrors } from "./object-errors.js";
import { rulesOf } from "./rules.js";
import { decodeCustom, shapeOfSchema, withDefaults } from "./schema.js";

/** The descriptors of the versions that a definition serves. */
export function compileDefinition(definition: JsonObject): readonly Resource[] {
  return versionsOf(definition)
    .filter((version) => version["served"] === true)
    .map((version) => compileVersion(definition, version));
}

function compileVersion(definition: JsonObject, version: JsonObject): Resource {
  const spec = objectOf(definition["spec"]);
  const names = { ...objectOf(spec["names"]), ...acceptedNames(definition) };
  const group = textOf(spec["group"]);
  const name = textOf(version["name"]);
  const apiVersion = `${group}/${name}`;
  const storage = textOf(versionsOf(definition).find((other) => other["storage"] === true)?.["name"]);
  const schema = objectOf(at(version, "schema", "openAPIV3Schema"));
  const kind = textOf(names["kind"]);
  const plural = textOf(names["plural"]);
  const scale = scaleOf(version);
  const hasStatus = isObject(at(version, "subresources", "status"));
  const checks: Checks = { schema, scale, rules: rulesOf(schema) };
  const defaultsOf = new WeakMap<JsonObject, JsonObject>();
  return {
    group,
    version: name,
    kind,
    plural,
    singular: textOf(names["singular"]),
    listKind: textOf(names["listKind"]),
    shortNames: textsOf(names["shortNames"]),
    categories: textsOf(names["categories"]),
    scope: spec["scope"] === "Cluster" ? "Cluster" : "Namespaced",
    verbs: standardVerbs,
    subresources: [
      ...(hasStatus ? [{ name: "status", verbs: ["get", "patch", "update"] }] : []),
      ...(scale === undefined ? [] : [scaleSubresource]),
    ],
    collection: `${plural}.${group}`,
    custom: true,
    nameRule: "subdomain",
    generation: "content",
    hasStatus,
    scale,
    createOnUpdate: false,
    unconditionalUpdate: false,
    returnsDeleted: false,
    orphansByDefault: false,
    selectable: listOf(version["selectableFields"]).map((field) => textOf(at(field, "jsonPath")).replace(/^\./, "")),
    columns: columnsOf(version),
    shape: shapeOfSchema(kind, schema),
    schema,
    decode: (value) => decodeCustom(schema, value),
    hooks: {
      validate: (object, previous) => objectErrors(checks, object, previous),
      validateStatus: (object, previous) => statusErrors(checks, object, previous),
    },
    fromStored: (object) => {
      const known = defaultsOf.get(object);
      if (known !== undefined) return known;
      const read = Object.freeze({ ...objectOf(withDefaults(schema, { ...object })), apiVersion });
      defaultsOf.set(object, read);
      return read;
    },
    toStored: (object) => ({ ...object, apiVersion: `${group}/${storage}` }),
    deprecation: deprecationOf(definition, version, `${apiVersion} ${kind}`),
    review: undefined,
    closed: hasCondition(definition, "Terminating"),
  };
}

function acceptedNames(definition: JsonObject): JsonObject {
  const accepted = objectOf(at(definition, "status", "acceptedNames"));
  return textOf(accepted["plural"]) === "" ? {} : accepted;
}

const scaleSubresource: Subresource = {
  name: "scale",
  kind: { group: "autoscaling", version: "v1", kind: "Scale" },
  verbs: ["get", "patch", "update"],
};

function scaleOf(version: JsonObject): ScalePaths | undefined {
  const scale = at(version, "subresources", "scale");
  if (!isObject(scale)) return undefined;
  const path = (field: string) => textOf(scale[field]).replace(/^\./, "").split(".");
  return {
    spec: path("specReplicasPath"),
    status: path("statusReplicasPath"),
    selector: scale["labelSelectorPath"] === undefined ? undefined : path("labelSelectorPath"),
  };
}

/** The columns that a version asks for, or else the age. */
function columnsOf(version: JsonObject): readonly Column[] {
  const asked = listOf(version["additionalPrinterColumns"]).map(objectOf);
  const name: Column = { name: "Name", type: "string", format: "name", value: nameOf };
  if (asked.length === 0) return [name, { name: "Age", type: "date", value: (object, now) => ageOf(object, now) }];
  return [name, ...asked.map(columnOf)];
}

function columnOf(column: JsonObject): Column {
  const type = textOf(column["type"]);
  const path = textOf(column["jsonPath"]);
  const steps = parseJsonPath(path);
  return {
    name: textOf(column["name"]),
    type,
    format: textOf(column["format"]),
    description: textOf(column["description"]) || `Custom resource definition column (in JSONPath format): ${path}`,
    priority: typeof column["priority"] === "number" ? column["priority"] : 0,
    value: (object, now) => cellOf(followJsonPath(object, steps), type, now),
  };
}

type Step = string | number | { readonly field: string; readonly value: string };

/** The part of JSONPath that printer columns use: fields, quoted fields, indexes, and one kind of filter. */
function parseJsonPath(path: string): readonly Step[] {
  const steps: Step[] = [];
  const token = /\.([\w-]+(?:\\\.[\w-]+)*)|\[(\d+)\]|\['([^']*)'\]|\[\?\(@\.(\w+)\s*==\s*["']([^"']*)["']\)\]/g;
  for (const [, field, index, quoted, filter, value] of path.matchAll(token)) {
    if (field !== undefined) steps.push(field.replaceAll("\\.", "."));
    else if (quoted !== undefined) steps.push(quoted);
    else if (index !== undefined) steps.push(Number(index));
    else if (filter !== undefined && value !== undefined) steps.push({ field: filter, value });
  }
  return steps;
}

function followJsonPath(value: unknown, steps: readonly Step[]): unknown {
  return steps.reduce<unknown>((inner, step) => {
    if (typeof step === "string") return at(inner, step);
    if (typeof step === "number") return listOf(inner)[step];
    return listOf(inner).find((item) => at(item, step.field) === step.value);
  }, value);
}

function deprecationOf(definition: JsonObject, version: JsonObject, what: string): string | undefined {
  if (version["deprecated"] !== true) return undefined;
  const given = version["deprecationWarning"];
  if (typeof given === "string") return given;
  const newer = versionsOf(definition).find((other) => other["served"] === true && other["deprecated"] !== true);
  const [group] = what.split("/");
  const [, kind] = what.split(" ");
  return newer === undefined
    ? `${what} is deprecated`
    : `${what} is deprecated; use ${group}/${textOf(newer["name"])} ${kind}`;
}
