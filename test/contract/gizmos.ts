/** A second custom resource: its schema has one property for each thing that a schema can say. Cluster-scoped, and without status. */

import type { Server } from "./server.js";
import { definitions, group, untilEstablished, untilServed } from "./widgets.js";

/** The collection of Gizmos. */
export const gizmos = `/apis/${group}/v1/gizmos`;
const name = `gizmos.${group}`;

const text = { type: "string" };

const spec = {
  type: "object",
  properties: {
    pattern: { ...text, pattern: "^a+$" },
    short: { ...text, maxLength: 3 },
    long: { ...text, minLength: 2 },
    moment: { ...text, format: "date-time" },
    bytes: { ...text, format: "byte" },
    int32: { type: "integer", format: "int32" },
    number: { type: "number", minimum: 0.5, exclusiveMaximum: true, maximum: 2 },
    multiple: { type: "integer", multipleOf: 5 },
    flag: { type: "boolean" },
    list: { type: "array", minItems: 1, maxItems: 2, items: { type: "integer" } },
    map: { type: "object", additionalProperties: { type: "integer" }, maxProperties: 2 },
    atomicMap: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: text },
    either: { "x-kubernetes-int-or-string": true },
    open: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: text } },
    embedded: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
    nested: {
      type: "object",
      default: {},
      properties: { a: { ...text, default: "x" }, b: { type: "integer" } },
    },
    items: {
      type: "array",
      items: { type: "object", properties: { on: { type: "boolean", default: true }, name: text }, required: ["name"] },
    },
    one: {
      type: "object",
      properties: { x: { type: "integer" }, y: { type: "integer" } },
      oneOf: [{ required: ["x"] }, { required: ["y"] }],
    },
    rule: {
      type: "object",
      properties: { min: { type: "integer" }, max: { type: "integer" } },
      "x-kubernetes-validations": [
        {
          rule: "self.min <= self.max",
          messageExpression: "'min is above max'",
          fieldPath: ".min",
        },
        { rule: "self.max < 100", message: "max is too large", reason: "FieldValueForbidden", fieldPath: ".max" },
      ],
    },
  },
};

/** The definition of Gizmos. */
export const gizmoDefinition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name },
  spec: {
    group,
    scope: "Cluster",
    names: { plural: "gizmos", kind: "Gizmo", shortNames: ["gz"], categories: ["all"] },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
      },
      {
        name: "v1beta1",
        served: true,
        storage: false,
        deprecated: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
      },
      {
        name: "v1alpha1",
        served: false,
        storage: false,
        schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
      },
    ],
  },
};

/** Creates the fixture and waits until it is served. */
export async function createGizmoDefinition(server: Server): Promise<void> {
  await server.create(definitions, gizmoDefinition);
  await untilEstablished(server, name);
  await untilServed(server, gizmos);
}

/** Deletes the fixture. */
export async function deleteGizmoDefinition(server: Server): Promise<void> {
  await server.delete(`${definitions}/${name}`);
}
