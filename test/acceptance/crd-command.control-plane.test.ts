/** `kindred crd` as a user runs it, against the real API server: what it calls breaking is. */

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { openWorkshop, runNode, type Workshop } from "../support/compile.js";

let controlPlane: ControlPlane;
let workshop: Workshop;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  workshop = await openWorkshop("crd-command");
  await workshop.write([
    {
      path: "v1.mjs",
      text: moduleOf('size: z.string(), color: z.string().default("red"), note: z.string().optional()'),
    },
    { path: "v2.mjs", text: moduleOf('size: z.enum(["s", "m"]), color: z.string().default("red"), more: z.string()') },
  ]);
});

afterAll(async () => {
  await workshop?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

function moduleOf(spec: string): string {
  return [
    'import { customResource } from "kindred/schema";',
    'import * as z from "zod";',
    `export const Widget = customResource({ group: "example.dev", version: "v1", kind: "Widget", scope: "Namespaced",`,
    `  spec: z.object({ ${spec} }), status: z.object({ on: z.boolean() }), shortNames: ["w"],`,
    '  printerColumns: [{ name: "Size", jsonPath: ".spec.size" }] });',
  ].join("\n");
}

const crd = (name: string, ...args: readonly string[]) =>
  runNode("dist/cli/main.js", "crd", join(workshop.path, name), ...args);
const checkCluster = (name: string, ...args: readonly string[]) =>
  crd(name, "--check", "--cluster", "--kubeconfig", controlPlane.kubeconfig, ...args);

test("a kind that the cluster does not have is new", async () => {
  expect(await checkCluster("v1.mjs")).toMatchObject({
    status: 1,
    out: "safe     widgets.example.dev: a new kind\n",
    err: "1 change from the cluster, none of them breaking\n",
  });
  expect(await checkCluster("v1.mjs", "--breaking")).toMatchObject({ status: 0, out: "", err: "" });
});

test("what is printed is taken by the API server, and is no different from what it makes of it", async () => {
  const { out } = await crd("v1.mjs");
  await controlPlane.kubectl.ok(["apply", "--server-side", "--filename=-"], { stdin: out });
  await controlPlane.kubectl.ok(["wait", "--for=condition=Established", "--timeout=30s", "crd/widgets.example.dev"]);
  expect(await checkCluster("v1.mjs")).toMatchObject({ status: 0, out: "", err: "" });
});

test("what is called breaking makes the API server refuse and prune what it took", async () => {
  const { kubectl } = controlPlane;
  const widget = (spec: object) =>
    JSON.stringify({ apiVersion: "example.dev/v1", kind: "Widget", metadata: { name: "one" }, spec });
  await kubectl.ok(["create", "--filename=-"], { stdin: widget({ size: "xl", note: "n" }) });
  expect(await checkCluster("v2.mjs")).toMatchObject({
    status: 1,
    out: [
      "breaking widgets.example.dev v1 .spec.note: the field is removed: the API server drops its value from stored objects",
      'breaking widgets.example.dev v1 .spec.size: may only be one of ["s","m"]: other stored values are refused',
      "safe     widgets.example.dev v1 .spec.more: a new field",
      "breaking widgets.example.dev v1 .spec.more: is required, without a default: stored objects that lack it are refused\n",
    ].join("\n"),
    err: "4 changes from the cluster, 3 of them breaking\n",
  });
  await kubectl.ok(["apply", "--server-side", "--force-conflicts", "--filename=-"], {
    stdin: (await crd("v2.mjs")).out,
  });
  const read = async () => JSON.parse(await kubectl.ok(["get", "w", "one", "--output=json"])) as { spec: object };
  await expect.poll(async () => (await read()).spec, { timeout: 30_000 }).toEqual({ size: "xl", color: "red" });
  // What was invalid is tolerated as long as an update leaves it, and the object it is missing from, alone.
  expect((await kubectl(["label", "w", "one", "touched=yes"])).code).toBe(0);
  const patch = (spec: object) => kubectl(["patch", "w", "one", "--type=merge", "--patch", JSON.stringify({ spec })]);
  expect((await patch({ color: "blue" })).stderr).toContain("spec.more: Required value");
  expect((await patch({ more: "m", size: "l" })).stderr).toContain('spec.size: Unsupported value: "l"');
  expect((await patch({ more: "m", color: "blue" })).code).toBe(0);
});
