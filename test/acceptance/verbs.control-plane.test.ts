/** Every subresource and helper of the client against a real control plane with a node, with kubectl as the yardstick. */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  applyConflicts,
  Client,
  defineKind,
  isConflict,
  isNotFound,
  isReady,
  isRolledOut,
  isTooManyRequests,
  jsonPatch,
  jsonPointer,
  mergePatch,
  type NamespacedObject,
  parseKubeconfig,
  pointerInto,
  retryOnConflict,
  strategicPatch,
  waitFor,
} from "kindred";
import {
  CertificateSigningRequest,
  ConfigMap,
  CustomResourceDefinition,
  Deployment,
  Event,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  SelfSubjectReview,
  ServiceAccount,
} from "kindred/resources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { TempFolder } from "../support/temp-folder.js";

let controlPlane: ControlPlane;
let client: Client;
let folder: TempFolder;
const warnings: string[] = [];
const me = { manager: "verbs" };

beforeAll(async () => {
  folder = await TempFolder.create();
  controlPlane = await startControlPlane({ scheduler: true, nodes: 1 });
  client = await Client.fromKubeconfig({
    path: controlPlane.kubeconfig,
    onWarning: (warning, { method }) => void warnings.push(`${method}: ${warning}`),
  });
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
  await folder?.remove();
});

const containers = [{ name: "main", image: "any:1", resources: { requests: { cpu: "50m" } } }];

/** A pod that is ready. */
async function running(name: string, labels: { readonly [key: string]: string } = {}): Promise<void> {
  const pods = client.api(Pod).namespace("default");
  await pods.create({ metadata: { name, labels }, spec: { containers } });
  // Ready comes before Running here, and an eviction of a pending pod asks no budget.
  await waitFor(pods, name, {
    until: (pod) => isReady(pod) && pod?.status?.phase === "Running",
    timeout: { seconds: 60 },
  });
}

async function deployment(name: string): Promise<void> {
  const labels = { app: name };
  await client
    .api(Deployment)
    .namespace("default")
    .apply(
      {
        metadata: { name },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers } },
        },
      },
      me,
    );
  await rolledOut(name);
}

async function rolledOut(name: string): Promise<void> {
  const deployments = client.api(Deployment).namespace("default");
  await waitFor(deployments, name, { until: isRolledOut, timeout: { seconds: 60 } });
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("it did not fail"),
    (error: unknown) => error,
  );
}

describe("subresources of pods", () => {
  test("an eviction is refused as long as a budget forbids it, tried dry, and then carried out", async () => {
    const pods = client.api(Pod).namespace("default");
    const budgets = client.api(PodDisruptionBudget).namespace("default");
    await running("guarded", { guarded: "yes" });
    await budgets.create({
      metadata: { name: "guard" },
      spec: { minAvailable: 1, selector: { matchLabels: { guarded: "yes" } } },
    });
    await waitFor(budgets, "guard", {
      until: (budget) => budget?.status?.currentHealthy === 1 && budget.status.disruptionsAllowed === 0,
      timeout: { seconds: 60 },
    });
    const refused = await failureOf(pods.evict("guarded"));
    expect(isTooManyRequests(refused)).toBe(true);
    expect(refused).toMatchObject({
      message: expect.stringContaining("violate the pod's disruption budget"),
      status: {
        details: { causes: [{ reason: "DisruptionBudget", message: expect.stringContaining("guard needs 1") }] },
      },
    });
    await budgets.delete("guard");
    await waitFor(budgets, "guard", { until: (budget) => budget === undefined });
    expect(await pods.evict("guarded", { dryRun: true })).toMatchObject({ kind: "Status", status: "Success" });
    expect((await pods.get("guarded")).metadata.deletionTimestamp).toBeUndefined();
    const other = { preconditions: { uid: "another" }, gracePeriodSeconds: 0 };
    expect(isConflict(await failureOf(pods.evict("guarded", other)))).toBe(true);
    expect(await pods.evict("guarded", { gracePeriodSeconds: 0 })).toMatchObject({ kind: "Status", status: "Success" });
    await waitFor(pods, "guarded", { until: (pod) => pod === undefined, timeout: { seconds: 60 } });
  });

  test("an eviction that the server delays says for how long", async () => {
    const budgets = client.api(PodDisruptionBudget).namespace("default");
    const controllerManager = controlPlane.pids.get("kube-controller-manager");
    if (controllerManager === undefined) throw new Error("no controller manager runs");
    await running("unready", { unready: "yes" });
    // Nobody looks at this budget: its controller stands still.
    process.kill(controllerManager, "SIGSTOP");
    await budgets.create({
      metadata: { name: "unseen" },
      spec: { minAvailable: 1, selector: { matchLabels: { unready: "yes" } } },
    });
    const delayed = await client
      .api(Pod)
      .namespace("default")
      .evict("unready")
      .catch((error: unknown) => error)
      .finally(() => process.kill(controllerManager, "SIGCONT"));
    expect(delayed).toMatchObject({ statusCode: 429, retryAfterSeconds: 10 });
    await budgets.delete("unseen");
  });

  test("a pod without a node is bound to one", async () => {
    const pods = client.api(Pod).namespace("default");
    const [node] = await client.api(Node).list().toArray();
    const made = await pods.create({ metadata: { name: "unbound" }, spec: { containers, schedulerName: "nobody" } });
    expect(made.spec.nodeName).toBeUndefined();
    const name = node?.metadata.name ?? "";
    const wrong = await failureOf(pods.bind("unbound", name, { preconditions: { uid: "another" } }));
    expect(isConflict(wrong)).toBe(true);
    const bound = await pods.bind("unbound", name, {
      preconditions: { uid: made.metadata.uid },
      annotations: { "verbs.example.dev/bound": "yes" },
    });
    expect(bound).toMatchObject({ kind: "Status", status: "Success" });
    expect(await pods.get("unbound")).toMatchObject({
      spec: { nodeName: name },
      metadata: { annotations: { "verbs.example.dev/bound": "yes" } },
    });
  });

  test("a running pod is resized, by a patch and by apply, and nothing else of it changes", async () => {
    const pods = client.api(Pod).namespace("default");
    await running("sized");
    const main = (cpu: string) => ({ spec: { containers: [{ name: "main", resources: { requests: { cpu } } }] } });
    await pods.resize.patch("sized", strategicPatch(main("60m")));
    expect((await pods.get("sized")).spec.containers[0]?.resources?.requests).toEqual({ cpu: "60m" });
    await pods.resize.apply({ metadata: { name: "sized" }, ...main("70m") }, { ...me, force: true });
    const read = await pods.resize.get("sized");
    expect(read.spec.containers[0]?.resources?.requests).toEqual({ cpu: "70m" });
    const [first] = read.spec.containers;
    if (first === undefined) throw new Error("no container");
    const resized = { ...first, resources: { ...first.resources, requests: { cpu: "80m" } } };
    const replaced = await retryOnConflict(async () => {
      const now = await pods.resize.get("sized");
      return pods.resize.replace({ ...now, spec: { ...now.spec, containers: [resized] } });
    });
    expect(replaced.spec.containers[0]?.resources?.requests).toEqual({ cpu: "80m" });
    // Only through the subresource.
    expect(await failureOf(pods.patch("sized", strategicPatch(main("90m"))))).toMatchObject({ statusCode: 422 });
  });

  test("an ephemeral container joins a running pod", async () => {
    const pods = client.api(Pod).namespace("default");
    await running("debugged");
    const one = (name: string) => ({ name, image: "debug:1", targetContainerName: "main" });
    await pods.ephemeralContainers.patch("debugged", strategicPatch({ spec: { ephemeralContainers: [one("first")] } }));
    await retryOnConflict(async () => {
      const pod = await pods.ephemeralContainers.get("debugged");
      const all = [...(pod.spec.ephemeralContainers ?? []), one("second")];
      return pods.ephemeralContainers.replace({ ...pod, spec: { ...pod.spec, ephemeralContainers: all } });
    });
    const added = (await pods.get("debugged")).spec.ephemeralContainers?.map(({ name }) => name);
    expect(added).toEqual(["first", "second"]);
  });
});

test("a token of a service account authenticates as that account", async () => {
  const accounts = client.api(ServiceAccount).namespace("default");
  await accounts.create({ metadata: { name: "bot" } });
  const request = await accounts.createToken("bot", { expirationSeconds: 600 });
  expect(Date.parse(request.status.expirationTimestamp)).toBeGreaterThan(Date.now());
  const kubeconfig = await parseKubeconfig(await readFile(controlPlane.kubeconfig, "utf8"));
  const users = (kubeconfig.users ?? []).map(({ name }) => ({ name, user: { token: request.status.token } }));
  await using bot = await Client.fromKubeconfig({ kubeconfig: { ...kubeconfig, users } });
  const review = await bot.api(SelfSubjectReview).create({});
  expect(review.status?.userInfo?.username).toBe("system:serviceaccount:default:bot");
  const narrow = await accounts.createToken("bot", { audiences: ["verbs.example.dev"] });
  expect(narrow.spec.audiences).toEqual(["verbs.example.dev"]);
});

test("a certificate is approved, and kubectl sees it", async () => {
  const key = join(folder.path, "key.pem");
  const { stdout } = await promisify(execFile)("openssl", [
    ...["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", "/CN=somebody"],
  ]);
  const requests = client.api(CertificateSigningRequest);
  await requests.create({
    metadata: { name: "somebody" },
    spec: {
      request: Buffer.from(stdout).toString("base64"),
      signerName: "kubernetes.io/kube-apiserver-client",
      usages: ["client auth"],
    },
  });
  const read = await requests.get("somebody");
  const approved = { type: "Approved", status: "True", reason: "Verbs", message: "it is somebody" };
  const answer = await requests.approval.replace({ ...read, status: { ...read.status, conditions: [approved] } });
  expect(answer.status?.conditions).toMatchObject([approved]);
  expect(await controlPlane.kubectl.ok(["get", "csr", "somebody"])).toContain("Approved");
});

test("a namespace that a finalizer holds goes when it is finalized", async () => {
  const namespaces = client.api(Namespace);
  await namespaces.create({ metadata: { name: "held" }, spec: { finalizers: ["verbs.example.dev/hold"] } });
  await namespaces.delete("held");
  const held = await waitFor(namespaces, "held", {
    until: (namespace) =>
      namespace?.status?.conditions?.some(
        ({ type, status }) => type === "NamespaceContentRemaining" && status === "False",
      ) === true,
    timeout: { seconds: 60 },
  });
  if (held === undefined) throw new Error("it is gone before it was finalized");
  expect(held.spec?.finalizers).toContain("verbs.example.dev/hold");
  await retryOnConflict(async () => {
    const now = await namespaces.get("held");
    return namespaces.finalize({ ...now, spec: { finalizers: [] } });
  });
  await waitFor(namespaces, "held", { until: (namespace) => namespace === undefined, timeout: { seconds: 60 } });
});

describe("helpers", () => {
  test("a restart makes a rollout, as kubectl's does, and a paused deployment is refused", async () => {
    const deployments = client.api(Deployment).namespace("default");
    await deployment("restarted");
    const restartedAt = new Date("2026-01-02T03:04:05.678Z");
    const after = await deployments.restart("restarted", { ...me, restartedAt });
    expect(after.spec.template.metadata?.annotations).toEqual({
      "kubectl.kubernetes.io/restartedAt": "2026-01-02T03:04:05Z",
    });
    await rolledOut("restarted");
    const sets = await client
      .api(ReplicaSet)
      .namespace("default")
      .list({ labels: { app: "restarted" } })
      .toArray();
    expect(sets).toHaveLength(2);
    await controlPlane.kubectl.ok(["rollout", "restart", "deployment/restarted"]);
    const byKubectl = await deployments.get("restarted");
    expect(Object.keys(byKubectl.spec.template.metadata?.annotations ?? {})).toEqual([
      "kubectl.kubernetes.io/restartedAt",
    ]);
    await deployments.patch("restarted", mergePatch({ spec: { paused: true } }));
    expect(await failureOf(deployments.restart("restarted"))).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("a node is cordoned and uncordoned, and kubectl sees it", async () => {
    const nodes = client.api(Node);
    const [node] = await nodes.list().toArray();
    const name = node?.metadata.name ?? "";
    expect((await nodes.cordon(name, me)).spec.unschedulable).toBe(true);
    expect(await controlPlane.kubectl.ok(["get", "node", name])).toContain("SchedulingDisabled");
    expect((await nodes.uncordon(name, me)).spec.unschedulable).toBeUndefined();
    expect(await controlPlane.kubectl.ok(["get", "node", name])).not.toContain("SchedulingDisabled");
  });
});

describe("an entry", () => {
  const count = (map: ConfigMap) => Number(map.data?.["count"]);

  test("of several writers at once loses no change", async () => {
    const maps = client.api(ConfigMap).namespace("default");
    const increment = () =>
      maps
        .entry("visits")
        .orInsert(() => ({ data: { count: "1" } }))
        .andModify((map) => {
          map.data = { ...map.data, count: String(count(map) + 1) };
        })
        .commit({ ...me, attempts: 200, jitter: 1 });
    const writer = async () => {
      const done = [];
      for (let time = 0; time < 5; time += 1) done.push((await increment()).type);
      return done;
    };
    const done = (await Promise.all(Array.from({ length: 6 }, writer))).flat();
    expect(done.toSorted()).toEqual(["created", ...Array.from({ length: 29 }, () => "replaced")]);
    expect(count(await maps.get("visits"))).toBe(30);
  });

  test("surfaces a conflict if it may try only once, stores nothing when dry, and sends nothing for no change", async () => {
    const maps = client.api(ConfigMap).namespace("default");
    await maps.create({ metadata: { name: "entry" }, data: { a: "1" } });
    const raced = maps.entry("entry").andModify(async (map) => {
      map.data = { a: "2" };
      await maps.patch("entry", mergePatch({ data: { b: String(Math.random()) } }));
    });
    expect(isConflict(await failureOf(raced.commit({ ...me, attempts: 1 })))).toBe(true);
    const edited = maps.entry("entry").andModify((map) => {
      map.data = { a: "3" };
    });
    const dry = await edited.commit({ ...me, dryRun: true });
    expect(dry).toMatchObject({ type: "replaced", object: { data: { a: "3" } } });
    const before = await maps.get("entry");
    expect(before.data?.["a"]).toBe("1");
    expect((await edited.commit(me)).type).toBe("replaced");
    const { type, object } = await edited.commit(me);
    expect([type, object]).toEqual(["unchanged", await maps.get("entry")]);
    const fresh = maps.entry("fresh").orInsert(() => ({ data: {} }));
    expect((await fresh.commit({ ...me, dryRun: true })).type).toBe("created");
    expect(await maps.getOptional("fresh")).toBeUndefined();
    expect(isNotFound(await failureOf(maps.entry("fresh").commit(me)))).toBe(true);
  });
});

describe("patches", () => {
  test("a conflict of server-side apply names each field and its manager", async () => {
    await deployment("contested");
    const deployments = client.api(Deployment).namespace("default");
    await deployments.scale.patch("contested", mergePatch({ spec: { replicas: 2 } }), { manager: "scaler" });
    const error = await failureOf(
      deployments.apply({ metadata: { name: "contested" }, spec: { replicas: 3, paused: true } }, { manager: "other" }),
    );
    expect(applyConflicts(error)).toEqual([
      { field: ".spec.replicas", manager: "scaler", subresource: "scale", apiVersion: "apps/v1" },
    ]);
    const image = { template: { spec: { containers: [{ name: "main", image: "any:2" }] } } };
    const applied = await failureOf(
      deployments.apply({ metadata: { name: "contested" }, spec: image }, { manager: 'a "quoted" one' }),
    );
    expect(applyConflicts(applied)).toEqual([
      { field: '.spec.template.spec.containers[name="main"].image', manager: "verbs" },
    ]);
    const stale = await failureOf(deployments.patch("contested", mergePatch({ metadata: { resourceVersion: "1" } })));
    expect([isConflict(stale), applyConflicts(stale)]).toEqual([true, []]);
  });

  test("scale and status take every kind of write", async () => {
    await deployment("parts");
    const deployments = client.api(Deployment).namespace("default");
    const spec = (replicas: number) => ({ metadata: { name: "parts" }, spec: { replicas } });
    expect((await deployments.scale.apply(spec(2), { manager: "scaler", force: true })).spec.replicas).toBe(2);
    expect((await deployments.scale.replace(spec(0))).spec).toEqual({});
    expect((await deployments.scale.patch("parts", mergePatch({ spec: { replicas: 1 } }))).spec.replicas).toBe(1);
    const condition = { type: "Tested", status: "True" };
    const status = { conditions: [condition] };
    const applied = await deployments.status.apply({ metadata: { name: "parts" }, status }, { manager: "tester" });
    expect(applied.status?.conditions).toContainEqual(condition);
    const patched = await deployments.status.patch("parts", strategicPatch({ status }));
    expect(patched.status?.conditions).toContainEqual(expect.objectContaining(condition));
    const read = await deployments.status.get("parts");
    expect((await deployments.status.replace(read)).metadata.uid).toBe(read.metadata.uid);
  });

  test("a JSON patch goes where its pointers lead, and a mistake in one is found before it is sent", async () => {
    const maps = client.api(ConfigMap).namespace("default");
    await maps.create({ metadata: { name: "pointed", annotations: { "verbs.example.dev/note": "1" } } });
    const path = jsonPointer("metadata", "annotations", "verbs.example.dev/note");
    const patched = await maps.patch(
      "pointed",
      jsonPatch([
        { op: "test", path, value: "1" },
        {
          op: "replace",
          path: pointerInto<ConfigMap>()("metadata", "annotations", "verbs.example.dev/note"),
          value: "2",
        },
      ]),
    );
    expect(patched.metadata.annotations).toEqual({ "verbs.example.dev/note": "2" });
    expect(await failureOf(maps.patch("pointed", jsonPatch([{ op: "remove", path: "/a~b" }])))).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining('operation 0 (remove): path has a "~"'),
    });
  });

  test("a strategic patch of a custom kind is refused by the server, as by the compiler", async () => {
    interface Odd extends NamespacedObject<"verbs.example.dev/v1", "Odd"> {
      spec?: { a?: string };
    }
    const Odd = defineKind<Odd>()({
      group: "verbs.example.dev",
      version: "v1",
      kind: "Odd",
      plural: "odds",
      scope: "Namespaced",
    });
    const definitions = client.api(CustomResourceDefinition);
    await definitions.create({
      metadata: { name: "odds.verbs.example.dev" },
      spec: {
        group: "verbs.example.dev",
        names: { kind: "Odd", plural: "odds" },
        scope: "Namespaced",
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        ],
      },
    });
    await waitFor(definitions, "odds.verbs.example.dev", {
      until: (crd) =>
        crd?.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True") === true,
    });
    const odds = client.api(Odd).namespace("default");
    await odds.create({ metadata: { name: "odd" } });
    // @ts-expect-error -- custom kinds take merge patches
    expect(await failureOf(odds.patch("odd", strategicPatch({ spec: { a: "1" } })))).toMatchObject({ statusCode: 415 });
    expect((await odds.patch("odd", mergePatch({ spec: { a: "1" } }))).spec).toEqual({ a: "1" });
  });
});

describe("tables", () => {
  test("have the columns and cells of kubectl get", async () => {
    await running("tabled", { tabled: "yes" });
    const pods = client.api(Pod).namespace("default");
    const labels = { tabled: "yes" };
    const table = await pods.table().list({ labels });
    const [row] = table.rows;
    expect(row?.object).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "tabled" } });
    const shown = table.columnDefinitions.flatMap(({ name, priority }, index) =>
      priority === 0 ? [{ name, index }] : [],
    );
    const [head = "", line = ""] = (await controlPlane.kubectl.ok(["get", "pods", "-l", "tabled=yes"]))
      .trim()
      .split("\n");
    expect(head.split(/ {2,}/)).toEqual(shown.map(({ name }) => name.toUpperCase()));
    const cells = shown.filter(({ name }) => name !== "Age").map(({ index }) => String(row?.cells[index]));
    expect(line.trim().split(/ {2,}/).slice(0, -1)).toEqual(cells);
    const [wide = ""] = (await controlPlane.kubectl.ok(["get", "pods", "-l", "tabled=yes", "-o", "wide"])).split("\n");
    expect(wide.trim().split(/ {2,}/)).toEqual(table.columnDefinitions.map(({ name }) => name.toUpperCase()));
  });

  test("come with as much of each object as was asked for, by get, by pages and by watch", async () => {
    const maps = client.api(ConfigMap).namespace("default");
    for (const name of ["t1", "t2", "t3"])
      await maps.create({ metadata: { name, labels: { t: "yes" } }, data: { a: name } });
    const labels = { t: "yes" };
    const whole = await maps.table({ includeObject: "Object" }).list({ labels, pageSize: 2 });
    expect(whole.rows.map(({ object }) => object.data)).toEqual([{ a: "t1" }, { a: "t2" }, { a: "t3" }]);
    expect(whole.metadata.continue).toBeUndefined();
    const none = await maps.table({ includeObject: "None" }).get("t1");
    expect(none.rows.map(({ cells, object }) => [cells[0], object])).toEqual([["t1", null]]);
    expect(none.columnDefinitions.map(({ name }) => name)).toEqual(["Name", "Data", "Age"]);
    const everywhere = await client.api(ConfigMap).table().page({ labels, limit: 1 });
    expect([everywhere.rows.length, everywhere.metadata.continue === undefined]).toEqual([1, false]);
    const seen = [];
    for await (const { type, object } of maps.table({ includeObject: "Object" }).watch({ labels })) {
      if (type === "BOOKMARK") continue;
      if (type === "ERROR") throw new Error(String(object.message));
      seen.push([type, object.rows[0]?.object.metadata.name, object.columnDefinitions.length]);
      if (seen.length === 3) await maps.delete("t2");
      if (type === "DELETED") break;
    }
    expect(seen).toEqual([
      ["ADDED", "t1", 3],
      ["ADDED", "t2", 3],
      ["ADDED", "t3", 3],
      ["DELETED", "t2", 3],
    ]);
  });

  test("are watched through bookmarks", async () => {
    const types = [];
    const watch = client
      .api(ConfigMap)
      .namespace("default")
      .table()
      .watch({
        ...{ labels: { t: "yes" }, sendInitialEvents: true, resourceVersion: "" },
      });
    for await (const { type, object } of watch) {
      types.push(type);
      if (type === "BOOKMARK") {
        expect(object.metadata.resourceVersion).toMatch(/^\d+$/);
        break;
      }
    }
    expect(types).toEqual(["ADDED", "ADDED", "BOOKMARK"]);
  });
});

test("references lead from a pod to its deployment, and from an event to its object", async () => {
  await deployment("referred");
  const [pod] = await client
    .api(Pod)
    .namespace("default")
    .list({ labels: { app: "referred" } })
    .toArray();
  const [owner] = pod?.metadata.ownerReferences ?? [];
  if (pod === undefined || owner === undefined) throw new Error("no pod with an owner");
  const { namespace } = pod.metadata;
  const set = await client.fetch(owner, { kinds: [Deployment, ReplicaSet], namespace });
  expect(set?.kind).toBe("ReplicaSet");
  const [above] = set?.metadata.ownerReferences ?? [];
  if (above === undefined) throw new Error("no owner");
  const found = await client.fetch(above, { kinds: [Deployment], namespace });
  expect(found?.metadata.name).toBe("referred");
  const resolved = await client.fetch(above, {
    resolve: ({ apiVersion, kind }) => (apiVersion === "apps/v1" && kind === "Deployment" ? Deployment : undefined),
    namespace,
  });
  expect(resolved).toEqual(found);
  expect(await client.fetch({ ...above, uid: "another" }, { kinds: [Deployment], namespace })).toBeUndefined();
  expect(await client.fetch({ ...above, name: "gone" }, { kinds: [Deployment], namespace })).toBeUndefined();
  const fields = { "involvedObject.name": pod.metadata.name };
  const [event] = await client.api(Event).namespace("default").list({ fields }).toArray();
  expect((await client.fetch(event?.involvedObject ?? {}, { kinds: [Pod, Node] }))?.metadata.uid).toBe(
    pod.metadata.uid,
  );
});

test("metadata alone is read, patched and deleted without the rest coming along", async () => {
  const maps = client.api(ConfigMap).namespace("default");
  for (const name of ["m1", "m2", "m3"]) {
    await maps.create({
      metadata: { name, labels: { m: "yes" }, finalizers: name === "m2" ? ["verbs.example.dev/m"] : [] },
      data: { a: "1" },
    });
  }
  const patched = await maps.metadata.patch("m1", strategicPatch({ metadata: { labels: { n: "yes" } } }));
  expect(patched).toMatchObject({ kind: "PartialObjectMetadata", metadata: { labels: { m: "yes", n: "yes" } } });
  expect(Object.keys(patched).toSorted()).toEqual(["apiVersion", "kind", "metadata"]);
  expect((await maps.metadata.delete("m1")).kind).toBe("Status");
  const held = await maps.metadata.delete("m2");
  if (held.kind === "Status") throw new Error("it is gone in spite of its finalizer");
  expect(held.metadata.deletionTimestamp).toBeDefined();
  const rest = await maps.metadata.deleteCollection({ labels: { m: "yes" } });
  if (rest.kind === "Status") throw new Error("a Status");
  expect(rest.kind).toBe("PartialObjectMetadataList");
  expect(await maps.getOptional("m3")).toBeUndefined();
  await maps.metadata.patch("m2", mergePatch({ metadata: { finalizers: null } }));
  expect(await maps.getOptional("m2")).toBeUndefined();
});

test("a deletion is held to its preconditions, and answers with the object or with a Status", async () => {
  const maps = client.api(ConfigMap).namespace("default");
  const made = await maps.create({ metadata: { name: "conditional", finalizers: ["verbs.example.dev/d"] } });
  const { uid, resourceVersion } = made.metadata;
  expect(isConflict(await failureOf(maps.delete("conditional", { preconditions: { uid: "another" } })))).toBe(true);
  expect(isConflict(await failureOf(maps.delete("conditional", { preconditions: { resourceVersion: "1" } })))).toBe(
    true,
  );
  expect((await maps.delete("conditional", { dryRun: true, preconditions: { uid } })).kind).toBe("ConfigMap");
  expect((await maps.get("conditional")).metadata.resourceVersion).toBe(resourceVersion);
  const held = await maps.delete("conditional", { preconditions: { uid, resourceVersion } });
  if (held.kind === "Status") throw new Error("it is gone in spite of its finalizer");
  await maps.replace({ ...held, metadata: { ...held.metadata, finalizers: [] } });
  const gone = await maps.create({ metadata: { name: "conditional" } }).then(() => maps.delete("conditional"));
  expect(gone).toMatchObject({ kind: "Status", status: "Success", details: { name: "conditional" } });
});

test("the server's warnings are reported of every verb", async () => {
  const maps = client.api(ConfigMap).namespace("default");
  const odd = { metadata: { name: "warned" }, ...{ unknown: 1 } };
  warnings.length = 0;
  await maps.create(odd);
  await maps.replace(odd);
  await maps.patch("warned", mergePatch(odd));
  expect(warnings).toEqual(["POST", "PUT", "PATCH"].map((method) => `${method}: unknown field "unknown"`));
  const strictly = maps.replace(odd, { fieldValidation: "Strict" });
  expect(await failureOf(strictly)).toMatchObject({
    statusCode: 400,
    message: expect.stringContaining('unknown field "unknown"'),
  });
  warnings.length = 0;
  await maps.replace(odd, { fieldValidation: "Ignore" });
  expect(warnings).toEqual([]);
});
