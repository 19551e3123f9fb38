/** One process of the control plane. */

import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ControlPlaneError } from "./error.js";

/** The components, by the names that `logs` takes; hollow nodes are `node-1`, `node-2`, … */
export type ComponentName =
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "streaming-node"
  | `node-${number}`;

/** How to start a component. */
export interface ComponentOptions {
  readonly binary: string;
  readonly name: ComponentName;
  /** The binary's first argument, then the component's flags. */
  readonly args: readonly [component: string, ...flags: string[]];
  /** The control plane's temporary directory. */
  readonly directory: string;
}

/** A running (or ended) process. */
export interface Component {
  readonly name: ComponentName;
  readonly pid: number;
  /** How it ended, in words: "ended with code 1". Resolves once it is gone; never rejects. */
  readonly exited: Promise<string>;
  /** Whether `kill` was called: only then may it end. */
  isStopping(): boolean;
  /** Kills it at once. Safe to call again, also from a handler of the process' exit. */
  killNow(): void;
  /** Kills it and waits until it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts a component, in a process group of its own: Ctrl-C in a terminal reaches this process alone, which then ends its
 * children in order. They also end by themselves when this process is gone, since their standard input closes.
 */
export function startComponent({ binary, name, args, directory }: ComponentOptions): Component {
  const log = openSync(logFile(directory, name), "a", 0o600);
  const child = spawn(binary, args, {
    cwd: directory,
    detached: true,
    // The caller's environment must not configure it: ETCD_*, KUBECONFIG, proxies.
    env: {
      PATH: process.env["PATH"] ?? "",
      TMPDIR: directory,
      CONTROL_PLANE_PARENT: "stdin",
      ...(name === "etcd" ? { CONTROL_PLANE_DIRECTORY: directory } : {}),
    },
    stdio: ["pipe", log, log],
  });
  closeSync(log);
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => resolve(code === null ? `was ended by ${signal}` : `ended with code ${code}`));
  });
  // Writing to it is never tried, but an ended child may still make the pipe complain.
  child.stdin?.on("error", () => undefined);
  let isStopping = false;
  const isRunning = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const killNow = () => {
    isStopping = true;
    if (!isRunning()) return;
    // This one has children of its own, and ends them when its standard input closes.
    if (name === "streaming-node") child.stdin?.destroy();
    else child.kill("SIGKILL");
  };
  return {
    name,
    pid: child.pid ?? -1,
    exited,
    isStopping: () => isStopping,
    killNow,
    async kill() {
      killNow();
      const late = setTimeout(() => child.kill("SIGKILL"), 5000);
      await exited;
      clearTimeout(late);
    },
  };
}

/** The end of a component's log. */
export function logTail(directory: string, name: ComponentName, lines = 25): string {
  try {
    return readFileSync(logFile(directory, name), "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch (error) {
    return `(no log: ${error instanceof Error ? error.message : String(error)})`;
  }
}

/** The error for a component that did what it should not, with the end of its log. */
export function componentError(directory: string, name: ComponentName, what: string): ControlPlaneError {
  return new ControlPlaneError(`${name} ${what}. Its log ends:\n${logTail(directory, name)}`);
}

function logFile(directory: string, name: ComponentName): string {
  return join(directory, `${name}.log`);
}
