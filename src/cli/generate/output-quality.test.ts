import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCrds } from "./crd.js";
import type { GeneratedFile } from "./files.js";
import { generate } from "./generate.js";
import { parseCrds } from "./sources.js";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

describe("generated code", () => {
  let folder = "";
  let files: readonly GeneratedFile[] = [];
  let problems: readonly unknown[] = [];

  beforeAll(async () => {
    const samples = ["printer.yaml", "long.yaml"].map(async (name) =>
      parseCrds(name, await readFile(new URL(`samples/${name}`, import.meta.url), "utf8")),
    );
    const manifests = (await Promise.all(samples)).flat();
    ({ files, problems } = generate(readCrds(manifests), { core: "../../src/core/index.js" }));
    await mkdir(join(repository, ".build"), { recursive: true });
    folder = await mkdtemp(join(repository, ".build", "generated-"));
    for (const file of files) {
      await mkdir(dirname(join(folder, file.path)), { recursive: true });
      await writeFile(join(folder, file.path), file.text);
    }
    const options = {
      extends: "../../tsconfig.base.json",
      compilerOptions: { composite: false, noEmit: true },
      include: ["**/*.ts"],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(options));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("compiles under the strictest settings", async () => {
    expect(problems).toEqual([]);
    const output = await run(["typescript/bin/tsc", "-p", folder]);
    expect(output).toBe("");
  });

  it("is formatted and its imports sorted as Biome does it", async () => {
    for (const file of files) {
      const output = await run(
        ["@biomejs/biome/bin/biome", "check", "--write", "--stdin-file-path=src/generated.ts"],
        file.text,
      );
      expect(output).toBe(file.text);
    }
  });
});

/** What a tool of ours prints, given `input`; its failure too is its output. */
async function run([tool = "", ...args]: readonly string[], input = ""): Promise<string> {
  const child = spawn(process.execPath, [join(repository, "node_modules", tool), ...args], { cwd: repository });
  child.stdin.end(input);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return output + errors;
}
