/** The harness itself, against the real thing. It needs Go (for the first run) and kubectl. */

import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type ControlPlane, startControlPlane } from "./control-plane.js";
import { isFree } from "./ports.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const main = join(root, ".build", "test", "control-plane", "main.js");
const run = promisify(execFile);

// A cold build of the binary takes minutes; a start takes seconds.
const buildTimeoutMs = 20 * 60_000;
const startTimeoutMs = 60_000;

describe("a control plane", () => {
  let controlPlane: ControlPlane;

  beforeAll(async () => {
    controlPlane = await startControlPlane({ scheduler: true, nodes: 1 });
  }, buildTimeoutMs);

  afterAll(() => controlPlane?.stop());

  it("reports the version of Kubernetes that go.mod requires", async () => {
    const version: unknown = JSON.parse(await controlPlane.kubectl.ok(["version", "--output=json"]));
    expect(version).toMatchObject({ serverVersion: { gitVersion: controlPlane.version, major: "1" } });
    const goMod = await readFile(join(root, "test", "control-plane", "go.mod"), "utf8");
    expect(goMod).toContain(`k8s.io/kubernetes ${controlPlane.version}\n`);
  });

  it.each([
    ["admin", "admin"],
    ["admin-certificate", "certificate-admin"],
  ])("lets context %s do everything, as %s", async (context, user) => {
    const { kubectl } = controlPlane;
    expect(await kubectl.ok(["--context", context, "get", "namespaces", "--output=name"])).toContain(
      "namespace/default\n",
    );
    expect(await kubectl.ok(["--context", context, "auth", "can-i", "*", "*", "--all-namespaces"])).toBe("yes\n");
    const whoAmI = ["--context", context, "auth", "whoami", "--output=jsonpath={.status.userInfo.username}"];
    expect(await kubectl.ok(whoAmI)).toBe(user);
  });

  it("forbids context powerless everything, though it knows who it is", async () => {
    const { kubectl } = controlPlane;
    const result = await kubectl(["--context", "powerless", "get", "namespaces"]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain(
      '(Forbidden): namespaces is forbidden: User "powerless" cannot list resource "namespaces"',
    );
    await expect(kubectl.ok(["--context", "powerless", "get", "namespaces"])).rejects.toThrow(
      /^kubectl --context powerless get namespaces ended with code 1: Error from server \(Forbidden\)/,
    );
  });

  it("signs tokens of service accounts, and knows them", async () => {
    const { kubectl } = controlPlane;
    const token = (await kubectl.ok(["create", "token", "default"])).trim();
    const whoAmI = ["auth", "whoami", "--output=jsonpath={.status.userInfo.username}"];
    expect(await kubectl.ok(["--token", token, ...whoAmI])).toBe("system:serviceaccount:default:default");
    await expect(kubectl.ok(["--token", token, "get", "pods"])).rejects.toThrow(
      /^kubectl --token … get pods ended with code 1: .*Forbidden/,
    );
    await expect(kubectl.ok([`--token=${token}x`, "get", "pods"])).rejects.toThrow(
      /^kubectl --token=… get pods ended with code 1: /,
    );
  });

  it("serves localhost and 127.0.0.1 with a certificate that its authority vouches for", async () => {
    for (const host of ["localhost", "127.0.0.1"]) {
      const server = controlPlane.server.replace("127.0.0.1", host);
      expect(await controlPlane.kubectl.ok(["--server", server, "get", "--raw", "/readyz"])).toBe("ok");
    }
  });

  it.runIf(process.platform === "linux")("listens on 127.0.0.1 only", () => {
    const inodes = execFileSync("sh", [
      "-c",
      'for p; do ls -l /proc/$p/fd; done | sed -n "s/.*socket:\\[\\(.*\\)\\]/\\1/p"',
      "sh",
      ...pidsOf(controlPlane),
    ]);
    const ours = new Set(inodes.toString().split("\n"));
    const tables = execFileSync("cat", ["/proc/net/tcp", "/proc/net/tcp6"]).toString().split("\n");
    const listening = tables
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && ours.has(fields[9] ?? ""));
    expect(listening.map((fields) => fields[1]?.split(":")[0])).toEqual(["0100007F", "0100007F", "0100007F"]);
  });

  it("runs a Deployment's three replicas on the hollow node", { timeout: startTimeoutMs }, async () => {
    const { kubectl } = controlPlane;
    await kubectl.ok(["create", "deployment", "web", "--image=example.test/web", "--replicas=3"]);
    await kubectl.ok(["rollout", "status", "deployment/web", "--timeout=50s"]);
    await kubectl.ok(["wait", "pods", "--selector=app=web", "--for=jsonpath={.status.phase}=Running", "--timeout=50s"]);
    const fields = "{range .items[*]}{.status.phase} on {.spec.nodeName},{end}";
    const pods = await kubectl.ok(["get", "pods", "--selector=app=web", `--output=jsonpath=${fields}`]);
    expect(pods).toBe("Running on node-1,".repeat(3));
  });

  it("collects a dependent whose owner is deleted", { timeout: startTimeoutMs }, async () => {
    const { kubectl } = controlPlane;
    await kubectl.ok(["create", "configmap", "owner"]);
    const uid = await kubectl.ok(["get", "configmap", "owner", "--output=jsonpath={.metadata.uid}"]);
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid }];
    const dependent = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "dependent", ownerReferences } };
    await kubectl.ok(["create", "--filename=-"], { stdin: JSON.stringify(dependent) });
    await kubectl.ok(["delete", "configmap", "owner"]);
    await kubectl.ok(["wait", "--for=delete", "configmap/dependent", "--timeout=50s"]);
    expect(await kubectl.ok(["get", "configmap", "dependent", "--ignore-not-found"])).toBe("");
  });

  it("keeps data, address and identity when the API server restarts", { timeout: startTimeoutMs }, async () => {
    const { kubectl, apiServer } = controlPlane;
    await kubectl.ok(["create", "configmap", "kept", "--from-literal=a=b"]);
    const before = controlPlane.pids.get("kube-apiserver");
    await apiServer.stop();
    expect(await isFree(Number(new URL(controlPlane.server).port))).toBe(true);
    expect(controlPlane.pids.has("kube-apiserver")).toBe(false);
    expect((await kubectl(["get", "configmap", "kept"])).stderr).toContain("refused");
    await apiServer.start();
    expect(controlPlane.pids.get("kube-apiserver")).not.toBe(before);
    expect(await kubectl.ok(["get", "configmap", "kept", "--output=jsonpath={.data.a}"])).toBe("b");
    await expect(apiServer.start()).rejects.toThrow("cannot start kube-apiserver: it runs already. Stop it first.");
  });

  it("answers 410 for what is older than a compaction, once the API server has restarted", {
    timeout: startTimeoutMs,
  }, async () => {
    const { kubectl, etcd, apiServer } = controlPlane;
    const page = await kubectl.ok(["get", "--raw", "/api/v1/namespaces?limit=1"]);
    const token = /"continue":"([^"]+)"/.exec(page)?.[1] ?? "";
    const rest = ["get", "--raw", `/api/v1/namespaces?limit=1&continue=${encodeURIComponent(token)}`];
    expect((await kubectl(rest)).code).toBe(0);
    const revision = await etcd.compact();
    expect(Number(revision)).toBeGreaterThan(Number(/"resourceVersion":"(\d+)"/.exec(page)?.[1]));
    await apiServer.restart();
    expect((await kubectl(rest)).stderr).toContain("(Expired)");
    const watch = await kubectl(["get", "--raw", "/api/v1/namespaces?watch=true&resourceVersion=5&timeoutSeconds=1"]);
    expect(watch.stdout).toContain('"code":410');
  });

  it("shows the end of a component's log", () => {
    expect(controlPlane.logs("kube-apiserver")).toContain("cache");
  });

  it("runs beside another, and leaves neither processes nor files of it", { timeout: startTimeoutMs }, async () => {
    const other = await startControlPlane();
    const directory = dirname(other.kubeconfig);
    expect(other.server).not.toBe(controlPlane.server);
    expect(await other.kubectl.ok(["get", "configmaps", "--output=name"])).not.toContain("kept");
    const watching = other.kubectl(["get", "pods", "--watch"]);
    watching.catch(() => undefined);
    expect(processesOf(directory)).toHaveLength(4);
    await Promise.all([other.stop(), other.stop()]);
    await expect(watching).rejects.toThrow("the control plane was stopped");
    expect(processesOf(directory)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
    await expect(other.apiServer.start()).rejects.toThrow("cannot start kube-apiserver: the control plane is stopped");
    expect(await controlPlane.kubectl.ok(["get", "--raw", "/readyz"])).toBe("ok");
  });

  it("tells of a component that ends unasked, and rejects stop with the end of its log", {
    timeout: startTimeoutMs,
  }, async () => {
    const other = await startControlPlane();
    const pid = other.pids.get("kube-controller-manager") ?? Number.NaN;
    process.kill(pid, "SIGKILL");
    const failure = await other.failure;
    expect(failure.message).toMatch(/^kube-controller-manager was ended by SIGKILL unasked\. Its log ends:\n.+/);
    await expect(other.stop()).rejects.toBe(failure);
    expect(processesOf(dirname(other.kubeconfig))).toEqual([]);
  });
});

describe("starting", () => {
  it("refuses what cannot be, before it starts anything", async () => {
    await expect(startControlPlane({ nodes: 1.5 })).rejects.toThrow("nodes must be a whole number from 0: 1.5");
    const taken = join(root, "package.json");
    await expect(startControlPlane({ kubeconfig: taken })).rejects.toThrow(
      `cannot write the kubeconfig ${taken}: the file exists.`,
    );
    const reason = new Error("enough");
    await expect(startControlPlane({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("gives up with the component's log when it is not ready in time", { timeout: startTimeoutMs }, async () => {
    await expect(startControlPlane({ readyTimeoutMs: 1 })).rejects.toThrow(
      /^kube-apiserver was not ready within 1 ms\. Its log ends:/,
    );
  });

  it("ends what it started when it is aborted", { timeout: startTimeoutMs }, async () => {
    const directory = await mkdtemp(join(tmpdir(), "kindred-cp-test-"));
    vi.stubEnv("TMPDIR", directory);
    const abort = new AbortController();
    const starting = startControlPlane({ signal: abort.signal });
    await vi.waitFor(() => expect(processesOf(directory).join("\n")).toContain("kube-apiserver"), { timeout: 20_000 });
    abort.abort(new Error("enough"));
    await expect(starting).rejects.toThrow("enough");
    vi.unstubAllEnvs();
    expect(processesOf(directory)).toEqual([]);
    // It is empty.
    await rmdir(directory);
  });
});

describe("npm run control-plane", () => {
  beforeAll(async () => {
    await run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-b", "test/control-plane"], {
      cwd: root,
    });
  }, startTimeoutMs);

  it.each([
    { args: ["--speed"], message: "Unknown option '--speed'" },
    { args: ["--nodes", "many"], message: '--nodes takes a number from 0 to 999, not "many"' },
    { args: ["extra"], message: "Unexpected argument 'extra'" },
  ])("refuses $args with its usage", async ({ args, message }) => {
    const failure: unknown = await run(process.execPath, [main, ...args]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 2, stdout: "" });
    expect(String(failure)).toContain(message);
    expect(String(failure)).toContain("Usage: npm run control-plane -- [FLAG...]");
  });

  it("explains itself", async () => {
    const { stdout } = await run(process.execPath, [main, "--help"]);
    expect(stdout).toContain("--build-only");
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends cleanly on %s", { timeout: startTimeoutMs }, async (signal) => {
    const directory = await mkdtemp(join(tmpdir(), "kindred-cp-test-"));
    const kubeconfig = join(directory, "kubeconfig");
    const child = spawnMain(["--nodes=0", "--kubeconfig", kubeconfig]);
    const output = await untilReady(child);
    expect(output).toContain(`kubectl --kubeconfig ${kubeconfig} get nodes`);
    await run("kubectl", ["--kubeconfig", kubeconfig, "--cache-dir", join(directory, "cache"), "get", "namespaces"]);
    const own = ownDirectory(await readFile(kubeconfig, "utf8"));
    expect(processesOf(own)).toHaveLength(4);
    child.kill(signal);
    expect(await exitOf(child)).toEqual({ code: 0, signal: null });
    expect(processesOf(own)).toEqual([]);
    expect(existsSync(own)).toBe(false);
    expect(existsSync(kubeconfig)).toBe(false);
    await rm(directory, { recursive: true });
  });

  it("ends at once, and as completely, on a second signal", { timeout: startTimeoutMs }, async () => {
    const child = spawnMain([]);
    const directory = ownDirectory(await untilReady(child));
    child.kill("SIGINT");
    child.kill("SIGTERM");
    expect(await exitOf(child)).toEqual({ code: 130, signal: null });
    await vi.waitFor(() => expect(processesOf(directory)).toEqual([]));
    expect(existsSync(directory)).toBe(false);
  });

  it("leaves neither processes nor files when it is killed with SIGKILL", { timeout: startTimeoutMs }, async () => {
    const child = spawnMain([]);
    const directory = ownDirectory(await untilReady(child));
    expect(processesOf(directory)).toHaveLength(5);
    child.kill("SIGKILL");
    expect(await exitOf(child)).toEqual({ code: null, signal: "SIGKILL" });
    await vi.waitFor(() => expect(processesOf(directory)).toEqual([]), { timeout: 10_000 });
    expect(existsSync(directory)).toBe(false);
  });

  it("names the cure when there is no go", async () => {
    const copy = await copyWithoutCache();
    const failure = await run(
      process.execPath,
      [join(copy, ".build", "test", "control-plane", "main.js"), "--build-only"],
      {
        env: { PATH: "/nowhere" },
      },
    ).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stdout: "" });
    expect(String(failure)).toContain(
      "control-plane: cannot build the control plane: there is no `go` on PATH. Install Go (",
    );
    await rm(copy, { recursive: true });
  });

  it("shows the end of go's output when the build fails", { timeout: startTimeoutMs }, async () => {
    const copy = await copyWithoutCache();
    await writeFile(join(copy, "test", "control-plane", "broken.go"), "package main\n\nfunc broken() { nothing() }\n");
    const failure = await run(process.execPath, [
      join(copy, ".build", "test", "control-plane", "main.js"),
      "--build-only",
    ]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stdout: "" });
    expect(String(failure)).toMatch(
      /go build of \S+ ended with code 1\. Its output ends:\n(.*\n)*.*broken\.go:3:17: undefined: nothing\nA build needs/,
    );
    expect(await readdir(join(copy, ".cache", "control-plane"))).toEqual([]);
    await rm(copy, { recursive: true });
  });
});

/** As much of the repository as it takes to run main.js; nothing is built there yet. */
async function copyWithoutCache(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "kindred-cp-test-"));
  await mkdir(join(copy, "test"));
  await cp(join(root, "package.json"), join(copy, "package.json"));
  await cp(join(root, "test", "control-plane"), join(copy, "test", "control-plane"), { recursive: true });
  await cp(join(root, ".build", "test", "control-plane"), join(copy, ".build", "test", "control-plane"), {
    recursive: true,
  });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

function spawnMain(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** What it prints until it is ready. */
async function untilReady(child: ChildProcess): Promise<string> {
  let output = "";
  if (child.stdout === null) throw new Error("no output to read");
  for await (const line of createInterface(child.stdout)) {
    output += `${line}\n`;
    if (line.includes("Ctrl-C")) return output;
  }
  throw new Error(`ended before it was ready: ${output}`);
}

function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null)
      resolve({ code: child.exitCode, signal: child.signalCode });
    else child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

function pidsOf(controlPlane: ControlPlane): readonly string[] {
  return [...controlPlane.pids.values()].map(String);
}

/** The temporary directory of a control plane, found in what it printed or wrote. */
function ownDirectory(text: string): string {
  const directory = /\S*\/kindred-cp-(?!test)\w+/.exec(text)?.[0];
  if (directory === undefined) throw new Error(`no directory in ${text}`);
  return directory;
}

/** The command lines of the processes that mention a directory. */
function processesOf(directory: string): readonly string[] {
  const all = execFileSync("ps", ["-Ao", "args"]).toString().split("\n");
  return all.filter((args) => args.includes(directory));
}
