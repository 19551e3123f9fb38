/** CustomResourceDefinitions: how they come and go. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { gizmos } from "../gizmos.js";
import { array, at, objectOf } from "../json.js";
import { randomName } from "../server.js";
import { expectFailure } from "../status.js";
import { definitions, group, untilEstablished, untilServed, widget, widgetDefinition, widgets } from "../widgets.js";

export const definitionCases: readonly Case[] = [
  {
    id: "58",
    title: "a definition is accepted, established, served and, once deleted, gone",
    async run(server) {
      const own = `${randomName("group")}.example.com`;
      const name = `widgets.${own}`;
      const created = await server.create(definitions, widgetDefinition(own));
      server.onEnd(() => server.delete(`${definitions}/${name}`));
      expect(created).toMatchObject({
        metadata: { generation: 1 },
        spec: {
          names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
          conversion: { strategy: "None" },
        },
        status: { conditions: null, acceptedNames: { plural: "", kind: "" }, storedVersions: ["v1"] },
      });
      await untilEstablished(server, name);
      const { status } = await server.read(`${definitions}/${name}`);
      const conditions = array(status, "conditions").map((c) => [
        at(c, "type"),
        at(c, "status"),
        at(c, "reason"),
        at(c, "message"),
      ]);
      expect(conditions).toEqual([
        ["NamesAccepted", "True", "NoConflicts", "no conflicts found"],
        ["Established", "True", "InitialNamesAccepted", "the initial names have been accepted"],
      ]);
      expect(at(status, "acceptedNames")).toEqual({
        plural: "widgets",
        singular: "widget",
        kind: "Widget",
        listKind: "WidgetList",
      });
      const objects = `/apis/${own}/v1/namespaces/default/widgets`;
      await untilServed(server, objects);
      await server.create(objects, { ...widget("w"), apiVersion: `${own}/v1` });
      await untilServed(server, `/apis/${own}/v1`);
      expect((await server.get(`/apis/${own}/v2`)).json).toMatchObject({
        kind: "APIResourceList",
        groupVersion: `${own}/v2`,
      });
      const watch = await server.watch(definitions, { fieldSelector: `metadata.name=${name}` });
      const deleted = await server.delete(`${definitions}/${name}`);
      expect(objectOf(deleted.json)).toMatchObject({
        kind: "CustomResourceDefinition",
        metadata: {
          finalizers: ["customresourcecleanup.apiextensions.k8s.io"],
          deletionTimestamp: expect.any(String),
        },
      });
      await watch.until("DELETED");
      for (let tries = 0; (await server.get(objects)).status !== 404; tries += 1) expect(tries).toBeLessThan(500);
      expect((await server.get(objects)).text).toBe("404 page not found\n");
    },
  },
  {
    id: "58.1",
    title: "a definition's name, versions and schemas must be right",
    async run(server) {
      const own = `${randomName("group")}.example.com`;
      const good = widgetDefinition(own);
      const misnamed = await server.post(definitions, { ...good, metadata: { name: `wrong.${own}` } });
      expectFailure(misnamed, {
        code: 422,
        reason: "Invalid",
        message: `CustomResourceDefinition.apiextensions.k8s.io "wrong.${own}" is invalid: metadata.name: Invalid value: "wrong.${own}": must be spec.names.plural+"."+spec.group`,
      });
      const spec = (change: object) => ({ ...good, spec: { ...objectSpec(good), ...change } });
      const version = { name: "v1", served: true, storage: true };
      const schema = (openAPIV3Schema: object) => spec({ versions: [{ ...version, schema: { openAPIV3Schema } }] });
      const table: readonly (readonly [object, string])[] = [
        [spec({ versions: [version] }), "spec.versions[0].schema.openAPIV3Schema: Required value"],
        [
          schema({ type: "string" }),
          'spec.validation.openAPIV3Schema.type: Invalid value: "string": must be object at the root',
        ],
        [
          schema({ type: "object", properties: { spec: {} } }),
          "spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields",
        ],
        [spec({ scope: "Nope" }), 'spec.scope: Unsupported value: "Nope"'],
        [
          spec({ versions: array(good, "spec", "versions").map((v) => Object.assign({}, v, { storage: true })) }),
          "must have exactly one version marked as storage version",
        ],
      ];
      for (const [body, message] of table) {
        const answer = await server.post(definitions, body, { query: { dryRun: "All" } });
        expectFailure(answer, { code: 422, reason: "Invalid" });
        expect(String(at(answer.json, "message"))).toContain(message);
      }
    },
  },
  {
    id: "58.2",
    title: "a custom resource is the same under each version that is served, but for its apiVersion",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(widgets(ns), widget("w", { size: 2 }));
      const other = await server.read(widgets(ns, "w", "v2"));
      expect(other.apiVersion).toBe(`${group}/v2`);
      expect(other.metadata.uid).toBe(created.metadata.uid);
      expect(other.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
      expect(other["spec"]).toEqual(created["spec"]);
      const watch = await server.watch(widgets(ns, undefined, "v2"));
      expect(at((await watch.next()).object, "apiVersion")).toBe(`${group}/v2`);
      const changed = await server.merge(widgets(ns, "w", "v2"), { spec: { size: 3 } });
      expect(changed.json).toMatchObject({ apiVersion: `${group}/v2`, metadata: { generation: 2 } });
    },
  },
  {
    id: "58.4",
    title: "a version that is deprecated warns, one that is not served is not there",
    async run(server) {
      const old = await server.get(gizmos.replace("v1", "v1beta1"));
      expect(old.status).toBe(200);
      expect(old.warnings).toEqual([`299 - "${group}/v1beta1 Gizmo is deprecated; use ${group}/v1 Gizmo"`]);
      const none = await server.get(gizmos.replace("v1", "v1alpha1"));
      expect([none.status, none.text]).toEqual([404, "404 page not found\n"]);
      expect((await server.get(gizmos)).warnings).toEqual([]);
    },
  },
  {
    id: "58.5",
    title: "a resource of the cluster has no namespaces, and the other way round",
    async run(server) {
      expect((await server.get(`/apis/${group}/v1/namespaces/default/gizmos`)).status).toBe(404);
      expect((await server.post(`/apis/${group}/v1/widgets`, widget("w"))).status).toBe(404);
      const gizmo = { apiVersion: `${group}/v1`, kind: "Gizmo", metadata: { name: randomName("suite") } };
      const created = await server.create(gizmos, gizmo);
      expect(created.metadata).not.toHaveProperty("namespace");
      expect(created.metadata.generation).toBe(1);
      // Without a subresource of that name, status is a field like any other.
      const path = `${gizmos}/${created.metadata.name}`;
      server.onEnd(() => server.delete(path));
      expectFailure(await server.get(`${path}/status`), { code: 404, reason: "NotFound" });
      expectFailure(await server.get(`${path}/scale`), { code: 404, reason: "NotFound" });
    },
  },
  {
    id: "58.3",
    title: "a definition whose names are taken is not accepted",
    async run(server) {
      const own = `${randomName("group")}.example.com`;
      const first = widgetDefinition(own);
      await server.create(definitions, first);
      server.onEnd(() => server.delete(`${definitions}/widgets.${own}`));
      await untilEstablished(server, `widgets.${own}`);
      const names = { plural: "gadgets", kind: "Widget" };
      const second = { ...first, metadata: { name: `gadgets.${own}` }, spec: { ...objectSpec(first), names } };
      await server.create(definitions, second);
      server.onEnd(() => server.delete(`${definitions}/gadgets.${own}`));
      const watch = await server.watch(definitions, { fieldSelector: `metadata.name=gadgets.${own}` });
      let conditions: unknown;
      do conditions = at((await watch.next()).object, "status", "conditions");
      while (!Array.isArray(conditions));
      const brief = array(conditions).map((c) => [at(c, "type"), at(c, "status"), at(c, "reason"), at(c, "message")]);
      expect(brief).toEqual([
        ["NamesAccepted", "False", "ListKindConflict", '"WidgetList" is already in use'],
        ["Established", "False", "NotAccepted", "not all names are accepted"],
      ]);
    },
  },
];

/** A definition's spec. */
function objectSpec(definition: object): object {
  const spec = at(definition, "spec");
  return typeof spec === "object" && spec !== null ? spec : {};
}
