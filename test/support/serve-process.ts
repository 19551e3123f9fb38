/** `kindred serve` as a process of its own, as users run it. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** How to start it. */
export interface ServeProcessOptions {
  /** Where it writes the kubeconfig. */
  readonly kubeconfig: string;
  /** More of the command line. */
  readonly args?: readonly string[];
}

/** A server that runs. */
export interface ServeProcess {
  readonly kubeconfig: string;
  readonly process: ChildProcess;
  /** What it has written to standard error so far. */
  readonly log: () => string;
  /** Ends it as Ctrl-C does. @returns its exit code. */
  stop(): Promise<number | null>;
  /** Ends it as nothing can prevent, and waits until it is gone. */
  kill(): Promise<void>;
}

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Starts `kindred serve` as it was built, and waits until it can be used. */
export async function startServe({ kubeconfig, args = [] }: ServeProcessOptions): Promise<ServeProcess> {
  const child = spawn(process.execPath, [main, "serve", "--kubeconfig", kubeconfig, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit");
  let log = "";
  const ready = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (log.includes("Ctrl-C ends it.\n")) resolve();
    });
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`kindred serve ended with ${code}:\n${log}`)));
  });
  await ready;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    kubeconfig,
    process: child,
    log: () => log,
    stop: async () => {
      await end("SIGINT");
      return child.exitCode;
    },
    kill: () => end("SIGKILL"),
  };
}
