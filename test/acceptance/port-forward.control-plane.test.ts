/** Port-forward on a real API server, in front of a node with real processes; kubectl is the yardstick. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { Client, forwardPort, isForbidden, waitFor } from "kindred";
import { Pod } from "kindred/resources";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { streamingPod } from "../control-plane/streaming-pod.js";

let controlPlane: ControlPlane;
let client: Client;
/** Says back what it hears: a port of this machine is a port of a streaming pod. */
const heard = new Set<Socket>();
const echo = createServer({ allowHalfOpen: true }, (socket) => {
  heard.add(socket);
  socket.on("close", () => heard.delete(socket)).on("error", () => {});
  socket.pipe(socket);
});
let echoPort = 0;
const errors: unknown[] = [];
const onError = (error: unknown) => errors.push(error);

const pods = () => client.api(Pod).namespace("default");

beforeAll(async () => {
  controlPlane = await startControlPlane({ streaming: true });
  client = await Client.fromKubeconfig({ path: controlPlane.kubeconfig });
  await pods().create(streamingPod("web"));
  const until = (pod?: { status?: { phase?: string } }) => pod?.status?.phase === "Running";
  await waitFor(pods(), "web", { until, timeout: { seconds: 30 } });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  echoPort = (echo.address() as AddressInfo).port;
});

afterAll(async () => {
  echo.close();
  await client?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

beforeEach(() => errors.splice(0));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Sends bytes to a local port, and reads as many. */
async function roundTrip(port: number, bytes: Uint8Array): Promise<Buffer> {
  const socket = connect(port, "127.0.0.1");
  socket.write(bytes);
  const chunks: Buffer[] = [];
  let read = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    read += chunk.length;
    if (read >= bytes.length) break;
  }
  return Buffer.concat(chunks);
}

describe("a connection", () => {
  test("carries bytes both ways, many at once", async () => {
    const talk = async (n: number) => {
      await using connection = await pods().portForward("web", echoPort);
      const writer = connection.writable.getWriter();
      const reader = connection.readable.getReader();
      for (const word of [`hello ${n}`, "and again"]) {
        await writer.write(new TextEncoder().encode(word));
        expect(new TextDecoder().decode((await reader.read()).value)).toBe(word);
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, n) => talk(n)));
    await expect.poll(() => heard.size, { timeout: 20_000 }).toBe(0);
  });

  test("carries 5 MB each way", async () => {
    await using connection = await pods().portForward("web", echoPort);
    const writer = connection.writable.getWriter();
    const writing = (async () => {
      for (let piece = 0; piece < 80; piece += 1) await writer.write(new Uint8Array(65_536).fill(piece));
    })();
    let read = 0;
    for await (const chunk of connection.readable) {
      for (const [index, byte] of chunk.entries())
        if (byte !== (read + index) >> 16) throw new Error("other bytes came");
      read += chunk.length;
      if (read === 80 * 65_536) break;
    }
    await writing;
  });

  test("ends when the pod's side does", async () => {
    const greeter = createServer((socket) => socket.end("bye")).listen(0, "127.0.0.1");
    await once(greeter, "listening");
    await using connection = await pods().portForward("web", (greeter.address() as AddressInfo).port);
    expect(await new Response(connection.readable).text()).toBe("bye");
    await connection.closed;
    greeter.close();
  });

  test("to a port where nothing listens fails with the kubelet's words", async () => {
    const port = await freePort();
    await using connection = await pods().portForward("web", port);
    await expect(connection.closed).rejects.toMatchObject({
      code: "CONNECTION",
      message: expect.stringMatching(`port-forward to port ${port} of pods "web".*connection refused`),
    });
    await expect(connection.readable.getReader().read()).rejects.toThrow("connection refused");
  });

  test("is refused with a Status where there is no pod, and without the right", async () => {
    await expect(pods().portForward("nobody", 80)).rejects.toMatchObject({ code: "API", statusCode: 404 });
    await using powerless = await Client.fromKubeconfig({ path: controlPlane.kubeconfig, context: "powerless" });
    const denied = powerless.api(Pod).namespace("default").portForward("web", echoPort);
    await expect(denied).rejects.toSatisfy(isForbidden);
  });

  test("ends by the signal", async () => {
    const abort = new AbortController();
    await using connection = await pods().portForward("web", echoPort, { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(connection.closed).rejects.toThrow("enough");
  });
});

describe("a local port", () => {
  test("gives each connection its own, as kubectl's does", async () => {
    await using forward = await forwardPort(pods(), "web", { port: echoPort, onError });
    await using kubectl = await kubectlForward(`:${echoPort}`);
    for (const port of [forward.port, kubectl.port]) {
      const words = Array.from({ length: 30 }, (_, n) => Buffer.from(`hello ${n}`));
      expect(await Promise.all(words.map((word) => roundTrip(port, word)))).toEqual(words);
      const much = Buffer.alloc(5 << 20, "kindred");
      expect((await roundTrip(port, much)).equals(much)).toBe(true);
    }
    expect(errors).toEqual([]);
  });

  test("passes on what comes after its side has ended", async () => {
    await using forward = await forwardPort(pods(), "web", { port: echoPort, onError });
    const socket = connect({ port: forward.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end("hello");
    const [answer] = await once(socket, "data");
    expect(String(answer)).toBe("hello");
    socket.destroy();
  });

  test("resets a connection to a port where nothing listens, says why, and goes on", async () => {
    await using forward = await forwardPort(pods(), "web", { port: await freePort(), onError });
    for (let round = 1; round <= 2; round += 1) {
      const socket = connect(forward.port, "127.0.0.1");
      socket.write("hello");
      await expect(once(socket, "close")).rejects.toMatchObject({ code: "ECONNRESET" });
      await expect.poll(() => errors.length, { timeout: 10_000 }).toBe(round);
    }
    expect(errors[0]).toMatchObject({ message: expect.stringContaining("connection refused") });
  });

  test("serves HTTP", async () => {
    const { createServer: createHttp } = await import("node:http");
    const server = createHttp((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = (server.address() as AddressInfo).port;
    await using forward = await forwardPort(pods(), "web", { port, onError });
    for (let round = 0; round < 3; round += 1) {
      expect(await (await fetch(`http://127.0.0.1:${forward.port}/`)).text()).toBe("hello");
    }
    server.closeAllConnections();
    server.close();
  });

  test("closes its connections when it is disposed of, or by its signal", async () => {
    for (const end of ["dispose", "signal"] as const) {
      const abort = new AbortController();
      const forward = await forwardPort(pods(), "web", { port: echoPort, onError, signal: abort.signal });
      const socket = connect(forward.port, "127.0.0.1");
      socket.write("hello");
      await once(socket, "data");
      const closed = once(socket, "close");
      if (end === "signal") abort.abort();
      await forward[Symbol.asyncDispose]();
      await closed;
      await expect(roundTrip(forward.port, Buffer.from("x"))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    }
    expect(errors).toEqual([]);
  });

  test("that is taken is an error", async () => {
    await expect(forwardPort(pods(), "web", { port: 80, localPort: echoPort, onError })).rejects.toMatchObject({
      code: "CONNECTION",
      message: expect.stringContaining(`cannot listen on 127.0.0.1:${echoPort}`),
    });
  });
});

/** kubectl port-forward, until it is disposed of. */
async function kubectlForward(ports: string): Promise<AsyncDisposable & { readonly port: number }> {
  const args = ["--kubeconfig", controlPlane.kubeconfig, "port-forward", "pod/web", ports];
  const child: ChildProcess = spawn("kubectl", args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  if (child.stdout === null) throw new Error("kubectl has no output");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return {
    port: Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]),
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
