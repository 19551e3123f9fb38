/** kubectl cannot tell the embedded API server from the real one: the same commands, run on both, print the same. */

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
  const ours = createKubectl({
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
