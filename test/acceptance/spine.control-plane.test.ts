/** What the spine promises, on a real control plane: lossless objects, clear errors, kinds of one's own, watches that live on. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  Client,
  defineKind,
  type DynamicObject,
  isForbidden,
  isNotFound,
  isUnauthorized,
  type NamespacedObject,
  waitFor,
  watcher,
  withoutManagedFields,
} from "kindred";
import { ConfigMap, Namespace, Pod, Secret } from "kindred/resources";
import { CustomResourceDefinition } from "kindred/resources/apiextensions.k8s.io/v1";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { TempFolder } from "../support/temp-folder.js";

let controlPlane: ControlPlane;
let client: Client;
let folder: TempFolder;

/** A kind that nobody ships, in the five lines that the README promises. */
interface Box extends NamespacedObject<"spine.example.dev/v1", "Box"> {
  spec: { [field: string]: unknown };
}
const Box = defineKind<Box>()({
  group: "spine.example.dev",
  version: "v1",
  kind: "Box",
  plural: "boxes",
  scope: "Namespaced",
  subresources: ["status"],
});

const definition = {
  metadata: { name: "boxes.spine.example.dev" },
  spec: {
    group: "spine.example.dev",
    names: { kind: "Box", plural: "boxes", singular: "box", listKind: "BoxList" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
} as const;

beforeAll(async () => {
  folder = await TempFolder.create();
  controlPlane = await startControlPlane();
  client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  const definitions = client.api(CustomResourceDefinition);
  await definitions.create(definition);
  await waitFor(definitions, definition.metadata.name, {
    until: (crd) =>
      crd?.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True") === true,
  });
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
  await folder?.remove();
});

describe("objects are lossless", () => {
  const spec = {
    beyond: 9007199254740993n,
    negative: -9223372036854775808n,
    safe: 9007199254740991,
    fraction: 0.1,
    nothing: null,
    text: "9007199254740993",
    nested: [{ deep: 9007199254740995n, none: null, ünïcode: "☃ 𝄞" }],
  };

  test("a number beyond 2^53, null and fields that no type knows survive create, get, replace and get", async () => {
    const boxes = client.api(Box).namespace("default");
    await boxes.create({ metadata: { name: "lossless" }, spec });
    const read = await boxes.get("lossless");
    expect(read.spec).toEqual(spec);
    const replaced = await boxes.replace({ ...read, metadata: { ...read.metadata, labels: { touched: "yes" } } });
    expect(replaced.spec).toEqual(spec);
    expect(replaced.metadata.managedFields).toBeDefined();
    expect(await controlPlane.kubectl.ok(["get", "boxes", "lossless", "-o", "jsonpath={.spec.beyond}"])).toBe(
      "9007199254740993",
    );
  });

  test("an object read by get, by list and by watch is the same", async () => {
    const boxes = client.api(Box).namespace("default");
    const read = await boxes.get("lossless");
    const [listed] = await boxes.list({ fields: { "metadata.name": "lossless" } }).toArray();
    expect(listed).toEqual(read);
    for await (const event of boxes.watch({ fields: { "metadata.name": "lossless" } })) {
      expect(event).toEqual({ type: "ADDED", object: read });
      break;
    }
  });

  test("the same is true of a built-in kind, whose list items come without kind", async () => {
    const maps = client.api(ConfigMap).namespace("kube-system");
    const read = await maps.get("kube-root-ca.crt");
    const [listed] = await maps.list({ fields: { "metadata.name": "kube-root-ca.crt" } }).toArray();
    expect(listed).toEqual(read);
  });

  test("replacing an object that was cached without its managed fields leaves them as they are", async () => {
    const boxes = client.api(Box).namespace("default");
    const read = await boxes.get("lossless");
    const replaced = await boxes.replace(withoutManagedFields(read));
    expect(replaced.metadata.managedFields).toEqual(read.metadata.managedFields);
  });
});

describe("kinds that kindred does not ship", () => {
  test("one without a static type works through the same Api", async () => {
    const Dynamic = defineKind<DynamicObject>()({
      group: "spine.example.dev",
      version: "v1",
      kind: "Box",
      plural: "boxes",
      scope: "Namespaced",
    });
    const boxes = client.api(Dynamic).namespace("default");
    const made = await boxes.apply({ metadata: { name: "dynamic" }, spec: { size: 3 } }, { manager: "me" });
    expect(made["spec"]).toEqual({ size: 3 });
    expect((await boxes.metadata.get("dynamic")).kind).toBe("PartialObjectMetadata");
    expect(await boxes.delete("dynamic")).toMatchObject({ kind: "Status", status: "Success" });
  });

  test("one whose scope is known only at run time is refused what does not fit before any request", async () => {
    const scope: "Namespaced" | "Cluster" = JSON.parse('"Namespaced"');
    const unknown = defineKind<DynamicObject>()({
      group: "spine.example.dev",
      version: "v1",
      kind: "Box",
      plural: "boxes",
      scope,
    });
    await expect(client.api(unknown).get("x")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await client.api(unknown).namespace("default").getOptional("nope")).toBeUndefined();
  });
});

describe("a list", () => {
  test("of more than a page is one list", async () => {
    const maps = client.api(ConfigMap).namespace("default");
    await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        maps.create({ metadata: { name: `page-${index}`, labels: { page: "yes" } } }),
      ),
    );
    const names = new Set<string>();
    for await (const map of maps.list({ labels: { page: "yes" }, pageSize: 4 })) names.add(map.metadata.name);
    expect(names.size).toBe(25);
    expect(await maps.deleteCollection({ labels: { page: "yes" } })).toMatchObject({ kind: "ConfigMapList" });
    expect(await maps.list({ labels: { page: "yes" } }).toArray()).toEqual([]);
  });
});

describe.each(["paging", "streaming"] as const)("a watcher (%s)", (strategy) => {
  test("sees what is there and what changes, over an API server that restarts", async () => {
    const maps = client.api(ConfigMap).namespace("default");
    const name = `watched-${strategy}`;
    await maps.create({ metadata: { name, labels: { watched: strategy } }, data: { n: "0" } });
    const seen: string[] = [];
    const backoff = { baseMs: 50, maxMs: 200, factor: 2, jitter: 0 };
    for await (const event of watcher(maps, { labels: { watched: strategy }, strategy, backoff })) {
      if (event.type === "error") continue;
      seen.push("object" in event ? `${event.type} ${event.object.data?.["n"]}` : event.type);
      if (event.type === "init-done" && seen.length === 3)
        await maps.patch(name, { type: "merge", body: { data: { n: "1" } } });
      if (seen.at(-1) === "apply 1") {
        await controlPlane.apiServer.restart();
        await maps.patch(name, { type: "merge", body: { data: { n: "2" } } });
      }
      if (seen.at(-1) === "apply 2" || seen.at(-1) === "init-apply 2") break;
    }
    expect(seen.slice(0, 4)).toEqual(["init", "init-apply 0", "init-done", "apply 1"]);
  });
});

describe("bad input gets a clear error", () => {
  /** The error, checked for secrets. */
  async function failureOf(run: () => Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
    const error: unknown = await run().then(
      () => new Error("nothing failed"),
      (failure: unknown) => failure,
    );
    if (!(error instanceof Error) || !("code" in error)) throw error;
    expect(`${error.message} ${String(error.cause)} ${JSON.stringify(error)}`).not.toContain(controlPlane.token);
    return { code: String(error.code), message: error.message };
  }

  /** The kubeconfig with something changed. */
  async function kubeconfigWith(change: (text: string) => string): Promise<string> {
    const path = join(folder.path, `kubeconfig-${Math.random()}`);
    await writeFile(path, change(await readFile(controlPlane.kubeconfig, "utf8")));
    return path;
  }

  const connect = async (change: (text: string) => string) =>
    (await Client.fromKubeconfig({ path: await kubeconfigWith(change), retry: false })).api(Namespace).get("default");

  test.each([
    {
      title: "an empty name",
      run: () => client.api(Namespace).get(""),
      code: "INVALID_ARGUMENT",
      says: "name of a Namespace must not be empty",
    },
    {
      title: "a name with a slash",
      run: () => client.api(Namespace).get("a/b"),
      code: "INVALID_ARGUMENT",
      says: 'but is "a/b"',
    },
    {
      title: "a user that is missing",
      run: () => connect((text) => text.replace(/(\n\s*)user: admin\b/, "$1user: nobody")),
      code: "CONFIG",
      says: "nobody",
    },
    {
      title: "a CA file that is not there",
      run: () => connect((text) => text.replace(/certificate-authority: .*/, "certificate-authority: /nowhere/ca.crt")),
      code: "CONFIG",
      says: "/nowhere/ca.crt",
    },
    {
      title: "a server that is not reachable",
      run: () => connect((text) => text.replace(/server: .*/, "server: https://127.0.0.1:1")),
      code: "CONNECTION",
      says: "https://127.0.0.1:1",
    },
    {
      title: "a TLS name that does not match",
      run: () => connect((text) => text.replace(/(\n\s*)server: .*/, "$&$1tls-server-name: other.example")),
      code: "CONNECTION",
      says: "set tls-server-name",
    },
    {
      title: "credentials that are not accepted",
      run: () => connect((text) => text.replaceAll(controlPlane.token, "wrong-token")),
      code: "API",
      says: "check the user of the kubeconfig's current context",
    },
  ])("$title", async ({ run, code, says }) => {
    const error = await failureOf(run);
    expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
  });

  test("401, 403 and 404 are told apart, and name what was asked", async () => {
    const wrong = await Client.fromKubeconfig({
      path: await kubeconfigWith((text) => text.replaceAll(controlPlane.token, "wrong-token")),
    });
    const powerless = await Client.fromKubeconfig({ path: controlPlane.kubeconfig, context: "powerless" });
    const failure = (from: Client) =>
      from
        .api(Secret)
        .namespace("default")
        .get("s")
        .catch((error: unknown) => error);
    const [unauthorized, forbidden, missing] = await Promise.all([wrong, powerless, client].map(failure));
    expect([isUnauthorized(unauthorized), isForbidden(forbidden), isNotFound(missing)]).toEqual([true, true, true]);
    expect(String(forbidden)).toContain("GET /api/v1/namespaces/default/secrets/s: 403 Forbidden");
    expect(String(forbidden)).toContain("grant it with a Role");
  });

  test("what the compiler cannot see is refused before any request: a namespaced kind without a namespace", async () => {
    const pods: { get?: (name: string) => Promise<unknown> } = client.api(Pod) as object;
    await expect(pods.get?.("web")).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: "pods live in namespaces, and none was given: choose one with .namespace(name)",
    });
  });
});
