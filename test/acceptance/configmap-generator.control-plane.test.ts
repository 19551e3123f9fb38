/** The example on a real control plane, driven through the API, and by kubectl. */

import { describe, expect, test } from "vitest";
import { configMapGenerator } from "./scenarios/configmap-generator.js";
import { useRealWorld } from "./scenarios/real-world.js";

const real = useRealWorld();

describe("the controller", () => configMapGenerator(() => real.world));

async function kubectl(...args: readonly string[]): Promise<string> {
  return (await real.controlPlane.kubectl.ok([...args])).trim();
}

const generator = (name: string, content: unknown) =>
  JSON.stringify({ apiVersion: "example.dev/v1", kind: "ConfigMapGenerator", metadata: { name }, spec: { content } });

test("the kind is served under its short name", async () => {
  expect(await kubectl("get", "cmg", "two", "-o", "name")).toBe("configmapgenerator.example.dev/two");
  expect(await kubectl("api-resources", "--api-group=example.dev")).toContain("configmapgenerators   cmg");
});

test("kubectl applies generators, and is told what is wrong with one", async () => {
  await real.controlPlane.kubectl.ok(["apply", "-f", "-"], { stdin: generator("applied", "hello") });
  const refused = await real.controlPlane.kubectl(["apply", "-f", "-"], { stdin: generator("refused", 7) });
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("spec.content");
});
