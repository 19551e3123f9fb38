import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { world } from "../../../test/support/command-world.js";
import { ApiError } from "../../core/index.js";
import { customResource, mergeVersions } from "../../schema/index.js";
import type { Io } from "../io.js";

const facts = { group: "example.dev", kind: "Widget", scope: "Namespaced" } as const;
const WidgetV1 = customResource({ ...facts, version: "v1", spec: z.object({ size: z.string() }) });
const WidgetV2 = customResource({ ...facts, version: "v2", spec: z.object({ size: z.string(), color: z.string() }) });
const Gadget = customResource({ ...facts, version: "v1", kind: "Gadget", spec: z.object({ on: z.boolean() }) });
const Narrower = customResource({ ...facts, version: "v1", spec: z.object({ size: z.enum(["s", "m"]) }) });
const widgets = mergeVersions([WidgetV1, WidgetV2], { stored: "v1" });

/** A world in which `kinds.js` exports what is given. */
function exporting(
  exported: { readonly [name: string]: unknown },
  options: Partial<Io> & { readonly files?: { readonly [path: string]: string } } = {},
) {
  const { files = {}, ...io } = options;
  const given = { importModule: async () => exported, ...io };
  return world({ "kinds.js": "", "kinds.ts": "", ...files }, given);
}

const print = (exported: { readonly [name: string]: unknown }) => exporting(exported).call("crd", "kinds.js");

describe("kindred crd prints", () => {
  it("kinds that are exported alone, in arrays and in objects, once each, and nothing of other exports", async () => {
    const { status, out, err } = await print({
      a: [Gadget],
      b: { deep: { Gadget, WidgetV1 } },
      c: 1,
      d: null,
      e: () => 1,
    });
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out.split("---\n").map((document) => parse(document) as unknown)).toEqual([Gadget.crd(), WidgetV1.crd()]);
    expect(out.split("\n", 4).join("\n")).toBe(
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gadgets.example.dev",
    );
  });

  it("merged versions instead of each", async () => {
    const { out } = await print({ WidgetV1, WidgetV2, widgets });
    expect(parse(out)).toEqual(widgets);
  });

  it("texts that kubectl's YAML 1.1 takes for something else in quotes", async () => {
    const words = [
      "on",
      "no",
      "y",
      "~",
      "0x10",
      "1_000",
      "12:30",
      "2026-01-01",
      "1e3",
      ".5",
      "null",
      "=",
      "<<",
    ] as const;
    const kind = customResource({ ...facts, version: "v1", spec: z.object({ on: z.enum(words), yes: z.string() }) });
    const { out } = await print({ kind });
    for (const version of ["1.1", "1.2"] as const) expect(parse(out, { version })).toEqual(kind.crd());
  });

  it("into a file, or into one file each in a folder", async () => {
    const { call, disk } = exporting({ Gadget, WidgetV1 });
    expect(await call("crd", "kinds.js", "--out", "crds.yaml")).toEqual({
      status: 0,
      out: "2 definitions in crds.yaml\n",
      err: "",
    });
    expect((await call("crd", "kinds.js", "--out", "crds/")).out).toBe("2 definitions in crds\n");
    expect([...disk.keys()].slice(2)).toEqual([
      "crds.yaml",
      "crds/gadgets.example.dev.yaml",
      "crds/widgets.example.dev.yaml",
    ]);
    for (const at of ["crds.yaml", "crds"]) {
      expect(await call("crd", "kinds.js", "--check", at)).toEqual({ status: 0, out: "", err: "" });
    }
  });
});

describe("kindred crd --check", () => {
  it("names what breaks stored objects and what does not, and exits with 1", async () => {
    const { call, disk } = exporting({ Gadget, Narrower });
    const before = exporting({
      WidgetV1,
      Old: customResource({ ...facts, version: "v1", kind: "Old", spec: z.object({}) }),
    });
    disk.set("crds.yaml", (await before.call("crd", "kinds.js")).out);
    expect(await call("crd", "--check", "crds.yaml", "kinds.js")).toEqual({
      status: 1,
      out: [
        "safe     gadgets.example.dev: a new kind",
        'breaking widgets.example.dev v1 .spec.size: may only be one of ["s","m"]: other stored values are refused',
        "breaking olds.example.dev: the kind is exported no more: deleting its definition deletes all its objects\n",
      ].join("\n"),
      err: "3 changes from crds.yaml, 2 of them breaking\n",
    });
  });

  it("with --breaking passes what breaks nothing", async () => {
    const { out } = await print({ WidgetV1 });
    const { call } = exporting({ widgets }, { readStdin: async () => out });
    expect(await call("crd", "kinds.js", "--check", "-")).toEqual({
      status: 1,
      out: "safe     widgets.example.dev v2: a new version\n",
      err: "1 change from standard input, none of them breaking\n",
    });
    expect(await call("crd", "kinds.js", "--check", "-", "--breaking")).toEqual({ status: 0, out: "", err: "" });
  });

  it("asks a cluster for the module's kinds alone, and closes the connection", async () => {
    const asked: string[] = [];
    const given: unknown[] = [];
    let closed = 0;
    const { call } = exporting(
      { Gadget, Narrower },
      {
        connect: async (options) => {
          given.push(options);
          return {
            get: async (path) => {
              asked.push(path);
              if (path.endsWith("/widgets.example.dev")) return WidgetV1.crd();
              throw notFound(path);
            },
            [Symbol.asyncDispose]: async () => void (closed += 1),
          };
        },
      },
    );
    const args = ["crd", "kinds.js", "--check", "--cluster", "--kubeconfig", "k", "--context", "c"];
    expect(await call(...args)).toMatchObject({ status: 1, err: "2 changes from the cluster, 1 of them breaking\n" });
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    expect(asked).toEqual([`${path}/gadgets.example.dev`, `${path}/widgets.example.dev`]);
    expect({ given, closed }).toEqual({ given: [{ kubeconfig: "k", context: "c" }], closed: 1 });
  });
});

describe("kindred crd refuses with the cure", () => {
  const unknownExtension = Object.assign(new TypeError("Unknown file extension"), {
    code: "ERR_UNKNOWN_FILE_EXTENSION",
  });
  const failing = (error: Error) => ({
    importModule: async () => {
      throw error;
    },
  });
  const V3 = customResource({ ...facts, version: "v3", spec: z.object({}) });
  it.each<readonly [string, Parameters<typeof exporting>, readonly string[], string | RegExp]>([
    ["no module", [{}], [], "kindred crd: no module: name the file that exports the kinds (see kindred crd --help)\n"],
    ["two modules", [{}], ["a", "b"], 'kindred crd: one module at a time: what is "b" for? (see kindred crd --help)\n'],
    [
      "a check of nothing",
      [{}],
      ["a", "--check"],
      "kindred crd: --check needs something to compare with: --check FILE or --check --cluster (see kindred crd --help)\n",
    ],
    [
      "a check that writes",
      [{}],
      ["a", "--check", "b", "--out", "c"],
      "kindred crd: --check writes nothing: leave --out away (see kindred crd --help)\n",
    ],
    [
      "a cluster without a check",
      [{}],
      ["a", "--cluster"],
      "kindred crd: --cluster is of use with --check only (see kindred crd --help)\n",
    ],
    [
      "a context without a cluster",
      [{}],
      ["a", "--context", "c"],
      "kindred crd: --context is of use with --cluster only (see kindred crd --help)\n",
    ],
    ["an unknown option", [{}], ["a", "--unheard"], /^kindred crd: Unknown option '--unheard'/],
    ["a module that is not there", [{}], ["gone.js"], "the module gone.js cannot be read: no such file: gone.js\n"],
    [
      "a module without kinds",
      [{ a: 1, b: 2 }],
      ["kinds.js"],
      "kinds.js exports no custom kind; it exports a, b. Export what customResource or mergeVersions returns.\n",
    ],
    [
      "a module without exports",
      [{}],
      ["kinds.js"],
      "kinds.js exports no custom kind; it exports nothing. Export what customResource or mergeVersions returns.\n",
    ],
    [
      "versions that nothing merges",
      [{ WidgetV1, WidgetV2 }],
      ["kinds.js"],
      'kinds.js exports widgets.example.dev twice (v1 and v2), and nothing that merges them. Export mergeVersions([...], { stored: "..." }) too.\n',
    ],
    [
      "a version that is not merged",
      [{ widgets, V3 }],
      ["kinds.js"],
      "kinds.js exports widgets.example.dev in version v3, which the definition that it exports (v2, v1) lacks or has otherwise. Merge that version too.\n",
    ],
    [
      "two definitions",
      [{ widgets, other: Narrower.crd() }],
      ["kinds.js"],
      "kinds.js exports two definitions of widgets.example.dev. Export one of them.\n",
    ],
    [
      "TypeScript on an old Node",
      [{}, { ...failing(unknownExtension), nodeVersion: "v20.19.0" }],
      ["kinds.ts"],
      "kinds.ts is TypeScript, which this Node (v20.19.0) does not run. Use Node 22.18 or newer, or compile it and name the .js file.\n",
    ],
    [
      "a file that is not there",
      [{ Gadget }],
      ["kinds.js", "--check", "gone.yaml"],
      "--check gone.yaml cannot be read: no such file: gone.yaml\n",
    ],
    [
      "bad YAML",
      [{ Gadget }, { files: { "bad.yaml": "a: [" } }],
      ["kinds.js", "--check", "bad.yaml"],
      /^bad\.yaml, document 1, line 1, column 5: this is not YAML \(BAD_INDENT\): indented too little/,
    ],
  ])("%s", async (_title, [exported, options], args, message) => {
    const { call, disk } = exporting(exported, options);
    const size = disk.size;
    const { status, out, err } = await call("crd", ...args);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    if (typeof message === "string") expect(err).toBe(message);
    else expect(err).toMatch(message);
    expect(disk.size).toBe(size);
  });

  it("a module that throws, with what it says and status 1", async () => {
    const { call } = exporting({}, failing(new Error("spec: a tuple.")));
    expect(await call("crd", "kinds.js")).toEqual({
      status: 1,
      out: "",
      err: "kinds.js cannot be imported: spec: a tuple.\n",
    });
  });
});

it("kindred crd explains itself", async () => {
  expect((await exporting({}).call("crd", "--help")).out).toMatch(/^Usage: kindred crd MODULE/);
});

function notFound(path: string): ApiError {
  return new ApiError(
    {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: "not found",
      reason: "NotFound",
      code: 404,
    },
    { method: "GET", path },
  );
}
