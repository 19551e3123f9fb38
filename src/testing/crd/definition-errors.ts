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
    ...conversionErrors(objectOf(at(object, "spec", "conversion"))),
    ...sharedErrors(versions, "subresources", scaleErrors),
    ...sharedErrors(versions, "additionalPrinterColumns", columnErrors),
    ...sharedErrors(versions, "selectableFields", selectableErrors),
    ...schemasErrors(versions),
    ...(previous === undefined ? [] : immutableErrors(object, previous)),
  ];
}

function nameErrors(object: JsonObject): readonly FieldError[] {
  const group = textOf(at(object, "spec", "group"));
  const plural = textOf(at(object, "spec", "names", "plural"));
  const name = textOf(at(object, "metadata", "name"));
  const scope = at(object, "spec", "scope");
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
  errors.push(...namesErrors(objectOf(at(object, "spec", "names"))));
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

/** Names of kinds may have capitals, those of resources may not. */
function namesErrors(names: JsonObject): readonly FieldError[] {
  const problemsOf = (name: string) => nameProblems("label1035", name);
  const mixed = (name: string) =>
    problemsOf(name.toLowerCase()).map((problem) => `may have mixed case, but should otherwise match: ${problem}`);
  const check = (field: string, problems: (name: string) => readonly string[]) => {
    const name = textOf(names[field]);
    const place = `spec.names.${field}`;
    return name === "" ? [required(place)] : problems(name).map((problem) => wrong(place, name, problem));
  };
  return [
    ...check("plural", problemsOf),
    ...check("singular", problemsOf),
    ...check("kind", mixed),
    ...check("listKind", mixed),
    ...listOf(names["shortNames"]).flatMap((name, index) =>
      problemsOf(textOf(name)).map((problem) => wrong(`spec.names.shortNames[${index}]`, name, problem)),
    ),
  ];
}

function versionErrors(versions: readonly JsonObject[]): readonly FieldError[] {
  const names = versions.map((version) => textOf(version["name"]));
  const stored = versions.filter((version) => version["storage"] === true).length;
  const errors: FieldError[] = [];
  for (const [index, name] of names.entries()) {
    const problems = nameProblems("label1035", name);
    errors.push(...problems.map((problem) => wrong(`spec.versions[${index}].name`, name, problem)));
  }
  if (new Set(names).size < names.length) {
    errors.push(wrong("spec.versions", goVersions(versions), "must contain unique version names"));
  }
  if (stored !== 1) {
    const detail = "must have exactly one version marked as storage version";
    errors.push(wrong("spec.versions", goVersions(versions), detail));
  }
  return errors;
}

/** Versions as Go prints them: without the names of JSON, and without what all versions have in common. */
function goVersions(versions: readonly JsonObject[]): readonly JsonObject[] {
  const common = (field: string) => versions.every((version) => isEqual(version[field], versions[0]?.[field]));
  const own = (version: JsonObject, field: string) => (common(field) ? null : (version[field] ?? null));
  return versions.map((version) => ({
    Name: textOf(version["name"]),
    Served: version["served"] === true,
    Storage: version["storage"] === true,
    Deprecated: version["deprecated"] === true,
    DeprecationWarning: version["deprecationWarning"] ?? null,
    Schema: own(version, "schema"),
    Subresources: own(version, "subresources"),
    AdditionalPrinterColumns: own(version, "additionalPrinterColumns"),
    SelectableFields: own(version, "selectableFields"),
  }));
}

/** What all versions have in common is faulted once, in the place that it had before there were versions. */
function sharedErrors(
  versions: readonly JsonObject[],
  field: string,
  errors: (version: JsonObject, place: string) => readonly FieldError[],
): readonly FieldError[] {
  const [first] = versions;
  if (first === undefined) return [];
  if (versions.every((version) => isEqual(version[field], first[field]))) return errors(first, `spec.${field}`);
  return versions.flatMap((version, index) => errors(version, `spec.versions[${index}].${field}`));
}

function scaleErrors(version: JsonObject, place: string): readonly FieldError[] {
  const scale = at(version, "subresources", "scale");
  if (!isObject(scale)) return [];
  return [
    ...scalePathErrors(scale, "specReplicasPath", { place, root: ".spec" }),
    ...scalePathErrors(scale, "statusReplicasPath", { place, root: ".status" }),
  ];
}

function scalePathErrors(
  scale: JsonObject,
  field: string,
  { place, root }: { readonly place: string; readonly root: string },
): readonly FieldError[] {
  const value = textOf(scale[field]);
  const at = `${place}.scale.${field}`;
  if (value === "") return [required(at)];
  if (!value.startsWith(".")) return [wrong(at, value, notSimple)];
  return value.startsWith(`${root}.`) ? [] : [wrong(at, value, `should be a json path under ${root}`)];
}

const notSimple = "must be a simple json path starting with .";
const columnTypes: ReadonlySet<string> = new Set(["boolean", "date", "integer", "number", "string"]);

function columnErrors(version: JsonObject, place: string): readonly FieldError[] {
  return listOf(version["additionalPrinterColumns"]).flatMap((value, index) => {
    const column = objectOf(value);
    const type = textOf(column["type"]);
    const path = textOf(column["jsonPath"]);
    const here = `${place}[${index}]`;
    const words = "must be one of boolean,date,integer,number,string";
    return [
      ...(textOf(column["name"]) === "" ? [required(`${here}.name`)] : []),
      ...(type === ""
        ? [required(`${here}.type`, words)]
        : columnTypes.has(type)
          ? []
          : [wrong(`${here}.type`, type, words)]),
      ...(path === ""
        ? [required(`${here}.JSONPath`)]
        : path.startsWith(".")
          ? []
          : [wrong(`${here}.JSONPath`, path, notSimple)]),
    ];
  });
}

const selectableTypes: ReadonlySet<string> = new Set(["boolean", "integer", "string"]);

function selectableErrors(version: JsonObject, place: string): readonly FieldError[] {
  const seen = new Set<string>();
  const schema = objectOf(at(version, "schema", "openAPIV3Schema"));
  return listOf(version["selectableFields"]).flatMap((field, index): readonly FieldError[] => {
    const here = `${place}[${index}].jsonPath`;
    const path = textOf(at(field, "jsonPath"));
    if (path === "") return [required(here)];
    if (seen.has(path)) return [{ type: "FieldValueDuplicate", field: here, value: path, detail: "" }];
    seen.add(path);
    const type = typeAt(schema, path);
    if (type === undefined) return [wrong(here, path, "is an invalid path: does not refer to a valid field")];
    if (selectableTypes.has(type)) return [];
    const detail =
      "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
    return [wrong(here, path, detail)];
  });
}

function conversionErrors({ strategy, webhook }: JsonObject): readonly FieldError[] {
  if (strategy !== "Webhook") return [];
  return [
    ...(isObject(at(webhook, "clientConfig"))
      ? []
      : [required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook")]),
    ...(listOf(at(webhook, "conversionReviewVersions")).length > 0
      ? []
      : [required("spec.conversion.conversionReviewVersions")]),
  ];
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
