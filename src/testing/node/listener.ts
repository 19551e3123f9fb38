/** The way in by socket: HTTP/1.1, plain or over TLS, around a function from request to answer. */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import { KindredError } from "../../core/index.js";
import type { ApiRequest, ApiResponse, WatchBody } from "../request.js";
import type { KeyedCertificate } from "./certificates.js";
import { isCode } from "./lock.js";

/** Answers requests: an {@link ApiServer}, bound. */
export type Handle = (request: ApiRequest) => Promise<ApiResponse>;

/** One request that was answered; a watch is told when it ends. */
export interface Answered {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** 0 if the client left before it was answered. */
  readonly status: number;
  readonly durationMs: number;
  readonly userAgent: string;
  /** How many pieces a watch sent; undefined for anything else. */
  readonly events: number | undefined;
}

/** How to listen. */
export interface ListenOptions {
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Without it, plain HTTP. */
  readonly tls?: KeyedCertificate | undefined;
  /** Answer only requests whose `Host` is one of these names: keeps web pages out that have their own name lead here. */
  readonly onlyHosts?: readonly string[] | undefined;
  readonly onAnswered?: ((answered: Answered) => void) | undefined;
  /** Told what should not have happened: a handler that threw. The client gets a 500. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A server that listens. Disposing ends every watch, lets other answers finish, and closes all connections. */
export interface Listener extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
}

/** As the API server has it: a request's body may have so many bytes. One more is kept, for the handler to refuse. */
const maxBodyBytes = 3 * 1024 * 1024;

/** As the API server has it: answers with more bytes are compressed for those who can read it. */
const gzipFromBytes = 128 * 1024;

/** As Go has it: a label selector in a URL can be long. */
const maxHeaderBytes = 1024 * 1024;

/** Longer than clients keep a connection for reuse, so that none is closed in the moment that it is used again. */
const keepAliveMs = 180_000;

/** How long answers may take to finish when the listener is closed. */
const graceMs = 2_000;

const compress = promisify(gzip);

/**
 * Listens until it is disposed.
 *
 * Guarantees: a watch is pulled as fast as its client reads, and ends when the client leaves; no handler's failure ends the process.
 *
 * @throws KindredError `CONNECTION` if the port cannot be had.
 */
export async function listen(handle: Handle, options: ListenOptions = {}): Promise<Listener> {
  const { port = 0, host = "127.0.0.1", tls } = options;
  const limits = { maxHeaderSize: maxHeaderBytes, keepAliveTimeout: keepAliveMs };
  const server =
    tls === undefined ? createServer(limits) : createTlsServer({ ...limits, cert: tls.certificate, key: tls.key });
  const open = new Map<AbortController, Promise<void>>();
  let isClosing = false;
  server.on("request", (incoming, outgoing) => {
    const ending = new AbortController();
    if (isClosing) ending.abort();
    const exchange = answer(handle, { incoming, outgoing, ending }, options);
    open.set(ending, exchange);
    void exchange.finally(() => open.delete(ending));
  });
  const taken = await bind(server, port, host);
  return {
    port: taken,
    url: `${tls === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    [Symbol.asyncDispose]: async () => {
      isClosing = true;
      for (const ending of open.keys()) ending.abort();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await Promise.race([Promise.all(open.values()), delay(graceMs)]);
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bind(server: Server, port: number, host: string): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const cure =
      isCode(cause, "EADDRNOTAVAIL") || isCode(cause, "ENOTFOUND")
        ? "name an address of this machine"
        : "choose another port";
    throw new KindredError("CONNECTION", `cannot listen on ${host}:${port}: ${why}: ${cure}`, { cause });
  }
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Aborted when the client leaves or the listener closes. */
  readonly ending: AbortController;
}

/** Answers one request; never rejects. */
async function answer(handle: Handle, exchange: Exchange, options: ListenOptions): Promise<void> {
  const { incoming, outgoing, ending } = exchange;
  const begin = performance.now();
  const closed = new Promise<void>((resolve) => {
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) ending.abort(new Error("the client has left"));
      resolve();
    });
  });
  let events: number | undefined;
  try {
    const response = isForeign(incoming, options.onlyHosts)
      ? refusal(403, "Forbidden", `this server is not called ${JSON.stringify(incoming.headers.host ?? "")}`)
      : await respond(handle, incoming, ending.signal);
    if (typeof response.body === "string") {
      await writeWhole(response, response.body, incoming, outgoing);
      await closed;
    } else events = await writeWatch(response, response.body, outgoing, ending.signal);
  } catch (error) {
    if (!outgoing.headersSent && !outgoing.destroyed) {
      options.onError?.(error);
      const { status, headers, body } = refusal(500, "InternalError", "the server failed: see its output");
      outgoing.writeHead(status, writable(headers)).end(body);
    } else {
      if (!outgoing.destroyed) options.onError?.(error);
      outgoing.destroy();
    }
  }
  options.onAnswered?.({
    method: incoming.method ?? "",
    url: incoming.url ?? "",
    status: outgoing.headersSent ? outgoing.statusCode : 0,
    durationMs: performance.now() - begin,
    userAgent: incoming.headers["user-agent"] ?? "",
    events,
  });
}

async function respond(handle: Handle, incoming: IncomingMessage, signal: AbortSignal): Promise<ApiResponse> {
  const { method = "", url = "", headers } = incoming;
  const body = await readBody(incoming);
  const request = { method, url, headers, signal, ...(body.length === 0 ? {} : { body }) };
  const response = await handle(request);
  const { upgrade = "" } = headers;
  if (!/^(websocket|spdy)/i.test(upgrade) || response.status >= 400) return response;
  // What can be had without an upgrade, a watch mostly: its client would not understand the answer.
  if (typeof response.body !== "string") await response.body.return();
  return refusal(400, "BadRequest", `this server does not upgrade connections to ${upgrade}: ask without an upgrade`);
}

/** At most one byte too many; the rest is read and dropped, so that the client gets to read the answer. */
function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let left = maxBodyBytes + 1;
    const done = () => resolve(Buffer.concat(chunks));
    incoming.on("data", (chunk: Uint8Array) => {
      if (left > 0) chunks.push(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) done();
    });
    incoming.once("end", done).once("error", reject);
  });
}

async function writeWhole(
  { status, headers }: ApiResponse,
  body: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const bytes = Buffer.from(body, "utf8");
  const isZipped = bytes.length > gzipFromBytes && readsGzip(incoming.headers["accept-encoding"] ?? "");
  const sent = isZipped ? await compress(bytes, { level: constants.Z_BEST_SPEED }) : bytes;
  const encoding = isZipped ? { "content-encoding": "gzip", vary: "Accept-Encoding" } : {};
  // What nobody waits for any more was not answered.
  if (outgoing.destroyed) return;
  // A 304 has no body and no length.
  const length = status === 304 || status === 204 ? {} : { "content-length": sent.length };
  outgoing.writeHead(status, { ...writable(headers), ...encoding, ...length });
  outgoing.end(sent);
}

function readsGzip(accepted: string): boolean {
  return accepted.split(",").some((one) => {
    const [name = "", ...parameters] = one.split(";").map((part) => part.trim().toLowerCase());
    return (name === "gzip" || name === "*") && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** @returns how many pieces were sent. */
async function writeWatch(
  { status, headers }: ApiResponse,
  body: WatchBody,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<number> {
  const end = () => void body.return();
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  outgoing.writeHead(status, writable(headers));
  // The client must know that its watch is open before the first event.
  outgoing.flushHeaders();
  let events = 0;
  for await (const piece of body) {
    events++;
    if (!outgoing.write(piece)) await drained(outgoing, signal);
    if (signal.aborted) break;
  }
  outgoing.end();
  return events;
}

async function drained(outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
  // An abort is the loop's to see.
  await once(outgoing, "drain", { signal }).catch(() => undefined);
}

/** Node takes headers that may be changed. */
function writable(headers: ApiResponse["headers"]): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
}

function isForeign({ headers }: IncomingMessage, hosts: readonly string[] | undefined): boolean {
  if (hosts === undefined) return false;
  const name = (headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  return !hosts.some((host) => name === (host.includes(":") ? `[${host}]` : host));
}

function refusal(code: number, reason: string, message: string): ApiResponse & { readonly body: string } {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  return {
    status: code,
    headers: { "content-type": "application/json", "cache-control": "no-cache, private" },
    body: `${JSON.stringify(status)}\n`,
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
