/** The boundaries of DESIGN.md's rooms: each forbidden edge is tried in a copy of the sources, and must be refused. */

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Which rooms each room may import; itself is understood. `cli` may import all. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "core/requests": ["core"],
  resources: ["core"],
  schema: ["core"],
  manifests: ["core"],
  client: ["core", "core/requests"],
  "client/node": ["core", "core/requests", "manifests", "client"],
  runtime: ["core", "core/requests", "resources", "client"],
  testing: ["core", "resources", "schema"],
  "testing/cluster": ["core", "core/requests", "resources", "schema", "manifests", "client", "runtime", "testing"],
  // What testing/cluster references comes with it.
  "testing/node": [
    "core",
    "core/requests",
    "resources",
    "schema",
    "manifests",
    "client",
    "runtime",
    "testing",
    "testing/cluster",
  ],
};

/** Globals that a room must not know. */
const foreignGlobals: Readonly<Record<string, readonly string[]>> = {
  core: ["setTimeout", "process", "fetch", "AbortSignal", "TextDecoder", "document", "Buffer"],
  "core/requests": ["setTimeout", "process", "URL", "document"],
  resources: ["setTimeout", "process", "fetch"],
  schema: ["setTimeout", "process", "fetch", "document"],
  manifests: ["setTimeout", "process", "fetch", "document", "Buffer"],
  client: ["process", "Buffer", "document"],
  runtime: ["process", "Buffer", "document"],
  testing: ["process", "Buffer", "document"],
  "testing/cluster": ["process", "Buffer", "document"],
};

/** What the linter sees that the compiler cannot: packages, types-only edges, timers. */
const forbiddenLines: Readonly<Record<string, readonly string[]>> = {
  core: [`export * from "undici";`, `export * from "yaml";`],
  "core/requests": [`export * from "undici";`],
  resources: [`export * from "yaml";`],
  schema: [`export * from "zod";`],
  manifests: [`export * from "undici";`, `import { parse } from "yaml";\nexport const x = parse;`],
  client: [`export * from "undici";`, `export * from "yaml";`],
  runtime: [
    `export { Client } from "../client/index.js";`,
    `import { Client } from "../client/index.js";\nexport const x = Client;`,
    `export const x = setTimeout(() => {}, 1);`,
    `export const x = new Date();`,
    `export * from "undici";`,
  ],
  "testing/cluster": [`export * from "yaml";`],
};

const rooms = Object.keys(mayImport).filter((room) => existsSync(join(root, "src", room, "tsconfig.json")));
let copy: string;

beforeAll(() => {
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", "src"], { cwd: root });
  copy = mkdtempSync(join(tmpdir(), "kindred-rooms-"));
  for (const name of ["src", "dist", "tsconfig.base.json", ".oxlintrc.json", "package.json"]) {
    cpSync(join(root, name), join(copy, name), { recursive: true, preserveTimestamps: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Writes files into a room of the copy, runs a command over it, and tells which of the files it complained about. */
function complaints(room: string, files: ReadonlyMap<string, string>, command: readonly string[]): readonly string[] {
  for (const [name, text] of files) writeFileSync(join(copy, "src", room, name), `${text}\n`);
  try {
    const result = spawnSync(process.execPath, command, { cwd: copy, encoding: "utf8" });
    const output = result.stdout + result.stderr;
    // A file that may not be in the program is reported once, with all who import it.
    return [...files.keys()].filter((name) => output.includes(name));
  } finally {
    for (const name of files.keys()) rmSync(join(copy, "src", room, name));
  }
}

const compile = (room: string) => [
  join(root, "node_modules/typescript/bin/tsc"),
  "-p",
  `src/${room}`,
  "--noEmit",
  "--pretty",
  "false",
];

const slug = (room: string) => room.replaceAll("/", "-");

function importOf(room: string, target: string): string {
  const path = posix.join(posix.relative(room, target), "index.js");
  return `export * as x from "${path.startsWith(".") ? path : `./${path}`}";`;
}

test("every room with a tsconfig is in the table", () => {
  const found = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("tsconfig.json") && dirname(file) !== ".")
    .map((file) => relative(".", dirname(file)));
  expect(found.filter((room) => room !== "cli").toSorted()).toEqual(rooms.toSorted());
});

describe.each(rooms)("%s", { timeout: 30_000 }, (room) => {
  const others = rooms.filter((other) => other !== room);

  test("imports the rooms that it may, and the compiler refuses each other one", () => {
    const files = new Map(others.map((other) => [`edge-${slug(other)}.ts`, importOf(room, other)]));
    const forbidden = others.filter((other) => !mayImport[room]?.includes(other));
    const refused = complaints(room, files, compile(room));
    expect(refused.toSorted()).toEqual(forbidden.map((other) => `edge-${slug(other)}.ts`).toSorted());
  });

  const globals = foreignGlobals[room] ?? [];
  if (globals.length > 0) {
    test(`knows nothing of ${globals.join(", ")}`, () => {
      const files = new Map(globals.map((name) => [`global-${name}.ts`, `export const x = ${name};`]));
      expect(complaints(room, files, compile(room)).toSorted()).toEqual([...files.keys()].toSorted());
    });
  }

  if (!room.endsWith("/node")) {
    test("does not find Node's modules", () => {
      const files = new Map([["node-fs.ts", `export * as fs from "node:fs";`]]);
      expect(complaints(room, files, compile(room))).toEqual(["node-fs.ts"]);
    });
  }

  const lines = forbiddenLines[room] ?? [];
  if (lines.length > 0) {
    test("is held by the linter to what the compiler cannot see", () => {
      const files = new Map(lines.map((line, index) => [`line-${index}.ts`, line]));
      const allowed = new Map([
        [
          "allowed.ts",
          room === "runtime" ? `export type { Client } from "../client/index.js";` : "export const x = 1;",
        ],
      ]);
      const oxlint = [join(root, "node_modules/oxlint/bin/oxlint"), `src/${room}`, "--format", "unix"];
      expect(complaints(room, files, oxlint).toSorted()).toEqual([...files.keys()].toSorted());
      expect(complaints(room, allowed, oxlint)).toEqual([]);
    });
  }
});

test("the tools that this test relies on are there", () => {
  expect(existsSync(join(root, "node_modules/typescript/bin/tsc"))).toBe(true);
  expect(existsSync(join(root, "node_modules/oxlint/bin/oxlint"))).toBe(true);
});
