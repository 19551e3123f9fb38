/** src/resources against a fresh control plane, on which nothing but Kubernetes' own kinds is installed. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { runNode } from "../support/compile.js";

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane();
});

afterAll(() => controlPlane?.stop());

test("the built-in kinds are as the real API server describes them", async () => {
  const cluster = ["generate", "--cluster", "--kubeconfig", controlPlane.kubeconfig];
  const options = ["--no-docs", "--core", "../core/index.js", "--out", "src/resources", "--check"];
  const { status, out, err } = await runNode("dist/cli/main.js", ...cluster, ...options);
  expect({ status, out, err }).toEqual({ status: 0, out: "", err: "" });
});
