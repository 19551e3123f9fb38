/** What it takes to begin: installing, importing, the first list, checking types. Only the JavaScript contenders have all of it. */

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { node, root } from "../build.mjs";
import { run, startContender, withReplay } from "../process.mjs";

export const start = {
  name: "start",
  metrics: {
    installedMb: { title: "installed", unit: "MB", digits: 1 },
    packages: { title: "packages installed", unit: "", digits: 0 },
    importMs: { title: "import", unit: "ms", digits: 0 },
    importMb: { title: "memory of the import", unit: "MB", digits: 1 },
    firstListMs: { title: "first list, from the start of the process", unit: "ms", digits: 0 },
    firstListMb: { title: "peak memory then", unit: "MB", digits: 0 },
    checkS: { title: "type check of ten kinds", unit: "s", digits: 2 },
    instantiations: { title: "type instantiations", unit: "", digits: 0 },
  },
  scenarios: () => [{ title: "from nothing to the first answer" }],
  async around(bench, _scenario, use) {
    const folder = await mkdtemp(join(tmpdir(), "kindred-bench-"));
    try {
      return await withReplay(bench, { configMaps: 20 }, (server) => use({ ...server, folder, installed: new Map() }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  async measure({ kubeconfig, folder, installed }, contender) {
    const program = startContender(contender, ["firstList", {}], kubeconfig);
    let firstList;
    try {
      const done = await program.until("done");
      firstList = { firstListMs: done.atMs - program.startedAt, firstListMb: done.peakMb };
    } finally {
      await program.stop();
    }
    const source = sources[contender.name];
    if (source === undefined) return firstList;
    const home = join(folder, contender.name);
    // Installed once; imported and checked in each round.
    if (!installed.has(contender.name))
      installed.set(contender.name, await install(home, await source.install(folder)));
    return {
      ...firstList,
      ...installed.get(contender.name),
      ...(await imported(home, source.module)),
      ...(await checked(home, source.program)),
    };
  },
};

async function install(home, what) {
  await mkdir(home, { recursive: true });
  await writeFile(join(home, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await run(["npm", "install", "--no-audit", "--no-fund", "--omit=optional", what], { cwd: home });
  const modules = join(home, "node_modules");
  const entries = await readdir(modules, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  const listed = (await run(["npm", "ls", "--all", "--parseable"], { cwd: home })).trim().split("\n");
  return { installedMb: sizes.reduce((sum, size) => sum + size, 0) / 1e6, packages: listed.length - 1 };
}

/** Against a process that imports nothing. */
async function imported(home, module) {
  const report = `const { readFileSync } = await import("node:fs");
console.log(JSON.stringify({ ms, kb: Number(/^VmRSS:\\s+(\\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))[1]) }));`;
  const measure = async (statement) => {
    const script = `const from = performance.now(); ${statement} const ms = performance.now() - from; ${report}`;
    return JSON.parse(await run([node, "--input-type=module", "-e", script], { cwd: home }));
  };
  const bare = await measure("");
  const full = await measure(`await import(${JSON.stringify(module)});`);
  return { importMs: full.ms, importMb: (full.kb - bare.kb) / 1024 };
}

async function checked(home, text) {
  await writeFile(join(home, "ten-kinds.ts"), text);
  await writeFile(
    join(home, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        module: "NodeNext",
        target: "ES2023",
        types: ["node"],
        typeRoots: [join(root, "node_modules", "@types")],
      },
      files: ["ten-kinds.ts"],
    }),
  );
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const output = await run([process.execPath, tsc, "-p", ".", "--extendedDiagnostics"], { cwd: home });
  const figure = (name) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(output)?.[1]);
  return { checkS: figure("Total time"), instantiations: figure("Instantiations") };
}

const sources = {
  kindred: {
    install: async (folder) => {
      const [{ filename }] = JSON.parse(
        await run(["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", folder], { cwd: root }),
      );
      return join(folder, filename);
    },
    module: "kindred",
    program: `import { Client } from "kindred";
import {
  ConfigMap, CronJob, DaemonSet, Deployment, Ingress, Job, Namespace, Pod, Secret, Service,
} from "kindred/resources";
const client = await Client.infer();
const web = client.api(Deployment).namespace("default");
export const replicas: number | undefined = (await web.get("web")).spec?.replicas;
for await (const pod of client.api(Pod).list()) console.log(pod.spec.nodeName);
export const names: string[] = [];
for (const list of [
  await client.api(ConfigMap).page(), await client.api(Secret).page(), await client.api(Service).page(),
  await client.api(Namespace).page(), await client.api(Job).page(), await client.api(CronJob).page(),
  await client.api(DaemonSet).page(), await client.api(Ingress).page(),
]) for (const { metadata } of list.items) names.push(metadata.name);
`,
  },
  "client-node": {
    install: async () => {
      const manifest = join(root, "bench", "contenders", "client-node", "package.json");
      const { dependencies } = JSON.parse(await readFile(manifest, "utf8"));
      return `@kubernetes/client-node@${dependencies["@kubernetes/client-node"]}`;
    },
    module: "@kubernetes/client-node",
    program: `import { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
const config = new KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(CoreV1Api);
const apps = config.makeApiClient(AppsV1Api);
const batch = config.makeApiClient(BatchV1Api);
const networking = config.makeApiClient(NetworkingV1Api);
const web = await apps.readNamespacedDeployment({ name: "web", namespace: "default" });
export const replicas: number | undefined = web.spec?.replicas;
for (const pod of (await core.listPodForAllNamespaces()).items) console.log(pod.spec?.nodeName);
export const names: string[] = [];
for (const list of [
  await core.listConfigMapForAllNamespaces(), await core.listSecretForAllNamespaces(), await core.listServiceForAllNamespaces(),
  await core.listNamespace(), await batch.listJobForAllNamespaces(), await batch.listCronJobForAllNamespaces(),
  await apps.listDaemonSetForAllNamespaces(), await networking.listIngressForAllNamespaces(),
]) for (const { metadata } of list.items) names.push(metadata?.name ?? "");
`,
  },
};
