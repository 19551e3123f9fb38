/** Server-side apply of lists, defaults and subresources, by schema. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { array, at, objectOf, text } from "../json.js";
import { core, podTemplates } from "../objects.js";
import { expectFailure } from "../status.js";
import { widget, widgets } from "../widgets.js";

export const applyListCases: readonly Case[] = [
  {
    id: "44",
    title: "lists of maps and sets are owned item by item",
    async run(server) {
      const ns = await server.namespace();
      const path = widgets(ns, "w");
      const ports = (...items: readonly object[]) => widget("w", { ports: items });
      await server.apply(path, ports({ name: "a", port: 1 }), { manager: "m1" });
      const both = await server.apply(path, ports({ name: "b", port: 2 }), { manager: "m2" });
      expect(at(both.json, "spec", "ports")).toEqual([
        { name: "a", port: 1 },
        { name: "b", port: 2 },
      ]);
      expect(fieldsOf(both.json, "m1")).toEqual({
        "f:spec": { "f:name": {}, "f:ports": { 'k:{"name":"a"}': { ".": {}, "f:name": {}, "f:port": {} } } },
      });
      const less = await server.apply(path, ports(), { manager: "m1" });
      expect(at(less.json, "spec", "ports")).toEqual([{ name: "b", port: 2 }]);
      await server.apply(path, widget("w", { tags: ["t"] }), { manager: "m3" });
      const union = await server.apply(path, widget("w", { tags: ["u", "t"] }), { manager: "m4" });
      expect(array(union.json, "spec", "tags").map(String).toSorted()).toEqual(["t", "u"]);
      expect(fieldsOf(union.json, "m3")).toEqual({ "f:spec": { "f:name": {}, "f:tags": { 'v:"t"': {} } } });
    },
  },
  {
    id: "44.1",
    title: "an apply to /status owns fields there alone",
    async run(server) {
      const ns = await server.namespace();
      const path = widgets(ns, "w");
      await server.apply(path, widget("w", { size: 2 }), { manager: "m1" });
      const status = {
        apiVersion: "suite.example.com/v1",
        kind: "Widget",
        metadata: { name: "w" },
        status: { size: 1 },
      };
      const answer = await server.apply(`${path}/status`, status, { manager: "m1" });
      expect(answer.status).toBe(200);
      const { managedFields } = objectOf(answer.json).metadata;
      expect(managedFields?.map((entry) => [entry.operation, entry.subresource, entry.fieldsV1])).toEqual([
        ["Apply", undefined, { "f:spec": { "f:name": {}, "f:size": {} } }],
        ["Apply", "status", { "f:status": { "f:size": {} } }],
      ]);
      expectFailure(await server.apply(`${path}/status`, { ...status, status: { size: 2 } }, { manager: "m2" }), {
        code: 409,
        reason: "Conflict",
        message: 'Apply failed with 1 conflict: conflict with "m1" with subresource "status": .status.size',
      });
      // Status in an apply of the object itself is neither stored nor owned.
      const main = await server.apply(path, widget("w", { size: 2 }, { status: { size: 9 } }), { manager: "m3" });
      expect(at(main.json, "status")).toEqual({ size: 1 });
      expect(fieldsOf(main.json, "m3")).toEqual({ "f:spec": { "f:name": {}, "f:size": {} } });
    },
  },
  {
    id: "44.2",
    title: "an applied item that is there twice is refused",
    async run(server) {
      const ns = await server.namespace();
      const twice = widget("w", { ports: [{ name: "a" }, { name: "a" }] });
      const answer = await server.apply(widgets(ns, "w"), twice, { manager: "m1" });
      expect(answer.status).toBe(500);
      expect(text(answer.json, "message")).toMatch(/duplicate entries for key \[name="a"\]/);
      const tags = await server.apply(widgets(ns, "w"), widget("w", { tags: ["t", "t"] }), { manager: "m1" });
      expect(tags.status).toBe(500);
    },
  },
  {
    id: "44.3",
    title: "a scale writes the size, and owns it under its own name",
    async run(server) {
      const ns = await server.namespace();
      await server.apply(widgets(ns, "w"), widget("w", { size: 2 }), { manager: "m1" });
      const query = { fieldManager: "scaler" };
      await server.merge(`${widgets(ns, "w")}/scale`, { spec: { replicas: 4 } }, { query });
      const after = await server.read(widgets(ns, "w"));
      expect(after.metadata.managedFields?.map((m) => [m.manager, m.operation, m.subresource, m.fieldsV1])).toEqual([
        ["m1", "Apply", undefined, { "f:spec": { "f:name": {} } }],
        ["scaler", "Update", "scale", { "f:spec": { "f:size": {} } }],
      ]);
      expectFailure(await server.apply(widgets(ns, "w"), widget("w", { size: 2 }), { manager: "m1" }), {
        code: 409,
        reason: "Conflict",
        message:
          'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using suite.example.com/v1: .spec.size',
      });
    },
  },
  {
    id: "44.4",
    title: "a built-in kind's lists are merged by their keys, defaults included",
    async run(server) {
      const ns = await server.namespace();
      const service = (ports: readonly object[]) => ({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "s" },
        spec: { ports, selector: { a: "b" } },
      });
      const path = core(ns, "services", "s");
      const first = await server.apply(path, service([{ port: 80, name: "a" }]), { manager: "m1" });
      expect(first.status).toBe(201);
      const second = await server.apply(path, service([{ port: 81, name: "b" }]), { manager: "m2" });
      expect(array(second.json, "spec", "ports").map((port) => at(port, "port"))).toEqual([80, 81]);
      expect(fieldsOf(second.json, "m1")).toEqual({
        "f:spec": {
          "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:name": {}, "f:port": {} } },
          "f:selector": {},
        },
      });
    },
  },
  {
    id: "44.5",
    title: "an apply under another version is owned under that version",
    async run(server) {
      const ns = await server.namespace();
      const body = { ...widget("w", { size: 2 }), apiVersion: "suite.example.com/v2" };
      const answer = await server.apply(widgets(ns, "w", "v2"), body, { manager: "m1" });
      expect(answer.status).toBe(201);
      expect(objectOf(answer.json).metadata.managedFields?.map((m) => m.apiVersion)).toEqual(["suite.example.com/v2"]);
      const read = await server.read(widgets(ns, "w"));
      expect(read.apiVersion).toBe("suite.example.com/v1");
      expect(read.metadata.managedFields?.map((m) => m.apiVersion)).toEqual(["suite.example.com/v2"]);
      const less = await server.apply(widgets(ns, "w"), widget("w"), { manager: "m1" });
      expect(objectOf(less.json).metadata.managedFields?.map((m) => [m.apiVersion, m.fieldsV1])).toEqual([
        ["suite.example.com/v1", { "f:spec": { "f:name": {} } }],
      ]);
    },
  },
  {
    id: "44.7",
    title: "a list that is atomic is owned, contested and replaced as a whole",
    async run(server) {
      const ns = await server.namespace();
      const path = podTemplates(ns, "p");
      const container = (args: readonly string[]) => ({ name: "c", image: "example.test/image", args });
      const body = (args: readonly string[]) => ({
        apiVersion: "v1",
        kind: "PodTemplate",
        metadata: { name: "p" },
        template: { spec: { containers: [container(args)] } },
      });
      const first = await server.apply(path, body(["a", "b"]), { manager: "m1" });
      expect(fieldsOf(first.json, "m1")).toEqual({
        "f:template": {
          "f:spec": { "f:containers": { 'k:{"name":"c"}': { ".": {}, "f:args": {}, "f:image": {}, "f:name": {} } } },
        },
      });
      expectFailure(await server.apply(path, body(["a"]), { manager: "m2" }), {
        code: 409,
        reason: "Conflict",
        message: 'Apply failed with 1 conflict: conflict with "m1": .template.spec.containers[name="c"].args',
      });
      const own = await server.apply(path, body(["c"]), { manager: "m1" });
      expect(at(own.json, "template", "spec", "containers", 0, "args")).toEqual(["c"]);
    },
  },
  {
    id: "44.8",
    title: "the order of an applied list is the applier's, and what others added stays between its items",
    async run(server) {
      const ns = await server.namespace();
      const path = widgets(ns, "w");
      const ports = (...names: readonly string[]) => widget("w", { ports: names.map((name) => ({ name })) });
      await server.apply(path, ports("a", "b", "c"), { manager: "m1" });
      await server.apply(path, ports("x"), { manager: "m2" });
      const turned = await server.apply(path, ports("c", "a"), { manager: "m1" });
      expect(array(turned.json, "spec", "ports").map((port) => at(port, "name"))).toEqual(["c", "x", "a"]);
    },
  },
  {
    id: "44.6",
    title: "an apply of a field that the schema does not know is an error, whatever validation is asked for",
    async run(server) {
      const ns = await server.namespace();
      const body = widget("w", { bogus: 1 });
      for (const fieldValidation of ["Strict", "Warn", "Ignore"]) {
        const query = { fieldValidation };
        expectFailure(await server.apply(widgets(ns, "w"), body, { manager: "m1", query }), {
          code: 500,
          reason: undefined,
          // The namespace is the body's, and the body has none.
          message:
            "failed to create typed patch object (/w; suite.example.com/v1, Kind=Widget): .spec.bogus: field not declared in schema",
        });
      }
    },
  },
];

/** What a manager owns. */
function fieldsOf(json: unknown, manager: string): unknown {
  return objectOf(json).metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;
}
