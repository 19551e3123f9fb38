/** The node whose containers are processes: what it must not do. */

import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { type ControlPlane, startControlPlane } from "./control-plane.js";
import { createKubectl, type Kubectl } from "./kubectl.js";
import { streamingPod } from "./streaming-pod.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
/** How long our processes sleep: nobody else's sleep so long. */
const sleep = String(randomInt(1e8, 1e9));

function sleepers(): number {
  const all = execFileSync("ps", ["-Ao", "args"]).toString().split("\n");
  return all.filter((args) => args === `sleep ${sleep}`).length;
}

/** Two processes of a pod, one of them a child, and two of an exec. */
async function startSleepers(kubectl: Kubectl, signal: AbortSignal): Promise<void> {
  const command = ["sh", "-c", `sleep ${sleep} & sleep ${sleep}`];
  await kubectl.ok(["create", "-f", "-"], { stdin: JSON.stringify(streamingPod("sleepy", { command })) });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/sleepy", "--timeout=30s"]);
  kubectl(["exec", "sleepy", "--", ...command], { signal }).catch(() => {});
  await vi.waitFor(() => expect(sleepers()).toBe(4), { timeout: 10_000 });
}

it("ends the processes of a pod with the pod, and all of them when it is stopped", async () => {
  const controlPlane: ControlPlane = await startControlPlane({ streaming: true });
  const { kubectl } = controlPlane;
  const abort = new AbortController();
  try {
    await startSleepers(kubectl, abort.signal);
    await kubectl.ok(["delete", "pod", "sleepy", "--timeout=30s"]);
    await vi.waitFor(() => expect(sleepers()).toBe(0), { timeout: 10_000 });
    await startSleepers(kubectl, abort.signal);
  } finally {
    await controlPlane.stop();
    abort.abort();
  }
  await vi.waitFor(() => expect(sleepers()).toBe(0), { timeout: 10_000 });
});

it("runs nothing for who has no certificate of the control plane", async () => {
  await using controlPlane = await startControlPlane({ streaming: true });
  const output = "--output=jsonpath={.status.daemonEndpoints.kubeletEndpoint.Port}";
  const port = Number(await controlPlane.kubectl.ok(["get", "node", "streaming-node", output]));
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  socket.write("GET /exec/default/web/main?command=id&output=1 HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await expect(once(socket, "data")).rejects.toMatchObject({ code: expect.stringContaining("CERTIFICATE_REQUIRED") });
});

it("leaves no process when all of it is killed with SIGKILL", async () => {
  const main = join(root, ".build", "test", "control-plane", "main.js");
  const child = spawn(process.execPath, [main, "--nodes=0", "--streaming"], { stdio: ["ignore", "pipe", "inherit"] });
  let kubeconfig = "";
  for await (const line of createInterface(child.stdout)) {
    kubeconfig ||= /Kubeconfig: (.*)/.exec(line)?.[1] ?? "";
    if (line.includes("Ctrl-C")) break;
  }
  const abort = new AbortController();
  const cacheDirectory = join(dirname(kubeconfig), "cache");
  await startSleepers(createKubectl({ kubeconfig, cacheDirectory, signal: abort.signal }), abort.signal);
  child.kill("SIGKILL");
  await vi.waitFor(() => expect(sleepers()).toBe(0), { timeout: 10_000 });
  abort.abort();
});
