/** Builds what the benchmark needs. A contender that cannot be built is named, with the reason; the others go on. */

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./process.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const cache = join(root, ".cache", "bench");
const bench = join(root, "bench");
const clientNode = join(bench, "contenders", "client-node");

/** A file of the recorded traffic, which `npm run bench` makes. */
export async function recordedFile(name) {
  const folder = (await readdir(cache)).find((found) => /^recording-[0-9a-f]+$/.test(found));
  if (folder === undefined) throw new Error("nothing is recorded yet: run npm run bench -- --quick once");
  return readFile(join(cache, folder, name));
}

/** Every JavaScript contender runs on the Node that client-node needs. */
export const node = join(clientNode, "node_modules", ".bin", "node");

const kindred = (dist) => [node, join(bench, "contenders", "kindred", "main.mjs"), dist];

const contenders = [
  {
    name: "kindred",
    build: async () => {
      await installClientNode();
      return {
        command: kindred(join(root, "dist")),
        version: (await json("package.json")).version,
      };
    },
  },
  {
    name: "client-node",
    build: async () => {
      await installClientNode();
      const { version } = await json("bench/contenders/client-node/node_modules/@kubernetes/client-node/package.json");
      return { command: [node, join(clientNode, "main.mjs")], version };
    },
  },
  {
    name: "kube (Rust)",
    build: async () => {
      const folder = join(bench, "contenders", "kube");
      const target = join(cache, "kube");
      await run(["nice", "-n", "10", "cargo", "build", "--release", "--locked", "-j1"], {
        cwd: folder,
        env: { ...process.env, CARGO_TARGET_DIR: target },
      });
      const version = /name = "kube"\nversion = "(.*)"/.exec(await readFile(join(folder, "Cargo.lock"), "utf8"))?.[1];
      return { command: [join(target, "release", "bench-kube")], version };
    },
  },
  {
    name: "client-go",
    build: async () => {
      const folder = join(bench, "contenders", "client-go");
      const binary = join(cache, "client-go");
      await goBuild(folder, binary);
      const version = /k8s\.io\/client-go (v\S+)/.exec(await readFile(join(folder, "go.mod"), "utf8"))?.[1];
      return { command: [binary], version };
    },
  },
];

/**
 * @param against another build of kindred, to compare with.
 * @returns the contenders that could be built, the reasons why others could not, and the replay server.
 */
export async function buildAll({ wanted = () => true, against }) {
  await run(["npm", "run", "--silent", "build"], { cwd: root });
  const replay = join(cache, "replay");
  await goBuild(join(bench, "replay"), replay);
  const built = [];
  const missing = [];
  for (const { name, build } of contenders.filter(({ name }) => wanted(name))) {
    console.error(`building ${name}`);
    try {
      built.push({ name, ...(await build()) });
    } catch (error) {
      missing.push({ name, reason: error.message });
    }
  }
  if (against !== undefined)
    built.splice(1, 0, { name: "before", command: kindred(resolve(against)), version: against });
  return { built, missing, replay };
}

let installing;

function installClientNode() {
  installing ??= existsSync(node)
    ? Promise.resolve()
    : run(["npm", "ci", "--no-audit", "--no-fund"], { cwd: clientNode });
  return installing;
}

async function goBuild(cwd, binary) {
  await run(["nice", "-n", "10", "go", "build", "-p", "1", "-trimpath", "-o", binary, "."], { cwd });
}

async function json(path) {
  return JSON.parse(await readFile(join(root, path), "utf8"));
}
