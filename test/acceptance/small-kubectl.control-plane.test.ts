/** The small kubectl of examples/kubectl, and the real one: the same commands on the same cluster, and the same output. */

import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { untilHeard } from "../control-plane/kubectl.js";
import { streamingPod } from "../control-plane/streaming-pod.js";
import { repository } from "../support/compile.js";
import { TempFolder } from "../support/temp-folder.js";

let controlPlane: ControlPlane;
let folder: TempFolder;

interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

type Program = "kubectl" | "small";

interface Running {
  readonly result: Promise<Result>;
  /** What it has printed up to now. */
  readonly printed: () => string;
  /** Sends it what Ctrl-C does. */
  readonly interrupt: () => void;
}

/** Starts one of the two programs. */
function start(program: Program, args: readonly string[], options: { stdin?: string; editor?: string } = {}): Running {
  const [file, ...first] =
    program === "kubectl"
      ? ["kubectl", "--cache-dir", join(folder.path, "cache")]
      : [process.execPath, join(repository, ".build/examples/kubectl/kubectl.js")];
  const [command = "", ...rest] = args;
  const env = { ...process.env, EDITOR: options.editor ?? "false" };
  const child = spawn(file ?? "", [...first, command, "--kubeconfig", controlPlane.kubeconfig, ...rest], { env });
  child.stdin.on("error", () => undefined).end(options.stdin ?? "");
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const result = new Promise<Result>((resolve, reject) => {
    child.once("error", reject);
    const skew = /^WARNING: version difference.*\n/;
    child.once("close", (code) => resolve({ stdout, stderr: stderr.replace(skew, ""), code }));
  });
  return { result, printed: () => stdout, interrupt: () => void child.kill("SIGINT") };
}

const run = (...of: Parameters<typeof start>) => start(...of).result;

/** Both look at the same moment, but for the second in which one of them is later. */
const withoutAges = (table: string) => table.replaceAll(/(?<= )(?:\d+[smhd])+ */g, "AGE ");

const shop = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: shop}}
data: {motd: "<b>hello</b> & more", port: "8080", flag: "yes", empty: "", lines: "one\\ntwo\\n", star: "*", since: "2001-01-01", colon: "a: b"}
---
apiVersion: v1
kind: Secret
metadata: {name: a-secret-with-a-long-name, labels: {app: shop}}
stringData: {token: t}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: shop}}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: web, image: any}]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gizmos.small.example.dev}
spec:
  group: small.example.dev
  scope: Namespaced
  names: {kind: Gizmo, plural: gizmos, singular: gizmo, shortNames: [giz], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}, {name: Note, type: string, jsonPath: .spec.note, priority: 1}]
`;

const gizmo = `{"apiVersion":"small.example.dev/v1","kind":"Gizmo","metadata":{"name":"big"},"spec":{"size":9007199254740993,"note":"two\\nlines"}}`;

beforeAll(async () => {
  folder = await TempFolder.create();
  controlPlane = await startControlPlane({ scheduler: true, nodes: 1, streaming: true });
  const { kubectl } = controlPlane;
  await kubectl.ok(["apply", "--server-side", "-f-"], { stdin: shop });
  await kubectl.ok(["wait", "--for=condition=Established", "--timeout=30s", "crd/gizmos.small.example.dev"]);
  await kubectl.ok(["rollout", "status", "deployment/web", "--timeout=60s"]);
  await kubectl.ok(["create", "--validate=false", "-f-"], { stdin: gizmo });
});

afterAll(async () => {
  await controlPlane?.stop();
  await folder?.remove();
});

const lines = (text: string) => text.trim().split("\n");

describe("prints what kubectl prints", () => {
  test.each(
    lines(`
get pods
get po -o wide
get po -o name
get deploy,cm,secret
get all
get all -A
get cm -A
get nodes
get nodes -o wide
get ns,nodes
get cm settings
get cm/settings deployment/web
get cm settings nope kube-root-ca.crt
get pods -l app=shop
get pods -l app=none
get ns -l app=none
get cm -A -l app=none
get giz
get gizmos.small.example.dev -o wide
get giz big -o json
get giz big -o yaml
get cm settings -o json
get cm settings -o yaml
get cm -n default -o json
get secrets,sa -o yaml -n default
get deploy web -o yaml
get clusterroles view edit -o yaml
get clusterroles -o json
get clusterroles
get roles -A -o wide
get apiservices
get leases -A -o name
get crd
get crd -o yaml
get cm -A -o yaml
get flowschemas -o yaml
get clusterroles,clusterrolebindings -o yaml
get endpointslices,svc,rs,nodes -o yaml
get cm web nope
get cm -l app=shop settings
get deploy nope
get deploy nope -o yaml
delete cm nope
api-resources
api-resources -o name
api-resources -o wide
`),
  )("%s", async (line) => {
    const words = line.split(" ");
    const [theirs, ours] = await Promise.all([run("kubectl", words), run("small", words)]);
    expect(withoutAges(ours.stdout)).toBe(withoutAges(theirs.stdout));
    expect({ ...ours, stdout: "" }).toEqual({ ...theirs, stdout: "" });
    expect(theirs.stdout + theirs.stderr).not.toBe("");
  });

  test("an unknown type is refused with a better hint", async () => {
    const [theirs, ours] = await Promise.all([run("kubectl", ["get", "deplyo"]), run("small", ["get", "deplyo"])]);
    expect(theirs).toEqual({
      stdout: "",
      stderr: `error: the server doesn't have a resource type "deplyo"\n`,
      code: 1,
    });
    const stderr = 'error: the API server serves no kind named "deplyo": is it deployments.apps?\n';
    expect(ours).toEqual({ stdout: "", stderr, code: 1 });
  });
});

test("watch tells what kubectl get --watch tells", async () => {
  const { kubectl } = controlPlane;
  await kubectl.ok(["create", "namespace", "watched"]);
  const inNamespace = ["cm", "-n", "watched", "-l", "watched=yes"];
  await kubectl.ok(["create", "cm", "early", "-n", "watched"]);
  await kubectl.ok(["label", "cm", "early", "-n", "watched", "watched=yes"]);
  const watches = [
    start("kubectl", ["get", ...inNamespace, "--watch"]),
    start("small", ["watch", ...inNamespace]),
    start("small", ["get", "-w", ...inNamespace]),
  ];
  const untilLines = (count: number) =>
    vi.waitFor(
      () => expect(watches.map(({ printed }) => printed().split("\n").length - 1)).toEqual(watches.map(() => count)),
      patient,
    );
  try {
    await untilLines(2);
    await kubectl.ok(["create", "-f-"], {
      stdin: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"late-with-a-longer-name","namespace":"watched","labels":{"watched":"yes"}}}`,
    });
    await untilLines(3);
    await kubectl.ok(["patch", "cm", "early", "-n", "watched", "-p", '{"data":{"a":"1"}}']);
    await untilLines(4);
    await kubectl.ok(["delete", "cm", "early", "-n", "watched"]);
    await untilLines(5);
  } finally {
    for (const { interrupt } of watches) interrupt();
  }
  const [theirs, ...ours] = await Promise.all(watches.map(({ result }) => result));
  for (const { stdout, stderr } of ours) {
    expect(withoutAges(stdout)).toBe(withoutAges(theirs?.stdout ?? ""));
    expect(stderr).toBe("");
  }
});

describe("writes as kubectl writes", () => {
  const manifests = `
apiVersion: v1
kind: ConfigMap
metadata: {name: one, labels: {part: of-a-test}}
data: {a: "1"}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ServiceAccount, metadata: {name: two, labels: {part: of-a-test}}}
- {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: three, labels: {part: of-a-test}}, rules: []}
`;
  const [theirs, ours] = ["by-kubectl", "by-small"];

  beforeAll(async () => {
    for (const name of [theirs, ours]) await controlPlane.kubectl.ok(["create", "namespace", name]);
    await writeFile(join(folder.path, "shop.yaml"), manifests);
  });

  /** The same command, each in its own namespace. */
  async function both(
    args: readonly string[],
    options: { stdin?: string; editor?: string; only?: readonly string[] } = {},
  ) {
    const [real, small] = await Promise.all([
      run("kubectl", [...args, "-n", theirs, ...(options.only ?? [])], options),
      run("small", [...args, "-n", ours], options),
    ]);
    expect({ ...small, stdout: small.stdout.replaceAll(ours, theirs) }).toEqual(real);
    return small;
  }

  const only = ["--server-side"];

  test("apply, from a file and from standard input, twice", async () => {
    const file = join(folder.path, "shop.yaml");
    const { stdout } = await both(["apply", "-f", file], { only });
    expect(stdout).toBe(
      "configmap/one serverside-applied\nserviceaccount/two serverside-applied\nrole.rbac.authorization.k8s.io/three serverside-applied\n",
    );
    await both(["apply", "-f", "-"], { only, stdin: manifests });
    const json = async (namespace: string) =>
      (await run("kubectl", ["get", "cm", "one", "-n", namespace, "-o", "json", "--show-managed-fields"])).stdout;
    const owners = (text: string) =>
      JSON.parse(text).metadata.managedFields.map((entry: object) => ({ ...entry, time: "" }));
    expect(owners(await json(ours))).toEqual(owners(await json(theirs)));
  });

  test("apply is refused what others own, and takes it by force", async () => {
    for (const namespace of [theirs, ours]) {
      await controlPlane.kubectl.ok([
        "patch",
        "cm",
        "one",
        "-n",
        namespace,
        "--field-manager=somebody",
        "-p",
        '{"data":{"a":"2"}}',
      ]);
    }
    const [real, small] = await Promise.all([
      run("kubectl", ["apply", "-f", "-", "-n", theirs, "--server-side"], { stdin: manifests }),
      run("small", ["apply", "-f", "-", "-n", ours], { stdin: manifests }),
    ]);
    expect(small).toMatchObject({ stdout: real.stdout, code: real.code });
    const conflict = 'Apply failed with 1 conflict: conflict with "somebody" using v1: .data.a';
    expect(real.stderr).toContain(conflict);
    expect(small.stderr).toContain(conflict);
    await both(["apply", "-f", "-", "--force-conflicts"], { only, stdin: manifests });
  });

  test("edit", async () => {
    await both(["edit", "cm", "one"], { editor: "true" });
    const { stdout } = await both(["edit", "cm", "one"], { editor: `sed -i 's/^  a: .*/  a: "edited"/'` });
    expect(stdout).toBe("configmap/one edited\n");
    const { stdout: edited } = await run("small", ["get", "cm", "one", "-n", ours, "-o", "yaml"]);
    expect(edited).toContain("\n  a: edited\n");
  });

  test("delete, by name, by label and by file", async () => {
    expect(await both(["delete", "sa", "two"])).toMatchObject({ stdout: 'serviceaccount "two" deleted\n', code: 0 });
    await both(["delete", "cm", "-l", "part=of-a-test"]);
    await both(["delete", "cm", "-l", "part=of-a-test"]);
    await both(["apply", "-f", "-"], { only, stdin: manifests });
    await both(["delete", "-f", join(folder.path, "shop.yaml")]);
    for (const namespace of [theirs, ours]) {
      const { stdout } = await run("kubectl", ["get", "cm,sa,role", "-l", "part=of-a-test", "-n", namespace]);
      expect(stdout).toBe("");
    }
  });
});

describe("talks to pods as kubectl does", () => {
  beforeAll(async () => {
    const { kubectl } = controlPlane;
    await kubectl.ok(["create", "namespace", "pods"]);
    const command = ["sh", "-c", "echo one; echo two; exec sleep 600"];
    const pod = streamingPod("talker", { command }, { name: "other" });
    await vi.waitFor(() => kubectl.ok(["create", "-n", "pods", "-f-"], { stdin: JSON.stringify(pod) }), patient);
    await kubectl.ok(["wait", "--for=jsonpath={.status.phase}=Running", "pod/talker", "-n", "pods", "--timeout=60s"]);
  });

  test.each<readonly [line: string, stdin?: string]>([
    ["logs talker -c main -n pods"],
    ["logs pod/talker -c main -n pods"],
    ["logs talker -c nope -n pods"],
    ["exec talker -c main -n pods -- echo hello é"],
    ["exec pod/talker -c main -n pods -- sh -c ls&&exit"],
    ["exec -i talker -c main -n pods -- cat", "in\nout\n"],
    ["exec -i talker -c other -n pods -- sh", "echo out; echo err >&2; exit 3"],
    ["exec talker -c main -n pods -- false"],
  ])("%s", async (line, stdin = "") => {
    const words = line?.split(" ") ?? [];
    const [theirs, ours] = await Promise.all([
      untilHeard(() => run("kubectl", words, { stdin })),
      run("small", words, { stdin }),
    ]);
    if (words.includes("nope"))
      expect([ours.code, theirs.stderr]).toEqual([1, expect.stringContaining("container nope is not valid")]);
    else expect(ours).toEqual(theirs);
  });

  test("logs --follow", async () => {
    const following = start("small", ["logs", "-f", "talker", "-c", "main", "-n", "pods"]);
    await vi.waitFor(() => expect(following.printed()).toBe("one\ntwo\n"), patient);
    following.interrupt();
    await following.result;
  });

  test("port-forward", async () => {
    await using server = createServer((socket) => socket.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const said = [];
    for (const [program, ...more] of [["kubectl", "--address=127.0.0.1"], ["small"]] as const) {
      const forwarding = start(program, ["port-forward", "talker", `0:${port}`, "-n", "pods", ...more]);
      const line = new RegExp(`^Forwarding from 127.0.0.1:(\\d+) -> ${port}\\n`);
      await vi.waitFor(() => expect(forwarding.printed()).toMatch(line), patient);
      const [, local] = line.exec(forwarding.printed()) ?? [];
      said.push(await text(connect(Number(local), "127.0.0.1")));
      forwarding.interrupt();
      await forwarding.result;
    }
    expect(said).toEqual(["hello", "hello"]);
  });
});

const patient = { timeout: 20_000, interval: 250 };
