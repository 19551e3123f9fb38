/** A world of files in memory for commands. */

import { KindredError } from "../../src/core/index.js";
import type { Io } from "../../src/cli/io.js";
import { run } from "../../src/cli/run.js";

/** A world of files in memory, and what a command did to it. */
export function world(
  files: { readonly [path: string]: string },
  options: Partial<Pick<Io, "connect" | "readStdin" | "importModule" | "nodeVersion" | "serve" | "interrupted">> = {},
) {
  const disk = new Map(Object.entries(files));
  let out = "";
  let err = "";
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readFile: async (path) => {
      const text = disk.get(path);
      if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: "ENOENT" });
      return text;
    },
    readStdin: async () => "",
    writeFile: async (path, text) => void disk.set(path, text),
    writeSecret: async (path, text) => void disk.set(path, text),
    removeFile: async (path) => void disk.delete(path),
    listFiles: async (folder) =>
      [...disk.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1)),
    importModule: async (path) => {
      throw new Error(`no such module: ${path}`);
    },
    nodeVersion: "v22.18.0",
    connect: async () => {
      throw new KindredError("CONFIG", "no cluster is configured");
    },
    serve: async () => {
      throw new KindredError("CONNECTION", "nothing is served in this world");
    },
    interrupted: () => AbortSignal.abort(),
    ...options,
  };
  return {
    disk,
    /** What has been written to standard error and not been taken yet. */
    errors: () => err,
    call: async (...args: readonly string[]) => ({ status: await run(args, io), out: take(), err: takeErrors() }),
  };

  function take(): string {
    const text = out;
    out = "";
    return text;
  }
  function takeErrors(): string {
    const text = err;
    err = "";
    return text;
  }
}
