/** Discovery and manifests on a real control plane, with kubectl as the yardstick: what it lists, resolves and applies, so do we. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  apiVersionOf,
  applyManifests,
  Client,
  type DiscoveredKind,
  type DynamicObject,
  type Manifest,
  type ManifestResult,
  type Middleware,
  parseManifests,
  preferredKinds,
  resourceNameOf,
  type ServedApis,
} from "kindred";
import { APIService, Namespace } from "kindred/resources";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { TempFolder } from "../support/temp-folder.js";

let controlPlane: ControlPlane;
let folder: TempFolder;
/** What was sent, and how it was answered. */
const log: string[] = [];
const clients: Client[] = [];

const logged: Middleware = (next) => async (request) => {
  const response = await next(request);
  log.push(`${request.url} ${response.status}`);
  return response;
};

/** As a server before Kubernetes 1.27 would understand the question. */
const asOldServer: Middleware = (next) => (request) =>
  next(
    request.headers["accept"]?.includes("apidiscovery")
      ? { ...request, headers: { ...request.headers, accept: "application/json" } }
      : request,
  );

async function connect(...middleware: readonly Middleware[]): Promise<Client> {
  const client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig, middleware });
  clients.push(client);
  return client;
}

beforeAll(async () => {
  folder = await TempFolder.create();
  controlPlane = await startControlPlane();
  await controlPlane.kubectl.ok(["apply", "--server-side", "-f-"], { stdin: definition("gizmos", "Gizmo") });
  await controlPlane.kubectl.ok([
    "wait",
    "--for=condition=Established",
    "--timeout=30s",
    "crd/gizmos.discovery.example.dev",
  ]);
});

afterAll(async () => {
  for (const client of clients) await client[Symbol.asyncDispose]();
  await controlPlane?.stop();
  await folder?.remove();
});

const definition = (plural: string, kind: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${plural}.discovery.example.dev}
spec:
  group: discovery.example.dev
  scope: Namespaced
  names: {kind: ${kind}, plural: ${plural}, singular: ${kind.toLowerCase()}, shortNames: [${kind.slice(0, 3).toLowerCase()}], categories: [all]}
  versions:
  - {name: v1beta1, served: true, storage: false, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
  - {name: v1, served: true, storage: true, subresources: {status: {}}, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`;

/** The lines of a table of kubectl's, by its columns. */
function readTable(text: string): readonly (readonly string[])[] {
  const [head = "", ...lines] = text.trimEnd().split("\n");
  const starts = [...head.matchAll(/\S+/g)].map(({ index }) => index);
  return lines.map((line) => starts.map((start, column) => line.slice(start, starts[column + 1]).trim()));
}

function rowOf(kind: DiscoveredKind): readonly string[] {
  const { plural, shortNames, scope, verbs, categories } = kind;
  const namespaced = String(scope === "Namespaced");
  return [plural, shortNames.join(), apiVersionOf(kind), namespaced, kind.kind, verbs.join(), categories.join()];
}

/** Within a version of a group the server has no order. */
const byName = ({ kinds }: ServedApis) =>
  kinds.toSorted((a, b) => (`${resourceNameOf(a)}/${a.version}` < `${resourceNameOf(b)}/${b.version}` ? -1 : 1));
const groupsOf = ({ kinds }: ServedApis) => [...new Set(kinds.map(apiVersionOf))];

describe("discovery", () => {
  test("lists what kubectl api-resources lists", async () => {
    const client = await connect();
    const theirs = await vi.waitFor(async () => {
      const rows = readTable(await controlPlane.kubectl.ok(["api-resources", "-o", "wide", "--cached=false"]));
      expect(rows.map(([name]) => name)).toContain("gizmos");
      return rows;
    }, patient);
    const { kinds, unavailable } = await client.discovery.refresh();
    const ours = preferredKinds(kinds).filter(({ verbs }) => verbs.length > 0);
    expect(ours.map((kind) => rowOf(kind).join(" ")).toSorted()).toEqual(theirs.map((row) => row.join(" ")).toSorted());
    expect(ours.length).toBeGreaterThan(60);
    expect(unavailable).toEqual([]);
  });

  test("is the same from an older server, kind by kind and group by group", async () => {
    const [modern, old] = [await connect(logged), await connect(logged, asOldServer)];
    log.length = 0;
    const apis = await modern.discovery.apis();
    expect(log.toSorted()).toEqual(["/api 200", "/apis 200"]);
    const legacy = await old.discovery.apis();
    expect(byName(legacy)).toEqual(byName(apis));
    expect(groupsOf(legacy)).toEqual(groupsOf(apis));
    expect(log.length).toBeGreaterThan(20);
    log.length = 0;
    expect(byName(await modern.discovery.refresh())).toEqual(byName(apis));
    expect(log.toSorted()).toEqual(["/api 304", "/apis 304"]);
  });

  test.each([
    "po",
    "Pod",
    "pods.v1.",
    "deploy",
    "deployments.apps",
    "deployments.v1.apps",
    "Deployment.v1.apps",
    "ev",
    "ev.events.k8s.io",
    "ingresses.networking",
    "hpa",
    "hpa.v2.autoscaling",
    "gizmos",
    "giz",
    "gizmos.v1beta1.discovery.example.dev",
  ])("takes %s for what kubectl takes it for", async (name) => {
    const client = await connect();
    const kind = await client.discovery.resolve(name);
    const { stderr } = await controlPlane.kubectl(["get", name, "--namespace=none", "-v=6"]);
    const [, path = ""] =
      /GET https:\/\/[^/]+(\/\S+?)(?:\?\S*)? 200/.exec(
        stderr.split("\n").findLast((line) => line.includes("GET")) ?? "",
      ) ?? [];
    const root = kind.group === "" ? "/api" : "/apis";
    expect(path).toBe(`${root}/${apiVersionOf(kind)}/namespaces/none/${kind.plural}`);
  });

  test("takes all for the kinds that kubectl takes it for", async () => {
    const client = await connect();
    const { stderr } = await controlPlane.kubectl(["get", "all", "--namespace=none", "-v=6"]);
    const paths = [...stderr.matchAll(/\/apis?\/(?:([^/\s]*)\/)?(v[^/]*)\/namespaces\/none\/(\w+)/g)];
    const theirs = paths.map(([, group = "", , plural]) => `${plural}.${group}`.replace(/\.$/, ""));
    const ours = (await client.discovery.resolveAll("all")).map(resourceNameOf);
    expect(ours.toSorted()).toEqual([...new Set(theirs)].toSorted());
    expect(ours).toContain("gizmos.discovery.example.dev");
  });

  test("finds a definition that came later, and its objects are dynamic", async () => {
    const client = await connect();
    await expect(client.discovery.resolve("gadgets")).rejects.toMatchObject({ code: "UNKNOWN_KIND" });
    await controlPlane.kubectl.ok(["apply", "--server-side", "-f-"], { stdin: definition("gadgets", "Gadget") });
    const gadgets = await vi.waitFor(() => client.discovery.resolve("gad"), patient);
    expect(gadgets).toMatchObject({ version: "v1", kind: "Gadget", scope: "Namespaced", subresources: ["status"] });
    const api = client.api(gadgets).namespace("default");
    const one: DynamicObject = await api.create({ metadata: { name: "one" }, size: 1 });
    const owner = { apiVersion: one.apiVersion, kind: one.kind };
    expect(await client.discovery.kindOf(owner)).toBe(gadgets);
    expect(await api.get("one")).toEqual(one);
  });

  test("reports an APIService whose server does not answer, and the rest is as it was", async () => {
    const [modern, old] = [await connect(), await connect(asOldServer)];
    const before = await modern.discovery.apis();
    const name = "v1.broken.example.dev";
    await modern.api(APIService).create({
      metadata: { name },
      spec: {
        group: "broken.example.dev",
        version: "v1",
        groupPriorityMinimum: 100,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
        service: { name: "nobody", namespace: "default" },
      },
    });
    try {
      const unavailable = [
        { group: "broken.example.dev", version: "v1", message: expect.stringMatching(/not answer|503/) },
      ];
      for (const client of [modern, old]) {
        await vi.waitFor(
          async () => expect((await client.discovery.refresh()).unavailable).toEqual(unavailable),
          patient,
        );
        expect(byName(await client.discovery.apis())).toEqual(byName(before));
        await expect(client.discovery.resolve("brokens")).rejects.toThrow(
          "unavailable, and so unknown: broken.example.dev/v1",
        );
      }
    } finally {
      await modern.api(APIService).delete(name);
    }
  });
});

const patient = { timeout: 20_000, interval: 250 };

/** In the order in which kubectl needs them, which applies them as given. */
const good = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: shop}}
data: {motd: "hello", port: "8080"}
---
# a list is its items
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata: {name: key}
  stringData: {token: t}
- apiVersion: v1
  kind: ServiceAccount
  metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0o2
  selector: {matchLabels: &labels {app: shop}}
  template:
    metadata: {labels: *labels}
    spec:
      hostNetwork: no
      containers:
      - {name: web, image: any, ports: [{containerPort: 80}], resources: {requests: {cpu: 500m}}}
---
apiVersion: discovery.example.dev/v1beta1
kind: Gizmo
metadata: {name: big}
spec: {size: 9007199254740993, price: 1.50, fast: yes}
---
apiVersion: v1
kind: Namespace
metadata: {name: NAMESPACE-more}
`;

const bad = `
apiVersion: v1
kind: ConfigMap
metadata: {name: fine}
data: {a: "1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: unknown-field}
dat: {a: "1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: elsewhere, namespace: nowhere}
---
apiVersion: discovery.example.dev/v1
kind: Nope
metadata: {name: no-such-kind}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {motd: "good morning"}
---
apiVersion: v1
kind: Pod
metadata: {name: invalid}
spec: {containers: [{name: UPPER, image: any}]}
`;

describe("applying manifests", () => {
  let client: Client;
  const [theirs, ours] = ["by-kubectl", "by-kindred"];

  beforeAll(async () => {
    client = await connect();
    for (const name of [theirs, ours]) await client.api(Namespace).create({ metadata: { name } });
  });

  async function apply(text: string, options: { readonly manager?: string; readonly dryRun?: boolean } = {}) {
    const results: ManifestResult[] = [];
    const manifests = await parseManifests(text.replaceAll("NAMESPACE", ours));
    const run = applyManifests(client, manifests, { manager: "kubectl", ...options });
    for await (const result of run) results.push(result);
    return results;
  }

  const inNamespace = (text: string, namespace: string) =>
    text.replaceAll(/metadata: \{(?!.*namespace:)(?!labels)/g, `metadata: {namespace: ${namespace}, `);

  async function kubectlApply(text: string, ...args: readonly string[]) {
    const file = join(folder.path, "manifests.yaml");
    await writeFile(file, text.replaceAll("NAMESPACE", theirs));
    return controlPlane.kubectl(["apply", "--server-side", "-f", file, ...args]);
  }

  /** What kubectl prints of an object that it has applied. */
  const line = ({ apiVersion, kind, name }: ManifestResult) =>
    `${[kind.toLowerCase(), ...(apiVersion.includes("/") ? [apiVersion.replace(/\/.*/, "")] : [])].join(".")}/${name} serverside-applied`;

  async function objectsOf(namespace: string): Promise<readonly unknown[]> {
    const names = ["cm/settings", "secret/key", "sa/shop", "deploy/web", "gizmos.v1beta1.discovery.example.dev/big"];
    return Promise.all(
      names.map(async (word) => {
        const [type = "", name = ""] = word.split("/");
        return comparable(
          await client
            .api(await client.discovery.resolve(type))
            .namespace(namespace)
            .get(name),
        );
      }),
    );
  }

  function comparable({ metadata, ...rest }: DynamicObject) {
    const { name, labels, annotations, managedFields = [], generation } = metadata;
    const own = managedFields.filter(({ manager }) => manager === "kubectl").map((entry) => ({ ...entry, time: "" }));
    const { status: _, ...content } = rest;
    // The Deployment's controller writes an annotation of its own when it comes to it.
    const { "deployment.kubernetes.io/revision": _revision, ...notes } = annotations ?? {};
    return { ...content, metadata: { name, labels, notes, own, generation } };
  }

  test("leaves what kubectl leaves, field owners included", async () => {
    const real = await kubectlApply(inNamespace(good, theirs));
    expect(real).toMatchObject({ code: 0 });
    const results = await apply(inNamespace(good, ours));
    const expected = real.stdout
      .trim()
      .split("\n")
      .map((text) => text.replace(theirs, ours));
    expect(results.map(line).toSorted()).toEqual(expected.toSorted());
    expect(results.filter(({ outcome }) => outcome !== "created")).toEqual([]);
    expect(results[0]).toMatchObject({ kind: "Namespace" });
    expect(results.slice(1).map(line)).toEqual(expected.filter((text) => !text.startsWith("namespace/")));
    const [left, right] = await Promise.all([objectsOf(theirs), objectsOf(ours)]);
    expect(right).toEqual(left);
    expect(right[4]).toMatchObject({ spec: { size: 9007199254740993n, price: 1.5, fast: true } });
  });

  test("again changes nothing, and a dry run tells what would change", async () => {
    const text = inNamespace(good, ours).replace(/---\napiVersion: v1\nkind: Namespace[^]*/, "");
    const again = await apply(text);
    expect(again.filter(({ outcome }) => outcome !== "unchanged" && outcome !== "configured")).toEqual([]);
    // The API server itself rewrites what controllers have touched meanwhile: of what nobody else touches it must be true.
    expect(again.filter(({ kind }) => kind !== "Deployment").map(({ outcome }) => outcome)).toEqual(
      Array(4).fill("unchanged"),
    );
    const dry = await apply(text.replace("hello", "good evening"), { dryRun: true });
    expect(dry.find(({ name }) => name === "settings")?.outcome).toBe("configured");
    const configMaps = client.api(await client.discovery.resolve("cm")).namespace(ours);
    expect(await configMaps.get("settings")).toMatchObject({ data: { motd: "hello" } });
  });

  test("fails for what kubectl fails for, in the same words, and goes on", async () => {
    const real = await kubectlApply(inNamespace(bad, theirs), "--field-manager=other");
    expect(real.code).toBe(1);
    const results = await apply(inNamespace(bad, ours), { manager: "other" });
    const applied = results.filter(({ outcome }) => outcome !== "failed").map(line);
    expect(applied).toEqual(real.stdout.trim().split("\n"));
    expect(applied).toEqual(["configmap/fine serverside-applied"]);
    const failures = results.flatMap((result) => (result.outcome === "failed" ? [result] : []));
    expect(failures.map(({ name }) => name)).toEqual([
      "unknown-field",
      "elsewhere",
      "no-such-kind",
      "settings",
      "invalid",
    ]);
    for (const { name, error } of failures) {
      if (name === "no-such-kind") {
        expect(error.message).toContain("serves no Nope in discovery.example.dev/v1");
        expect(real.stderr).toContain('no matches for kind "Nope" in version "discovery.example.dev/v1"');
        continue;
      }
      expect(error).toMatchObject({ code: "API" });
      const { message = "" } = (error as unknown as { status: { message?: string } }).status;
      expect(real.stderr.replaceAll(theirs, ours)).toContain(message);
    }
    expect(failures[3]?.error.message).toContain('conflict with "kubectl": .data.motd');
  });

  test("does in one run what kubectl needs two for: an object before its namespace and its definition", async () => {
    const named = (plural: string, kind: string) => `
apiVersion: discovery.example.dev/v1
kind: ${kind}
metadata: {name: one, namespace: later-${plural}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: one, namespace: later-${plural}}
---
apiVersion: v1
kind: Namespace
metadata: {name: later-${plural}}
---${definition(plural, kind)}`;
    const real = await kubectlApply(named("widgets", "Widget"));
    expect(real.code).toBe(1);
    expect(real.stderr).toContain('no matches for kind "Widget"');
    expect(real.stderr).toContain('namespaces "later-widgets" not found');
    const results = await apply(named("sprockets", "Sprocket"));
    expect(results.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      "Namespace created",
      "CustomResourceDefinition created",
      "Sprocket created",
      "ConfigMap created",
    ]);
  });
});

describe("a manifest is read as kubectl reads it", () => {
  test.each([
    [
      "YAML 1.1",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: yes, b: 017, c: 0o17, d: 1_000, e: 1:30, f: 2001-01-01, g: ~, h: 9007199254740993, i: 1e3, j: 08}",
    ],
    [
      "anchors and merges",
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: &l {tier: web}}\ndata: {<<: *l, z: "|"}',
    ],
    [
      "block texts",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n    x\n     y\n\n  b: >-\n    x\n    y\n  c: 'it''s'\n",
    ],
    [
      "JSON",
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"a":"\\ud83d\\ude00\\/","b":9007199254740993}}',
    ],
    [
      "several documents",
      "---\n# none\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}",
    ],
    [
      "a list",
      "apiVersion: v1\nkind: ConfigMapList\nitems: [{metadata: {name: a}}, {apiVersion: v1, kind: Secret, metadata: {name: b}}]",
    ],
  ])("%s", async (_title, text) => {
    const out = await controlPlane.kubectl.ok(["create", "--dry-run=client", "--validate=false", "-f-", "-o=json"], {
      stdin: text,
    });
    const theirs = (await parseManifests(out)).map(withoutNamespace);
    expect((await parseManifests(text)).map(withoutNamespace)).toEqual(theirs);
  });

  function withoutNamespace({ metadata, ...rest }: Manifest) {
    const { namespace: _, ...others } = metadata ?? {};
    return { ...rest, metadata: others };
  }
});
