/** Namespaces: what they get at birth, and how they end. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { at, objectOf } from "../json.js";
import { configMap, configMaps } from "../objects.js";
import { randomName } from "../server.js";
import { expectFailure, expectInvalid } from "../status.js";

const path = "/api/v1/namespaces";

export const namespaceCases: readonly Case[] = [
  {
    id: "50",
    title: "a namespace is active with a finalizer and a label; deleted, it terminates and takes nothing new",
    async run(server) {
      const name = randomName("suite");
      const created = await server.create(path, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
      expect(created).toMatchObject({
        metadata: { labels: { "kubernetes.io/metadata.name": name } },
        spec: { finalizers: ["kubernetes"] },
        status: { phase: "Active" },
      });
      expect(created.metadata).not.toHaveProperty("generation");
      await server.create(configMaps(name), configMap("held", {}, { finalizers: ["x.io/f"] }));
      server.onEnd(() => server.merge(configMaps(name, "held"), { metadata: { finalizers: null } }));
      const deleted = await server.delete(`${path}/${name}`);
      expect(deleted.status).toBe(200);
      expect(deleted.json).toMatchObject({
        kind: "Namespace",
        metadata: { name, deletionTimestamp: expect.any(String) },
        spec: { finalizers: ["kubernetes"] },
        status: { phase: "Terminating" },
      });
      expectFailure(await server.post(configMaps(name), configMap("new")), {
        code: 403,
        reason: "Forbidden",
        message: `configmaps "new" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
        details: {
          name: "new",
          kind: "configmaps",
          causes: [
            {
              reason: "NamespaceTerminating",
              message: `namespace ${name} is being terminated`,
              field: "metadata.namespace",
            },
          ],
        },
      });
      // What is there can still be changed.
      expect((await server.merge(configMaps(name, "held"), { data: { x: "1" } })).status).toBe(200);
      expect(at((await server.get(`${path}/${name}`)).json, "status", "phase")).toBe("Terminating");
    },
  },
  {
    id: "50.1",
    title: "a namespace goes once its finalizers are gone, and everything in it before it",
    async run(server) {
      const name = randomName("suite");
      await server.create(path, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
      await server.create(configMaps(name), configMap("a"));
      const watch = await server.watch(path, { fieldSelector: `metadata.name=${name}` });
      await server.delete(`${path}/${name}`);
      const events = await watch.until("DELETED");
      expect(events.at(0)?.type).toBe("ADDED");
      expect(at(events.at(-1)?.object, "metadata", "name")).toBe(name);
      expectFailure(await server.get(`${path}/${name}`), {
        code: 404,
        reason: "NotFound",
        message: `namespaces "${name}" not found`,
      });
      expect((await server.get(configMaps(name))).json).toMatchObject({ items: [] });
    },
  },
  {
    id: "50.2",
    title: "the default namespace may not be deleted",
    async run(server) {
      expectFailure(await server.delete(`${path}/default`), {
        code: 403,
        reason: "Forbidden",
        message: 'namespaces "default" is forbidden: this namespace may not be deleted',
        details: { name: "default", kind: "namespaces" },
      });
    },
  },
  {
    id: "50.3",
    title: "a namespace's name is a DNS label",
    async run(server) {
      const answer = await server.post(path, { apiVersion: "v1", kind: "Namespace", metadata: { name: "a.b" } });
      expectInvalid(
        answer,
        /^Namespace "a\.b" is invalid: metadata\.name: Invalid value: "a\.b": must not contain dots/,
        [["FieldValueInvalid", "metadata.name", /must not contain dots/]],
      );
    },
  },
  {
    id: "50.4",
    title: "a namespace gets a default service account and the root certificate",
    async run(server) {
      const ns = await server.namespace();
      for (const [resource, name] of [
        ["serviceaccounts", "default"],
        ["configmaps", "kube-root-ca.crt"],
      ] as const) {
        const watch = await server.watch(`/api/v1/namespaces/${ns}/${resource}`, {
          fieldSelector: `metadata.name=${name}`,
        });
        const event = await watch.next();
        expect([event.type, objectOf(event.object).metadata.name]).toEqual(["ADDED", name]);
        watch.close();
      }
    },
  },
];
