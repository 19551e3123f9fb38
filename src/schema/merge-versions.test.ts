import { describe, expect, it } from "vitest";
import * as z from "zod";
import { customResource, mergeVersions } from "./index.js";

const facts = { group: "example.dev", kind: "Widget", scope: "Namespaced" } as const;
const v1beta1 = customResource({ ...facts, version: "v1beta1", spec: z.object({ a: z.string() }), deprecated: true });
const v1 = customResource({ ...facts, version: "v1", spec: z.object({ b: z.string() }) });
const v2 = customResource({ ...facts, version: "v2", spec: z.object({ b: z.string() }), served: false });

const other = (change: object) => customResource({ ...facts, version: "v3", spec: z.object({}), ...change });

describe("merging versions", () => {
  it("stores one, and puts the preferred first", () => {
    const crd = mergeVersions([v1beta1, v1, v2], { stored: "v1" });
    expect(crd.metadata.name).toBe("widgets.example.dev");
    expect(
      crd.spec.versions.map(({ name, served, storage, deprecated }) => ({ name, served, storage, deprecated })),
    ).toEqual([
      { name: "v2", served: false, storage: false },
      { name: "v1", served: true, storage: true },
      { name: "v1beta1", served: true, storage: false, deprecated: true },
    ]);
  });

  it("leaves the kinds as they are", () => {
    mergeVersions([v1beta1, v1], { stored: "v1beta1" });
    expect(v1.crd().spec.versions[0]?.storage).toBe(true);
  });

  it.each([
    ["no version to store", [v1], "v9", "there is no version v9 to store. Store one of: v1."],
    ["nothing", [], "v1", "there is no version v1 to store. Store one of: none is given."],
    ["a version twice", [v1, v1], "v1", "widgets.example.dev has two versions v1. Give each a version of its own."],
    ["another group", [v1, other({ group: "other.dev" })], "v1", 'group is "example.dev" in v1 and "other.dev" in v3.'],
    ["another scope", [v1, other({ scope: "Cluster" })], "v1", 'scope is "Namespaced" in v1 and "Cluster" in v3.'],
    ["another kind", [v1, other({ kind: "Gadget" })], "v1", 'kind is "Widget" in v1 and "Gadget" in v3.'],
    [
      "other short names",
      [v1, other({ shortNames: ["w"] })],
      "v1",
      'shortNames is none in v1 and ["w"] in v3. Define it alike in all versions',
    ],
  ])("refuses %s", (_title, versions, stored, message) => {
    const merge = () => mergeVersions<string>(versions, { stored });
    expect(merge).toThrow(expect.objectContaining({ code: "SCHEMA" }));
    expect(merge).toThrow(`the versions cannot be merged: ${message}`);
  });
});
