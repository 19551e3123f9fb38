/** kubectl cannot tell the embedded API server from the real one: the same commands, run on both, print the same. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { createKubectl, type Kubectl, type KubectlResult } from "../control-plane/kubectl.js";
import { type ServeProcess, startServe } from "../support/serve-process.js";
import { TempFolder } from "../support/temp-folder.js";
import { argumentsOf, type Command, commands } from "./kubectl-commands.js";
import { comparable } from "./kubectl-output.js";

let folder: TempFolder;
let real: ControlPlane;
let served: ServeProcess;
let ours: Kubectl;
const stopped = new AbortController();
const realResults: KubectlResult[] = [];
const ourResults: KubectlResult[] = [];
let equal = 0;

beforeAll(async () => {
  folder = await TempFolder.create();
  [real, served] = await Promise.all([
    startControlPlane(),
    startServe({ kubeconfig: join(folder.path, "kubeconfig") }),
  ]);
  ours = createKubectl({
    kubeconfig: served.kubeconfig,
    cacheDirectory: join(folder.path, "cache"),
    signal: stopped.signal,
  });
  for (const command of commands) {
    realResults.push(await run(real.kubectl, command));
    ourResults.push(await run(ours, command));
  }
});

afterAll(async () => {
  process.stdout.write(`kubectl: ${equal} of ${commands.length} commands print the same on both servers\n`);
  stopped.abort();
  await Promise.all([real?.stop(), served?.stop()]);
  await folder?.remove();
});

/** One after the other: the editor comes from the environment. */
async function run(kubectl: Kubectl, { line, stdin, edit }: Command): Promise<KubectlResult> {
  if (edit !== undefined) process.env["KUBE_EDITOR"] = `sed -i '${edit}'`;
  return kubectl(["--namespace=parity", "--request-timeout=20s", ...argumentsOf(line)], { stdin });
}

test.each(commands.map((command, index) => ({ ...command, index })))("$index kubectl $line", (command) => {
  const [expected, got] = [realResults[command.index], ourResults[command.index]].map((result) => ({
    code: result?.code,
    stdout: comparable(result?.stdout ?? "", command),
    stderr: comparable(result?.stderr ?? "", command),
  }));
  expect(got).toEqual(expected);
  equal += 1;
});

test("a watch prints the same events", async () => {
  const [expected, got] = [await watched(real.kubeconfig, real.kubectl), await watched(served.kubeconfig, ours)];
  expect(expected).toHaveLength(6);
  expect(got).toEqual(expected);
});

/** What `kubectl get --watch` prints of a few changes: each is made when the event before has come. */
async function watched(kubeconfig: string, kubectl: Kubectl): Promise<readonly string[]> {
  const create = (name: string) => ["create", "configmap", name, "--from-literal=a=1"];
  await kubectl.ok(create("w0"));
  await kubectl.ok(["label", "configmap", "w0", "watch=yes"]);
  const args = ["get", "configmaps", "-l", "watch=yes", "--watch", "--output-watch-events", "--no-headers"];
  const child = spawn("kubectl", ["--kubeconfig", kubeconfig, "--cache-dir", join(folder.path, "watch"), ...args]);
  let output = "";
  const lines = () => output.split("\n").slice(0, -1);
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    child.emit("printed");
  });
  const until = async (count: number) => {
    while (lines().length < count) await once(child, "printed");
  };
  const changes: readonly (readonly string[])[] = [
    ["patch", "configmap", "w0", "-p", '{"data":{"b":"2"}}'],
    ["label", "configmap", "w0", "watch-"],
    ["label", "configmap", "w0", "watch=yes"],
    ["annotate", "configmap", "w0", "seen=yes"],
    ["delete", "configmap", "w0"],
  ];
  await until(1);
  for (const [index, change] of changes.entries()) {
    await kubectl.ok(change);
    await until(index + 2);
  }
  child.kill();
  return lines().map((line) => comparable(line, { line: "" }));
}
