/** kubectl, pointed at one control plane. */

import { spawn } from "node:child_process";
import { ControlPlaneError, hasCode } from "./error.js";

/** What a run of kubectl gave. */
export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code. */
  readonly code: number;
}

/** How to run kubectl. */
export interface KubectlOptions {
  /** What it reads from standard input: a manifest for `apply -f -`. */
  readonly stdin?: string | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs kubectl against the control plane: `await kubectl(["get", "pods"])`. A failure of kubectl's is a result like another. */
export interface Kubectl {
  (args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** Runs kubectl and returns what it printed; throws with its standard error if it failed. */
  ok(args: readonly string[], options?: KubectlOptions): Promise<string>;
}

/** A {@link Kubectl} for a kubeconfig file. All its runs end when `signal` is aborted. */
export function createKubectl(of: {
  readonly kubeconfig: string;
  readonly cacheDirectory: string;
  readonly signal: AbortSignal;
}): Kubectl {
  const runOnce = (args: readonly string[], options: KubectlOptions = {}): Promise<KubectlResult> => {
    const signal = options.signal === undefined ? of.signal : AbortSignal.any([of.signal, options.signal]);
    // A cache of its own: kubectl keeps what a server serves by its address, and ports are used again.
    const all = ["--kubeconfig", of.kubeconfig, "--cache-dir", of.cacheDirectory, ...args];
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const child = spawn("kubectl", all, { stdio: ["pipe", "pipe", "pipe"], signal });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
      child.once("error", (error) => {
        if (signal.aborted) reject(signal.reason);
        else reject(hasCode(error, "ENOENT") ? kubectlIsMissing(error) : error);
      });
      child.once("close", (code) => resolve({ stdout, stderr, code: code ?? -1 }));
      // kubectl may end before it has read everything; its exit code says why.
      child.stdin.on("error", () => undefined).end(options.stdin ?? "");
    });
  };
  const run: typeof runOnce = (args, options) => untilHeard(() => runOnce(args, options));
  const ok = async (args: readonly string[], options?: KubectlOptions): Promise<string> => {
    const { stdout, stderr, code } = await run(args, options);
    if (code !== 0)
      throw new ControlPlaneError(`kubectl ${withoutTokens(args)} ended with code ${code}: ${stderr.trim()}`);
    return stdout;
  };
  return Object.assign(run, { ok });
}

/**
 * The result of `run`, a run of kubectl, which is repeated if kubectl dropped what a process wrote before kubectl was ready to hear it:
 * it says so, and then ends as if nothing had happened.
 */
export async function untilHeard<R extends Pick<KubectlResult, "stderr">>(run: () => Promise<R>): Promise<R> {
  for (let left = 5; ; left -= 1) {
    const result = await run();
    if (left === 0 || !/Unknown stream id \d+, discarding message/.test(result.stderr)) return result;
  }
}

// What a failure shows must not hold a secret.
function withoutTokens(args: readonly string[]): string {
  return args
    .map((arg, index) => (args[index - 1] === "--token" ? "…" : arg.replace(/^--token=.*/, "--token=…")))
    .join(" ");
}

function kubectlIsMissing(cause: unknown): ControlPlaneError {
  return new ControlPlaneError(
    "cannot run kubectl: it is not on PATH. Install it (https://kubernetes.io/docs/tasks/tools/).",
    { cause },
  );
}
