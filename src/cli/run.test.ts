import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { world } from "../../test/support/command-world.js";
import { generatedMark } from "./generate/files.js";

const printer = readFileSync(new URL("generate/samples/printer.yaml", import.meta.url), "utf8");

const fromPrinter = ["generate", "--crd", "printer.yaml", "--out", "kinds"];

describe("kindred generate", () => {
  it("writes files, and nothing the second time", async () => {
    const { disk, call } = world({ "printer.yaml": printer });
    expect(await call(...fromPrinter)).toEqual({ status: 0, out: "3 files in kinds, 3 written\n", err: "" });
    expect([...disk.keys()]).toEqual(["printer.yaml", "kinds/example.dev/v1.ts", "kinds/meta/v1.ts", "kinds/index.ts"]);
    expect(await call(...fromPrinter)).toEqual({ status: 0, out: "3 files in kinds, 0 written\n", err: "" });
    expect(await call(...fromPrinter, "--check")).toEqual({ status: 0, out: "", err: "" });
  });

  it("with --check shows what is stale as a diff, writes nothing and exits with 1", async () => {
    const { disk, call } = world({ "printer.yaml": printer });
    await call(...fromPrinter);
    disk.set("printer.yaml", printer.replace("weight: { type: integer, default: 5 }", "weight: { type: string }"));
    disk.delete("kinds/index.ts");
    const before = new Map(disk);
    const { status, out, err } = await call(...fromPrinter, "--check");
    expect(status).toBe(1);
    expect(err).toBe("2 files in kinds not up to date; run the same command without --check\n");
    expect(out).toContain("--- kinds/example.dev/v1.ts\n+++ kinds/example.dev/v1.ts\n@@ ");
    expect(out).toContain("-  weight: number;\n+  weight?: string;\n");
    expect(out).toContain("--- /dev/null\n+++ kinds/index.ts\n@@ -0,0 +1,3 @@\n");
    expect(disk).toEqual(before);
  });

  it("removes what an earlier run generated and this one does not, and no other file", async () => {
    const stale = `/** The API group old.dev, v1. ${generatedMark} */\n`;
    const mine = `/** Mine. */\n// ${generatedMark}\n`;
    const { disk, call } = world({ "printer.yaml": printer, "kinds/old.dev/v1.ts": stale, "kinds/mine.ts": mine });
    expect((await call(...fromPrinter, "--check")).out).toContain("--- kinds/old.dev/v1.ts\n+++ /dev/null\n");
    expect((await call(...fromPrinter)).out).toBe("removed kinds/old.dev/v1.ts\n3 files in kinds, 3 written\n");
    expect(disk.has("kinds/old.dev/v1.ts")).toBe(false);
    expect(disk.get("kinds/mine.ts")).toBe(mine);
  });

  it("reads standard input, JSON as well as YAML", async () => {
    const { disk, call } = world({}, { readStdin: async () => printer });
    expect((await call("generate", "--crd", "-", "--out", "kinds/")).status).toBe(0);
    expect(disk.get("kinds/example.dev/v1.ts")).toContain("A printer.");
    expect((await call("generate", "--crd", "-", "--out", "kinds", "--no-docs")).status).toBe(0);
    expect(disk.get("kinds/example.dev/v1.ts")).not.toContain("A printer.");
  });

  it("reports what is wrong in a schema, generates the rest and exits with 1", async () => {
    const { disk, call } = world({
      "printer.yaml": printer.replace("labels: { type: object,", "labels: { type: objekt,"),
    });
    const { status, err } = await call(...fromPrinter);
    expect(status).toBe(1);
    expect(err).toBe(
      'Printer.example.dev/v1 spec.labels: unknown type "objekt"; expected string, integer, number, boolean, array or object\n',
    );
    expect(disk.get("kinds/example.dev/v1.ts")).toContain("  labels?: unknown;\n");
  });

  it("reads OpenAPI as YAML 1.2, whose names no manifest would have", async () => {
    const { disk, call } = world({
      "api.yaml": `openapi: 3.0.0
components:
  schemas:
    dev.example.v1.Thing:
      properties: { y: { type: string }, on: { type: string } }
      x-kubernetes-group-version-kind: [{ group: example.dev, version: v1, kind: Thing }]
paths:
  /apis/example.dev/v1/things:
    get:
      x-kubernetes-action: list
      x-kubernetes-group-version-kind: { group: example.dev, version: v1, kind: Thing }
`,
    });
    expect(await call("generate", "--openapi", "api.yaml", "--out", "kinds")).toMatchObject({ status: 0 });
    expect(disk.get("kinds/example.dev/v1.ts")).toMatch(/ {2}on\?: string;\n {2}y\?: string;/);
  });

  it("asks the cluster for one group and closes the connection", async () => {
    let closed = 0;
    const given: unknown[] = [];
    const answers: { readonly [path: string]: unknown } = {
      "/api": { kind: "APIGroupDiscoveryList", items: [] },
      "/apis": {
        kind: "APIGroupDiscoveryList",
        items: [
          {
            metadata: { name: "example.dev" },
            versions: [
              {
                version: "v1",
                resources: [{ resource: "things", scope: "Cluster", responseKind: { kind: "Thing" }, verbs: ["get"] }],
              },
            ],
          },
        ],
      },
      "/openapi/v3": { paths: { "apis/example.dev/v1": {} } },
      "/openapi/v3/apis/example.dev/v1": {
        openapi: "3.0.0",
        components: {
          schemas: {
            "dev.example.v1.Thing": {
              "x-kubernetes-group-version-kind": [{ group: "example.dev", version: "v1", kind: "Thing" }],
            },
          },
        },
      },
    };
    const { disk, call } = world(
      {},
      {
        connect: async (options) => {
          given.push(options);
          return { get: async (path) => answers[path], [Symbol.asyncDispose]: async () => void (closed += 1) };
        },
      },
    );
    const args = ["generate", "--cluster", "--kubeconfig", "k", "--context", "c", "--out", "kinds"];
    expect((await call(...args, "--group", "example.dev")).status).toBe(0);
    expect(given).toEqual([{ kubeconfig: "k", context: "c" }]);
    expect(closed).toBe(1);
    expect(disk.get("kinds/example.dev/v1.ts")).toContain('  verbs: ["get"],\n');
    expect(await call(...args, "--group", "exmple.dev")).toEqual({
      status: 2,
      out: "",
      err: "--group exmple.dev: no such API group in the input; it has example.dev\n",
    });
    expect(closed).toBe(2);
  });

  it.each([
    {
      args: [],
      err: "kindred generate: no source: give --cluster, --crd FILE or --openapi FILE (see kindred generate --help)\n",
    },
    {
      args: ["--cluster"],
      err: "kindred generate: --out FOLDER is missing: where do the files go? (see kindred generate --help)\n",
    },
    {
      args: ["--crd", "a", "--out", "b", "--context", "c"],
      err: "kindred generate: --context is of use with --cluster only (see kindred generate --help)\n",
    },
    {
      args: ["--crd", "-", "--openapi", "-", "--out", "b"],
      err: "kindred generate: standard input (-) can be read once only (see kindred generate --help)\n",
    },
    { args: ["--crd", "gone.yaml", "--out", "b"], err: "--crd gone.yaml cannot be read: no such file: gone.yaml\n" },
    {
      args: ["--crd", "bad.yaml", "--out", "b"],
      err: /^bad\.yaml, document 1, line 1, column 5: this is not YAML \(BAD_INDENT\): indented too little/,
    },
    {
      args: ["--openapi", "printer.yaml", "--out", "b"],
      err: "printer.yaml is not an OpenAPI v3 document: it is a CustomResourceDefinition; use --crd\n",
    },
    { args: ["--unheard", "--out", "b"], err: /^kindred generate: Unknown option '--unheard'/ },
    { args: ["stray"], err: /^kindred generate: Unexpected argument 'stray'/ },
  ])("refuses $args with the cure, and writes nothing", async ({ args, err }) => {
    const { disk, call } = world({ "printer.yaml": printer, "bad.yaml": "a: [" });
    const result = await call("generate", ...args);
    expect(result).toMatchObject({ status: 2, out: "" });
    if (typeof err === "string") expect(result.err).toBe(err);
    else expect(result.err).toMatch(err);
    expect(disk.size).toBe(2);
  });

  it("that fails for another reason than the command line exits with 1", async () => {
    const { call } = world({});
    expect(await call("generate", "--cluster", "--out", "b")).toEqual({
      status: 1,
      out: "",
      err: "no cluster is configured\n",
    });
  });
});

describe("kindred", () => {
  it("explains itself", async () => {
    const { call } = world({});
    expect((await call("--help")).out).toMatch(/^Usage: kindred COMMAND/);
    expect((await call("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await call("generate", "--help")).out).toMatch(/^Usage: kindred generate SOURCE/);
    expect(await call("generate", "-h")).toMatchObject({ status: 0, err: "" });
    expect(await call()).toMatchObject({ status: 2, out: "" });
  });

  it("names its commands where it is given another", async () => {
    const { call } = world({});
    expect(await call("serv")).toEqual({
      status: 2,
      out: "",
      err: 'kindred: no command "serv"; the commands are: crd, generate, serve (see kindred --help)\n',
    });
  });
});
