import { createServer, type Socket } from "node:net";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { isAlreadyExists } from "../../core/index.js";
import { watcher } from "../../runtime/index.js";
import { refuseUnhandled, turn } from "../../../test/support/unhandled.js";
import { Client, type ClientSettings } from "./client.js";
import { failureOf, kubeconfig, Note, note, serve, serveHttp } from "./harness.mjs";

refuseUnhandled();

async function notesAt(server: string, settings: ClientSettings = {}) {
  const client = await Client.fromKubeconfig({ text: kubeconfig({ server }), env: {}, retry: false, ...settings });
  return Object.assign(client.api(Note).namespace(client.defaultNamespace), {
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
    },
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

describe("what a server sends that is no answer fails with a clear error", () => {
  const cases: readonly (readonly [string, (socket: Socket) => void, string, string])[] = [
    [
      "a body shorter than announced",
      (socket) => socket.end(`${head}content-length: 100\r\n\r\n{"kind":`),
      "CONNECTION",
      "the body ends before|cut the connection",
    ],
    [
      "a chunked body that is cut",
      (socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n5\r\n{"a":`),
      "CONNECTION",
      "cut the connection",
    ],
    [
      "a reset in the middle",
      (socket) => socket.write(`${head}content-length: 9\r\n\r\n{`, () => socket.resetAndDestroy()),
      "CONNECTION",
      "cut the connection in the middle",
    ],
    ["a reset before the answer", (socket) => socket.resetAndDestroy(), "CONNECTION", "cut the connection"],
    [
      "garbage instead of JSON",
      (socket) => socket.end(`${head}content-length: 5\r\n\r\n<htm>`),
      "PROTOCOL",
      "something that is not JSON: <htm>",
    ],
    [
      "a page of a proxy",
      (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 12\r\n\r\n<html></html"),
      "PROTOCOL",
      "something that is not JSON: <html></html",
    ],
    [
      "protobuf, which may be a Secret and is not shown",
      (socket) =>
        socket.end(
          "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.kubernetes.protobuf\r\ncontent-length: 11\r\n\r\nk8s\0hunter2",
        ),
      "PROTOCOL",
      "something that is not JSON: binary data, 11 characters$",
    ],
    [
      "a body that never ends",
      (socket) => {
        socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
        const write = () => {
          if (socket.writable) socket.write(`10000\r\n${" ".repeat(0x10000)}\r\n`, write);
        };
        write();
      },
      "PROTOCOL",
      "the body has more than 1000000 bytes: ask for less, by pages, selectors or metadata alone, or raise maxBodyBytes",
    ],
    [
      "an error whose body never ends",
      (socket) => {
        socket.write("HTTP/1.1 500 Oops\r\ntransfer-encoding: chunked\r\n\r\n");
        const write = () => {
          if (socket.writable) socket.write(`10000\r\n${"x".repeat(0x10000)}\r\n`, write);
        };
        write();
      },
      "PROTOCOL",
      "the body has more than 1000000 bytes",
    ],
    ["something that is not HTTP", (socket) => socket.end("SSH-2.0-OpenSSH_9\r\n"), "CONNECTION", "is not HTTP"],
    [
      "a 10 MB header",
      (socket) => socket.end(`${head}x-big: ${"x".repeat(10 << 20)}\r\n\r\n`),
      "CONNECTION",
      "headers exceed 16 KiB",
    ],
    [
      "a redirect",
      (socket) =>
        socket.end("HTTP/1.1 302 Found\r\nlocation: https://login.example.test/\r\ncontent-length: 0\r\n\r\n"),
      "PROTOCOL",
      "redirects to https://login.example.test/",
    ],
  ];
  test.each(cases)("%s", async (_title, answer, code, message) => {
    await using server = await serve(
      createServer((socket) => socket.once("data", () => answer(socket))),
      "http",
    );
    await using notes = await notesAt(server.url, { maxBodyBytes: 1_000_000 });
    const error = await failureOf(notes.get("a"));
    expect(error).toMatchObject({ code });
    expect(error.message).toMatch(new RegExp(message));
    expect(error.message).toContain("GET /apis/example.dev/v1/namespaces/default/notes/a");
  });
});

test("a server that refuses connections is named, with the cure", async () => {
  const server = await serve(createServer(), "http");
  await server[Symbol.asyncDispose]();
  await using notes = await notesAt(server.url);
  const error = await failureOf(notes.create({ metadata: { name: "a" } }));
  expect(error).toMatchObject({ code: "CONNECTION", sent: false, temporary: true });
  expect(error.message).toBe(
    `POST /apis/example.dev/v1/namespaces/default/notes at ${server.url}: 127.0.0.1:${server.port} refused the connection: check that the API server runs, and the port in \`server\` of the kubeconfig's cluster`,
  );
});

test("an unknown host is named", async () => {
  await using notes = await notesAt("https://no-such-host.invalid");
  expect((await failureOf(notes.get("a"))).message).toContain("the host no-such-host.invalid:443 is unknown");
});

test("a response that never comes ends with the signal's reason, and so does its connection", async () => {
  await using server = await serveHttp(() => abort.abort(reason));
  await using notes = await notesAt(server.url);
  const abort = new AbortController();
  const reason = new Error("enough");
  expect(await failureOf(notes.get("a", { signal: abort.signal }))).toBe(reason);
  await until(() => server.sockets.size === 0);
});

test("a response that never ends ends with the signal's reason", async () => {
  await using server = await serveHttp((_request, response) => {
    const write = () => response.destroyed || (response.write("  "), setImmediate(write));
    write();
    setImmediate(() => abort.abort(reason));
  });
  await using notes = await notesAt(server.url);
  const abort = new AbortController();
  const reason = new Error("enough");
  expect(await failureOf(notes.get("a", { signal: abort.signal }))).toBe(reason);
});

test("an aborted signal sends nothing", async () => {
  await using server = await serveHttp((_request, response) => response.end(note("a")));
  await using notes = await notesAt(server.url);
  const reason = new Error("before");
  expect(await failureOf(notes.get("a", { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(server.connections()).toBe(0);
});

test("silence is given up after timeouts.idleMs", async () => {
  await using server = await serveHttp((_request, response) => response.writeHead(200).write("{"));
  await using notes = await notesAt(server.url, { timeouts: { idleMs: 300 } });
  expect((await failureOf(notes.get("a"))).message).toContain("nothing came for 0.3 s");
});

test("leaving a watch closes its connection at once", async () => {
  await using server = await serveHttp((_request, response) => {
    response.write(`{"type":"ADDED","object":${note("a")}}\n`);
  });
  await using notes = await notesAt(server.url);
  for await (const event of notes.watch()) {
    expect(event.type).toBe("ADDED");
    break;
  }
  await until(() => server.sockets.size === 0);
});

test("a watch cut in the middle of a line gives the events before, then fails", async () => {
  await using server = await serveHttp((request, response) => {
    response.write(`{"type":"ADDED","object":${note("a")}}\n{"type":"ADD`, () => request.socket.destroy());
  });
  await using notes = await notesAt(server.url);
  const seen: string[] = [];
  const error = await failureOf(
    (async () => {
      for await (const event of notes.watch()) seen.push(event.type);
    })(),
  );
  expect(seen).toEqual(["ADDED"]);
  expect(error).toMatchObject({ code: "CONNECTION" });
  expect(error.message).toMatch(/GET \/apis.*watch=true.*cut the connection in the middle/);
});

describe("a watch that is answered with", () => {
  const added = `{"type":"ADDED","object":${note("a")}}\n`;
  const cases: readonly (readonly [string, RequestListener, readonly string[], string, string])[] = [
    [
      "an endless line fails before the memory is full",
      (_request, response) => {
        response.write(added);
        const part = Buffer.alloc(1 << 20, "x");
        const write = () => void (response.destroyed || response.write(part, write));
        write();
      },
      ["ADDED"],
      "PROTOCOL",
      "a line of more than 64 MiB",
    ],
    [
      "a page of a proxy says so",
      (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>\n</html>\n"),
      [],
      "PROTOCOL",
      "a line of the watch is not a watch event: <html>",
    ],
    [
      "a redirect is refused",
      (_request, response) => response.writeHead(307, { location: "/elsewhere" }).end(),
      [],
      "PROTOCOL",
      "redirects to /elsewhere (307)",
    ],
    [
      "garbage between its events fails at the garbage",
      (_request, response) => response.end(`${added}{"type":\n${added}`),
      ["ADDED"],
      "PROTOCOL",
      "a line of the watch is not a watch event",
    ],
    [
      "a half line and a clean end says that it was cut",
      (_request, response) => response.end(`${added}{"type"`),
      ["ADDED"],
      "PROTOCOL",
      "cut in the middle of a line, after 7 bytes",
    ],
  ];
  test.each(cases)("%s", async (_title, listener, expected, code, message) => {
    await using server = await serveHttp(listener);
    await using notes = await notesAt(server.url);
    const seen: string[] = [];
    const error = await failureOf(
      (async () => {
        for await (const event of notes.watch()) seen.push(event.type);
      })(),
    );
    expect(seen).toEqual(expected);
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    if (message.includes("64 MiB")) await until(() => server.sockets.size === 0);
  });
});

test("a watcher goes on where it was after every way in which a watch can break", async () => {
  const event = (name: string, resourceVersion: string) =>
    `${JSON.stringify({ type: "ADDED", object: JSON.parse(note(name).replace('"resourceVersion":"1"', `"resourceVersion":"${resourceVersion}"`)) })}\n`;
  const breaks: readonly RequestListener[] = [
    // Cut in the middle of a line.
    (request, response) => response.write(`${event("b", "2")}{"type":"ADD`, () => request.socket.destroy()),
    // Garbage, then a page instead of a watch.
    (_request, response) => response.end(`${event("c", "3")}garbage\n`),
    (_request, response) => response.end("<html>"),
    (_request, response) => response.writeHead(302, { location: "/" }).end(),
    (request) => request.socket.resetAndDestroy(),
    (_request, response) => response.write(event("d", "4")),
  ];
  const versions: (string | null)[] = [];
  await using server = await serveHttp((request, response) => {
    const query = new URL(request.url ?? "", "http://x").searchParams;
    if (query.get("watch") === null) {
      // Asked again after a break, the server has gone on: it was not wiped.
      const resourceVersion = versions.length === 0 ? "1" : "9";
      return response.end(
        `{"kind":"NoteList","apiVersion":"v1","metadata":{"resourceVersion":"${resourceVersion}"},"items":[${note("a")}]}`,
      );
    }
    versions.push(query.get("resourceVersion"));
    return breaks[versions.length - 1]?.(request, response);
  });
  await using notes = await notesAt(server.url);
  const seen: string[] = [];
  const errors: unknown[] = [];
  const fast = { baseMs: 1, maxMs: 1, factor: 1, jitter: 0 };
  for await (const change of watcher(notes, { backoff: fast })) {
    if (change.type === "error") errors.push(change.error);
    if (change.type === "apply" || change.type === "init-apply") seen.push(change.object.metadata.name);
    if (seen.at(-1) === "d") break;
  }
  expect(seen).toEqual(["a", "b", "c", "d"]);
  expect(versions).toEqual(["1", "2", "3", "3", "3", "3"]);
  expect(errors.length).toBeGreaterThanOrEqual(4);
});

test("closing the client ends its watches, and later calls say so", async () => {
  await using server = await serveHttp((_request, response) => {
    response.write(`{"type":"ADDED","object":${note("a")}}\n`);
  });
  const notes = await notesAt(server.url);
  const watch = notes.watch()[Symbol.asyncIterator]();
  await watch.next();
  const next = failureOf(watch.next());
  await notes[Symbol.asyncDispose]();
  expect((await next).message).toContain("the client was closed");
  expect((await failureOf(notes.get("a"))).message).toContain(`this client of ${server.url} is closed`);
  await until(() => server.sockets.size === 0);
});

test("an answer with an error keeps the connection", async () => {
  await using server = await serveHttp((_request, response) => {
    response.writeHead(409, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ apiVersion: "v1", kind: "Status", metadata: {}, reason: "AlreadyExists", code: 409 }),
    );
  });
  await using notes = await notesAt(server.url);
  for (let index = 0; index < 3; index += 1) {
    expect(isAlreadyExists(await failureOf(notes.create({ metadata: { name: "a" } })))).toBe(true);
  }
  expect(server.connections()).toBe(1);
});

test("gzip is asked for only if wanted, and undone", async () => {
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    asked = request.headers["accept-encoding"];
    if (asked !== "gzip") return response.end(note("a"));
    return response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(note("a")).subarray(0, cutAt));
  };
  let asked: string | undefined;
  let cutAt: number | undefined;
  await using server = await serveHttp(answer);
  await using plain = await notesAt(server.url);
  await plain.get("a");
  expect(asked).toBeUndefined();
  await using zipped = await notesAt(server.url, { gzip: true });
  expect(await zipped.get("a")).toMatchObject({ metadata: { name: "a" } });
  expect(asked).toBe("gzip");
  await zipped.get("a");
  expect(server.connections()).toBe(2);
  cutAt = 20;
  expect((await failureOf(zipped.get("a"))).message).toContain("the compressed body ends in the middle");
});
