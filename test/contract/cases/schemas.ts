/** Custom resources against their schema: types, defaults, pruning, rules. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { at, objectOf } from "../json.js";
import type { Server } from "../server.js";
import { expectFailure, expectInvalid } from "../status.js";
import { widget, widgets } from "../widgets.js";

interface Refusal {
  readonly title: string;
  readonly spec: object;
  readonly causes: readonly (readonly [string, string, string])[];
}

const notChecked =
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

const refusals: readonly Refusal[] = [
  {
    title: "a value of another type",
    spec: { size: "x" },
    causes: [
      [
        "FieldValueTypeInvalid",
        "spec.size",
        'Invalid value: "string": spec.size in body must be of type integer: "string"',
      ],
      // The scale subresource reads it too.
      [
        "FieldValueInvalid",
        ".spec.size",
        "Invalid value: 0: .spec.size accessor error: x is of the type string, expected int64",
      ],
      ["FieldValueInvalid", "", ""],
    ],
  },
  {
    title: "a missing value",
    spec: { name: undefined },
    causes: [
      ["FieldValueRequired", "spec.name", "Required value"],
      ["FieldValueInvalid", "", ""],
    ],
  },
  {
    title: "a value that is none of those allowed",
    spec: { color: "green" },
    causes: [
      ["FieldValueNotSupported", "spec.color", 'Unsupported value: "green": supported values: "red", "blue"'],
      ["FieldValueInvalid", "", ""],
    ],
  },
  {
    title: "a number that is too small",
    spec: { size: -1 },
    causes: [
      ["FieldValueInvalid", "spec.size", "Invalid value: -1: spec.size in body should be greater than or equal to 0"],
      ["FieldValueInvalid", ".spec.size", "Invalid value: -1: should be a non-negative integer"],
    ],
  },
  {
    title: "a broken rule",
    spec: { size: 5, limit: 3 },
    causes: [["FieldValueInvalid", "spec", "Invalid value: failed rule: !has(self.limit) || self.size <= self.limit"]],
  },
  {
    title: "a map list's key twice",
    spec: { ports: [{ name: "a" }, { name: "a" }] },
    causes: [["FieldValueDuplicate", "spec.ports[1]", 'Duplicate value: {"name":"a"}']],
  },
  {
    title: "a set's value twice",
    spec: { tags: ["a", "a"] },
    causes: [["FieldValueDuplicate", "spec.tags[1]", 'Duplicate value: "a"']],
  },
];

export const schemaCases: readonly Case[] = [
  ...refusals.map(
    ({ title, spec, causes }, index): Case => ({
      id: `59.${index + 1}`,
      title: `a schema refuses ${title}`,
      async run(server) {
        const answer = await posted(server, spec);
        const own = causes.map(([reason, field, message]): readonly [string, string, string] =>
          message === "" ? [reason, "<nil>", `Invalid value: null: ${notChecked}`] : [reason, field, message],
        );
        const texts = own.map(([, field, message]) => `${field}: ${message}`);
        const text = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
        expectInvalid(answer, `Widget.suite.example.com "w" is invalid: ${text}`, own);
      },
    }),
  ),
  {
    id: "59.8",
    title: "a rule about the change holds from the second write on",
    async run(server) {
      const ns = await server.namespace();
      await server.create(widgets(ns), widget("w"));
      expectInvalid(
        await server.merge(widgets(ns, "w"), { spec: { name: "other" } }),
        'Widget.suite.example.com "w" is invalid: spec.name: Invalid value: "other": name is fixed',
        [["FieldValueInvalid", "spec.name", 'Invalid value: "other": name is fixed']],
      );
    },
  },
  {
    id: "59.9",
    title: "unknown fields are pruned and warned of; a null stays where it may, else goes",
    async run(server) {
      const answer = await posted(server, { bogus: 1, note: null, color: null, size: null, tags: [] });
      expect(answer.status).toBe(201);
      expect(at(answer.json, "spec")).toEqual({ name: "w", note: null, size: 1, tags: [] });
      expect(answer.warnings).toEqual(['299 - "unknown field \\"spec.bogus\\""']);
    },
  },
  {
    id: "59.10",
    title: "an unknown field is refused if strictness is asked for",
    async run(server) {
      const ns = await server.namespace();
      const body = { ...widget("w", { bogus: 1 }), more: {}, metadata: { name: "w", odd: 1 } };
      expectFailure(await server.post(widgets(ns), body, { query: { fieldValidation: "Strict" } }), {
        code: 400,
        reason: "BadRequest",
        message:
          'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata.odd", unknown field "more", unknown field "spec.bogus"',
      });
    },
  },
  {
    id: "59.11",
    title: "what was valid once and is not changed does not hinder a change elsewhere",
    async run(server) {
      const ns = await server.namespace();
      const created = await server.create(widgets(ns), widget("w", { color: "red" }));
      const put = await server.put(widgets(ns, "w"), { ...created, spec: { name: "w", color: "blue" } });
      expect(put.json).toMatchObject({ spec: { size: 1, color: "blue" }, metadata: { generation: 2 } });
      expect(objectOf(put.json).metadata.managedFields).toHaveLength(1);
    },
  },
  {
    id: "59.12",
    title: "status is checked against the schema too",
    async run(server) {
      const ns = await server.namespace();
      await server.create(widgets(ns), widget("w"));
      expectFailure(await server.merge(`${widgets(ns, "w")}/status`, { status: { size: "x" } }), {
        code: 422,
        reason: "Invalid",
        message: /status\.size: Invalid value: "string": size in body must be of type integer: "string"/,
      });
    },
  },
];

async function posted(server: Server, spec: object) {
  return server.post(widgets(await server.namespace()), widget("w", spec));
}
