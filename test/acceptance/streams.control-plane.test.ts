/** exec, attach and logs on a real API server, in front of a node with real processes; kubectl is the yardstick. */

import { createHash } from "node:crypto";
import { Client, isForbidden, type LogOptions, type Middleware, waitFor } from "kindred";
import { Pod, Role, RoleBinding } from "kindred/resources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { type StreamingContainer, streamingPod } from "../control-plane/streaming-pod.js";

let controlPlane: ControlPlane;
let client: Client;
/** The same, but it offers v4 alone, as if the server had nothing better. */
let v4Client: Client;

const podsOf = (one: Client) => one.api(Pod).namespace("default");
const pods = () => podsOf(client);

const v4Only: Middleware = (next) => (request) =>
  next(
    request.upgrade === undefined
      ? request
      : { ...request, headers: { ...request.headers, "sec-websocket-protocol": "v4.channel.k8s.io" } },
  );

beforeAll(async () => {
  controlPlane = await startControlPlane({ streaming: true });
  const path = controlPlane.kubeconfig;
  client = await Client.fromKubeconfig({ path });
  v4Client = await Client.fromKubeconfig({ path, middleware: [v4Only] });
  await run("web", {}, { name: "other" });
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await v4Client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

async function run(name: string, ...containers: readonly StreamingContainer[]): Promise<void> {
  await pods().create(streamingPod(name, ...containers));
  await waitFor(pods(), name, {
    until: (pod) => (pod?.status?.phase ?? "Pending") !== "Pending",
    what: "to run",
    timeout: { seconds: 30 },
  });
}

const container = "main";

describe("exec", () => {
  const commands: readonly (readonly [string, readonly string[]])[] = [
    ["says something", ["echo", "hello é"]],
    ["says it on both outputs", ["sh", "-c", "echo out; echo err >&2"]],
    ["fails", ["sh", "-c", "echo out; exit 3"]],
    ["is killed", ["sh", "-c", "kill -9 $$"]],
    ["says nothing", ["true"]],
    ["takes its arguments as they are", ["printf", "%s|", "a b", "c'd", "$HOME", ""]],
  ];
  test.each(commands)("a command that %s gives what kubectl gives", async (_title, command) => {
    const kubectl = await controlPlane.kubectl(["exec", "web", "-c", container, "--", ...command]);
    for (const one of [client, v4Client]) {
      await using execution = await podsOf(one).exec("web", { command, container });
      const { exitCode, stdout, stderr } = await execution.output();
      expect([exitCode, stdout]).toEqual([kubectl.code, kubectl.stdout]);
      expect(kubectl.stderr.startsWith(stderr)).toBe(true);
    }
  });

  test("a program that does not exist is an ApiError with the kubelet's words", async () => {
    const kubectl = await controlPlane.kubectl(["exec", "web", "-c", container, "--", "nope"]);
    expect(kubectl.code).toBe(1);
    for (const one of [client, v4Client]) {
      await using execution = await podsOf(one).exec("web", { command: ["nope"], container });
      const words = 'exec: "nope": executable file not found in $PATH';
      expect(kubectl.stderr).toContain(words);
      await expect(execution.result).rejects.toMatchObject({ code: "API", message: expect.stringContaining(words) });
      await expect(execution.stdout.getReader().read()).rejects.toMatchObject({ code: "API" });
    }
  });

  test("input goes in, and its end too", async () => {
    await using execution = await pods().exec("web", { command: ["cat"], container, stdin: true });
    const writer = execution.stdin.getWriter();
    await writer.write("one\n");
    const reader = execution.stdout.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("one\n");
    await writer.write("two\n");
    await writer.close();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("two\n");
    expect((await reader.read()).done).toBe(true);
    expect(await execution.result).toEqual({ exitCode: 0 });
  });

  test("with v4 the input has no end that could be told, and a command that knows its own works", async () => {
    await using cat = await podsOf(v4Client).exec("web", { command: ["cat"], container, stdin: true });
    await expect(cat.stdin.close()).rejects.toMatchObject({ code: "PROTOCOL" });
    await using head = await podsOf(v4Client).exec("web", { command: ["head", "-c", "3"], container, stdin: true });
    await head.stdin.getWriter().write("abcdef");
    expect(await head.output()).toEqual({ exitCode: 0, stdout: "abc", stderr: "" });
  });

  test("10 MB go in and come back unharmed", async () => {
    const size = 10 << 20;
    const sent = createHash("sha256");
    const got = createHash("sha256");
    await using execution = await pods().exec("web", { command: ["cat"], container, stdin: true });
    const writing = (async () => {
      const writer = execution.stdin.getWriter();
      for (let written = 0; written < size; written += 65_536) {
        const piece = new Uint8Array(65_536).fill(written >> 16);
        sent.update(piece);
        await writer.write(piece);
      }
      await writer.close();
    })();
    let read = 0;
    for await (const chunk of execution.stdout) {
      read += chunk.length;
      got.update(chunk);
    }
    await writing;
    expect(read).toBe(size);
    expect(got.digest("hex")).toBe(sent.digest("hex"));
    expect(await execution.result).toEqual({ exitCode: 0 });
  });

  test("a process that nobody reads waits, and goes on when somebody does", async () => {
    const command = ["sh", "-c", "head -c 200000000 /dev/zero; touch done"];
    const isDone = async () => {
      await using execution = await pods().exec("web", { command: ["test", "-e", "done"], container });
      return (await execution.result).exitCode === 0;
    };
    await using execution = await pods().exec("web", { command, container, stderr: false });
    const reader = execution.stdout.getReader();
    await reader.read();
    // Its output would fit into so many round trips many times over.
    for (let round = 0; round < 100; round += 1) expect(await isDone()).toBe(false);
    let read = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) read += next.value.length;
    expect(read).toBeGreaterThan(199_000_000);
    expect(await isDone()).toBe(true);
  });

  test("a terminal has one output and a size", async () => {
    const command = ["sh", "-c", `${untilSized("33 100")}; read line; stty size; test -t 0 && test -t 1 && test -t 2`];
    await using execution = await pods().exec("web", { command, container, stdin: true, tty: true });
    await execution.resize({ columns: 100, rows: 33 });
    await execution.stdin.getWriter().write("go\n");
    expect(await execution.output()).toEqual({ exitCode: 0, stdout: "go\r\n33 100\r\n", stderr: "" });
  });

  test("what the server refuses is an ApiError with its Status, as kubectl shows it", async () => {
    const cases = [
      { pod: "web", options: { container: "nope" }, statusCode: 400 },
      { pod: "web", options: {}, statusCode: 400 },
      { pod: "nobody", options: {}, statusCode: 404 },
    ];
    for (const { pod, options, statusCode } of cases) {
      const flags = "container" in options ? ["-c", "nope"] : [];
      for (const one of [client, v4Client]) {
        const call = podsOf(one).exec(pod, { command: ["ls"], ...options });
        const error: unknown = await call.catch((refusal: unknown) => refusal);
        expect(error).toMatchObject({ code: "API", statusCode });
        // Without a container kubectl takes the first one; kindred does not guess.
        if (pod === "web" && flags.length === 0) continue;
        const { stderr } = await controlPlane.kubectl(["exec", pod, ...flags, "--", "ls"]);
        expect(stderr).toContain((error as { status: { message: string } }).status.message);
      }
    }
  });

  test("who may not create pods/exec may not exec, and get is needed besides", async () => {
    const powerless = await Client.fromKubeconfig({ path: controlPlane.kubeconfig, context: "powerless" });
    await using _end = powerless;
    const exec = async () => {
      await using execution = await podsOf(powerless).exec("web", { command: ["true"], container });
      return await execution.result;
    };
    const grant = async (...verbs: string[]) => {
      const rules = [{ apiGroups: [""], resources: ["pods/exec"], verbs }];
      const manager = "test";
      await client
        .api(Role)
        .namespace("default")
        .apply({ metadata: { name: "exec" }, rules }, { manager });
    };
    await expect(exec()).rejects.toSatisfy(isForbidden);
    await client
      .api(RoleBinding)
      .namespace("default")
      .create({
        metadata: { name: "exec" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "exec" },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "powerless" }],
      });
    await grant("get");
    const reading = async () => (await exec().catch((error: Error) => error.message)) as string;
    await expect.poll(reading, { timeout: 10_000 }).toMatch(/pods "web" is forbidden: $/);
    await grant("get", "create");
    const granted = async () => (await exec().catch(() => undefined))?.exitCode === 0;
    await expect.poll(granted, { timeout: 10_000 }).toBe(true);
  });

  test("impersonation and client certificates travel with it", async () => {
    const path = controlPlane.kubeconfig;
    await using certified = await Client.fromKubeconfig({ path, context: "admin-certificate" });
    await using execution = await podsOf(certified).exec("web", { command: ["echo", "hello"], container });
    expect(await execution.output()).toMatchObject({ stdout: "hello\n" });
    await using other = await Client.fromKubeconfig({ path, impersonate: { user: "somebody" } });
    await expect(podsOf(other).exec("web", { command: ["ls"], container })).rejects.toMatchObject({
      message: expect.stringContaining('User "somebody" cannot'),
    });
  });
});

describe("attach", () => {
  test("reads and writes the process that is there, until it ends", async () => {
    const command = ["sh", "-c", 'while read line; do echo "got $line"; test "$line" = end && exit 4; done'];
    await run("attached", { command, stdin: true });
    for (const one of [client, v4Client]) {
      await using first = await podsOf(one).attach("attached", { stdin: true });
      const reader = first.stdout.getReader();
      await first.stdin.getWriter().write("one\n");
      expect(new TextDecoder().decode((await reader.read()).value)).toBe("got one\n");
    }
    await using last = await pods().attach("attached");
    const kubectl = await controlPlane.kubectl(["attach", "attached", "--stdin", "--quiet"], { stdin: "end\n" });
    expect(kubectl).toEqual({ code: 0, stdout: "got end\n", stderr: "" });
    expect(await new Response(last.stdout).text()).toBe("got end\n");
    await last.ended;
  });

  test("a terminal of a container is resized", async () => {
    const command = ["sh", "-c", `${untilSized("11 77")}; read line; stty size`];
    await run("terminal", { command, stdin: true, tty: true });
    await using attachment = await pods().attach("terminal", { stdin: true, tty: true });
    await attachment.resize({ columns: 77, rows: 11 });
    await attachment.stdin.getWriter().write("go\n");
    expect(await new Response(attachment.stdout).text()).toContain("11 77");
    await attachment.ended;
  });

  test("a container that has ended cannot be attached to", async () => {
    await run("over", { command: ["true"] });
    await expect.poll(async () => (await pods().get("over")).status?.phase, { timeout: 10_000 }).toBe("Succeeded");
    await using attachment = await pods().attach("over");
    await expect(attachment.ended).rejects.toMatchObject({ message: expect.stringContaining("container not running") });
  });
});

describe("logs", () => {
  beforeAll(async () => {
    const say = "for n in 1 2 3; do echo out $n; echo err $n >&2; done; exec sleep infinity";
    await run("talker", { command: ["sh", "-c", say] }, { name: "mute" });
    for await (const line of pods().logLines("talker", { container, follow: true, stream: "Stderr" })) {
      if (line === "err 3") break;
    }
  });

  const cases: readonly (readonly [LogOptions, readonly string[]])[] = [
    [{}, []],
    [{ tailLines: 2 }, ["--tail=2"]],
    [{ tailLines: 0 }, ["--tail=0"]],
    [{ limitBytes: 10 }, ["--limit-bytes=10"]],
    [{ timestamps: true }, ["--timestamps"]],
    [{ sinceSeconds: 3600 }, ["--since=3600s"]],
    [{ sinceTime: "2020-01-01T00:00:00Z" }, ["--since-time=2020-01-01T00:00:00Z"]],
    [{ sinceTime: "2099-01-01T00:00:00Z" }, ["--since-time=2099-01-01T00:00:00Z"]],
    [{ insecureSkipTLSVerifyBackend: true }, ["--insecure-skip-tls-verify-backend"]],
    [{ tailLines: 4, limitBytes: 12, timestamps: false }, ["--tail=4", "--limit-bytes=12"]],
  ];
  test.each(cases)("with %j are what kubectl prints", async (options, flags) => {
    const expected = await controlPlane.kubectl.ok(["logs", "talker", "-c", container, ...flags]);
    expect(await pods().log("talker", { container, ...options })).toBe(expected);
    const lines: string[] = [];
    for await (const line of pods().logLines("talker", { container, ...options })) lines.push(line);
    expect(lines.join("\n")).toBe(expected.replace(/\n$/, ""));
  });

  test("of one output alone", async () => {
    expect(await pods().log("talker", { container, stream: "Stdout" })).toBe("out 1\nout 2\nout 3\n");
    expect(await pods().log("talker", { container, stream: "Stderr" })).toBe("err 1\nerr 2\nerr 3\n");
    const all = await pods().log("talker", { container, stream: "All", pretty: true });
    expect(all.split("\n").toSorted()).toEqual(["", "err 1", "err 2", "err 3", "out 1", "out 2", "out 3"]);
  });

  test.each([
    [{ container, previous: true }, ["-c", container, "--previous"]],
    [{ container: "nope" }, ["-c", "nope"]],
  ])("with %j are refused as kubectl's are", async (options, flags) => {
    const kubectl = await controlPlane.kubectl(["logs", "talker", ...flags]);
    expect(kubectl.code).toBe(1);
    const error: unknown = await pods()
      .log("talker", options)
      .catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: "API", statusCode: 400 });
    expect(kubectl.stderr).toContain((error as { status: { message: string } }).status.message);
  });

  test("that are followed come line by line, and end with the container, as kubectl's do", async () => {
    await run("counter", {
      command: ["sh", "-c", "while read line; do echo $line; done"],
      stdin: true,
      stdinOnce: true,
    });
    const kubectl = controlPlane.kubectl(["logs", "-f", "counter"]);
    await using attachment = await pods().attach("counter", { stdin: true });
    const writer = attachment.stdin.getWriter();
    await writer.write("1\n");
    const lines: string[] = [];
    for await (const line of pods().logLines("counter", { follow: true })) {
      lines.push(line);
      if (lines.length < 4) await writer.write(`${lines.length + 1}\n`);
      else await writer.close();
    }
    expect(lines).toEqual(["1", "2", "3", "4"]);
    expect(await kubectl).toEqual({ code: 0, stdout: "1\n2\n3\n4\n", stderr: "" });
  });
});

/** Input and size come by ways of their own, and either may be first. */
function untilSized(size: string): string {
  return `until test "$(stty size)" = "${size}"; do sleep 0.02; done`;
}
