/**
 * Writes the JavaScript of the package: what `tsc -b` left in `.build/js` becomes one file per room in `dist`, beside its declarations.
 * A program that imports kindred then opens nine files instead of two hundred.
 */

import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const compiled = join(root, ".build", "js");
const dist = join(root, "dist");

/** What has a file of its own besides the entries: every room that others import. None includes one that comes later. */
const rooms = JSON.parse(await readFile(join(root, "src", "tsconfig.json"), "utf8"))
  .references.map(({ path }) => path)
  .filter((room) => room !== "cli");

const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
if (!existsSync(join(compiled, "index.js")))
  throw new Error(`${compiled} has no index.js: it is written by tsc -b, or tsc -b --force if only dist is left`);
/** A module that was removed stays where it was compiled to. */
const modules = (await filesOf(compiled)).filter((name) => existsSync(join(root, "src", name.replace(/\.js$/, ".ts"))));

const bundle = await rolldown({
  input: Object.fromEntries(entries().map((name) => [name.slice(0, -".js".length), join(compiled, name)])),
  external: [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)],
  platform: "node",
  onLog: (_level, log) => {
    throw new Error(log.message);
  },
});
const { output } = await bundle.write({
  dir: dist,
  chunkFileNames: "chunks/[name].js",
  comments: { annotation: true, jsdoc: false, legal: true },
  codeSplitting: {
    groups: rooms.map((room) => ({
      name: room.replace("/", "-"),
      test: (id) => roomOf(relative(compiled, id)) === room,
      // What is loaded when it is needed stays in files of its own.
      tags: ["$initial"],
    })),
  },
});

const written = new Set(output.map((file) => file.fileName));
for (const name of await filesOf(dist)) {
  if (name.endsWith(".js") && !written.has(name)) await rm(join(dist, name));
}

/** The files that package.json names. */
function entries() {
  const named = [...Object.values(manifest.exports), ...Object.values(manifest.bin)]
    .map((path) => relative("dist", path))
    .filter((path) => path.endsWith(".js"));
  return [...new Set(named.flatMap((path) => (path.includes("*") ? modules.filter(matches(path)) : [path])))];
}

/** The rooms lie within each other: a file is in the innermost. */
function roomOf(name) {
  return rooms.findLast((room) => name.startsWith(`${room}/`));
}

function matches(pattern) {
  const [start, end] = pattern.split("*");
  return (name) => name.startsWith(start) && name.endsWith(end);
}

async function filesOf(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
