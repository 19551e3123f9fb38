/** SIGTERM to a controller that is a process of its own, on a real API server. */

import { Client } from "kindred";
import { ConfigMap } from "kindred/resources";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { Child, until } from "../support/child.js";

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  await using client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  for (const name of ["a", "b"])
    await client
      .api(ConfigMap)
      .namespace("default")
      .create({ metadata: { name, labels: { operated: "yes" } } });
});

afterAll(async () => {
  await controlPlane?.stop();
});

/** Starts the operator and waits until it is in the middle of its first reconcile. */
async function operator(options: { readonly reconcileMs: number; readonly deadlineMs: number }): Promise<Child> {
  const child = new Child("operator", [controlPlane.kubeconfig, `${options.reconcileMs}`, `${options.deadlineMs}`]);
  await until("the first reconcile begins", () => child.said.includes("begins a"));
  return child;
}

test("lets the reconcile that runs come to its end, begins no other, and ends by itself", async () => {
  await using child = await operator({ reconcileMs: 1_500, deadlineMs: 20_000 });
  child.signal("SIGTERM");
  expect(await child.exited).toBe("0");
  expect(child.said).toEqual(["begins a", "ends a", "stopped"]);
});

test("aborts at the deadline what does not come to its end, and says so", async () => {
  await using child = await operator({ reconcileMs: 600_000, deadlineMs: 1_000 });
  child.signal("SIGTERM");
  const askedAt = performance.now();
  expect(await child.exited).toBe("0");
  expect(performance.now() - askedAt).toBeLessThan(10_000);
  expect(child.said).toEqual(["begins a", "aborted a", "abandoned", "stopped"]);
});

test("a second one ends the process at once", async () => {
  await using child = await operator({ reconcileMs: 600_000, deadlineMs: 600_000 });
  child.signal("SIGTERM");
  const once = setInterval(() => child.signal("SIGTERM"), 500);
  expect(await child.exited).toBe("SIGTERM");
  clearInterval(once);
  expect(child.said).toEqual(["begins a"]);
});
