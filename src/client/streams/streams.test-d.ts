import { ConfigMap, Deployment, Pod } from "kindred/resources";
import { describe, expectTypeOf, test } from "vitest";
import type { Client } from "../client.js";
import type { TerminalSize } from "./process.js";

declare const client: Client;
const pods = client.api(Pod).namespace("default");

describe("the streams of pods", () => {
  test("exist on one namespace of a kind that serves them, and nowhere else", () => {
    expectTypeOf(pods).toHaveProperty("exec");
    expectTypeOf(pods).toHaveProperty("attach");
    expectTypeOf(pods).toHaveProperty("portForward");
    // @ts-expect-error -- which namespace?
    void client.api(Pod).exec;
    // @ts-expect-error -- a Deployment has pods, and is none
    void client.api(Deployment).namespace("default").exec;
    // @ts-expect-error -- no more has a ConfigMap a port
    void client.api(ConfigMap).namespace("default").portForward;
  });

  test("are those that were asked for", async () => {
    const plain = await pods.exec("web", { command: ["ls"] });
    expectTypeOf(plain.stdin).toEqualTypeOf<undefined>();
    expectTypeOf(plain.resize).toEqualTypeOf<undefined>();
    expectTypeOf(plain.stdout).toEqualTypeOf<ReadableStream<Uint8Array>>();
    expectTypeOf(await plain.result).toEqualTypeOf<{ readonly exitCode: number }>();

    const shell = await pods.exec("web", { command: ["sh"], stdin: true, tty: true });
    expectTypeOf(shell.stdin).toEqualTypeOf<WritableStream<Uint8Array | string>>();
    expectTypeOf(shell.resize).toEqualTypeOf<(size: TerminalSize) => Promise<void>>();

    const perhaps = await pods.attach("web", { stdin: Math.random() > 0.5 });
    expectTypeOf(perhaps.stdin).toEqualTypeOf<WritableStream<Uint8Array | string> | undefined>();
    // @ts-expect-error -- only a command has an exit code
    void perhaps.result;
  });

  test("take no options that do not exist", () => {
    // @ts-expect-error -- stdin
    void pods.exec("web", { command: ["ls"], sdtin: true });
    // @ts-expect-error -- which command?
    void pods.exec("web", { container: "main" });
  });
});
