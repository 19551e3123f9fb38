/** Defaults and checks of CustomResourceDefinitions themselves. */

import type { FieldError } from "../failure.js";
import { at, isEqual, isObject, type JsonObject, listOf, objectOf, textOf, textsOf, withAt } from "../json.js";
import { isSubdomain } from "../names.js";
import type { Hooks } from "../resource.js";
import { type Schema, subschemas } from "./schema.js";

const required = (field: string, detail = ""): FieldError => ({ type: "FieldValueRequired", field, detail });
const wrong = (field: string, value: unknown, detail: string): FieldError => ({ type: "FieldValueInvalid", field, value, detail });

/** The versions of a definition. */
export function versionsOf(definition: JsonObject): readonly JsonObject[] {
  return listOf(at(definition, "spec", "versions")).map(objectOf);
}

export const crdHooks: Hooks = {
  defaults: (object) => {
    const kind = textOf(at(object, "spec", "names", "kind"));
    const names = objectOf(at(object, "spec", "names"));
    const named = withAt(object, ["spec", "names"], {
      ...names,
      singular: textOf(names["singular"]) || kind.toLowerCase(),
      listKind: textOf(names["listKind"]) || `${kind}List`,
    });
    return at(named, "spec", "conversion") === undefined
      ? withAt(named, ["spec", "conversion"], { strategy: "None" })
      : named;
  },
  prepareCreate: (object) => ({
    ...object,
    status: { conditions: null, acceptedNames: { plural: "", kind: "" }, storedVersions: storageVersions(object) },
  }),
  prepareUpdate: (next) => {
    const stored = textsOf(at(next, "status", "storedVersions"));
    const wanted = [...new Set([...stored, ...storageVersions(next)])];
    return isEqual(wanted, stored) ? next : withAt(next, ["status", "storedVersions"], wanted);
  },
  validate: (object, previous) => {
    const versions = versionsOf(object);
    return [
      ...nameErrors(object),
      ...versionErrors(versions),
      ...(previous === undefined ? [] : immutableErrors(object, previous)),
      ...versions.flatMap((version, index) => schemaErrors(version, `spec.versions[${index}].schema.openAPIV3Schema`)),
    ];
  },
};

function storageVersions(object: JsonObject): readonly string[] {
  return versionsOf(object)
    .filter((version) => version["storage"] === true)
    .map((version) => textOf(version["name"]));
}

function nameErrors(object: JsonObject): readonly FieldError[] {
  const group = textOf(at(object, "spec", "group"));
  const plural = textOf(at(object, "spec", "names", "plural"));
  const name = textOf(at(object, "metadata", "name"));
  const scope = at(object, "spec", "scope");
  const errors: FieldError[] = [];
  if (name !== `${plural}.${group}`) errors.push(wrong("metadata.name", name, 'must be spec.names.plural+"."+spec.group'));
  if (group === "") errors.push(required("spec.group"));
  else if (!isSubdomain(group) || !group.includes(".")) {
    errors.push(wrong("spec.group", group, "should be a domain with at least one dot"));
  }
  if (scope !== "Namespaced" && scope !== "Cluster") {
    errors.push(
      textOf(scope) === ""
        ? required("spec.scope")
        : { type: "FieldValueNotSupported", field: "spec.scope", value: scope, detail: 'supported values: "Cluster", "Namespaced"' },
    );
  }
  if (plural === "") errors.push(required("spec.names.plural"));
  if (textOf(at(object, "spec", "names", "kind")) === "") errors.push(required("spec.names.kind"));
  if (/(^|\.)(k8s|kubernetes)\.io$/.test(group) && at(object, "metadata", "annotations", "api-approved.kubernetes.io") === undefined) {
    errors.push(required("metadata.annotations[api-approved.kubernetes.io]", "protected groups must have approval annotation \"api-approved.kubernetes.io\", see https://github.com/kubernetes/enhancements/pull/1111"));
  }
  return errors;
}

function versionErrors(versions: readonly JsonObject[]): readonly FieldError[] {
  const stored = versions.filter((version) => version["storage"] === true).length;
  const errors: FieldError[] = [];
  if (versions.length === 0) errors.push(required("spec.versions", "must have at least one version"));
  if (stored !== 1) errors.push(wrong("spec.versions", versions, "must have exactly one version marked as storage version"));
  return errors;
}

function immutableErrors(object: JsonObject, previous: JsonObject): readonly FieldError[] {
  return [["group"], ["names", "plural"], ["names", "kind"], ["scope"]].flatMap((path) => {
    const value = at(object, "spec", ...path);
    return isEqual(value, at(previous, "spec", ...path)) ? [] : [wrong(["spec", ...path].join("."), value, "field is immutable")];
  });
}

function schemaErrors(version: JsonObject, path: string): readonly FieldError[] {
  const schema = at(version, "schema", "openAPIV3Schema");
  if (!isObject(schema)) return [required(path, "schemas are required")];
  const root = schema["type"];
  if (root === undefined) return [required(`${path}.type`, "must not be empty at the root")];
  if (root !== "object") return [wrong(`${path}.type`, root, 'must be "object" at the root')];
  return structuralErrors(schema, path);
}

/** A schema is structural only if it says the type of every value. */
function structuralErrors(schema: Schema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const untyped = schema["x-kubernetes-int-or-string"] === true || schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (textOf(schema["type"]) === "" && !untyped) {
    errors.push(required(`${path}.type`, "must not be empty for specified object fields"));
  }
  for (const [key, property] of Object.entries(objectOf(schema["properties"]))) {
    errors.push(...structuralErrors(objectOf(property), `${path}.properties[${key}]`));
  }
  for (const key of ["items", "additionalProperties"]) {
    const inner = schema[key];
    if (isObject(inner)) errors.push(...structuralErrors(inner, `${path}.${key}`));
  }
  if (schema["type"] === "array" && !isObject(schema["items"])) errors.push(required(`${path}.items`, "must be specified"));
  return errors;
}

/** Whether a schema has rules in the Common Expression Language, which this server does not evaluate. */
export function hasRules(schema: Schema): boolean {
  return [...subschemas(schema)].some((inner) => listOf(inner["x-kubernetes-validations"]).length > 0);
}
