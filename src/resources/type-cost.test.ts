import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** What the compiler has to do in any case; the rest is what the kinds cost. */
const baseline = `import type { Client } from "../../src/client/index.js";
export type Baseline = Client;
`;

const imports = `${baseline}import {
  ConfigMap, CronJob, CustomResourceDefinition, Deployment, Ingress, Job, Node, Pod, Secret, Service,
} from "../../src/resources/index.js";
`;

const importing = `${imports}
export const kinds = [ConfigMap, CronJob, CustomResourceDefinition, Deployment, Ingress, Job, Node, Pod, Secret, Service];
`;

const using = `${imports}
export async function use(client: Client): Promise<void> {
  await client.api(ConfigMap).namespace("a").create({ metadata: { name: "x" }, data: { a: "b" } });
  await client.api(CronJob).namespace("a").get("x");
  await client.api(CustomResourceDefinition).apply({ metadata: { name: "x" } }, { manager: "m" });
  await client.api(Deployment).namespace("a").apply({ metadata: { name: "x" }, spec: { replicas: 3 } }, { manager: "m" });
  await client.api(Ingress).namespace("a").get("x");
  await client.api(Job).namespace("a").replace(await client.api(Job).namespace("a").get("x"));
  await client.api(Node).get("x");
  for await (const pod of client.api(Pod).list()) void pod.spec.containers[0]?.image;
  await client.api(Secret).namespace("a").getOptional("x");
  await client.api(Service).namespace("a").patch("x", { type: "merge", body: { spec: { type: "NodePort" } } });
}
`;

describe("a file that the compiler checks", () => {
  let folder = "";
  beforeAll(async () => {
    await mkdir(join(repository, ".build"), { recursive: true });
    folder = await mkdtemp(join(repository, ".build", "type-cost-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Type instantiations, from sources (from declarations it is less): the same on every machine, unlike seconds. */
  async function instantiations(name: string, source: string): Promise<number> {
    await writeFile(join(folder, `${name}.ts`), source);
    const compilerOptions = { composite: false, noEmit: true, types: ["node"] };
    const config = join(folder, `${name}.json`);
    await writeFile(
      config,
      JSON.stringify({ extends: "../../tsconfig.base.json", compilerOptions, files: [`${name}.ts`] }),
    );
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    const child = spawn(process.execPath, [tsc, "-p", config, "--extendedDiagnostics"], { cwd: repository });
    const output = await text(child.stdout);
    expect(output).not.toContain("error TS");
    return Number(/Instantiations:\s*(\d+)/.exec(output)?.[1]);
  }

  it("pays 6,000 instantiations at most for importing the descriptors, and 20,000 for using ten of them", {
    timeout: 60_000,
  }, async () => {
    const base = await instantiations("baseline", baseline);
    expect((await instantiations("importing", importing)) - base).toBeLessThan(6000);
    expect((await instantiations("using", using)) - base).toBeLessThan(20_000);
  });
});
