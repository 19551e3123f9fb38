/** The package as a user gets it: packed, installed in an empty folder, imported. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const manifest: { exports: Record<string, string>; dependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kindred-package-"));
  const [packed] = JSON.parse(npm(root, "pack", "--json", "--ignore-scripts", "--pack-destination", folder)) as [
    { filename: string },
  ];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  npm(folder, "install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, packed.filename));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function npm(cwd: string, ...args: readonly string[]): string {
  return execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** Runs a module in the user's folder and reads what it prints as JSON. */
function run(source: string): unknown {
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", source], { cwd: folder, encoding: "utf8" }),
  );
}

function files(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(directory, name)).isFile(),
  );
}

test("publint has nothing to say", async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("it brings its two dependencies and nothing else", () => {
  const installed = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
  expect(installed.toSorted()).toEqual(["kindred", ...Object.keys(manifest.dependencies)].toSorted());
});

test("it holds what is compiled, and no test, example, source map or tool of the project", () => {
  const packed = files(join(folder, "node_modules", "kindred"));
  expect(packed).toContain("dist/index.js");
  expect(packed).toContain("README.md");
  expect(packed).toContain("LICENSE");
  const unexpected = /\.test|\.test-d|\.probe|tsbuildinfo|examples|generate-types|\.map$|(?<!\.d)\.ts$/;
  expect(packed.filter((name) => unexpected.test(name))).toEqual([]);
});

describe("every entry can be imported", () => {
  const entries = Object.keys(manifest.exports).filter(
    (name) => name.startsWith("./") && !name.includes("*") && !name.endsWith(".json"),
  );
  test.each(["kindred", ...entries.map((name) => name.replace(".", "kindred")), "kindred/resources/apps/v1"])(
    "%s",
    (name) => {
      expect(run(`console.log(JSON.stringify(Object.keys(await import("${name}")).length))`)).toBeGreaterThan(0);
    },
  );
});

test("a class, a function, a kind is the same whichever entry it comes from", () => {
  const shared = run(`
    const whole = await import("kindred");
    const parts = await Promise.all(["client", "core", "runtime", "schema"].map((name) => import(\`kindred/\${name}\`)));
    const kinds = await import("kindred/resources");
    const { Deployment } = await import("kindred/resources/apps/v1");
    const { TestCluster } = await import("kindred/testing");
    const cluster = await TestCluster.start();
    const error = await cluster.client.api(kinds.ConfigMap).namespace("default").get("missing").catch((error) => error);
    await cluster[Symbol.asyncDispose]();
    console.log(JSON.stringify({
      missing: Object.keys(whole).filter((name) => !parts.some((part) => part[name] === whole[name])),
      others: parts.flatMap((part) => Object.keys(part)).filter((name) => !parts.every((part) => (part[name] ?? whole[name]) === whole[name])),
      kind: kinds.Deployment === Deployment,
      error: error instanceof whole.ApiError && whole.isNotFound(error),
    }));
  `);
  expect(shared).toEqual({ missing: [], others: [], kind: true, error: true });
});

test("importing it does no work: no network code, no YAML, nothing left running", () => {
  const loaded = run(`
    import { createRequire } from "node:module";
    await import("kindred");
    const { Pod } = await import("kindred/resources");
    const cached = Object.keys(createRequire(import.meta.url).cache ?? {});
    console.log(JSON.stringify({ kind: Pod.kind, heavy: cached.filter((name) => /undici|yaml/.test(name)), handles: process.getActiveResourcesInfo().filter((name) => !/TTY|Pipe|FS|CloseReq/.test(name)) }));
  `);
  expect(loaded).toEqual({ kind: "Pod", heavy: [], handles: [] });
});

test("the command says what it does", () => {
  const help = execFileSync(join(folder, "node_modules", ".bin", "kindred"), ["--help"], { encoding: "utf8" });
  expect(help).toMatch(/^Usage: kindred/);
});

test("the lock file names no host, and the manifest's entries exist", () => {
  expect(readFileSync(join(root, "package-lock.json"), "utf8")).not.toContain('"resolved"');
  for (const target of Object.values(manifest.exports).filter((name) => !name.includes("*"))) {
    expect(statSync(join(root, target)).isFile()).toBe(true);
  }
});
