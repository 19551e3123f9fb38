/** Kinds that others wrote: from the packages that ship them through the generator, the compiler and the real API server. */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { definitionsOf, readCrds } from "../../src/cli/generate/crd.js";
import { generate } from "../../src/cli/generate/generate.js";
import { objectAt, objectsAt, textAt } from "../../src/cli/generate/json.js";
import { parseCrds } from "../../src/cli/generate/sources.js";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { openWorkshop, repository, runNode, type Workshop } from "../support/compile.js";

/** Files of Go modules; go.mod beside them names the versions. */
const sources: readonly { readonly module: string; readonly folder: string; readonly files: readonly string[] }[] = [
  {
    module: "sigs.k8s.io/gateway-api",
    folder: "config/crd/standard",
    files: ["gateways", "httproutes", "grpcroutes"].map((name) => `gateway.networking.k8s.io_${name}.yaml`),
  },
  {
    module: "github.com/cert-manager/cert-manager",
    folder: "deploy/crds",
    files: [
      "cert-manager.io_certificates.yaml",
      "cert-manager.io_clusterissuers.yaml",
      "acme.cert-manager.io_challenges.yaml",
    ],
  },
  {
    module: "github.com/external-secrets/external-secrets",
    folder: "config/crds/bases",
    files: ["external-secrets.io_externalsecrets.yaml", "external-secrets.io_secretstores.yaml"],
  },
  {
    module: "github.com/kedacore/keda/v2",
    folder: "config/crd/bases",
    files: ["keda.sh_scaledobjects.yaml", "keda.sh_scaledjobs.yaml"],
  },
  { module: "sigs.k8s.io/karpenter", folder: "pkg/apis/crds", files: ["karpenter.sh_nodepools.yaml"] },
  {
    module: "github.com/argoproj/argo-rollouts",
    folder: "manifests/crds",
    files: ["rollout-crd.yaml", "analysis-template-crd.yaml"],
  },
  { module: "istio.io/api", folder: "kubernetes", files: ["customresourcedefinitions.gen.yaml"] },
];

/** An object of each of these is created, and what the API server returns has the generated type. */
const objects = [
  {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    spec: {
      secretName: "s",
      dnsNames: ["example.dev"],
      issuerRef: { name: "i" },
      privateKey: { algorithm: "ECDSA", size: 256 },
    },
  },
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    spec: {
      parentRefs: [{ name: "g" }],
      rules: [{ matches: [{ path: { type: "PathPrefix", value: "/a" } }], backendRefs: [{ name: "b", port: 80 }] }],
    },
  },
  {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    spec: { scaleTargetRef: { name: "d" }, triggers: [{ type: "cron", metadata: { timezone: "UTC" } }] },
  },
  {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    spec: { replicas: 1, strategy: { canary: { steps: [{ setWeight: 20 }, { pause: { duration: "1m" } }] } } },
  },
  {
    apiVersion: "external-secrets.io/v1",
    kind: "ExternalSecret",
    spec: { secretStoreRef: { name: "s" }, data: [{ secretKey: "k", remoteRef: { key: "r" } }] },
  },
  {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    spec: { hosts: ["example.dev"], http: [{ route: [{ destination: { host: "b", port: { number: 80 } } }] }] },
  },
];

const core = "../../src/core/index.js";

async function manifests() {
  const folder = join(repository, "test/ecosystem");
  const go = async (...args: readonly string[]) => (await promisify(execFile)("go", args, { cwd: folder })).stdout;
  const { Require } = JSON.parse(await go("mod", "edit", "-json")) as { Require: { Path: string; Version: string }[] };
  const wanted = Require.map(({ Path, Version }) => `${Path}@${Version}`);
  const downloaded = (await go("mod", "download", "-json", ...wanted)).trim().split(/(?<=^\})\n/m);
  const found = downloaded.map((one) => JSON.parse(one) as { Path: string; Dir: string });
  const folders = new Map(found.map(({ Path, Dir }) => [Path, Dir]));
  const files = sources.flatMap(({ module, folder, files }) =>
    files.map((file) => ({ module, path: join(folder, file) })),
  );
  return Promise.all(
    files.map(async ({ module, path }) => {
      const text = await readFile(join(folders.get(module) ?? module, path), "utf8");
      return { source: `${module}/${path}`, text };
    }),
  );
}

async function parse(files: Awaited<ReturnType<typeof manifests>>) {
  return (await Promise.all(files.map(({ source, text }) => parseCrds(source, text)))).flat();
}

describe("kinds of the ecosystem", () => {
  let files: Awaited<ReturnType<typeof manifests>>;
  let workshop: Workshop;
  let controlPlane: ControlPlane | undefined;

  beforeAll(async () => {
    files = await manifests();
    workshop = await openWorkshop("ecosystem");
  });
  afterAll(async () => {
    await controlPlane?.stop();
    await workshop?.[Symbol.asyncDispose]();
  });

  it("pass through the generator without a problem, ten of them and more", async () => {
    const parsed = await parse(files);
    const crds = parsed.flatMap(({ document }) => definitionsOf(document));
    expect(crds.length).toBeGreaterThanOrEqual(10);
    const { problems } = generate(readCrds(parsed), { core });
    expect(problems).toEqual([]);
  });

  it("compile under the strictest settings", async () => {
    const parsed = await parse(files);
    const { files: generated } = generate(readCrds(parsed), { core: `../${core}` });
    await workshop.write(generated.map(({ path, text }) => ({ path: `files/${path}`, text })));
    expect(await workshop.compile()).toBe("");
  });

  it("come out the same from the API server that serves them, which returns objects of the generated types", async () => {
    controlPlane = await startControlPlane();
    const { kubectl } = controlPlane;
    const stdin = files.map(({ text }) => text).join("\n---\n");
    await kubectl.ok(["create", "--filename=-"], { stdin });
    // kubectl wait fails for a definition whose status is still empty.
    const wait = () => kubectl(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"]);
    await expect.poll(wait, { timeout: 60_000, interval: 500 }).toMatchObject({ code: 0 });
    const crds = (await parse(files)).flatMap(({ document }) => definitionsOf(document));
    const groups = [...new Set(crds.map((crd) => textAt(objectAt(crd, "spec"), "group")))];
    for (const group of groups) {
      await expect.poll(() => openApiHas(kubectl.ok, crds, group), { timeout: 60_000, interval: 500 }).toBe(true);
    }
    const args = ["--cluster", "--kubeconfig", controlPlane.kubeconfig, "--core", `../${core}`];
    const generated = join(workshop.path, "cluster");
    const chosen = groups.flatMap((group) => ["--group", group]);
    expect(await runNode("dist/cli/main.js", "generate", ...args, ...chosen, "--out", generated)).toMatchObject({
      status: 0,
      err: "",
    });
    for (const crd of crds) {
      for (const version of objectsAt(objectAt(crd, "spec"), "versions").filter((one) => one["served"] === true)) {
        const path = `${textAt(objectAt(crd, "spec"), "group")}/${textAt(version, "name")}.ts`;
        const [ours, theirs] = await Promise.all(
          ["files", "cluster"].map((folder) => readFile(join(workshop.path, folder, path), "utf8")),
        );
        expect(theirs, path).toBe(ours);
      }
    }
    const typed: { path: string; text: string }[] = [];
    for (const [index, object] of objects.entries()) {
      const metadata = { name: "one" };
      const created = await kubectl.ok(["create", "--filename=-", "--output=json", "--validate=strict"], {
        stdin: JSON.stringify({ ...object, metadata }),
      });
      typed.push({
        path: `cluster/object-${index}.ts`,
        text: `import type { ${object.kind} } from "./${object.apiVersion}.js";\nexport const object: ${object.kind} = ${created};\n`,
      });
    }
    await workshop.write(typed);
    expect(await workshop.compile()).toBe("");
  });
});

type Ok = ControlPlane["kubectl"]["ok"];

/** The OpenAPI document follows a new kind after a moment. */
async function openApiHas(ok: Ok, crds: Parameters<typeof objectAt>[0][], group: string): Promise<boolean> {
  for (const crd of crds.filter((one) => textAt(objectAt(one, "spec"), "group") === group)) {
    const spec = objectAt(crd, "spec");
    for (const version of objectsAt(spec, "versions").filter((one) => one["served"] === true)) {
      const name = textAt(version, "name");
      try {
        const document = await ok(["get", "--raw", `/openapi/v3/apis/${group}/${name}`]);
        if (!document.includes(`/${textAt(objectAt(spec, "names"), "plural")}"`)) return false;
      } catch {
        return false;
      }
    }
  }
  return true;
}
