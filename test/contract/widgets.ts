/** The custom resource that cases use: section 4 of the reference notes describes it. */

import { setTimeout as wait } from "node:timers/promises";
import { array, at, itemsOf } from "./json.js";
import type { Server } from "./server.js";

/** The collection of CustomResourceDefinitions. */
export const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
/** The group of the fixture. */
export const group = "suite.example.com";
const definitionName = `widgets.${group}`;

/** The path of a namespace's Widgets, or of one, or of its subresource. */
export function widgets(namespace: string, name?: string, version = "v1"): string {
  return `/apis/${group}/${version}/namespaces/${namespace}/widgets${name === undefined ? "" : `/${name}`}`;
}

/** A Widget. Its name is also its `spec.name`, which is required. */
export function widget(name: string, spec: object = {}, rest: object = {}): object {
  return { apiVersion: `${group}/v1`, kind: "Widget", metadata: { name }, spec: { name, ...spec }, ...rest };
}

/** The definition of Widgets in a group of their own, so that a case may do with it what it likes. */
export function widgetDefinition(inGroup: string): object {
  return definition({ group: inGroup, plural: "widgets", kind: "Widget" });
}

/** Creates the fixture and waits until it is served. */
export async function createWidgetDefinition(server: Server): Promise<void> {
  await server.create(definitions, widgetDefinition(group));
  await untilEstablished(server, definitionName);
  await untilServed(server, `/apis/${group}/v1/widgets`);
}

/** Deletes the fixture, and with it all Widgets. */
export async function deleteWidgetDefinition(server: Server): Promise<void> {
  // A case that failed may have left some that would hold it up.
  for (const { metadata } of itemsOf(await server.list(`/apis/${group}/v1/widgets`))) {
    if (metadata.finalizers === undefined || metadata.namespace === undefined) continue;
    await server.merge(widgets(metadata.namespace, metadata.name), { metadata: { finalizers: null } });
  }
  await server.delete(`${definitions}/${definitionName}`);
}

/** Waits, by a watch, until a definition is established. */
export async function untilEstablished(server: Server, name: string): Promise<void> {
  const watch = await server.watch(definitions, { fieldSelector: `metadata.name=${name}` });
  while (!isEstablished((await watch.next()).object));
  watch.close();
}

/** Waits until a path of a custom resource answers: a server may serve it some milliseconds after it says so. */
export async function untilServed(server: Server, path: string): Promise<void> {
  for (let tries = 0; (await server.get(path)).status !== 200; tries += 1) {
    if (tries === 100) throw new Error(`${path} is not served`);
    await wait(50);
  }
}

function isEstablished(object: unknown): boolean {
  const conditions = at(object, "status", "conditions");
  return (
    Array.isArray(conditions) &&
    array(conditions).some((c) => at(c, "type") === "Established" && at(c, "status") === "True")
  );
}

interface DefinitionOptions {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

function definition({ group, plural, kind }: DefinitionOptions): object {
  const version = {
    served: true,
    subresources: {
      status: {},
      scale: {
        specReplicasPath: ".spec.size",
        statusReplicasPath: ".status.size",
        labelSelectorPath: ".status.selector",
      },
    },
    additionalPrinterColumns: [{ name: "Size", type: "integer", jsonPath: ".spec.size" }],
    selectableFields: [{ jsonPath: ".spec.color" }],
    schema: { openAPIV3Schema: schema },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, kind },
      versions: [
        { name: "v1", storage: true, ...version },
        { name: "v2", storage: false, ...version },
      ],
    },
  };
}

const schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      required: ["name"],
      properties: {
        size: { type: "integer", default: 1, minimum: 0 },
        color: { type: "string", enum: ["red", "blue"] },
        name: {
          type: "string",
          "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "name is fixed" }],
        },
        limit: { type: "integer" },
        ports: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, port: { type: "integer" } },
          },
        },
        tags: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
        note: { type: "string", nullable: true },
      },
      "x-kubernetes-validations": [{ rule: "!has(self.limit) || self.size <= self.limit" }],
    },
    status: {
      type: "object",
      properties: { size: { type: "integer" }, selector: { type: "string" } },
    },
  },
};
