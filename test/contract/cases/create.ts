/** POST: what a new object is given, names, dry runs. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { array, at, objectOf, text } from "../json.js";
import { configMap, configMaps } from "../objects.js";
import { expectFailure, expectInvalid } from "../status.js";
import { widget, widgets } from "../widgets.js";

export const createCases: readonly Case[] = [
  {
    id: "15",
    title:
      "a created object has an identity, a version, a time and its manager's fields, and no generation if it has no status",
    async run(server) {
      const ns = await server.namespace();
      const answer = await server.post(configMaps(ns), configMap("a", { x: "1" }));
      expect(answer.status).toBe(201);
      const { metadata } = objectOf(answer.json);
      expect(metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
      expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(metadata).not.toHaveProperty("generation");
      expect(metadata).not.toHaveProperty("selfLink");
      expect(metadata.managedFields).toEqual([
        {
          manager: "suite",
          operation: "Update",
          apiVersion: "v1",
          time: metadata.creationTimestamp,
          fieldsType: "FieldsV1",
          fieldsV1: { "f:data": { ".": {}, "f:x": {} } },
        },
      ]);
      expect((await server.get(configMaps(ns, "a"))).json).toEqual(answer.json);
    },
  },
  {
    id: "15.1",
    title: "what only the server may set is dropped from a new object",
    async run(server) {
      const ns = await server.namespace();
      const forged = {
        uid: "00000000-0000-4000-8000-000000000000",
        creationTimestamp: "2001-01-01T00:00:00Z",
        deletionTimestamp: "2001-01-01T00:00:00Z",
        deletionGracePeriodSeconds: 5,
        selfLink: "/x",
      };
      const { metadata } = await server.create(configMaps(ns), configMap("a", {}, forged));
      expect(metadata.uid).not.toBe(forged.uid);
      expect(metadata.creationTimestamp).not.toBe(forged.creationTimestamp);
      for (const name of ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"])
        expect(metadata).not.toHaveProperty(name);
    },
  },
  {
    id: "15.2",
    title: "the manager is the fieldManager that is given, else the user agent up to its first slash",
    async run(server) {
      const ns = await server.namespace();
      const given = await server.create(configMaps(ns), configMap("a", { x: "1" }), { query: { fieldManager: "me" } });
      expect(given.metadata.managedFields?.map(({ manager }) => manager)).toEqual(["me"]);
      const agent = await server.create(configMaps(ns), configMap("b", { x: "1" }), {
        headers: { "user-agent": "some tool/2.0 (x/y)" },
      });
      expect(agent.metadata.managedFields?.map(({ manager }) => manager)).toEqual(["some tool"]);
      const tooLong = await server.post(configMaps(ns), configMap("c"), { query: { fieldManager: "m".repeat(129) } });
      expectInvalid(tooLong, /^CreateOptions\.meta\.k8s\.io "" is invalid: fieldManager: Too long/, [
        ["FieldValueTooLong", "fieldManager", /may not be more than 128 bytes$/],
      ]);
    },
  },
  {
    id: "16",
    title: "a name that is taken is AlreadyExists",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a"));
      expectFailure(await server.post(configMaps(ns), configMap("a")), {
        code: 409,
        reason: "AlreadyExists",
        message: 'configmaps "a" already exists',
        details: { name: "a", kind: "configmaps" },
      });
      await server.create(widgets(ns), widget("w1"));
      expectFailure(await server.post(widgets(ns), widget("w1")), {
        code: 409,
        reason: "AlreadyExists",
        message: 'widgets.suite.example.com "w1" already exists',
        details: { name: "w1", group: "suite.example.com", kind: "widgets" },
      });
    },
  },
  {
    id: "17",
    title: "generateName is completed by five random characters, and stays",
    async run(server) {
      const ns = await server.namespace();
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "g-" } };
      const first = await server.create(configMaps(ns), body);
      const second = await server.create(configMaps(ns), body);
      for (const { metadata } of [first, second]) expect(metadata.name).toMatch(/^g-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      expect(first.metadata.name).not.toBe(second.metadata.name);
      expect(at(first, "metadata", "generateName")).toBe("g-");
    },
  },
  {
    id: "17.1",
    title: "a long generateName is cut, and a name wins over it",
    async run(server) {
      const ns = await server.namespace();
      const long = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "x".repeat(300) } };
      const answer = await server.post(configMaps(ns), long);
      expectInvalid(answer, /^ConfigMap "x{58}[a-z2-9]{5}" is invalid: metadata\.generateName: /, [
        ["FieldValueInvalid", "metadata.generateName", /must be no more than 253 characters$/],
      ]);
      const cut = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "x".repeat(100) } };
      expect((await server.create(configMaps(ns), cut)).metadata.name).toMatch(/^x{58}[a-z2-9]{5}$/);
      const both = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "n", generateName: "g-" } };
      expect((await server.create(configMaps(ns), both)).metadata.name).toBe("n");
    },
  },
  {
    id: "18",
    title: "an object without a name is invalid",
    async run(server) {
      const ns = await server.namespace();
      for (const metadata of [{}, undefined]) {
        const answer = await server.post(configMaps(ns), { apiVersion: "v1", kind: "ConfigMap", metadata });
        expectFailure(answer, {
          code: 422,
          reason: "Invalid",
          message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
          details: {
            kind: "ConfigMap",
            causes: [
              {
                reason: "FieldValueRequired",
                message: "Required value: name or generateName is required",
                field: "metadata.name",
              },
            ],
          },
        });
      }
    },
  },
  {
    id: "19",
    title: "a name must be a DNS subdomain",
    async run(server) {
      const ns = await server.namespace();
      const message =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
      const detail = `Invalid value: "Bad_Name": ${message}`;
      expectInvalid(
        await server.post(configMaps(ns), configMap("Bad_Name")),
        `ConfigMap "Bad_Name" is invalid: metadata.name: ${detail}`,
        [["FieldValueInvalid", "metadata.name", detail]],
      );
      expectInvalid(
        await server.post(widgets(ns), widget("Bad_Name")),
        `Widget.suite.example.com "Bad_Name" is invalid: metadata.name: ${detail}`,
        [["FieldValueInvalid", "metadata.name", detail]],
      );
    },
  },
  {
    id: "19.1",
    title: "labels, annotations, finalizers and owners are checked",
    async run(server) {
      const ns = await server.namespace();
      const metadata = {
        labels: { "-bad": "x", good: "bad value!" },
        finalizers: ["Bad Finalizer/"],
        ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "", uid: "" }],
      };
      const answer = await server.post(configMaps(ns), configMap("a", {}, metadata));
      expectFailure(answer, { code: 422, reason: "Invalid" });
      const causes = array(answer.json, "details", "causes").map((c) => `${text(c, "reason")} ${text(c, "field")}`);
      expect(new Set(causes)).toEqual(
        new Set([
          "FieldValueInvalid metadata.labels",
          "FieldValueInvalid metadata.finalizers",
          "FieldValueRequired metadata.ownerReferences[0].name",
          "FieldValueRequired metadata.ownerReferences[0].uid",
        ]),
      );
    },
  },
];
