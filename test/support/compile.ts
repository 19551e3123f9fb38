/** Compiling text in a folder of its own under the strictest settings, as a user's project would. */

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** A folder below the repository, so that `kindred` and its packages are found in it; gone when disposed of. */
export interface Workshop extends AsyncDisposable {
  readonly path: string;
  readonly write: (files: readonly { readonly path: string; readonly text: string }[]) => Promise<void>;
  /** What the compiler says of all files in the folder: empty if they compile. */
  readonly compile: () => Promise<string>;
}

/** @param options compiler options besides those of the repository. */
export async function openWorkshop(name: string, options: Record<string, unknown> = {}): Promise<Workshop> {
  await mkdir(join(repository, ".build"), { recursive: true });
  const path = await mkdtemp(join(repository, ".build", `${name}-`));
  const compilerOptions = { composite: false, noEmit: true, types: ["node"], ...options };
  const config = { extends: "../../tsconfig.base.json", compilerOptions, include: ["**/*.ts"] };
  await writeFile(join(path, "tsconfig.json"), JSON.stringify(config));
  return {
    path,
    write: async (files) => {
      for (const file of files) {
        await mkdir(dirname(join(path, file.path)), { recursive: true });
        await writeFile(join(path, file.path), file.text);
      }
    },
    compile: async () => (await runNode("node_modules/typescript/bin/tsc", "-p", path, "--pretty", "false")).output,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Runs a script of the repository with Node. */
export async function runNode(script: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [join(repository, script), ...args], { cwd: repository });
  child.stdin.end();
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, out, err, output: out + err };
}
