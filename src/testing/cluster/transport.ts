/** A transport without sockets: the client's requests go straight to an API server in the same process. */

import { KindredError } from "../../core/index.js";
import type { Transport, TransportRequest, TransportResponse } from "../../client/index.js";
import type { ServerClock } from "../clock.js";
import type { ApiRequest, ApiResponse, WatchBody } from "../request.js";

/** Answers requests: an API server, or something around one. */
export type Handler = (request: ApiRequest) => Promise<ApiResponse>;

/** What a transport is made of. */
export interface LocalTransportOptions {
  readonly handle: Handler;
  /** Where the server is said to be, for messages. */
  readonly server: string;
  /** What idle connections are measured by. */
  readonly clock: Pick<ServerClock, "timer">;
}

/** The most bytes of one chunk: those of a frame of HTTP/2, so that readers meet bodies in pieces. */
const chunkBytes = 16_384;
/** As the transport over the network has it. */
const defaultIdleMs = 295_000;

/**
 * A transport to an API server in this process. It keeps the promises of one over the network: bodies come in chunks of bytes, an
 * abort rethrows the signal's reason at once, and what keeps silent for too long is given up.
 */
export function localTransport({ handle, server, clock }: LocalTransportOptions): Transport {
  return async (request) => {
    request.signal?.throwIfAborted();
    const context: Context = { request, server, clock, idleMs: request.idleTimeoutMs ?? defaultIdleMs };
    const response = await inTime(handle(request), context);
    return responseOf(response, context);
  };
}

interface Context extends Omit<LocalTransportOptions, "handle"> {
  readonly request: TransportRequest;
  readonly idleMs: number;
}

/** The answer, unless it takes too long or is no longer wanted. */
function inTime(answer: Promise<ApiResponse>, context: Context): Promise<ApiResponse> {
  const { clock, idleMs, request } = context;
  return new Promise((resolve, reject) => {
    const abort = () => fail(request.signal?.reason);
    const cancel = clock.timer(idleMs, () => fail(silence(context)));
    const settle = () => {
      cancel();
      request.signal?.removeEventListener("abort", abort);
    };
    const fail = (reason: unknown) => {
      settle();
      reject(reason);
      answer.then(close, () => {});
    };
    request.signal?.addEventListener("abort", abort, { once: true });
    answer.then(settle, settle);
    answer.then(resolve, reject);
  });
}

/** Ends a watch that nobody will read. */
function close({ body }: ApiResponse): void {
  if (typeof body !== "string") void body.return();
}

function responseOf({ status, headers, body }: ApiResponse, context: Context): TransportResponse {
  return {
    status,
    headers,
    bytes: async () => {
      const encoder = new TextEncoder();
      if (typeof body === "string") return encoder.encode(body);
      let text = "";
      for await (const piece of piecesOf(body, context)) text += piece;
      return encoder.encode(text);
    },
    chunks: () => chunksOf(body, context),
    discard: async () => {
      if (typeof body !== "string") await body.return();
    },
  };
}

async function* chunksOf(body: string | WatchBody, context: Context): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  for await (const text of typeof body === "string" ? [body] : piecesOf(body, context)) {
    const bytes = encoder.encode(text);
    for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes);
  }
}

/** What a watch sends, until it ends, is aborted, or has been silent for too long. */
async function* piecesOf(body: WatchBody, context: Context): AsyncGenerator<string, void, undefined> {
  const { clock, idleMs, request } = context;
  const { signal } = request;
  let failure: { readonly reason: unknown } | undefined;
  let cancel: () => void = () => {};
  const end = (reason: unknown) => {
    failure ??= { reason };
    void body.return();
  };
  const abort = () => end(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      cancel = clock.timer(idleMs, () => end(silence(context)));
      const piece = await body.next();
      cancel();
      if (failure !== undefined) throw failure.reason;
      if (piece.done === true) return;
      yield piece.value;
    }
  } finally {
    cancel();
    signal?.removeEventListener("abort", abort);
    await body.return();
  }
}

function silence({ request, server, idleMs }: Context): Error {
  return new KindredError(
    "CONNECTION",
    `${request.method} ${request.url} at ${server}: nothing came for ${idleMs / 1000} seconds`,
  );
}
