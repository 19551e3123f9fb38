/** What commands may touch of the outside world: given, so that tests give their own. */

import type { ServedCluster, ServeOptions } from "../testing/node/index.js";
import type { Get } from "./generate/cluster.js";

/** Which cluster to talk to. */
export interface ClusterOptions {
  /** A kubeconfig file. Default: what `KUBECONFIG` says, else `~/.kube/config`, else the pod's own account. */
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** A connection to an API server. */
export interface ClusterConnection extends AsyncDisposable {
  readonly get: Get;
}

/** The world as commands see it. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly readFile: (path: string) => Promise<string>;
  readonly readStdin: () => Promise<string>;
  readonly writeFile: (path: string, text: string) => Promise<void>;
  /** Writes a file that only its owner can read. */
  readonly writeSecret: (path: string, text: string) => Promise<void>;
  readonly removeFile: (path: string) => Promise<void>;
  /** Paths of the files below a folder, relative to it, with `/`; none if there is no such folder. */
  readonly listFiles: (folder: string) => Promise<readonly string[]>;
  /** Runs a module of the user's and returns what it exports; the path is relative to the working directory. */
  readonly importModule: (path: string) => Promise<{ readonly [name: string]: unknown }>;
  /** Of the Node that runs commands, such as `v20.19.0`. */
  readonly nodeVersion: string;
  readonly connect: (options: ClusterOptions) => Promise<ClusterConnection>;
  /** Starts an API server. */
  readonly serve: (options: ServeOptions) => Promise<ServedCluster>;
  /** Aborted when the user wants the process to end; a second wish ends it at once. */
  readonly interrupted: () => AbortSignal;
  readonly signal?: AbortSignal;
}

/** A command's exit status: 0 all well, 1 the answer is no or something failed, 2 the command line is wrong. */
export type ExitStatus = 0 | 1 | 2;
