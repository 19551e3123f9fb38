/** Files to and from a pod behind a real API server; `kubectl cp` is the yardstick, since it makes the same files. */

import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, copyFromPod, copyToPod, waitFor } from "kindred";
import { Pod } from "kindred/resources";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { streamingPod } from "../control-plane/streaming-pod.js";

let controlPlane: ControlPlane;
let client: Client;
/** Of this machine, and of the pod: the processes of a streaming pod see all files. */
let folder: string;

const pods = () => client.api(Pod).namespace("default");

beforeAll(async () => {
  controlPlane = await startControlPlane({ streaming: true });
  client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  await pods().create(streamingPod("web"));
  const until = (pod?: { status?: { phase?: string } }) => pod?.status?.phase === "Running";
  await waitFor(pods(), "web", { until, timeout: { seconds: 30 } });
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kindred-copy-"));
  return () => rmSync(folder, { recursive: true, force: true });
});

/** A tree of all that may be difficult. */
function plant(root: string): void {
  mkdirSync(join(root, "empty"), { recursive: true });
  mkdirSync(join(root, "deep", "er"), { recursive: true });
  writeFileSync(join(root, "big"), Buffer.alloc(3_000_000, "kindred\n"));
  writeFileSync(join(root, "nothing"), "");
  writeFileSync(join(root, "run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(root, "private"), "secret", { mode: 0o600 });
  writeFileSync(join(root, "deep", "er", "-dash and spaces é"), "x");
  writeFileSync(join(root, "deep", `${"long".repeat(50)}.txt`), "long");
  writeFileSync(join(root, ".hidden"), "h");
}

/** Paths, types, modes and contents below a folder. */
function survey(root: string): unknown {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted();
  return names.map((name) => {
    const stat = lstatSync(join(root, name));
    const type = stat.isDirectory() ? "folder" : stat.isSymbolicLink() ? "link" : "file";
    return [name, type, stat.mode & 0o777, type === "file" ? readFileSync(join(root, name)).toString("base64") : ""];
  });
}

describe("a folder", () => {
  test("gets into a pod whole, as kubectl cp brings it", async () => {
    plant(join(folder, "tree"));
    symlinkSync("big", join(folder, "tree", "link"));
    await copyToPod(pods(), "web", { from: join(folder, "tree"), to: `${folder}/ours` });
    await controlPlane.kubectl.ok(["cp", join(folder, "tree"), `web:${folder}/theirs`]);
    expect(survey(join(folder, "ours"))).toEqual(survey(join(folder, "tree")));
    expect(survey(join(folder, "ours"))).toEqual(survey(join(folder, "theirs")));
  });

  test("comes out of a pod whole but for links, as kubectl cp brings it", async () => {
    plant(join(folder, "tree"));
    symlinkSync("big", join(folder, "tree", "link"));
    symlinkSync("/etc", join(folder, "tree", "deep", "etc"));
    const copied = await copyFromPod(pods(), "web", { from: `${folder}/tree`, to: join(folder, "new", "ours") });
    expect(copied.skipped.toSorted()).toEqual(["deep/etc", "link"]);
    rmSync(join(folder, "tree", "link"));
    rmSync(join(folder, "tree", "deep", "etc"));
    expect(survey(join(folder, "new", "ours"))).toEqual(survey(join(folder, "tree")));
    await controlPlane.kubectl.ok(["cp", `web:${folder}/tree`, join(folder, "theirs")]);
    // kubectl makes files by the umask alone, so that a script can no longer be run.
    const modeless = (root: string) =>
      (survey(root) as [string, string, number, string][]).map((one) => one.toSpliced(2, 1));
    expect(modeless(join(folder, "new", "ours"))).toEqual(modeless(join(folder, "theirs")));
  });

  test("that is there already is added to and overwritten", async () => {
    plant(join(folder, "tree"));
    mkdirSync(join(folder, "ours"));
    writeFileSync(join(folder, "ours", "big"), "small");
    writeFileSync(join(folder, "ours", "mine"), "mine");
    await copyFromPod(pods(), "web", { from: `${folder}/tree`, to: join(folder, "ours") });
    expect(readFileSync(join(folder, "ours", "mine"), "utf8")).toBe("mine");
    rmSync(join(folder, "ours", "mine"));
    expect(survey(join(folder, "ours"))).toEqual(survey(join(folder, "tree")));
  });
});

describe("a file", () => {
  test.each([
    ["another name", "there/that", "there/that"],
    ["its own name in a folder", "there/", "there/it"],
  ])("gets %s, there and back", async (_title, to, result) => {
    writeFileSync(join(folder, "it"), "hello");
    mkdirSync(join(folder, "there"));
    await copyToPod(pods(), "web", { from: join(folder, "it"), to: `${folder}/${to}` });
    expect(readFileSync(join(folder, result), "utf8")).toBe("hello");
    await copyFromPod(pods(), "web", { from: `${folder}/it`, to: `${folder}/back/${to}`, container: "main" });
    expect(readFileSync(join(folder, "back", result), "utf8")).toBe("hello");
  });
});

describe("what goes wrong is told", () => {
  test("a folder that does not exist in the pod, also of a large file", async () => {
    writeFileSync(join(folder, "big"), Buffer.alloc(20_000_000));
    await expect(
      copyToPod(pods(), "web", { from: join(folder, "big"), to: `${folder}/none/it` }),
    ).rejects.toMatchObject({
      code: "COMMAND",
      message: expect.stringContaining("No such file or directory"),
    });
  });

  test("a file that does not exist in the pod", async () => {
    await expect(copyFromPod(pods(), "web", { from: `${folder}/none`, to: join(folder, "it") })).rejects.toMatchObject({
      code: "COMMAND",
      message: expect.stringContaining("No such file or directory"),
    });
  });

  test("a file that does not exist here, which leaves nothing running in the pod", async () => {
    await expect(copyToPod(pods(), "web", { from: join(folder, "none"), to: folder })).rejects.toMatchObject({
      code: "ENOENT",
    });
  });

  test("a pod or container that does not exist", async () => {
    const options = { from: `${folder}/it`, to: join(folder, "it") };
    await expect(copyFromPod(pods(), "nobody", options)).rejects.toMatchObject({ code: "API", statusCode: 404 });
    await expect(copyFromPod(pods(), "web", { ...options, container: "no" })).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  test("an abort", async () => {
    writeFileSync(join(folder, "it"), "hello");
    const signal = AbortSignal.abort(new Error("enough"));
    const copy = copyToPod(pods(), "web", { from: join(folder, "it"), to: `${folder}/that`, signal });
    await expect(copy).rejects.toThrow("enough");
  });
});
