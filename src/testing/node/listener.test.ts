/** What goes over the socket, whatever answers behind it. */

import { EventEmitter, once } from "node:events";
import { Agent, request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import type { ApiRequest, ApiResponse, WatchBody } from "../request.js";
import { createAuthority, issueServerCertificate } from "./certificates.js";
import { type Answered, type Handle, listen, type Listener, type ListenOptions } from "./listener.js";

const cleanups: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function start(handle: Handle, options: ListenOptions = {}): Promise<Listener> {
  const listener = await listen(handle, options);
  cleanups.push(async () => {
    await listener[Symbol.asyncDispose]();
  });
  return listener;
}

const answer = (body: ApiResponse["body"], status = 200): ApiResponse => ({
  status,
  headers: { "content-type": "application/json", warning: ['299 - "one"', '299 - "two"'] },
  body,
});

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function send(url: string, options: RequestOptions = {}, body?: string | Uint8Array): Promise<Reply> {
  const outgoing = httpRequest(url, options);
  outgoing.end(body);
  const [incoming] = await once(outgoing, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return { status: incoming.statusCode, headers: incoming.headers, body: Buffer.concat(chunks) };
}

/** A watch that a test feeds. */
class Feed implements WatchBody {
  readonly #pieces: string[] = [];
  #wake: (() => void) | undefined;
  taken = 0;
  isEnded = false;
  readonly ended: Promise<void>;
  readonly #tellEnded: () => void;

  constructor() {
    let tell = () => undefined as void;
    this.ended = new Promise<void>((resolve) => (tell = resolve));
    this.#tellEnded = () => tell();
  }

  push(...pieces: readonly string[]): void {
    this.#pieces.push(...pieces);
    this.#wake?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<string>> {
    while (!this.isEnded) {
      const value = this.#pieces.shift();
      if (value !== undefined) {
        this.taken++;
        return { done: false, value };
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<string>> {
    this.isEnded = true;
    this.#tellEnded();
    this.#wake?.();
    return { done: true, value: undefined };
  }
}

describe("a request", () => {
  test("arrives with its method, path, query, headers and bytes, and its answer goes back with all of its headers", async () => {
    const seen: ApiRequest[] = [];
    const { url } = await start(async (request) => {
      seen.push(request);
      return answer('{"ok":"ä"}', 201);
    });
    const options = { method: "PATCH", headers: { "X-Thing": "a", "user-agent": "test/1" } };
    const { status, headers, body } = await send(`${url}/api/v1/x%20y?a=b&a=c`, options, Buffer.from([0, 255]));
    expect(seen[0]).toMatchObject({ method: "PATCH", url: "/api/v1/x%20y?a=b&a=c" });
    expect(seen[0]?.headers).toMatchObject({ "x-thing": "a", "user-agent": "test/1" });
    expect(Buffer.from(seen[0]?.body as Uint8Array)).toEqual(Buffer.from([0, 255]));
    expect(status).toBe(201);
    expect(headers["warning"]).toBe('299 - "one", 299 - "two"');
    expect(headers["content-length"]).toBe("11");
    expect(body.toString()).toBe('{"ok":"ä"}');
  });

  test("without a body has none", async () => {
    const { url } = await start(async ({ body }) => answer(String(body === undefined)));
    expect((await send(url)).body.toString()).toBe("true");
  });

  test("that is too large is handed on with one byte too many and no more, and the connection is good for another", async () => {
    const { url } = await start(async ({ body }) => answer(String(body?.length ?? 0), body === undefined ? 200 : 413));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanups.push(() => agent.destroy());
    const large = await send(url, { method: "POST", agent }, Buffer.alloc(8 * 1024 * 1024));
    expect([large.status, large.body.toString()]).toEqual([413, "3145729"]);
    expect((await send(url, { agent })).status).toBe(200);
  });

  test("may be as large as the API server allows", async () => {
    const { url } = await start(async ({ body }) => answer(String(body?.length)));
    const { body } = await send(url, { method: "POST" }, Buffer.alloc(3 * 1024 * 1024));
    expect(body.toString()).toBe("3145728");
  });

  test("may have a URL of 200 KB", async () => {
    const { url } = await start(async (request) => answer(String(request.url.length)));
    expect((await send(`${url}/${"a".repeat(200_000)}`)).body.toString()).toBe("200001");
  });

  test("whose handler throws gets a Status 500 that tells nothing, and the owner is told", async () => {
    const errors: unknown[] = [];
    const fault = new Error("with a secret");
    const handle = async () => {
      throw fault;
    };
    const { url } = await start(handle, { onError: (error) => errors.push(error) });
    const { status, body } = await send(url);
    expect(status).toBe(500);
    expect(JSON.parse(body.toString())).toMatchObject({ kind: "Status", reason: "InternalError", code: 500 });
    expect(body.toString()).not.toContain("secret");
    expect(errors).toEqual([fault]);
    expect((await send(url)).status).toBe(500);
  });

  test("that is no HTTP closes its connection and nothing else", async () => {
    const { url, port } = await start(async () => answer("{}"));
    const socket = connect(port, "127.0.0.1");
    socket.end("\u0000rubbish\r\n\r\n");
    const chunks = await socket.toArray();
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1.1 400/);
    expect((await send(url)).status).toBe(200);
  });

  test("is told with its method, URL, status and duration", async () => {
    const told: Answered[] = [];
    const { url } = await start(async () => answer("{}", 404), { onAnswered: (one) => told.push(one) });
    await send(`${url}/x?y=z`, { method: "DELETE", headers: { "user-agent": "kubectl/1" } });
    expect(told).toMatchObject([
      { method: "DELETE", url: "/x?y=z", status: 404, userAgent: "kubectl/1", events: undefined },
    ]);
    expect(told[0]?.durationMs).toBeGreaterThan(0);
  });

  test("for another host is refused where only some are served: a web page's name may lead here", async () => {
    const { url } = await start(async () => answer("{}"), { onlyHosts: ["127.0.0.1", "localhost", "::1"] });
    expect((await send(url)).status).toBe(200);
    expect((await send(url, { headers: { host: "localhost:1234" } })).status).toBe(200);
    expect((await send(url, { headers: { host: "[::1]:1234" } })).status).toBe(200);
    expect((await send(url, { headers: { host: "evil.example.dev" } })).status).toBe(403);
  });
});

describe("an answer", () => {
  const long = "x".repeat(128 * 1024 + 1);

  test.each([
    ["gzip", long, true],
    ["deflate, gzip;q=0.5", long, true],
    ["*", long, true],
    ["gzip;q=0", long, false],
    ["identity", long, false],
    ["gzip", long.slice(1), false],
  ])("to one who accepts %j is compressed if it is longer than 128 KiB", async (accepted, text, isZipped) => {
    const { url } = await start(async () => answer(text));
    const { headers, body } = await send(url, { headers: { "accept-encoding": accepted } });
    expect(headers["content-encoding"]).toBe(isZipped ? "gzip" : undefined);
    expect((isZipped ? gunzipSync(body) : body).toString()).toBe(text);
    expect(headers["content-length"]).toBe(String(body.length));
  });

  test("304 has neither body nor length", async () => {
    const { url } = await start(async () => answer("", 304));
    const { status, headers, body } = await send(url);
    expect([status, headers["content-length"], body.length]).toEqual([304, undefined, 0]);
  });
});

describe("a watch", () => {
  async function open(url: string, options: RequestOptions = {}) {
    const outgoing = httpRequest(url, options);
    outgoing.on("error", () => undefined).end();
    const [incoming] = await once(outgoing, "response");
    return { incoming, outgoing };
  }

  test("is open before its first event, and each event arrives when it happens", async () => {
    const feed = new Feed();
    const { url } = await start(async () => answer(feed));
    const { incoming } = await open(url);
    expect(incoming.headers["transfer-encoding"]).toBe("chunked");
    for (const piece of ["one\n", "two\n"]) {
      feed.push(piece);
      const [chunk] = await once(incoming, "data");
      expect(String(chunk)).toBe(piece);
    }
    await feed.return();
    await once(incoming.resume(), "end");
    expect(incoming.complete).toBe(true);
  });

  test("ends when its client leaves", async () => {
    const feed = new Feed();
    const told = new EventEmitter();
    const answered = once(told, "answered");
    const { url } = await start(async () => answer(feed), { onAnswered: (one) => told.emit("answered", one) });
    const { outgoing, incoming } = await open(url);
    feed.push("one\n");
    await once(incoming, "data");
    outgoing.destroy();
    await feed.ended;
    expect(await answered).toMatchObject([{ status: 200, events: 1 }]);
  });

  test("is pulled no faster than its client reads", async () => {
    const feed = new Feed();
    const { url } = await start(async (request) => answer(request.url === "/watch" ? feed : "{}"));
    const { incoming } = await open(`${url}/watch`);
    incoming.pause();
    const pieces = 2000;
    feed.push(...Array.from({ length: pieces }, () => `${"x".repeat(65_535)}\n`));
    // As much as the buffers of both ends hold, and no more: it stands still while other requests come and go.
    for (let before = -1; feed.taken !== before; ) {
      before = feed.taken;
      for (let i = 0; i < 20; i++) await send(url);
    }
    expect(feed.taken).toBeGreaterThan(0);
    expect(feed.taken).toBeLessThan(pieces / 2);
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes === pieces * 65_536) void feed.return();
    });
    await once(incoming.resume(), "end");
    expect(feed.taken).toBe(pieces);
  });

  test("ends in order when the listener closes, and nobody can connect afterwards", async () => {
    const feed = new Feed();
    const listener = await listen(async () => answer(feed));
    const { incoming } = await open(listener.url);
    const ended = once(incoming.resume(), "end");
    await listener[Symbol.asyncDispose]();
    await ended;
    expect(incoming.complete).toBe(true);
    expect(feed.isEnded).toBe(true);
    await expect(send(listener.url, { agent: new Agent() })).rejects.toThrow("ECONNREFUSED");
  });

  test("over a web socket is refused by a Status, and the watch behind it is ended", async () => {
    const feed = new Feed();
    const { url } = await start(async () => answer(feed));
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
    };
    const { status, body } = await send(url, { headers });
    expect(status).toBe(400);
    expect(JSON.parse(body.toString()).message).toContain("does not upgrade connections to websocket");
    expect(feed.isEnded).toBe(true);
  });

  test("of a client that offers HTTP/2 in clear is served as it is", async () => {
    const { url } = await start(async () => answer("{}"));
    const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAAQAAP__" };
    expect((await send(url, { headers })).status).toBe(200);
  });
});

describe("a listener", () => {
  test("with a certificate speaks TLS to those who trust its authority, and to nobody without TLS", async () => {
    const authority = createAuthority(Date.now());
    const tls = issueServerCertificate(authority, ["127.0.0.1"], Date.now());
    const { url, port } = await start(async () => answer("{}"), { tls });
    expect(url).toBe(`https://127.0.0.1:${port}`);
    const outgoing = httpsRequest(url, { agent: new TlsAgent({ ca: authority.certificate }) }).end();
    const [incoming] = await once(outgoing, "response");
    expect(incoming.statusCode).toBe(200);
    incoming.resume();
    await expect(send(`http://127.0.0.1:${port}`)).rejects.toThrow();
  });

  test("that cannot have its port says so, and what to do", async () => {
    const { port } = await start(async () => answer("{}"));
    await expect(listen(async () => answer("{}"), { port })).rejects.toMatchObject({
      code: "CONNECTION",
      message: expect.stringMatching(/^cannot listen on 127.0.0.1:\d+: .*EADDRINUSE.*: choose another port$/),
    });
  });

  test("that cannot have its address says so, and what to do", async () => {
    // Of the addresses that stand in documents only: no machine has it.
    await expect(listen(async () => answer("{}"), { host: "192.0.2.1" })).rejects.toMatchObject({
      code: "CONNECTION",
      message: expect.stringMatching(
        /^cannot listen on 192.0.2.1:0: .*EADDRNOTAVAIL.*: name an address of this machine$/,
      ),
    });
  });

  test("keeps connections open between requests", async () => {
    const { url } = await start(async () => answer("{}"));
    const agent = new Agent({ keepAlive: true });
    cleanups.push(() => agent.destroy());
    await send(url, { agent });
    const [sockets] = Object.values(agent.freeSockets);
    expect(sockets).toHaveLength(1);
    const [socket] = sockets ?? [];
    const outgoing = httpRequest(url, { agent }).end();
    const [incoming] = await once(outgoing, "response");
    incoming.resume();
    expect(outgoing.reusedSocket).toBe(true);
    expect(outgoing.socket).toBe(socket);
  });
});
