/** client-go on the embedded API server as on the real one; and protobuf, which it speaks, as Go itself reads it. */

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseProtobuf } from "../../src/testing/body/protobuf.js";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { type ServeProcess, startServe } from "../support/serve-process.js";
import { TempFolder } from "../support/temp-folder.js";

const folder = fileURLToPath(new URL("../clients-go", import.meta.url));
const run = promisify(execFile);

let temp: TempFolder;
let program: string;

beforeAll(async () => {
  temp = await TempFolder.create();
  program = join(temp.path, "clients-go");
  await run("go", ["build", "-o", program, "."], { cwd: folder });
});

afterAll(() => temp?.remove());

/** What the program prints: a line for each check. */
async function check(kubeconfig: string): Promise<readonly string[]> {
  const { stdout } = await run(program, ["-kubeconfig", kubeconfig], { maxBuffer: 10_000_000 }).catch(
    (error: Error & { readonly stdout: string }) => error,
  );
  return stdout.trim().split("\n");
}

describe("a program of client-go's", () => {
  let real: ControlPlane | undefined;
  let ours: ServeProcess | undefined;

  afterAll(async () => {
    await Promise.all([real?.stop(), ours?.stop()]);
  });

  test("finds everything as it should be on the embedded server", async () => {
    ours = await startServe({ kubeconfig: join(temp.path, "kubeconfig"), args: ["--log", "requests"] });
    const lines = await check(ours.kubeconfig);
    expect(lines.filter((line) => !line.startsWith("ok "))).toEqual(["14 of 14 checks hold"]);
    expect(ours.log()).toMatch(/200 GET .*sendInitialEvents=true/);
  });

  test("finds the same on the real one: what it checks is right", async () => {
    real = await startControlPlane();
    const lines = await check(real.kubeconfig);
    expect(lines.filter((line) => !line.startsWith("ok "))).toEqual(["14 of 14 checks hold"]);
  });
});

describe("protobuf", () => {
  test("is read by the table that the Go types make", async () => {
    const { stdout } = await run("go", ["run", "./protobuf-table"], { cwd: folder, maxBuffer: 10_000_000 });
    const path = fileURLToPath(new URL("../../src/testing/body/protobuf-types.ts", import.meta.url));
    expect(await readFile(path, "utf8")).toBe(stdout);
  });

  test("says of every kind in it what Kubernetes' own samples say in JSON", async () => {
    const { stdout } = await run("go", ["list", "-m", "-f", "{{.Dir}}", "k8s.io/api"], { cwd: folder });
    const samples = join(stdout.trim(), "testdata/HEAD");
    let equal = 0;
    for (const file of (await readdir(samples)).filter((name) => name.endsWith(".pb"))) {
      const bytes = await readFile(join(samples, file));
      let object: unknown;
      try {
        object = parseProtobuf(bytes);
      } catch (error) {
        // Alpha and beta versions, and lists, which nobody sends.
        expect(String(error), file).toContain("no kind");
        continue;
      }
      const json: unknown = JSON.parse(await readFile(join(samples, file.replace(/pb$/, "json")), "utf8"));
      expect(exact(object), file).toEqual(withoutNulls(json));
      equal += 1;
    }
    expect(equal).toBeGreaterThanOrEqual(80);
  });
});

/** A field that is null says nothing. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])),
  );
}

/** `JSON.parse` rounds what is beyond 2^53. */
function exact(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, exact(inner)]));
}
