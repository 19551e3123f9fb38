import { describe, expect, it } from "vitest";
import { defineKind, type NamespacedObject } from "../../core/index.js";
import { refuseUnhandled, turn } from "../../../test/support/unhandled.js";
import { Client, type ClientSettings } from "./client.js";
import { failureOf, kubeconfig } from "./harness.mjs";
import {
  type Asked,
  closing,
  frame,
  onChannel,
  readFrames,
  serveUpgrades,
  success,
  switched,
  switchProtocols,
} from "./websocket-server.mjs";

const Pod = defineKind<NamespacedObject<"v1", "Pod">>()({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  scope: "Namespaced",
  subresources: ["attach", "exec", "portforward"],
});

refuseUnhandled();

/** Pods behind a server that does with each request what it is told. */
async function podsBehind(asked: (one: Asked) => void, settings: ClientSettings = {}) {
  const server = await serveUpgrades(asked);
  const client = await Client.fromKubeconfig({ text: kubeconfig({ server: server.url }), env: {}, ...settings });
  return Object.assign(client.api(Pod).namespace("ns"), {
    server,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  });
}

const secret = "--password=hunter2";
const command = ["mysql", secret];

describe("an answer that opens no WebSocket fails the call, once, with a clear error that quotes no command line", () => {
  const cases: readonly (readonly [string, (one: Asked) => void, string, string])[] = [
    ["a reset", ({ socket }) => socket.resetAndDestroy(), "CONNECTION", "cut the connection"],
    ["the end", ({ socket }) => socket.end(), "CONNECTION", "cut the connection"],
    ["something that is not HTTP", ({ socket }) => socket.end("SSH-2.0-OpenSSH_9\r\n"), "CONNECTION", "is not HTTP"],
    [
      "a redirect",
      ({ socket }) => socket.end("HTTP/1.1 302 Found\r\nlocation: https://login.test/\r\ncontent-length: 0\r\n\r\n"),
      "PROTOCOL",
      "redirects to https://login.test/",
    ],
    [
      "a 200",
      ({ socket }) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"),
      "PROTOCOL",
      "answered 200 and did not switch to WebSocket",
    ],
    [
      "a 503 without a Status",
      ({ socket }) => socket.end("HTTP/1.1 503 Unavailable\r\ncontent-length: 4\r\n\r\nbusy"),
      "API",
      "503 ServiceUnavailable: busy",
    ],
    [
      "a body without end",
      ({ socket }) => {
        socket.write("HTTP/1.1 403 Forbidden\r\n\r\n");
        const flood = () => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536)));
        };
        socket.on("drain", flood);
        flood();
      },
      "CONNECTION",
      "exceeds 1048576 bytes",
    ],
    [
      "a body that is cut",
      ({ socket }) => socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\n{"),
      "CONNECTION",
      "cut the connection|the body ends before",
    ],
    [
      "a 101 to nothing",
      ({ socket }) => socket.write(switched({ upgrade: "", connection: "" })),
      "CONNECTION",
      "did not say to which",
    ],
    [
      "a 101 to something else",
      ({ socket }) => socket.write(switched({ upgrade: "SPDY/3.1" })),
      "PROTOCOL",
      "not to WebSocket",
    ],
    [
      "a wrong accept key",
      ({ socket }) => socket.write(switched({ "sec-websocket-accept": "AAAA" })),
      "PROTOCOL",
      "did not answer our handshake",
    ],
    [
      "no protocol",
      (one) => one.socket.write(switched({ "sec-websocket-accept": one.answer })),
      "PROTOCOL",
      "speaks none over WebSocket, and kindred v5.channel.k8s.io and v4.channel.k8s.io",
    ],
    ["a protocol that was not offered", (one) => switchProtocols(one, "v1.channel.k8s.io"), "PROTOCOL", "speaks v1"],
  ];
  it.each(cases)("%s", async (_title, answer, code, message) => {
    await using pods = await podsBehind(answer);
    const error = await failureOf(pods.exec("web", { command }));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain("hunter2");
    // Not even what may be tried again for a read: the command may be running.
    expect(pods.server.connections()).toBe(1);
  });

  it("silence, which the signal ends", async () => {
    const abort = new AbortController();
    await using pods = await podsBehind(() => abort.abort(new Error("enough")));
    await expect(pods.exec("web", { command, signal: abort.signal })).rejects.toThrow("enough");
  });

  it("silence, which the transport's own timeout ends", async () => {
    await using pods = await podsBehind(() => {}, {
      middleware: [(next) => (request) => next({ ...request, idleTimeoutMs: 50 })],
    });
    const error = await failureOf(pods.exec("web", { command }));
    expect(error).toMatchObject({ code: "CONNECTION", message: expect.stringContaining("nothing came for 0.05 s") });
  });

  it("nobody at all", async () => {
    const pods = await podsBehind(() => {}, { retry: false });
    await pods.server[Symbol.asyncDispose]();
    const error = await failureOf(pods.exec("web", { command }));
    expect(error).toMatchObject({ code: "CONNECTION", message: expect.stringContaining("refused the connection") });
    await pods[Symbol.asyncDispose]();
  });
});

describe("what goes wrong later fails the result and whoever reads, after what had come before", () => {
  const hello = onChannel(1, "hello");
  const cases: readonly (readonly [string, (one: Asked) => void, string, string])[] = [
    ["a reset", ({ socket }) => socket.resetAndDestroy(), "CONNECTION", "connection"],
    ["the end without a goodbye", ({ socket }) => socket.end(), "CONNECTION", "the connection was cut"],
    [
      "a goodbye without a Status",
      ({ socket }) => socket.end(closing(1000)),
      "CONNECTION",
      "closed before the process had ended",
    ],
    [
      "a goodbye with a reason",
      ({ socket }) => socket.end(closing(1011, "kubelet gone")),
      "CONNECTION",
      "closed the WebSocket with 1011: kubelet gone",
    ],
    ["garbage", ({ socket }) => socket.write("HTTP/1.1 400 Bad\r\n"), "PROTOCOL", "sets bits that are reserved"],
    [
      "a giant frame",
      ({ socket }) => socket.write(Uint8Array.of(0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0)),
      "PROTOCOL",
      "announces 1099511627776 bytes",
    ],
    [
      "a giant message in pieces",
      ({ socket }) => {
        socket.write(frame(2, Uint8Array.of(1), false));
        for (let sent = 0; sent < 18; sent += 1) socket.write(frame(0, Buffer.alloc(1_000_000), false));
      },
      "PROTOCOL",
      "a message of more than 16777216 bytes",
    ],
    ["a piece of no message", ({ socket }) => socket.write(frame(0, "x")), "PROTOCOL", "mixes up its messages"],
    [
      "a message within another",
      ({ socket }) => socket.write(Buffer.concat([frame(2, "\u0001x", false), frame(2, "\u0001y")])),
      "PROTOCOL",
      "mixes up its messages",
    ],
    [
      "a Status that is none",
      ({ socket }) => socket.end(Buffer.concat([onChannel(3, "<html>"), closing(1000)])),
      "PROTOCOL",
      "something that is no Status: <html>",
    ],
    [
      "a Status of a failure",
      ({ socket }) =>
        socket.end(
          Buffer.concat([onChannel(3, '{"status":"Failure","code":500,"message":"no such file"}'), closing(1000)]),
        ),
      "API",
      "500: no such file",
    ],
  ];
  it.each(cases)("%s", async (_title, then, code, message) => {
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      one.socket.write(hello);
      then(one);
    });
    await using run = await pods.exec("web", { command });
    const reader = run.stdout.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("hello");
    const error = await failureOf(run.result);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(error.message).not.toContain("hunter2");
    expect(await failureOf(reader.read())).toBe(error);
    expect(await failureOf(run.ended)).toBe(error);
  });

  it("an abort, with its reason, which closes the connection", async () => {
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      one.socket.on("close", closed);
    });
    const abort = new AbortController();
    await using run = await pods.exec("web", { command, stdin: true, signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(run.result).rejects.toThrow("enough");
    await expect(run.stdout.getReader().read()).rejects.toThrow("enough");
    await expect(run.stdin.getWriter().write("x")).rejects.toThrow("enough");
    await isClosed;
  });

  it.each(["an abort", "leaving"])("%s, although what came before is not read", async (how) => {
    const abort = new AbortController();
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      for (let count = 0; count < 64; count += 1) one.socket.write(onChannel(1, Buffer.alloc(32_768)));
    });
    const run = await pods.exec("web", { command, signal: abort.signal });
    const reader = run.stdout.getReader();
    let unread = (await reader.read()).value?.length ?? 0;
    // The queue is full now, or soon.
    for (let idle = 0; idle < 50; idle += 1) await turn();
    if (how === "an abort") abort.abort(new Error("before the process had ended"));
    else await run[Symbol.asyncDispose]();
    await expect(run.result).rejects.toThrow("before the process had ended");
    const rest = async () => {
      for (;;) unread += (await reader.read()).value?.length ?? 0;
    };
    await expect(rest()).rejects.toThrow("before the process had ended");
    expect(unread).toBeGreaterThan(262_144);
  });

  it("the end of the client", async () => {
    const pods = await podsBehind(switchProtocols);
    const run = await pods.exec("web", { command });
    await pods[Symbol.asyncDispose]();
    expect(await failureOf(run.result)).toMatchObject({
      code: "CONNECTION",
      message: expect.stringContaining("the client was closed"),
    });
  });

  it("leaving the block, which says goodbye and closes the connection", async () => {
    const frames: [number, string][] = [];
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      one.socket.on("close", closed);
      readFrames(one.socket, (opcode, payload) => frames.push([opcode, payload.toString("hex")]));
    });
    const run = await pods.exec("web", { command });
    await run[Symbol.asyncDispose]();
    await run[Symbol.asyncDispose]();
    await isClosed;
    expect(frames).toEqual([[8, "03e8"]]);
    expect(await failureOf(run.result)).toMatchObject({ message: expect.stringContaining("before the process had") });
  });

  it("nothing, if the Status had come before the connection was cut", async () => {
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      one.socket.end(Buffer.concat([hello, success]));
    });
    await using run = await pods.exec("web", { command });
    expect(await run.output()).toEqual({ exitCode: 0, stdout: "hello", stderr: "" });
  });
});

describe("an open WebSocket", () => {
  it("puts messages together from pieces, and answers pings in between", async () => {
    const pongs: string[] = [];
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      readFrames(one.socket, (opcode, payload) => {
        if (opcode !== 10) return;
        pongs.push(payload.toString());
        one.socket.end(Buffer.concat([frame(0, "lo"), success, closing(1000)]));
      });
      one.socket.write(Buffer.concat([frame(2, "\u0001hel", false), frame(9, "are you there?")]));
    });
    await using run = await pods.exec("web", { command });
    expect(await run.output()).toMatchObject({ stdout: "hello" });
    expect(pongs).toEqual(["are you there?"]);
  });

  it("sends input in pieces on channel 0, its end as v5 has it, and sizes on channel 4", async () => {
    const messages: string[] = [];
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      readFrames(one.socket, (_opcode, payload) => {
        messages.push(`${payload[0]}:${payload.length > 40 ? payload.length : payload.subarray(1).toString("latin1")}`);
        if (payload[0] === 255) one.socket.end(Buffer.concat([success, closing(1000)]));
      });
    });
    await using run = await pods.exec("web", { command, stdin: true, tty: true });
    await run.resize({ columns: 80, rows: 24 });
    const writer = run.stdin.getWriter();
    await writer.write("é");
    await writer.write(new Uint8Array(70_000));
    await writer.close();
    expect(await run.result).toEqual({ exitCode: 0 });
    expect(messages).toEqual(['4:{"Width":80,"Height":24}', "0:Ã©", "0:32769", "0:32769", "0:4465", "255:\u0000"]);
    await expect(run.resize({ columns: 0, rows: 24 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("takes no more input once the process has ended, which lets go of what is piped into it", async () => {
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      readFrames(one.socket, () => one.socket.end(Buffer.concat([success, closing(1000)])));
    });
    await using run = await pods.exec("web", { command, stdin: true });
    let cancelled: unknown;
    const source = new ReadableStream<string>({
      start: (controller) => controller.enqueue("x"),
      cancel: (reason) => void (cancelled = reason),
    });
    const piping = failureOf(source.pipeTo(run.stdin));
    expect(await run.result).toEqual({ exitCode: 0 });
    expect(await piping).toMatchObject({ message: expect.stringContaining("the process has ended") });
    expect(cancelled).toBe(await piping);
  });

  it("says that v4 cannot end the input", async () => {
    await using pods = await podsBehind((one) => switchProtocols(one, "v4.channel.k8s.io"));
    await using run = await pods.exec("web", { command, stdin: true });
    await expect(run.stdin.close()).rejects.toMatchObject({
      code: "PROTOCOL",
      message: expect.stringContaining("v4.channel.k8s.io, which cannot tell a process that its input has ended"),
    });
  });

  it("fetches no more than is read, and then all of it", async () => {
    const total = 64 << 20;
    let sent = 0;
    let stuck = 0;
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      const piece = onChannel(1, Buffer.alloc(32_768));
      const fill = () => {
        while (sent < total) {
          sent += 32_768;
          if (!one.socket.write(piece)) return;
        }
        one.socket.end(Buffer.concat([success, closing(1000)]));
      };
      one.socket.on("drain", () => {
        stuck = 0;
        fill();
      });
      fill();
    });
    await using run = await pods.exec("web", { command, stderr: false });
    for (; stuck < 200; stuck += 1) await turn();
    expect(sent).toBeLessThan(total / 2);
    let read = 0;
    for await (const chunk of run.stdout) read += chunk.length;
    expect(read).toBe(total);
    expect(await run.result).toEqual({ exitCode: 0 });
  });

  it("takes no more input than the server does", async () => {
    let resume = () => {};
    let got = 0;
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      one.socket.pause();
      resume = () => {
        readFrames(one.socket, (opcode, payload) => {
          if (opcode === 2 && payload[0] === 0) got += payload.length - 1;
          if (payload[0] === 255) one.socket.end(Buffer.concat([success, closing(1000)]));
        });
        one.socket.resume();
      };
    });
    await using run = await pods.exec("web", { command, stdin: true });
    const writer = run.stdin.getWriter();
    const pieces = 128;
    let taken = 0;
    const writing = (async () => {
      for (; taken < pieces; taken += 1) await writer.write(new Uint8Array(262_144));
      await writer.close();
    })();
    for (let idle = 0, seen = 0; idle < 200; idle = seen === taken ? idle + 1 : 0) {
      seen = taken;
      await turn();
    }
    expect(taken).toBeLessThan(pieces);
    resume();
    await writing;
    expect(await run.result).toEqual({ exitCode: 0 });
    expect(got).toBe(pieces * 262_144);
  });

  it("gives what one stream says although nobody wants the other", async () => {
    await using pods = await podsBehind((one) => {
      switchProtocols(one);
      for (let count = 0; count < 64; count += 1) one.socket.write(onChannel(2, Buffer.alloc(32_768)));
      one.socket.end(Buffer.concat([onChannel(1, "hello"), success, closing(1000)]));
    });
    await using run = await pods.exec("web", { command });
    await run.stderr.cancel();
    expect(await new Response(run.stdout).text()).toBe("hello");
    expect(await run.result).toEqual({ exitCode: 0 });
  });
});

describe("a port-forward", () => {
  const port = (channel: number) => onChannel(channel, Uint8Array.of(0x90, 0x1f));

  it("leaves out the port that each channel begins with, and tells an error once what came is read", async () => {
    await using pods = await podsBehind((one) => {
      switchProtocols(one, "v4.channel.k8s.io");
      const refused = onChannel(1, "connection refused");
      one.socket.end(Buffer.concat([port(0), port(1), onChannel(0, "hello"), refused, closing(1000)]));
    });
    await using connection = await pods.portForward("web", 8080);
    const reader = connection.readable.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("hello");
    const error = await failureOf(reader.read());
    expect(error).toMatchObject({
      code: "CONNECTION",
      message: 'port-forward to port 8080 of pods "web" in namespace "ns": connection refused',
    });
    expect(await failureOf(connection.closed)).toBe(error);
  });

  it("ends when the pod ends it", async () => {
    await using pods = await podsBehind((one) => {
      switchProtocols(one, "v4.channel.k8s.io");
      one.socket.end(Buffer.concat([port(0), port(1), closing(1000)]));
    });
    await using connection = await pods.portForward("web", 8080);
    expect(await new Response(connection.readable).text()).toBe("");
    await connection.closed;
  });
});
