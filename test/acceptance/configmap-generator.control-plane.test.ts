/** The example on a real control plane, driven by kubectl as a user would. */

import { Client, type RunningController } from "kindred";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConfigMapGenerator, install, run } from "../../examples/configmap-generator/controller.js";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";

let controlPlane: ControlPlane;
let client: Client;
let controller: RunningController<NonNullable<(typeof ConfigMapGenerator)["~object"]>>;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  await install(client);
  controller = run(client);
});

afterAll(async () => {
  await controller?.stop();
  await client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

const generator = (name: string, content: string) =>
  JSON.stringify({ apiVersion: "example.dev/v1", kind: "ConfigMapGenerator", metadata: { name }, spec: { content } });

async function kubectl(...args: readonly string[]): Promise<string> {
  return (await controlPlane.kubectl.ok([...args])).trim();
}

const apply = (name: string, content: string) =>
  controlPlane.kubectl.ok(["apply", "-f", "-"], { stdin: generator(name, content) });

const waitForContent = (name: string, content: string) =>
  kubectl("wait", `configmap/${name}`, `--for=jsonpath={.data.content}=${content}`, "--timeout=30s");

test("the kind is served under its short name", async () => {
  expect(await kubectl("get", "cmg")).toBe("");
  expect(await kubectl("api-resources", "--api-group=example.dev")).toContain("configmapgenerators   cmg");
});

test("a generator that is created gets its ConfigMap, owned by it, and a status", async () => {
  await apply("one", "hello");
  await kubectl("wait", "--for=create", "configmap/one", "--timeout=30s");
  await waitForContent("one", "hello");
  const owner = await kubectl("get", "configmap", "one", "-o", "jsonpath={.metadata.ownerReferences[0]}");
  expect(JSON.parse(owner)).toMatchObject({
    apiVersion: "example.dev/v1",
    kind: "ConfigMapGenerator",
    name: "one",
    controller: true,
  });
  await kubectl("wait", "cmg/one", "--for=jsonpath={.status.observedGeneration}=1", "--timeout=30s");
});

test("a generator that is edited changes its ConfigMap and its status", async () => {
  await kubectl("patch", "cmg", "one", "--type=merge", "-p", '{"spec":{"content":"changed"}}');
  await waitForContent("one", "changed");
  await kubectl("wait", "cmg/one", "--for=jsonpath={.status.observedGeneration}=2", "--timeout=30s");
});

test("a ConfigMap that somebody edits is restored", async () => {
  await kubectl("patch", "configmap", "one", "--type=merge", "-p", '{"data":{"content":"tampered"}}');
  await waitForContent("one", "changed");
});

test("a ConfigMap that somebody deletes comes back", async () => {
  const uid = await kubectl("get", "configmap", "one", "-o", "jsonpath={.metadata.uid}");
  await kubectl("delete", "configmap", "one");
  await kubectl("wait", "--for=create", "configmap/one", "--timeout=30s");
  expect(await kubectl("get", "configmap", "one", "-o", "jsonpath={.metadata.uid}")).not.toBe(uid);
  await waitForContent("one", "changed");
});

test("the API server restarted under the controller is no more than an interruption", async () => {
  await controlPlane.apiServer.stop();
  await controlPlane.apiServer.start();
  await apply("two", "after the restart");
  await kubectl("wait", "--for=create", "configmap/two", "--timeout=60s");
  await kubectl("patch", "configmap", "one", "--type=merge", "-p", '{"data":{"content":"tampered"}}');
  await waitForContent("one", "changed");
});

test("history compacted while the API server was down is no more than that either", async () => {
  await controlPlane.etcd.compact();
  await controlPlane.apiServer.restart();
  await kubectl("patch", "cmg", "two", "--type=merge", "-p", '{"spec":{"content":"after compaction"}}');
  await waitForContent("two", "after compaction");
});

test("a generator that is deleted takes its ConfigMap with it: the garbage collector follows the owner", async () => {
  await kubectl("delete", "cmg", "one");
  await kubectl("wait", "--for=delete", "configmap/one", "--timeout=60s");
  expect(await kubectl("get", "configmap", "two", "-o", "name")).toBe("configmap/two");
});

test("a generator whose content is no text is refused by the API server, because the CRD says so", async () => {
  const refused = await controlPlane.kubectl(["apply", "-f", "-"], {
    stdin: generator("three", "x").replace('"content":"x"', '"content":7'),
  });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("spec.content");
});

test("stopping leaves nothing running and nothing watched", async () => {
  await controller.stop();
  await apply("four", "too late");
  expect((await controlPlane.kubectl(["get", "configmap", "four"])).code).not.toBe(0);
});
