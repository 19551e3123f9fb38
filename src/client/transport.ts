/** The one seam to the network: a function from request to response. Middleware is a function around it. */

/** What goes over the wire, relative to the API server's base URL. */
export interface TransportRequest {
  readonly method: string;
  /** Path and query, starting with a slash. */
  readonly url: string;
  /** Names in lower case. A list is sent as repeated headers. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Aborting it cancels the request and its response; the reason is rethrown. */
  readonly signal?: AbortSignal | undefined;
  /** The response is dead if nothing comes for so long, in milliseconds. Default: the transport's. */
  readonly idleTimeoutMs?: number;
  /** Asks for the connection itself, by the headers of WebSocket's handshake. It then comes with the response's status 101. */
  readonly upgrade?: "websocket" | undefined;
}

/** What came back. Its body must be read or discarded, or the connection stays busy. */
export interface TransportResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The whole body. */
  bytes(): Promise<Uint8Array>;
  /** The body as it comes; leaving the loop closes the connection. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Drops what was not read. */
  discard(): Promise<void>;
  /** With the status 101, and only then: the connection, which is the caller's from now on, to be read and closed. */
  readonly connection?: Connection | undefined;
}

/** A connection that no longer speaks HTTP. */
export interface Connection {
  /**
   * The bytes as they come, until the other side ends or the connection is closed; for one loop.
   *
   * @throws KindredError `CONNECTION` when it breaks.
   */
  chunks(): AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more. @throws KindredError `CONNECTION` when it is broken or closed. */
  send(bytes: Uint8Array): Promise<void>;
  /** Closes it at once; what is still on its way may be lost. Safe to call again. */
  close(): void;
}

/**
 * Sends a request.
 *
 * Rejects with a KindredError `CONNECTION` that names the server and the cure, or with the signal's reason. An HTTP status is no
 * failure here.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

/** Wraps a transport: `(next) => (request) => next({ ...request, headers: … })`. */
export type Middleware = (next: Transport) => Transport;

/** What every call of the client takes besides its own options. */
export interface CallOptions {
  /** Aborting it ends the call with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Wraps `transport` in `middleware`; the first is the outermost. */
export function withMiddleware(transport: Transport, middleware: readonly Middleware[]): Transport {
  return middleware.reduceRight((next, wrap) => wrap(next), transport);
}

/** The first value of a header, or undefined. */
export function headerOf(response: Pick<TransportResponse, "headers">, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === "string" ? value : value?.[0];
}
