/** Building the CustomResourceDefinition of one version of a kind, and checking what the API server would refuse. */

import type { ColumnType, CrdColumn, CrdManifest, CrdVersion, ScalePaths } from "./crd.js";
import type { PrinterColumn } from "./definition.js";
import { lookup } from "./lookup.js";
import { pluralOf } from "./plural.js";
import { Problems } from "./problems.js";
import { frozenCopy } from "./record.js";
import { type RootOptions, rootSchemaOf } from "./root-schema.js";
import { isScalar, type StructuralSchema } from "./structural.js";

/** A definition whose paths the compiler has checked, and which is checked here again. */
export interface Definition extends RootOptions {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly plural?: string | undefined;
  readonly singular?: string | undefined;
  readonly shortNames?: readonly string[] | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly labels?: { readonly [key: string]: string } | undefined;
  readonly annotations?: { readonly [key: string]: string } | undefined;
  readonly served?: boolean | undefined;
  readonly deprecated?: boolean | string | undefined;
  readonly printerColumns?: readonly PrinterColumn[] | undefined;
  readonly selectableFields?: readonly string[] | undefined;
  readonly scale?: ScalePaths | undefined;
}

/** @throws KindredError `SCHEMA` with all that cannot be expressed: path, problem and cure of each. */
export function manifestOf(definition: Definition): CrdManifest {
  const { group, kind, scope, labels, annotations, shortNames, categories } = definition;
  const problems = new Problems();
  const plural = definition.plural ?? pluralOf(kind);
  const singular = definition.singular ?? kind.toLowerCase();
  checkNames({ ...definition, plural, singular }, problems);
  const schema = rootSchemaOf(definition, problems);
  // A path into a schema that is not there would only repeat its problem.
  const version = problems.lines.length === 0 ? versionOf(definition, schema, problems) : undefined;
  problems.throwIfAny(`${kind} (${group}/${definition.version})`);
  return frozenCopy<CrdManifest>({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        ...(shortNames === undefined ? {} : { shortNames }),
        ...(categories === undefined ? {} : { categories }),
      },
      scope,
      versions: version === undefined ? [] : [version],
    },
  });
}

function versionOf(definition: Definition, schema: StructuralSchema, problems: Problems): CrdVersion {
  const { version, served = true, deprecated, status, scale, printerColumns = [], selectableFields = [] } = definition;
  const paths: StructuralSchema = { ...schema, properties: { ...schema.properties, metadata } };
  if (scale !== undefined) checkScale(scale, schema, problems);
  for (const path of selectableFields) checkSelectable(path, schema, problems);
  if (selectableFields.length > 8) problems.add("selectableFields", "more than eight", "The API server takes eight.");
  const columns = printerColumns.map((column) => columnOf(column, paths, problems));
  return {
    name: version,
    served,
    storage: true,
    ...(deprecated === undefined || deprecated === false ? {} : { deprecated: true }),
    ...(typeof deprecated === "string" ? { deprecationWarning: deprecated } : {}),
    schema: { openAPIV3Schema: schema },
    ...(status === undefined && scale === undefined
      ? {}
      : {
          subresources: { ...(status === undefined ? {} : { status: {} }), ...(scale === undefined ? {} : { scale }) },
        }),
    ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
    ...(selectableFields.length === 0 ? {} : { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
  };
}

/** What columns may show of the metadata, which the API server types by itself. */
const text: StructuralSchema = { type: "string" };
const texts: StructuralSchema = { type: "object", additionalProperties: text };
const metadata: StructuralSchema = {
  type: "object",
  properties: {
    name: text,
    namespace: text,
    uid: text,
    resourceVersion: text,
    generateName: text,
    selfLink: text,
    creationTimestamp: { type: "string", format: "date-time" },
    deletionTimestamp: { type: "string", format: "date-time" },
    deletionGracePeriodSeconds: { type: "integer" },
    generation: { type: "integer" },
    labels: texts,
    annotations: texts,
    finalizers: { type: "array", items: text },
    ownerReferences: { type: "array", items: { "x-kubernetes-preserve-unknown-fields": true } },
    managedFields: { type: "array", items: { "x-kubernetes-preserve-unknown-fields": true } },
  },
};

function columnOf(column: PrinterColumn, schema: StructuralSchema, problems: Problems): CrdColumn {
  const { name, jsonPath, format, description, priority } = column;
  const found = find(jsonPath, `printerColumns "${name}"`, schema, problems);
  return {
    name,
    type: column.type ?? columnTypeOf(found?.schema ?? {}),
    jsonPath,
    ...(format === undefined ? {} : { format }),
    ...(description === undefined ? {} : { description }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function columnTypeOf({ type, format }: StructuralSchema): ColumnType {
  if (type === "string" && (format === "date-time" || format === "date")) return "date";
  return type === "integer" || type === "number" || type === "boolean" ? type : "string";
}

function checkScale(scale: ScalePaths, schema: StructuralSchema, problems: Problems): void {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  const expect = (name: string, path: string, under: RegExp, type: "integer" | "string") => {
    const found = find(path, `scale.${name}`, schema, problems);
    if (found === undefined) return;
    const where = under.source.replaceAll("\\", "").replace("^", "");
    if (!under.test(path)) problems.add(`scale.${name}`, `${path} is not under ${where}`, "Move the field.");
    if (found.schema.type !== undefined && found.schema.type !== type) {
      problems.add(`scale.${name}`, `${path} is ${found.schema.type}`, `Choose a field of type ${type}.`);
    }
  };
  expect("specReplicasPath", specReplicasPath, /^\.spec\./, "integer");
  expect("statusReplicasPath", statusReplicasPath, /^\.status\./, "integer");
  if (labelSelectorPath !== undefined) expect("labelSelectorPath", labelSelectorPath, /^\.(?:spec|status)\./, "string");
}

function checkSelectable(path: string, schema: StructuralSchema, problems: Problems): void {
  const found = find(path, "selectableFields", schema, problems);
  if (found === undefined) return;
  const { type = "a field of any type" } = found.schema;
  if (found.throughList) problems.add("selectableFields", `${path} enters a list`, "Choose a field outside of lists.");
  else if (!isScalar(found.schema) || type === "number") {
    problems.add("selectableFields", `${path} is ${type}`, "Choose a text, an integer or a boolean.");
  }
}

function find(path: string, where: string, schema: StructuralSchema, problems: Problems) {
  const found = lookup(schema, path);
  if (found.type === "found") return found;
  const known = found.known.length === 0 ? "" : ` There are: ${found.known.join(", ")}.`;
  problems.add(where, `${path} leads nowhere: there is no ${found.at}`, `Name a field of the schema.${known}`);
  return undefined;
}

const dnsLabel = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const dnsName = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)+$/;

function checkNames(
  definition: Definition & { readonly plural: string; readonly singular: string },
  problems: Problems,
): void {
  const { group, version, kind, plural, singular, shortNames = [], categories = [], annotations = {} } = definition;
  if (definition.scope !== "Namespaced" && definition.scope !== "Cluster") {
    problems.add("scope", `${String(definition.scope)} is no scope`, 'Say "Namespaced" or "Cluster".');
  }
  if (!dnsName.test(group)) problems.add("group", `"${group}" is no domain name`, "Use one that you own: example.dev.");
  if (!dnsLabel.test(version)) problems.add("version", `"${version}" is no version`, "Write it as v1 or v1beta1.");
  if (!/^[A-Za-z][A-Za-z0-9]{0,62}$/.test(kind))
    problems.add("kind", `"${kind}" is no kind`, "Write it as ConfigMapGenerator.");
  const names = {
    plural,
    singular,
    ...Object.fromEntries([...shortNames, ...categories].map((n, i) => [`shortNames and categories [${i}]`, n])),
  };
  for (const [where, name] of Object.entries(names)) {
    if (!dnsLabel.test(name))
      problems.add(where, `"${name}" is not lower case`, "Use lower-case letters, digits and dashes.");
  }
  const isProtected = /(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group);
  if (isProtected && annotations["api-approved.kubernetes.io"] === undefined) {
    problems.add(
      "group",
      `"${group}" belongs to Kubernetes`,
      'Use a domain that you own, or give annotations: { "api-approved.kubernetes.io": "<the pull request that approved it>" }.',
    );
  }
}
