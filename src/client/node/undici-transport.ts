/** The transport over undici: one pool of kept-alive connections to one API server. undici is loaded at the first request. */

import { type Duplex, pipeline, type Readable } from "node:stream";
import type { buildConnector, Client, Dispatcher, Pool } from "undici";
import { invalidArgument, KindredError } from "../../core/index.js";
import type { Transport, TransportRequest, TransportResponse } from "../index.js";
import { brokenConnection, codeOf, ConnectFailure, ConnectionError, isParserError } from "./connection-error.js";
import type { Proxy } from "./proxy.js";
import { allowManyListeners } from "./signal-listeners.js";
import { sameMaterial, type TlsMaterial, type TlsSource } from "./tls-source.js";
import { connectionOf, requestUpgrade } from "./undici-upgrade.js";

/** How long to wait, in milliseconds. */
export interface Timeouts {
  /** For a connection, TLS included. Default 30,000. */
  readonly connectMs?: number | undefined;
  /** For the next byte of a response. Default 295,000; a watch sets its own. */
  readonly idleMs?: number | undefined;
}

/** Options of {@link undiciTransport}. */
export interface UndiciTransportOptions {
  /** The API server's base URL; a path is put before that of every request. */
  readonly server: string;
  readonly tls?: TlsSource | undefined;
  readonly proxy?: Proxy | undefined;
  readonly timeouts?: Timeouts | undefined;
  /** Ask for compressed responses: fewer bytes, more work. Default false. */
  readonly gzip?: boolean | undefined;
  /** The largest body that is read whole, in bytes: a larger one fails. Streams are not bounded. Default 500,000,000. */
  readonly maxBodyBytes?: number | undefined;
}

/** A transport, and its end. */
export interface ClosableTransport {
  readonly transport: Transport;
  /** Closes every connection; what is running fails. */
  readonly close: () => Promise<void>;
}

/**
 * Sends requests over kept-alive connections.
 *
 * Guarantees: other certificates from `tls` serve the next request over a new connection, while what runs goes on over the old one. A
 * connection that fails is tried again at once if `tls` then has other certificates. Nothing is followed, retried or cached.
 */
export function undiciTransport(options: UndiciTransportOptions): ClosableTransport {
  const { server, proxy, gzip = false, maxBodyBytes = defaultMaxBodyBytes, tls = async () => noMaterial } = options;
  const connectTimeoutMs = options.timeouts?.connectMs ?? 30_000;
  const defaultIdleMs = options.timeouts?.idleMs ?? 295_000;
  const { origin, pathname } = new URL(server);
  const prefix = pathname.replace(/\/+$/, "");
  const pools = new Set<Pool>();
  const upgraded = new Set<Duplex>();
  let current: Connecting | undefined;
  let closed = false;
  let waiting = 0;
  let network: ReturnType<typeof loadNetwork> | undefined;

  async function poolFor(request: TransportRequest, fresh: boolean) {
    network ??= loadNetwork();
    const [{ undici, connectorFor }, material] = await Promise.all([network, tls({ signal: request.signal, fresh })]);
    request.signal?.throwIfAborted();
    if (closed) {
      throw invalidArgument(`${request.method} ${request.url}: this client of ${server} is closed: make a new one`);
    }
    if (current !== undefined && sameMaterial(current.material, material)) return current;
    if (current !== undefined) retire(current.pool);
    const connect = connectorFor(undici.buildConnector, {
      material,
      proxy,
      connectTimeoutMs,
      isWanted: () => waiting > 0,
    });
    // 30 s: what an idle connection survives in load balancers, which forget it after 60.
    const pool = new undici.Pool(origin, { connect, keepAliveTimeout: 30_000 });
    pools.add(pool);
    current = { pool, material, connect, Client: undici.Client };
    return current;
  }

  function retire(pool: Pool): void {
    const forget = () => void pools.delete(pool);
    pool.close().then(forget, forget);
  }

  async function send(request: TransportRequest, fresh = false): Promise<TransportResponse> {
    const used = await poolFor(request, fresh);
    const idleMs = request.idleTimeoutMs ?? defaultIdleMs;
    const context: Context = { request, server, idleMs, maxBodyBytes };
    waiting += 1;
    try {
      if (request.upgrade !== undefined) return await upgrade(used, context);
      const response = await used.pool.request({
        method: methodOf(request.method),
        path: prefix + request.url,
        headers: flatHeaders(request, gzip),
        headersTimeout: idleMs,
        bodyTimeout: idleMs,
        ...(request.body !== undefined && { body: request.body }),
        ...(request.signal !== undefined && { signal: request.signal }),
      });
      return await responseOf(response, context);
    } catch (cause) {
      request.signal?.throwIfAborted();
      if (cause instanceof ConnectFailure && !fresh) {
        const material = await tls({ signal: request.signal, fresh: true });
        if (!sameMaterial(material, used.material)) return send(request, true);
      }
      throw failure(cause, context);
    } finally {
      waiting -= 1;
    }
  }

  async function upgrade({ Client, connect }: Connecting, context: Context): Promise<TransportResponse> {
    const { request, idleMs } = context;
    const { signal } = request;
    const path = prefix + request.url;
    const headers = flatHeaders(request, false);
    const { socket, body, ...head } = await requestUpgrade({ Client, origin, connect, path, headers, idleMs, signal });
    if (socket === undefined) return { ...head, ...wholeBody(body) };
    if (closed) socket.destroy();
    upgraded.add(socket);
    socket.once("close", () => upgraded.delete(socket));
    return { ...head, ...wholeBody(body), connection: connectionOf(socket, (cause) => failure(cause, context)) };
  }

  return Object.freeze({
    transport: async (request: TransportRequest) => {
      request.signal?.throwIfAborted();
      allowManyListeners(request.signal);
      return send(request);
    },
    close: async () => {
      closed = true;
      for (const socket of upgraded) socket.destroy(Object.assign(new Error("closed"), { code: "UND_ERR_DESTROYED" }));
      await Promise.all([...pools].map((pool) => pool.destroy()));
      pools.clear();
    },
  });
}

const noMaterial: TlsMaterial = Object.freeze({});

/** How to reach the server with the certificates of the moment. */
interface Connecting {
  readonly pool: Pool;
  readonly material: TlsMaterial;
  readonly connect: buildConnector.connector;
  readonly Client: typeof Client;
}

/** What many that import kindred never need: it takes longer to load than all of the rest. */
async function loadNetwork() {
  const [undici, { connectorFor }] = await Promise.all([import("undici"), import("./connector.js")]);
  return { undici, connectorFor };
}

interface Context {
  readonly request: TransportRequest;
  readonly server: string;
  readonly idleMs: number;
  readonly maxBodyBytes: number;
}

/** No string of JavaScript's has more than 2^29 characters. */
const defaultMaxBodyBytes = 500_000_000;

async function responseOf(response: Dispatcher.ResponseData, context: Context): Promise<TransportResponse> {
  const body = response.headers["content-encoding"] === "gzip" ? await gunzip(response.body) : response.body;
  return {
    status: response.statusCode,
    headers: response.headers,
    bytes: async () => {
      const read: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of chunks(body, context)) {
        length += chunk.length;
        if (length > context.maxBodyBytes) throw tooLarge(context);
        read.push(chunk);
      }
      return Buffer.concat(read, length);
    },
    chunks: () => chunks(body, context),
    discard: async () => {
      const giveUp = setTimeout(() => body.destroy(), discardMs);
      try {
        await response.body.dump();
        await connectionIsFree();
      } finally {
        clearTimeout(giveUp);
      }
    },
  };
}

function wholeBody(body: Uint8Array): Pick<TransportResponse, "bytes" | "chunks" | "discard"> {
  return {
    bytes: async () => body,
    async *chunks() {
      yield body;
    },
    discard: async () => {},
  };
}

function tooLarge({ request, server, maxBodyBytes }: Context): KindredError<"PROTOCOL"> {
  return new KindredError(
    "PROTOCOL",
    `${request.method} ${request.url} at ${server}: the body has more than ${maxBodyBytes} bytes: ask for less, by pages, selectors or metadata alone, or raise maxBodyBytes`,
  );
}

/** Reading the rest keeps the connection, but not at any price. */
const discardMs = 1000;

/** undici frees a connection in the turn after the body's end: a request before that would open another one. */
function connectionIsFree(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function* chunks(body: Readable, context: Context): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of body) yield chunk;
    await connectionIsFree();
  } catch (cause) {
    context.request.signal?.throwIfAborted();
    throw failure(cause, context);
  }
}

async function gunzip(body: Readable): Promise<Readable> {
  const { createGunzip } = await import("node:zlib");
  // What fails here is thrown where the body is read.
  return pipeline(body, createGunzip(), () => {});
}

function failure(cause: unknown, { request, server, idleMs }: Context): Error {
  // The query of an exec is a command line, which may hold a secret.
  const url = request.upgrade === undefined ? request.url : request.url.replace(/\?.*/s, "");
  const what = `${request.method} ${url} at ${server}`;
  if (cause instanceof ConnectFailure) {
    return new ConnectionError(`${what}: ${cause.message}`, {
      sent: false,
      temporary: cause.temporary,
      cause: cause.cause ?? cause,
    });
  }
  const code = codeOf(cause);
  if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED") {
    return invalidArgument(`${what}: ${cause instanceof Error ? cause.message : "the request cannot be sent"}`);
  }
  // undici's parser errors carry a piece of the response, which may hold a secret.
  const kept = isParserError(cause) ? undefined : cause;
  return new ConnectionError(`${what}: ${brokenConnection(cause, idleMs)}`, {
    sent: true,
    temporary: !closing.has(code) && !isParserError(cause),
    cause: kept,
  });
}

/** What undici says when the pool is gone. */
const closing: ReadonlySet<string> = new Set(["UND_ERR_DESTROYED", "UND_ERR_CLOSED"]);

function flatHeaders({ headers }: TransportRequest, gzip: boolean): string[] {
  const flat = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === "string" ? [name, value] : value.flatMap((one) => [name, one]),
  );
  return gzip && !("accept-encoding" in headers) ? [...flat, "accept-encoding", "gzip"] : flat;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const satisfies Dispatcher.HttpMethod[];

function methodOf(method: string): Dispatcher.HttpMethod {
  const known = methods.find((one) => one === method);
  if (known === undefined)
    throw invalidArgument(`${method} is no method of the Kubernetes API: use ${methods.join(", ")}`);
  return known;
}
