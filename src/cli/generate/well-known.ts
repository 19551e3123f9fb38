/** Schemas whose type is known better than the schema says it: core's own types, and aliases with a meaning. */

import type { Declaration, TypeNode } from "./declaration.js";
import { isObject, type JsonObject } from "./json.js";
import { metaModule } from "./names.js";

/** The component of metadata, which every kind has. */
const objectMetaComponent = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/** Anything. */
export const unknown: TypeNode = { type: "keyword", name: "unknown" };
/** `null`. */
export const nothing: TypeNode = { type: "keyword", name: "null" };

/** A type of kindred's core. */
export function coreType(name: string): TypeNode {
  return { type: "reference", module: "", name };
}

/** What the server fills in is missing in metadata that lies inside another object, such as a pod template's. */
export const embeddedMeta: TypeNode = { type: "reference", module: "", name: "ObjectMeta", partial: true };

/** A type that has a fixed meaning; undefined for all others. */
export function wellKnown(component: string): TypeNode | undefined {
  return Object.hasOwn(components, component) ? components[component] : undefined;
}

/**
 * Whether the API server writes an empty list in this field as `null`: so it does where the Go field has no `omitempty`, which OpenAPI
 * does not say. Only fields that validation allows to be empty are here.
 *
 * @see https://github.com/kubernetes/api
 */
export function isNullWhenEmpty(component: string, field: string): boolean {
  return nullWhenEmpty.has(`${component}.${field}`);
}

/** The Go types whose zero value the API server writes as `null`. */
export function isGoTime(component: string): boolean {
  return component === `${meta}.Time` || component === `${meta}.MicroTime`;
}

/**
 * The schema of a component, with what Kubernetes leaves out of its OpenAPI because no single `type` says it.
 *
 * @see https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/v1/types_jsonschema.go
 */
export function schemaOf(schemas: ReadonlyMap<string, unknown>, component: string): JsonObject {
  const schema = schemas.get(component);
  if (!isObject(schema)) return {};
  const [, props = "", other] =
    /^(.*\.apiextensions\.v1\.JSONSchemaProps)Or(Array|Bool|StringArray)$/.exec(component) ?? [];
  if (other === undefined || schema["type"] !== undefined) return schema;
  const itself = { $ref: `#/components/schemas/${props}` };
  const others = {
    Array: { type: "array", items: itself },
    Bool: { type: "boolean" },
    StringArray: { type: "array", items: { type: "string" } },
  } satisfies { readonly [other: string]: JsonObject };
  return {
    ...schema,
    oneOf: [itself, other === "Array" ? others.Array : other === "Bool" ? others.Bool : others.StringArray],
  };
}

/** The aliases that have a meaning. */
export type AliasName = keyof typeof aliases;

/** An alias of the file `meta/v1`. */
export function aliasType(name: AliasName): TypeNode {
  return { type: "reference", module: metaModule, name };
}

/** The declaration of an alias that {@link aliasType} refers to. */
export function aliasDeclaration(name: string): Declaration | undefined {
  const found = Object.entries(aliases).find(([alias]) => alias === name);
  return found === undefined ? undefined : { type: "alias", name, doc: "", ...found[1] };
}

const text: TypeNode = { type: "keyword", name: "string" };

const aliases = {
  Duration: { note: "A duration as Go writes it: `1h30m`, `500ms`.", target: text },
  IntOrString: {
    note: "A number, or a text: a port's name, a percentage.",
    target: { type: "union", members: [{ type: "keyword", name: "number" }, text] },
  },
  Quantity: {
    note: "A fixed-point number with a unit: `500m`, `1.5Gi`. Always text when read; core's parseQuantity computes with it.",
    target: text,
  },
} as const satisfies { readonly [name: string]: { readonly note: string; readonly target: TypeNode } };

const nullWhenEmpty: ReadonlySet<string> = new Set([
  "io.k8s.api.authorization.v1.SubjectRulesReviewStatus.nonResourceRules",
  "io.k8s.api.authorization.v1.SubjectRulesReviewStatus.resourceRules",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus.currentMetrics",
  "io.k8s.api.core.v1.ContainerImage.names",
  "io.k8s.api.core.v1.LimitRangeSpec.limits",
  "io.k8s.api.core.v1.ProjectedVolumeSource.sources",
  "io.k8s.api.discovery.v1.EndpointSlice.endpoints",
  "io.k8s.api.discovery.v1.EndpointSlice.ports",
  "io.k8s.api.flowcontrol.v1.ResourcePolicyRule.namespaces",
  "io.k8s.api.rbac.v1.ClusterRole.rules",
  "io.k8s.api.rbac.v1.Role.rules",
  "io.k8s.api.resource.v1.AllocatedDeviceStatus.conditions",
  "io.k8s.api.resource.v1.DeviceClaim.requests",
  "io.k8s.api.storage.v1.CSINodeDriver.topologyKeys",
  "io.k8s.api.storage.v1.CSINodeSpec.drivers",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus.conditions",
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus.storedVersions",
]);

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";
const unknownMap: TypeNode = { type: "map", values: unknown };

const components: { readonly [component: string]: TypeNode } = {
  [`${meta}.Time`]: coreType("Time"),
  [`${meta}.MicroTime`]: coreType("MicroTime"),
  [objectMetaComponent]: embeddedMeta,
  [`${meta}.OwnerReference`]: coreType("OwnerReference"),
  [`${meta}.ManagedFieldsEntry`]: coreType("ManagedFieldsEntry"),
  [`${meta}.ListMeta`]: coreType("ListMeta"),
  [`${meta}.Status`]: coreType("Status"),
  [`${meta}.FieldsV1`]: unknownMap,
  [`${meta}.Duration`]: { type: "reference", module: metaModule, name: "Duration" },
  "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": unknown,
  "io.k8s.apimachinery.pkg.runtime.RawExtension": unknownMap,
  "io.k8s.apimachinery.pkg.api.resource.Quantity": { type: "reference", module: metaModule, name: "Quantity" },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": { type: "reference", module: metaModule, name: "IntOrString" },
};
