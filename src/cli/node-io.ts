/** The real world for commands: files, standard streams, the user's cluster. */

import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { shutdownSignal } from "../client/node/shutdown.js";
import type { ServedCluster, ServeOptions } from "../testing/node/index.js";
import { connect } from "./connect.js";
import type { Io } from "./io.js";

/** Files and streams of this process. */
export function nodeIo(): Io {
  return {
    out: (message) => void process.stdout.write(message),
    err: (message) => void process.stderr.write(message),
    readFile: (path) => readFile(path, "utf8"),
    readStdin: () => text(process.stdin),
    writeFile: async (path, content) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    },
    writeSecret: async (path, content) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content, { mode: 0o600 });
      // A file that was there keeps its mode otherwise.
      await chmod(path, 0o600);
    },
    removeFile: (path) => rm(path),
    listFiles,
    importModule,
    nodeVersion: process.version,
    connect,
    serve,
    interrupted: shutdownSignal,
  };
}

/** Loaded when it is used. */
async function serve(options: ServeOptions): Promise<ServedCluster> {
  const { serveCluster } = await import("../testing/node/index.js");
  return serveCluster(options);
}

async function importModule(path: string): Promise<{ readonly [name: string]: unknown }> {
  const exported: { readonly [name: string]: unknown } = await import(pathToFileURL(resolve(path)).href);
  return exported;
}

async function listFiles(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
      .filter((path) => !path.split("/").includes("node_modules"))
      .toSorted();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  }
}
