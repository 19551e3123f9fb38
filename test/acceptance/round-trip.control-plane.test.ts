/** A kind in code, its definition, the real API server, `kindred generate`: the types at the end are those at the beginning. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { openWorkshop, runNode, type Workshop } from "../support/compile.js";
import { Machine } from "./round-trip-kind.js";

/**
 * What differs, and why. zod writes an optional field as `?: T | undefined`, the generator as `?: T`: JSON has no undefined, and a
 * cluster's object does not hold it. `Plain` takes that away, and nothing else. A new object may have a status in code, which the API
 * server drops; the generator leaves it out. Subresources are in another order. A plural that is not written down in code is `string`.
 */
const check = `
import type { Infer, InferNew } from "../../src/core/index.js";
import type { Machine as Code } from "../../test/acceptance/round-trip-kind.js";
import type { Machine as Generated } from "./example.dev/v1.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Plain<T> = unknown extends T ? unknown
  : T extends string | number | boolean | null ? T
  : T extends readonly (infer E)[] ? Plain<E>[]
  : { [K in keyof T]: Plain<Exclude<T[K], undefined>> };
function same<A, B>(..._: Equal<A, B> extends true ? [] : ["these types differ"]): void {}

type Ours = Infer<typeof Code>;
type Theirs = Infer<typeof Generated>;
same<Plain<Ours>, Plain<Theirs>>();
same<Plain<Omit<InferNew<typeof Code>, "status">>, Plain<InferNew<typeof Generated>>>();

// Nothing to take away where nothing is optional.
same<Ours["apiVersion"], Theirs["apiVersion"]>();
same<Ours["metadata"], Theirs["metadata"]>();
same<keyof Ours["spec"], keyof Theirs["spec"]>();
type Required = "text" | "count" | "on" | "color" | "level" | "shade" | "size" | "labels" | "ports";
same<{ [K in Required]: Ours["spec"][K] }, { [K in Required]: Theirs["spec"][K] }>();

same<(typeof Code)["group"], (typeof Generated)["group"]>();
same<(typeof Code)["version"], (typeof Generated)["version"]>();
same<(typeof Code)["kind"], (typeof Generated)["kind"]>();
same<(typeof Code)["plural"], (typeof Generated)["plural"]>();
same<(typeof Code)["scope"], (typeof Generated)["scope"]>();
same<(typeof Code)["verbs"], (typeof Generated)["verbs"]>();
same<(typeof Code)["subresources"][number], (typeof Generated)["subresources"][number]>();

// @ts-expect-error -- the comparison can fail: a field's type
same<Plain<Ours>, Plain<Omit<Theirs, "spec"> & { spec: Omit<Theirs["spec"], "count"> & { count: string } }>>();
// @ts-expect-error -- the comparison can fail: whether a field is optional
same<Plain<Ours["spec"]>, Plain<Omit<Theirs["spec"], "on"> & { on?: boolean }>>();
// @ts-expect-error -- and this is the difference that Plain takes away
same<Ours["spec"], Theirs["spec"]>();
`;

let controlPlane: ControlPlane;
let workshop: Workshop;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  workshop = await openWorkshop("round-trip");
});

afterAll(async () => {
  await workshop?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

test("a kind comes back from the API server with the types that it left with", async () => {
  const { kubectl, kubeconfig } = controlPlane;
  await kubectl.ok(["create", "--filename=-"], { stdin: JSON.stringify(Machine.crd()) });
  await kubectl.ok(["wait", "--for=condition=Established", "--timeout=30s", "crd/machines.example.dev"]);
  await expect
    .poll(async () => (await kubectl(["get", "--raw", "/openapi/v3/apis/example.dev/v1"])).stdout, { timeout: 30_000 })
    .toContain("/machines");
  const options = ["--kubeconfig", kubeconfig, "--group", "example.dev", "--core", "../../src/core/index.js"];
  const generated = await runNode("dist/cli/main.js", "generate", "--cluster", ...options, "--out", workshop.path);
  expect(generated).toMatchObject({ status: 0, err: "" });
  expect(await readFile(join(workshop.path, "example.dev/v1.ts"), "utf8")).toContain("/** A machine. */");
  await workshop.write([{ path: "check.ts", text: check }]);
  expect(await workshop.compile()).toBe("");
});
