/** POST: bodies that are refused, and how unknown fields are taken. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { at } from "../json.js";
import { configMap, configMaps, core, deployment, deployments } from "../objects.js";
import { expectFailure, expectInvalid } from "../status.js";
import { widget, widgets } from "../widgets.js";

export const bodyCases: readonly Case[] = [
  {
    id: "20",
    title: "an object of another namespace than the path's is refused",
    async run(server) {
      const ns = await server.namespace();
      expectFailure(await server.post(configMaps(ns), configMap("a", {}, { namespace: "other" })), {
        code: 400,
        reason: "BadRequest",
        message: "the namespace of the provided object does not match the namespace sent on the request",
        details: undefined,
      });
    },
  },
  {
    id: "21",
    title: "a new object must not have a resourceVersion",
    async run(server) {
      const ns = await server.namespace();
      expectFailure(await server.post(configMaps(ns), configMap("a", {}, { resourceVersion: "5" })), {
        code: 500,
        reason: undefined,
        message: "resourceVersion should not be set on objects to be created",
      });
    },
  },
  {
    id: "22",
    title: "a namespace that does not exist is what is not found",
    async run(server) {
      for (const [path, body] of [
        [configMaps("missing-ns"), configMap("a")],
        [widgets("missing-ns"), widget("a")],
      ] as const) {
        expectFailure(await server.post(path, body), {
          code: 404,
          reason: "NotFound",
          message: 'namespaces "missing-ns" not found',
          details: { name: "missing-ns", kind: "namespaces" },
        });
      }
      // Reading there is fine.
      expect((await server.get(configMaps("missing-ns"))).json).toMatchObject({ items: [] });
    },
  },
  {
    id: "23",
    title: "a dry run answers as if, and stores nothing",
    async run(server) {
      const ns = await server.namespace();
      const answer = await server.post(configMaps(ns), configMap("a"), { query: { dryRun: "All" } });
      expect(answer.status).toBe(201);
      expect(at(answer.json, "metadata", "uid")).toBeTypeOf("string");
      expect(at(answer.json, "metadata", "creationTimestamp")).toBeTypeOf("string");
      expect(at(answer.json, "metadata")).not.toHaveProperty("resourceVersion");
      expect((await server.get(configMaps(ns, "a"))).status).toBe(404);
      expectFailure(await server.post(configMaps(ns), configMap("a"), { query: { dryRun: "x" } }), {
        code: 422,
        reason: "Invalid",
        message: 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["x"]: supported values: "All"',
      });
      await server.create(configMaps(ns), configMap("a"));
      expectFailure(await server.post(configMaps(ns), configMap("a"), { query: { dryRun: "All" } }), {
        code: 409,
        reason: "AlreadyExists",
      });
    },
  },
  {
    id: "24",
    title: "an object of another kind or version than the path's is refused",
    async run(server) {
      const ns = await server.namespace();
      expectFailure(await server.post(configMaps(ns), { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } }), {
        code: 400,
        reason: "BadRequest",
        message: /^Secret in version "v1" cannot be handled as a ConfigMap/,
      });
      expectFailure(await server.post(deployments(ns), { ...deployment("a"), apiVersion: "apps/v2" }), {
        code: 400,
        reason: "BadRequest",
      });
      expectFailure(await server.post(widgets(ns), { ...widget("a"), apiVersion: "suite.example.com/v2" }), {
        code: 400,
        reason: "BadRequest",
        message:
          "the API version in the data (suite.example.com/v2) does not match the expected API version (suite.example.com/v1)",
      });
    },
  },
  {
    id: "24.1",
    title: "a body that is no object is refused",
    async run(server) {
      const ns = await server.namespace();
      const noKind = (kind: string) =>
        `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: `;
      for (const [path, kind] of [
        [configMaps(ns), "ConfigMap"],
        [widgets(ns), "Widget"],
      ] as const) {
        const end = "unexpected end of JSON input";
        for (const [body, why] of [
          ["", `${end} (<empty>)`],
          ["{", `${end} ({)`],
        ] as const)
          expectFailure(await server.post(path, body), {
            code: 400,
            reason: "BadRequest",
            message: `${noKind(kind)}${why}`,
          });
        for (const body of ["[]", "1", '"x"', '{"metadata":5}'])
          expectFailure(await server.post(path, body), { code: 400, reason: "BadRequest" });
      }
      expectFailure(await server.post(configMaps(ns), { ...configMap("a"), data: [] }), {
        code: 400,
        reason: "BadRequest",
        message: /^ConfigMap in version "v1" cannot be handled as a ConfigMap: /,
      });
      expectFailure(await server.post(widgets(ns), { ...widget("a"), metadata: [] }), {
        code: 400,
        reason: "BadRequest",
        message: /^Widget in version "v1" cannot be handled as a Widget: /,
      });
    },
  },
  {
    id: "24.2",
    title: "a built-in kind's body may leave out kind and version, a custom resource's may not",
    async run(server) {
      const ns = await server.namespace();
      const implied = await server.create(configMaps(ns), { metadata: { name: "a" } });
      expect(implied).toMatchObject({ kind: "ConfigMap", apiVersion: "v1" });
      expectFailure(await server.post(widgets(ns), '{"metadata":{"name":"q"}}'), {
        code: 400,
        reason: "BadRequest",
        message:
          'the object provided is unrecognized (must be of type Widget): Object \'Kind\' is missing in \'{"metadata":{"name":"q"}}\' ({"metadata":{"name":"q"}})',
      });
      expectFailure(await server.post(configMaps(ns), "null"), { code: 422, reason: "Invalid" });
      expectFailure(await server.post(widgets(ns), "null"), {
        code: 400,
        reason: "BadRequest",
        message:
          "the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in 'null' (6e756c6c)",
      });
    },
  },
  {
    id: "25",
    title: "a body of more than three megabytes is too large",
    async run(server) {
      const ns = await server.namespace();
      const frame = JSON.stringify(configMap("a", { x: "" })).length;
      const body = configMap("a", { x: "x".repeat(3 * 1024 * 1024 + 1 - frame) });
      expectFailure(await server.post(configMaps(ns), body), {
        code: 413,
        reason: "RequestEntityTooLarge",
        message: "Request entity too large: limit is 3145728",
      });
    },
  },
  {
    id: "25.1",
    title: "data of more than a megabyte is invalid, in a body that is not too large",
    async run(server) {
      const ns = await server.namespace();
      expectInvalid(
        await server.post(configMaps(ns), configMap("a", { x: "x".repeat(1024 * 1024 + 1) })),
        /Too long: may not be more than 1048576 bytes$/,
        [["FieldValueTooLong", "[]", /Too long: may not be more than 1048576 bytes$/]],
      );
    },
  },
  {
    id: "26",
    title: "unknown and duplicate fields are refused, warned of, or ignored, as is asked",
    async run(server) {
      const ns = await server.namespace();
      const body = (name: string) =>
        JSON.stringify(deployment(name)).replace('"replicas":0', '"unknownField":1,"replicas":1,"replicas":0');
      const post = (name: string, fieldValidation: string) =>
        server.post(deployments(ns), body(name), { query: { fieldValidation } });
      expectFailure(await post("strict", "Strict"), {
        code: 400,
        reason: "BadRequest",
        message:
          'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"',
      });
      const warned = await post("warn", "Warn");
      expect(warned.status).toBe(201);
      expect(warned.warnings).toEqual([
        '299 - "unknown field \\"spec.unknownField\\""',
        '299 - "duplicate field \\"spec.replicas\\""',
      ]);
      expect(at(warned.json, "spec")).toMatchObject({ replicas: 0 });
      expect(at(warned.json, "spec")).not.toHaveProperty("unknownField");
      const ignored = await post("ignore", "Ignore");
      expect([ignored.status, ignored.warnings]).toEqual([201, []]);
      const unasked = await server.post(deployments(ns), body("unasked"));
      expect(unasked.warnings).toHaveLength(2);
      expectFailure(await post("bad", "Bad"), {
        code: 422,
        reason: "Invalid",
        message: /fieldValidation: Unsupported value: "Bad"/,
      });
    },
  },
  {
    id: "26.1",
    title: "a Secret's stringData becomes data, and only some keys are valid",
    async run(server) {
      const ns = await server.namespace();
      const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData: { k: "v" } };
      const created = await server.create(core(ns, "secrets"), secret);
      expect(created).toMatchObject({ type: "Opaque", data: { k: "dg==" } });
      expect(created).not.toHaveProperty("stringData");
      expectInvalid(
        await server.post(configMaps(ns), configMap("b", { "bad key": "" })),
        /^ConfigMap "b" is invalid: data\[bad key\]: Invalid value: "bad key": a valid config key must consist of/,
        [["FieldValueInvalid", "data[bad key]", /a valid config key/]],
      );
    },
  },
];
