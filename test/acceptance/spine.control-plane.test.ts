/** What the spine promises, on a real control plane: lossless objects, clear errors, kinds of one's own, watches that live on. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client, isForbidden, isNotFound, isUnauthorized } from "kindred";
import { Namespace, Pod, Secret } from "kindred/resources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { TempFolder } from "../support/temp-folder.js";
import { realWorld } from "./scenarios/real-world.js";
import { spine } from "./scenarios/spine.js";
import type { World } from "./scenarios/world.js";

let controlPlane: ControlPlane;
let client: Client;
let folder: TempFolder;
let world: World;

beforeAll(async () => {
  folder = await TempFolder.create();
  controlPlane = await startControlPlane();
  client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  world = await realWorld(controlPlane);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
  await folder?.remove();
});

describe("as everywhere", () => spine(() => world));

test("a number beyond 2^53 is what kubectl shows too", async () => {
  expect(await controlPlane.kubectl.ok(["get", "boxes", "lossless", "-o", "jsonpath={.spec.beyond}"])).toBe(
    "9007199254740993",
  );
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
