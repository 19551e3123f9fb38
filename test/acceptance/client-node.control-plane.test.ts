/** @kubernetes/client-node on the embedded API server as on the real one. */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { type ServeProcess, startServe } from "../support/serve-process.js";
import { TempFolder } from "../support/temp-folder.js";

/** A package of its own: its client is too large to be installed by everyone who runs the unit tests. */
const folder = fileURLToPath(new URL("../clients-node", import.meta.url));
const run = promisify(execFile);

let temp: TempFolder;
let real: ControlPlane | undefined;
let ours: ServeProcess | undefined;

beforeAll(async () => {
  temp = await TempFolder.create();
  if ((await lockIn("node_modules/.package-lock.json")) !== (await lockIn("package-lock.json"))) {
    await run("npm", ["ci"], { cwd: folder });
  }
});

afterAll(async () => {
  await Promise.all([real?.stop(), ours?.stop()]);
  await temp?.remove();
});

/** The version of the client in a lock file. */
async function lockIn(path: string): Promise<unknown> {
  try {
    const lock = JSON.parse(await readFile(join(folder, path), "utf8")) as {
      readonly packages: { readonly [path: string]: { readonly version?: string } };
    };
    return lock.packages["node_modules/@kubernetes/client-node"]?.version;
  } catch {
    return undefined;
  }
}

async function check(kubeconfig: string): Promise<readonly string[]> {
  const { stdout } = await run(process.execPath, [join(folder, "main.mjs"), kubeconfig]).catch(
    (error: Error & { readonly stdout: string }) => error,
  );
  return stdout.trim().split("\n");
}

const notOk = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("ok "));

test("a program of client-node's finds everything as it should be on the embedded server", async () => {
  ours = await startServe({ kubeconfig: join(temp.path, "kubeconfig") });
  expect(notOk(await check(ours.kubeconfig))).toEqual(["9 of 9 checks hold"]);
});

test("it finds the same on the real one: what it checks is right", async () => {
  real = await startControlPlane();
  expect(notOk(await check(real.kubeconfig))).toEqual(["9 of 9 checks hold"]);
});
