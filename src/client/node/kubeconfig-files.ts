/** Finds, reads and merges kubeconfig files as kubectl does. */

import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { invalidArgument, KindredError } from "../../core/index.js";
import {
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigUser,
  mergeKubeconfigs,
  parseKubeconfig,
} from "./kubeconfig.js";
import type { Environment } from "./proxy.js";

/** A kubeconfig, and what it was made of. */
export interface LoadedKubeconfig {
  readonly kubeconfig: Kubeconfig;
  /** What to call it in errors: its paths. */
  readonly source: string;
}

/** Options of {@link loadKubeconfig}. */
export interface LoadOptions {
  /** The files to read, each of which must exist. Default: those that `KUBECONFIG` lists, else `~/.kube/config`. */
  readonly path?: string | readonly string[] | undefined;
  /** Default: the process's own. */
  readonly env?: Environment | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads kubeconfig files and merges them, the first winning. Relative paths in them become absolute.
 *
 * Files that `KUBECONFIG` lists may be missing, as with kubectl, as long as one is there.
 *
 * @throws KindredError `CONFIG` if there is none, or one cannot be read.
 */
export async function loadKubeconfig(options: LoadOptions = {}): Promise<LoadedKubeconfig> {
  const found = await findKubeconfig(options);
  if (typeof found === "string") throw new KindredError("CONFIG", `there is no kubeconfig: ${found}`);
  return found;
}

/** As {@link loadKubeconfig}, or where it was looked for in vain. */
export async function findKubeconfig(options: LoadOptions = {}): Promise<LoadedKubeconfig | string> {
  const { path, env = process.env, signal } = options;
  const paths = path === undefined ? pathsFrom(env) : [path].flat();
  if (paths.length === 0) throw invalidArgument("path is an empty list: name at least one kubeconfig file");
  const read = await Promise.all(paths.map((one) => readKubeconfig(one, { mayMiss: path === undefined, signal })));
  const there = read.filter((one) => one !== undefined);
  if (there.length === 0) {
    const list = paths.map((one) => JSON.stringify(one)).join(", ");
    return env["KUBECONFIG"]
      ? `KUBECONFIG names ${list}, which ${paths.length === 1 ? "does" : "do"} not exist`
      : `KUBECONFIG is not set, and ${list} does not exist`;
  }
  return {
    kubeconfig: mergeKubeconfigs(there.map((one) => one.kubeconfig)),
    source: there.map((one) => one.path).join(", "),
  };
}

/**
 * The text of a file that may begin with a byte order mark, or be UTF-16, which PowerShell writes.
 *
 * @throws TypeError if it is neither UTF-8 nor UTF-16.
 */
export function decodeFile(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const littleEndian = (first === 0xff && second === 0xfe) || (second === 0 && first !== 0);
  const bigEndian = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  const encoding = bytes.length < 2 ? "utf-8" : littleEndian ? "utf-16le" : bigEndian ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

function pathsFrom(env: Environment): readonly string[] {
  const listed = (env["KUBECONFIG"] ?? "").split(delimiter).filter((part) => part !== "");
  return listed.length > 0 ? listed : [join(env["HOME"] || homedir(), ".kube", "config")];
}

async function readKubeconfig(
  path: string,
  { mayMiss, signal }: { readonly mayMiss: boolean; readonly signal: AbortSignal | undefined },
): Promise<{ readonly kubeconfig: Kubeconfig; readonly path: string } | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path, { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (code === "ENOENT" && mayMiss) return undefined;
    const why = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new KindredError("CONFIG", `the kubeconfig ${path} ${why}: check the path and its permissions`, { cause });
  }
  return { kubeconfig: absolutePaths(await parseKubeconfig(decode(bytes, path), path), dirname(resolve(path))), path };
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return decodeFile(bytes);
  } catch {
    throw new KindredError("CONFIG", `${path}: the text is neither UTF-8 nor UTF-16: save it as UTF-8`);
  }
}

/** Paths in a kubeconfig are relative to its folder; a command without a separator is looked up in PATH. */
function absolutePaths(kubeconfig: Kubeconfig, folder: string): Kubeconfig {
  const absolute = (path: string | null | undefined) => (path && !isAbsolute(path) ? join(folder, path) : path);
  const cluster = (one: KubeconfigCluster): KubeconfigCluster => ({
    ...one,
    ...pathField(one, "certificate-authority", absolute),
  });
  const user = (one: KubeconfigUser): KubeconfigUser => ({
    ...one,
    ...pathField(one, "client-certificate", absolute),
    ...pathField(one, "client-key", absolute),
    ...pathField(one, "tokenFile", absolute),
    ...(one.exec?.command && /[/\\]/.test(one.exec.command)
      ? { exec: { ...one.exec, ...pathField(one.exec, "command", absolute) } }
      : {}),
  });
  return {
    ...kubeconfig,
    ...(kubeconfig.clusters && {
      clusters: kubeconfig.clusters.map((one) => (one.cluster ? { ...one, cluster: cluster(one.cluster) } : one)),
    }),
    ...(kubeconfig.users && {
      users: kubeconfig.users.map((one) => (one.user ? { ...one, user: user(one.user) } : one)),
    }),
  };
}

function pathField<F extends string>(
  from: { readonly [P in F]?: string | null },
  field: F,
  absolute: (path: string | null | undefined) => string | null | undefined,
): { readonly [field: string]: string } {
  const path = absolute(from[field]);
  return path ? { [field]: path } : {};
}
