/** Selectors of labels and fields. */

import { expect } from "vitest";
import type { Case } from "../case.js";
import { namesOf } from "../json.js";
import { configMap, configMaps, core, podTemplate, podTemplates } from "../objects.js";
import { expectFailure } from "../status.js";
import { widget, widgets } from "../widgets.js";

export const selectorCases: readonly Case[] = [
  {
    id: "53",
    title: "labels are selected by equality, sets and presence",
    async run(server) {
      const ns = await server.namespace();
      for (const [name, labels] of Object.entries({
        one: { a: "1" },
        two: { a: "2", c: "3" },
        three: { a: "1", b: "x" },
        four: { a: "3" },
        five: {},
        six: { n: "6" },
      }))
        await server.create(podTemplates(ns), podTemplate(name, { labels }));
      const table: readonly (readonly [string, string])[] = [
        ["a in (1,2),!b,c!=3", "one"],
        ["a", "four one three two"],
        ["!a", "five six"],
        ["a=1", "one three"],
        ["a==1", "one three"],
        ["a!=1", "five four six two"],
        ["a notin (1,2)", "five four six"],
        ["n>5", "six"],
        ["n<5", ""],
        ["a=1,b=x", "three"],
        ["", "five four one six three two"],
      ];
      for (const [labelSelector, names] of table)
        expect([
          labelSelector,
          namesOf(await server.list(podTemplates(ns), { labelSelector }))
            .toSorted()
            .join(" "),
        ]).toEqual([labelSelector, names]);
      for (const [labelSelector, message] of [
        ["a===b", "unable to parse requirement: found '=', expected: identifier"],
        ["a in", "unable to parse requirement: found '' expected: '('"],
        ["a in (1", "unable to parse requirement: found '', expected: ',' or ')'"],
        [",", "found ',', expected: !, identifier, or 'end of string'"],
        ["-=x", /^unable to parse requirement: <nil>: Invalid value: "-": name part must consist of /],
      ] as const)
        expectFailure(await server.get(podTemplates(ns), { query: { labelSelector } }), {
          code: 400,
          reason: "BadRequest",
          message,
        });
    },
  },
  {
    id: "53.1",
    title: "fields are selected where a resource says so",
    async run(server) {
      const ns = await server.namespace();
      await server.create(configMaps(ns), configMap("a"));
      await server.create(configMaps(ns), configMap("b"));
      expect(namesOf(await server.list(configMaps(ns), { fieldSelector: "metadata.name=a" }))).toEqual(["a"]);
      const notA = await server.list(configMaps(ns), { fieldSelector: `metadata.name!=a,metadata.namespace==${ns}` });
      expect(namesOf(notA)).toContain("b");
      expect(namesOf(notA)).not.toContain("a");
      expectFailure(await server.get(configMaps(ns), { query: { fieldSelector: "spec.foo=1" } }), {
        code: 400,
        reason: "BadRequest",
        message: '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
      });
      expectFailure(await server.get(configMaps(ns), { query: { fieldSelector: "nonsense" } }), {
        code: 400,
        reason: "BadRequest",
      });
      await server.create(core(ns, "secrets"), {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "s" },
        type: "x.io/t",
      });
      expect(namesOf(await server.list(core(ns, "secrets"), { fieldSelector: "type=x.io/t" }))).toEqual(["s"]);
    },
  },
  {
    id: "53.2",
    title: "a custom resource's selectable fields are those of its definition",
    async run(server) {
      const ns = await server.namespace();
      await server.create(widgets(ns), widget("r", { color: "red" }));
      await server.create(widgets(ns), widget("b", { color: "blue" }));
      await server.create(widgets(ns), widget("n"));
      const select = async (fieldSelector: string) => namesOf(await server.list(widgets(ns), { fieldSelector }));
      expect(await select("spec.color=red")).toEqual(["r"]);
      expect(await select("spec.color!=red")).toEqual(["b", "n"]);
      expect(await select("spec.color=")).toEqual(["n"]);
      expect(await select("metadata.name=b")).toEqual(["b"]);
      expectFailure(await server.get(widgets(ns), { query: { fieldSelector: "spec.size=1" } }), {
        code: 400,
        reason: "BadRequest",
        message: /field label not supported: spec\.size$/,
      });
    },
  },
];
