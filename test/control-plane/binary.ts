/** The control plane's binary: built from the Go module beside this file, and cached until that changes. */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { access, link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildProgress } from "./build-progress.js";
import { ControlPlaneError, hasCode } from "./error.js";

/** This file is run from its source and from `.build/test/control-plane`: the repository is what holds the Go module. */
const root = repositoryAbove(dirname(fileURLToPath(import.meta.url)));
const moduleDirectory = join(root, "test", "control-plane");
const cacheDirectory = join(root, ".cache", "control-plane");

/** A binary that is every component of a Kubernetes control plane. */
export interface Binary {
  /** Where the file is. */
  readonly path: string;
  /** Kubernetes' version, as in `v1.37.2`: the one that go.mod requires. */
  readonly version: string;
}

/**
 * The binary for the Go module as it is now. Builds it if it is not in `.cache/control-plane`, and says so on stderr: a cold
 * build takes 6 to 8 minutes on two cores, a warm one seconds. Processes that need it at the same time build it once.
 *
 * @throws {ControlPlaneError} if `go` is missing or the build fails; the message has the end of its output, and the cure.
 */
export async function controlPlaneBinary(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Binary> {
  const version = await kubernetesVersion();
  const flags = linkerFlags(version);
  const path = join(cacheDirectory, `control-plane-${await fingerprint(flags)}`);
  if (await exists(path)) return { path, version };
  await mkdir(cacheDirectory, { recursive: true });
  const release = await lock(`${path}.lock`, options.signal);
  try {
    if (!(await exists(path))) {
      await build(path, flags, options.signal);
      await removeOthers(path);
    }
  } finally {
    await release();
  }
  return { path, version };
}

async function kubernetesVersion(): Promise<string> {
  const file = join(moduleDirectory, "go.mod");
  const version = /^\s*k8s\.io\/kubernetes (v\d+\.\d+\.\d+)$/m.exec(await readFile(file, "utf8"))?.[1];
  if (version === undefined) throw new ControlPlaneError(`${file} requires no release of k8s.io/kubernetes`);
  return version;
}

// Without these kubectl cannot parse the server's version.
function linkerFlags(version: string): string {
  const [major, minor] = version.slice(1).split(".");
  const variables = Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor });
  return ["-s -w", ...variables.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)].join(" ");
}

async function fingerprint(flags: string): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([flags, process.platform, process.arch]));
  const names = (await readdir(moduleDirectory)).filter(
    (name) => name.endsWith(".go") || name === "go.mod" || name === "go.sum",
  );
  for (const name of names.toSorted()) {
    const content = await readFile(join(moduleDirectory, name));
    hash.update(JSON.stringify([name, content.length])).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

async function build(path: string, flags: string, signal: AbortSignal | undefined): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const progress = buildProgress(process.stderr);
  try {
    await goBuild(["build", "-v", "-buildvcs=false", "-ldflags", flags, "-o", temporary, "."], progress.line, signal);
    await rename(temporary, path);
    progress.done("built");
  } catch (error) {
    progress.done(signal?.aborted === true ? "stopped" : "failed");
    signal?.throwIfAborted();
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

function goBuild(
  args: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("go", args, {
      cwd: moduleDirectory,
      stdio: ["ignore", "ignore", "pipe"],
      signal,
      killSignal: "SIGINT",
    });
    const complaints: string[] = [];
    let rest = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        onLine(line);
        // With -v, go names each package it builds. All else is what went wrong.
        if (!/^[\w.~/-]+$/.test(line)) complaints.push(line);
      }
    });
    child.once("error", (error) => reject(hasCode(error, "ENOENT") ? goIsMissing(error) : error));
    child.once("close", (code, killedBy) => {
      if (code === 0) return resolve();
      const outcome = code === null ? `was ended by ${killedBy}` : `ended with code ${code}`;
      const output = [...complaints, rest].join("\n").trim().split("\n").slice(-30).join("\n");
      reject(
        new ControlPlaneError(`go build of ${moduleDirectory} ${outcome}. Its output ends:\n${output}\n${cureOfBuild}`),
      );
    });
  });
}

const cureOfBuild =
  "A build needs the Go version of that go.mod or newer, a module proxy it can reach (see `go env GOPROXY`), and about 4 GB of disk.";

function goIsMissing(cause: unknown): ControlPlaneError {
  return new ControlPlaneError(
    "cannot build the control plane: there is no `go` on PATH. Install Go (https://go.dev/doc/install), then try again.",
    { cause },
  );
}

/** Waits until no other living process holds the lock, takes it, and returns how to give it back. */
async function lock(path: string, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
  const mine = `${path}.${process.pid}`;
  await writeFile(mine, String(process.pid));
  try {
    for (;;) {
      try {
        await link(mine, path);
        return () => rm(path, { force: true });
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
      }
      const owner = Number(await readFile(path, "utf8").catch(() => ""));
      if (owner > 0 && isAlive(owner)) await wait(250, undefined, { signal });
      else await rm(path, { force: true });
    }
  } finally {
    await rm(mine, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

// Each binary takes 147 MB; those of other versions are of no more use.
async function removeOthers(path: string): Promise<void> {
  for (const name of await readdir(cacheDirectory)) {
    const other = join(cacheDirectory, name);
    if (/^control-plane-[0-9a-f]+$/.test(name) && other !== path) await rm(other, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: unknown) => {
      if (hasCode(error, "ENOENT")) return false;
      throw error;
    },
  );
}

function repositoryAbove(directory: string): string {
  if (existsSync(join(directory, "test", "control-plane", "go.mod"))) return directory;
  const parent = dirname(directory);
  if (parent === directory)
    throw new ControlPlaneError("the control plane is part of kindred's repository, and this is not in it");
  return repositoryAbove(parent);
}
