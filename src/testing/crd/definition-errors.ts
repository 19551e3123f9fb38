/** Checks of CustomResourceDefinitions but for their schemas: names, versions, subresources, columns. */

import type { FieldError } from "../failure.js";
import { at, isEqual, isObject, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { isSubdomain, nameProblems } from "../names.js";
import { versionsOf } from "./definition.js";
import { schemaErrors } from "./schema-errors.js";

const required = (field: string, detail = ""): FieldError => ({ type: "FieldValueRequired", field, detail });
const wrong = (field: string, value: unknown, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  value,
  detail,
});
const unsupported = (field: string, value: unknown, supported: string): FieldError => ({
  type: "FieldValueNotSupported",
  field,
  value,
  detail: `supported values: ${supported}`,
});

/** What is wrong with a definition, and with what an update changes of `previous`. */
export function definitionErrors(object: JsonObject, previous: JsonObject | undefined): readonly FieldError[] {
  const versions = versionsOf(object);
  return [
    ...nameErrors(object),
    ...versionErrors(versions),
    ...versions.flatMap((version, index) => versionErrorsOf(version, `spec.versions[${index}]`)),
    ...schemasErrors(versions),
    ...(previous === undefined ? [] : immutableErrors(object, previous)),
  ];
}

function nameErrors(object: JsonObject): readonly FieldError[] {
  const group = textOf(at(object, "spec", "group"));
  const plural = textOf(at(object, "spec", "names", "plural"));
  const name = textOf(at(object, "metadata", "name"));
  const scope = at(object, "spec", "scope");
  const kind = textOf(at(object, "spec", "names", "kind"));
  const errors: FieldError[] = [];
  if (name !== `${plural}.${group}`)
    errors.push(wrong("metadata.name", name, 'must be spec.names.plural+"."+spec.group'));
  if (group === "") errors.push(required("spec.group"));
  else if (!isSubdomain(group)) {
    errors.push(...nameProblems("subdomain", group).map((problem) => wrong("spec.group", group, problem)));
  } else if (!group.includes(".")) errors.push(wrong("spec.group", group, "should be a domain with at least one dot"));
  if (textOf(scope) === "") errors.push(required("spec.scope"));
  else if (scope !== "Namespaced" && scope !== "Cluster") {
    errors.push(unsupported("spec.scope", scope, '"Cluster", "Namespaced"'));
  }
  if (plural === "") errors.push(required("spec.names.plural"));
  else errors.push(...nameProblems("label1035", plural).map((problem) => wrong("spec.names.plural", plural, problem)));
  if (kind === "") errors.push(required("spec.names.kind"));
  else
    errors.push(
      ...nameProblems("label1035", kind.toLowerCase()).map((problem) => wrong("spec.names.kind", kind, problem)),
    );
  const isProtected = /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);
  if (isProtected && at(object, "metadata", "annotations", "api-approved.kubernetes.io") === undefined) {
    errors.push(
      required(
        "metadata.annotations[api-approved.kubernetes.io]",
        'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ),
    );
  }
  return errors;
}

function versionErrors(versions: readonly JsonObject[]): readonly FieldError[] {
  const names = versions.map((version) => textOf(version["name"]));
  const stored = versions.filter((version) => version["storage"] === true).length;
  const errors: FieldError[] = [];
  if (versions.length === 0) errors.push(required("spec.versions", "must have at least one version"));
  if (stored !== 1)
    errors.push(wrong("spec.versions", versions, "must have exactly one version marked as storage version"));
  for (const [index, name] of names.entries()) {
    const field = `spec.versions[${index}].name`;
    errors.push(...nameProblems("label1035", name).map((problem) => wrong(field, name, problem)));
    if (names.indexOf(name) !== index) errors.push(wrong(field, name, "must be unique"));
  }
  return errors;
}

const columnTypes = ["boolean", "date", "integer", "number", "string"];

function versionErrorsOf(version: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const scale = at(version, "subresources", "scale");
  if (isObject(scale)) {
    errors.push(...scalePathErrors(scale, "specReplicasPath", `${path}.subresources.scale`, ".spec"));
    errors.push(...scalePathErrors(scale, "statusReplicasPath", `${path}.subresources.scale`, ".status"));
  }
  for (const [index, column] of listOf(version["additionalPrinterColumns"]).map(objectOf).entries()) {
    const place = `${path}.additionalPrinterColumns[${index}]`;
    if (textOf(column["name"]) === "") errors.push(required(`${place}.name`));
    const type = textOf(column["type"]);
    const supported = columnTypes.map((one) => JSON.stringify(one)).join(", ");
    if (type === "") errors.push(required(`${place}.type`, `must be one of boolean,date,integer,number,string`));
    else if (!columnTypes.includes(type)) errors.push(unsupported(`${place}.type`, type, supported));
    if (textOf(column["jsonPath"]) === "") errors.push(required(`${place}.jsonPath`));
  }
  for (const [index, field] of listOf(version["selectableFields"]).map(objectOf).entries()) {
    const place = `${path}.selectableFields[${index}].jsonPath`;
    const jsonPath = textOf(field["jsonPath"]);
    const type = typeAt(objectOf(at(version, "schema", "openAPIV3Schema")), jsonPath);
    if (jsonPath === "") errors.push(required(place));
    else if (type === undefined) errors.push(wrong(place, jsonPath, "does not refer to a valid field"));
    else if (!["boolean", "integer", "string"].includes(type)) {
      errors.push(
        wrong(
          place,
          jsonPath,
          `must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.`,
        ),
      );
    }
  }
  return errors;
}

function scalePathErrors(scale: JsonObject, field: string, place: string, root: string): readonly FieldError[] {
  const value = textOf(scale[field]);
  if (value === "") return [required(`${place}.${field}`)];
  return value.startsWith(`${root}.`) ? [] : [wrong(`${place}.${field}`, value, `should be a json path under ${root}`)];
}

/** The type of a field, if the schema has it. */
function typeAt(schema: JsonObject, jsonPath: string): string | undefined {
  let inner: unknown = schema;
  for (const key of jsonPath.replace(/^\./, "").split(".")) inner = at(inner, "properties", key);
  return isObject(inner) ? textOf(inner["type"]) : undefined;
}

/** Where all versions have the same schema, it is faulted once, in the place that it had before there were versions. */
function schemasErrors(versions: readonly JsonObject[]): readonly FieldError[] {
  const schemas = versions.map((version) => at(version, "schema", "openAPIV3Schema"));
  const [first] = schemas;
  if (isObject(first) && schemas.every((schema) => isEqual(schema, first))) {
    return schemaErrors(first, "spec.validation.openAPIV3Schema");
  }
  return schemas.flatMap((schema, index) => {
    const path = `spec.versions[${index}].schema.openAPIV3Schema`;
    return isObject(schema) ? schemaErrors(schema, path) : [required(path, "schemas are required")];
  });
}

function immutableErrors(object: JsonObject, previous: JsonObject): readonly FieldError[] {
  return [["group"], ["names", "plural"], ["names", "kind"], ["scope"]].flatMap((path) => {
    const value = at(object, "spec", ...path);
    const isSame = isEqual(value, at(previous, "spec", ...path));
    return isSame ? [] : [wrong(["spec", ...path].join("."), value, "field is immutable")];
  });
}
