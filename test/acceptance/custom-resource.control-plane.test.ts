/** customResource against the real API server: it accepts, defaults, prunes and refuses what local validation and the types say. */

import { customResource, mergeVersions } from "kindred";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { customResources, valibotKind, zodKind } from "./scenarios/custom-resource.js";
import { useRealWorld } from "./scenarios/real-world.js";

/** Widgets in two versions, with all that acts on the server alone. */
const treeNode = z.object({
  text: z.string(),
  get children() {
    return z.array(treeNode).optional();
  },
});
const widgetFacts = { group: "example.dev", kind: "Widget", scope: "Namespaced" } as const;
const widgetV1 = customResource({
  ...widgetFacts,
  version: "v1",
  spec: z.object({ text: z.string() }),
  deprecated: "widgets v1 are old",
});
const widgetV2 = customResource({
  ...widgetFacts,
  version: "v2",
  spec: z.object({
    text: z.string(),
    tree: treeNode.optional(),
    template: z.looseObject({ apiVersion: z.string(), kind: z.string() }).optional(),
  }),
  fields: {
    ".spec.tree.children[*]": { preserveUnknownFields: true },
    ".spec.template": { embeddedResource: true },
  },
});

describe("a custom kind on the real API server", () => {
  const real = useRealWorld();

  const apply = (stdin: string, ...flags: readonly string[]) =>
    real.controlPlane.kubectl.ok(["apply", "--server-side", "--filename=-", ...flags], { stdin });

  const getByColor = (color: string) =>
    real.controlPlane.kubectl.ok(["get", "zt", `--field-selector=spec.color=${color}`]);
  const applyAs = (manager: string, spec: object) =>
    real.controlPlane.kubectl(
      ["apply", "--server-side", `--field-manager=${manager}`, "--filename=-", "--output=json"],
      {
        stdin: stored(spec),
      },
    );

  describe("and local validation", () => customResources(() => real.world));

  it("creates what build returns, with no word of warning", async () => {
    const object = valibotKind.build({ metadata: { name: "built" }, spec: { text: "abc" } });
    const result = await real.controlPlane.kubectl(["create", "--filename=-", "--output=json"], {
      stdin: JSON.stringify(object),
    });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(valibotKind.parse(JSON.parse(result.stdout)).spec).toEqual(object.spec);
  });

  describe("for a stored object", () => {
    beforeAll(async () => {
      const { code, stderr } = await applyAs("a", { text: "abc", color: "green", ports: [{ name: "a" }], tags: ["x"] });
      expect({ code, stderr: stderr.trim() }).toEqual({ code: 0, stderr: "Warning: use something else" });
    });

    it("applies rules, and transition rules when it changes", async () => {
      expect((await applyAs("a", { text: "abc", count: 100 })).stderr).toContain("too many");
      expect((await applyAs("a", { text: "abd" })).stderr).toContain("text never changes");
    });

    it("merges lists by their type", async () => {
      const { stdout } = await applyAs("b", { text: "abc", ports: [{ name: "b", number: 5 }], tags: ["y"] });
      const { spec } = zodKind.parse(JSON.parse(stdout));
      expect(spec.ports).toEqual([
        { name: "a", number: 80 },
        { name: "b", number: 5 },
      ]);
      expect(spec.tags).toEqual(["x", "y"]);
      const twice = await real.controlPlane.kubectl(["create", "--dry-run=server", "--filename=-"], {
        stdin: stored({ text: "abc", tags: ["x", "x"] }).replace('"one"', '"two"'),
      });
      expect(twice.stderr).toContain('spec.tags[1]: Duplicate value: "x"');
    });

    it("is scaled", async () => {
      await real.controlPlane.kubectl.ok(["scale", "zt", "one", "--replicas=7"]);
      expect(await real.controlPlane.kubectl.ok(["get", "zt", "one", "--output=jsonpath={.spec.count}"])).toBe("7");
    });

    it("is selected by its fields, under its short name, with its columns", async () => {
      const [header = "", ...rows] = (await getByColor("green")).trim().split("\n");
      expect(header.split(/ +/)).toEqual(["NAME", "TEXT", "AGE"]);
      expect(rows.map((row) => row.split(/ +/).slice(0, 2))).toEqual([["one", "abc"]]);
      expect((await getByColor("red")).trim()).toBe("");
    });
  });

  it("serves merged versions, takes what contains itself and embedded objects, and stores one version", async () => {
    await apply(JSON.stringify(mergeVersions([widgetV1, widgetV2], { stored: "v2" })));
    await real.controlPlane.kubectl.ok([
      "wait",
      "--for=condition=Established",
      "--timeout=30s",
      "crd/widgets.example.dev",
    ]);
    const text = await real.controlPlane.kubectl.ok(["get", "crd", "widgets.example.dev", "--output=json"]);
    expect(JSON.parse(text)).toMatchObject({ status: { storedVersions: ["v2"] } });
    expect(text).not.toContain("NonStructuralSchema");
    const widget = widgetV2.build({
      metadata: { name: "w" },
      spec: {
        text: "t",
        tree: { text: "a", children: [{ text: "b", children: [{ text: "c" }] }] },
        template: { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { any: 1 } },
      },
    });
    await apply(JSON.stringify(widget));
    const read: unknown = JSON.parse(
      await real.controlPlane.kubectl.ok(["get", "widgets.v2.example.dev", "w", "--output=json"]),
    );
    expect(widgetV2.parse(read).spec).toEqual(widget.spec);
    const old = await real.controlPlane.kubectl(["get", "widgets.v1.example.dev", "w", "--output=json"]);
    expect(old.stderr).toContain("Warning: widgets v1 are old");
    expect(widgetV1.parse(JSON.parse(old.stdout)).spec.text).toBe("t");
    const broken = JSON.stringify({ ...widget, spec: { text: "t", template: { apiVersion: "v1", kind: 1 } } });
    const refused = await real.controlPlane.kubectl(["apply", "--server-side", "--filename=-"], { stdin: broken });
    expect(refused.stderr).toContain("spec.template.kind");
  });
});

/** The manifest of an object of zodKind. */
function stored(spec: object): string {
  return JSON.stringify({ apiVersion: "example.dev/v1", kind: "ZodThing", metadata: { name: "one" }, spec });
}
