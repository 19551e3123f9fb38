/** A world of files in memory for commands. */

import { KindredError } from "../../src/core/index.js";
import type { Io } from "../../src/cli/io.js";
import { run } from "../../src/cli/run.js";

/** A world of files in memory, and what a command did to it. */
export function world(
  files: { readonly [path: string]: string },
  options: Partial<Pick<Io, "connect" | "readStdin" | "importModule" | "nodeVersion">> = {},
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
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return text;
    },
    readStdin: async () => "",
    writeFile: async (path, text) => void disk.set(path, text),
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
    ...options,
  };
  return {
    disk,
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
