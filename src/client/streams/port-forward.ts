/** One connection to a port of a pod. */

import { KindredError } from "../../core/index.js";
import type { ApiRequest } from "../../core/requests/index.js";
import type { Exchange } from "../exchange.js";
import type { CallOptions } from "../transport.js";
import { ByteQueue } from "./byte-queue.js";
import { receive, sendOn, type Sink, TextSink, v4 } from "./channels.js";
import { openWebSocket } from "./websocket.js";

/**
 * A TCP connection to a port of a pod. Leaving the `await using` block, or an abort, closes it.
 *
 * Caveat: the protocol has no word for the end of one direction. Closing `writable` tells the pod nothing; the connection ends when the
 * pod ends it, or with this object.
 */
export interface PodConnection extends AsyncDisposable {
  /** What the pod sends, until it closes the connection. Once all is read, reading throws what `closed` rejects with. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What the pod gets; a write resolves when there is room for more. */
  readonly writable: WritableStream<Uint8Array>;
  /**
   * Resolves when the pod has closed the connection.
   *
   * @throws KindredError `CONNECTION` if nothing listens on the port, or the connection broke; or the signal's reason.
   */
  readonly closed: Promise<void>;
}

/** Connects. A port on which nothing listens is told by `closed` and by reading, not here: the kubelet answers first. */
export async function openPort(
  exchange: Exchange,
  request: ApiRequest,
  { what, signal }: CallOptions & { readonly what: string },
): Promise<PodConnection> {
  const [data, error] = [new ByteQueue(), new TextSink()];
  const onEnd = () => data.release();
  const socket = await openWebSocket(exchange, request, { what, signal, protocols: [v4], onEnd });
  let disposed = false;
  const sinks = new Map([
    [dataChannel, withoutPort(data)],
    [errorChannel, withoutPort(error)],
  ]);
  const closed = receive(socket, sinks).then(() => {
    if (error.text !== "") throw new KindredError("CONNECTION", `${what}: ${error.text}`);
    if (disposed) throw new KindredError("CONNECTION", `${what}: the connection was closed here before the pod had`);
  });
  // Whoever waits for the end or reads is told; a rejection that nobody waits for must not end the program.
  closed.then(
    () => data.end(),
    (failure: unknown) => data.end(failure),
  );
  return Object.freeze({
    readable: data.stream,
    writable: new WritableStream<Uint8Array>({
      write: (chunk) => sendOn(socket, dataChannel, chunk),
      abort: (reason: unknown) =>
        socket.fail(new KindredError("CONNECTION", `${what}: what was sent was aborted`, { cause: reason })),
    }),
    closed,
    [Symbol.asyncDispose]: () => {
      disposed = true;
      return socket.close();
    },
  });
}

/** The protocol numbers two channels for each port, and kindred asks for one port: the end of one of many would not be told. */
const dataChannel = 0;
const errorChannel = 1;

/** The first two bytes of each channel repeat the port. */
function withoutPort(sink: Sink): Sink {
  let missing = 2;
  return {
    push: async (bytes) => {
      const skipped = Math.min(missing, bytes.length);
      missing -= skipped;
      await sink.push(bytes.subarray(skipped));
    },
    end: () => sink.end(),
  };
}
