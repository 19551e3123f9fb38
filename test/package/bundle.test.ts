/** What `scripts/bundle.mjs` must keep of the modules that it joins: one copy of each, loaded no earlier, left out when it is not used. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { describe, expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const dist = join(root, "dist");
const compiled = join(root, ".build", "js");

const manifest: { exports: Record<string, string>; bin: Record<string, string> } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
);
const resources = scriptsOf(join(compiled, "resources")).map((name) => `resources/${name}`);
const entries = [...Object.values(manifest.exports), ...Object.values(manifest.bin)]
  .map((path) => posix.relative("dist", path))
  .filter((path) => path.endsWith(".js"))
  .flatMap((path) => (path === "resources/*.js" ? resources.filter((name) => name !== "resources/index.js") : [path]));

function scriptsOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
}

const atOnce = /^(?:import|export)\b[^;"]*"([^"]+)";/gm;
const whenUsed = /\bimport\("([^"]+)"\)/g;

/** The files of a folder that loading one of them loads, itself too, and what else they import. */
function loadedBy(folder: string, entry: string, ...statements: readonly RegExp[]) {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const file of files) {
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, specifier = ""] of statements.flatMap((statement) => [...text.matchAll(statement)])) {
      if (specifier.startsWith(".")) files.add(posix.join(posix.dirname(file), specifier));
      else packages.add(specifier);
    }
  }
  return { files: [...files], packages: [...packages] };
}

/** The modules that a file of `dist` was made of: the bundler names each above its code. */
function modulesIn(file: string): readonly string[] {
  return [...readFileSync(join(dist, file), "utf8").matchAll(/^\/\/ (\S+\.js)$/gm)]
    .map(([, path = ""]) => posix.relative(".build/js", path))
    .filter((name) => !name.endsWith("rolldown/runtime.js"));
}

test("importing kindred opens few files", () => {
  expect(loadedBy(dist, "index.js", atOnce).files.toSorted()).toEqual([
    "chunks/client-node.js",
    "chunks/client.js",
    "chunks/core-requests.js",
    "chunks/core.js",
    "chunks/manifests.js",
    "chunks/resources.js",
    "chunks/runtime.js",
    "chunks/schema.js",
    "index.js",
  ]);
});

test("each module is in one file, and nobody else's is in any", () => {
  const modules = scriptsOf(dist).flatMap(modulesIn);
  expect(modules.length).toBeGreaterThan(250);
  expect(modules.filter((name, index) => modules.indexOf(name) !== index)).toEqual([]);
  expect(modules.filter((name) => !existsSync(join(root, "src", name.replace(/\.js$/, ".ts"))))).toEqual([]);
});

test("no file is left from an earlier build", () => {
  const used = new Set(entries.flatMap((entry) => loadedBy(dist, entry, atOnce, whenUsed).files));
  expect(scriptsOf(dist).filter((name) => !used.has(name))).toEqual([]);
});

describe("it loads the rooms that its modules import, and what is loaded when it is used no earlier", () => {
  const rooms = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => posix.basename(name) === "tsconfig.json")
    .map((name) => posix.dirname(name))
    .toSorted((a, b) => b.length - a.length);
  const roomOf = (name: string) => rooms.find((room) => name.startsWith(`${room}/`));
  const everLoadedAtOnce = new Set(entries.flatMap((entry) => loadedBy(compiled, entry, atOnce).files));

  // One that has only types is imported for nothing else, which loads nothing.
  const withValues = entries.filter((name) => !readFileSync(join(compiled, name), "utf8").includes("\nexport {};"));

  test.each(withValues)("%s", (entry) => {
    const plain = loadedBy(compiled, entry, atOnce);
    const bundled = loadedBy(dist, entry, atOnce);
    expect(bundled.packages.filter((name) => !plain.packages.includes(name))).toEqual([]);
    const modules = bundled.files.flatMap(modulesIn);
    expect(modules.filter((name) => !everLoadedAtOnce.has(name))).toEqual([]);
    const imported = new Set(plain.files.map(roomOf));
    expect(modules.filter((name) => !imported.has(roomOf(name)))).toEqual([]);
  });

  test("as the connector is, which is the price of TLS", () => {
    expect(everLoadedAtOnce).not.toContain("client/node/connector.js");
    expect(modulesIn("chunks/connector.js")).toEqual(["client/node/connector.js"]);
  });
});

describe("a bundler leaves out what a program does not use", () => {
  test.each([
    ["index.js", "parseQuantity", "DaemonSet"],
    ["index.js", "watcher", "listensTo"],
    ["resources/index.js", "Deployment", "DaemonSet"],
  ])("of %s beside %s", async (entry, name, unused) => {
    const bundle = await rolldown({
      input: "program",
      platform: "node",
      external: ["undici", "yaml", "openid-client"],
      plugins: [
        {
          name: "program",
          resolveId: (id) => (id === "program" ? id : null),
          load: (id) => (id === "program" ? `export { ${name} } from ${JSON.stringify(join(dist, entry))};` : null),
        },
      ],
    });
    const { output } = await bundle.generate();
    const text = output.map((file) => (file.type === "chunk" ? file.code : "")).join("\n");
    expect(text).toContain(name);
    expect(text).not.toContain(unused);
    const files = loadedBy(dist, entry, atOnce).files.map((file) => readFileSync(join(dist, file), "utf8"));
    expect(files.join("\n")).toContain(unused);
  });
});
