/** The example on a real control plane, driven through the API, and by kubectl. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { configMapGenerator } from "./scenarios/configmap-generator.js";
import { realWorld } from "./scenarios/real-world.js";
import type { World } from "./scenarios/world.js";

let controlPlane: ControlPlane;
let world: World;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  world = await realWorld(controlPlane);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

describe("the controller", () => configMapGenerator(() => world));

async function kubectl(...args: readonly string[]): Promise<string> {
  return (await controlPlane.kubectl.ok([...args])).trim();
}

const generator = (name: string, content: unknown) =>
  JSON.stringify({ apiVersion: "example.dev/v1", kind: "ConfigMapGenerator", metadata: { name }, spec: { content } });

test("the kind is served under its short name", async () => {
  expect(await kubectl("get", "cmg", "two", "-o", "name")).toBe("configmapgenerator.example.dev/two");
  expect(await kubectl("api-resources", "--api-group=example.dev")).toContain("configmapgenerators   cmg");
});

test("kubectl applies generators, and is told what is wrong with one", async () => {
  await controlPlane.kubectl.ok(["apply", "-f", "-"], { stdin: generator("applied", "hello") });
  const refused = await controlPlane.kubectl(["apply", "-f", "-"], { stdin: generator("refused", 7) });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("spec.content");
});
