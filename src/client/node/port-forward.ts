/** A local TCP port that leads to a port of a pod, as `kubectl port-forward` has it. */

import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { invalidArgument, KindredError } from "../../core/index.js";
import type { CallOptions, PodConnection, Streams } from "../index.js";
import { allowManyListeners } from "./signal-listeners.js";

/** What leads where. */
export interface PortForwardOptions extends CallOptions {
  /** The pod's port. */
  readonly port: number;
  /** Default: a free one. */
  readonly localPort?: number | undefined;
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** How long a pod may be silent once the local side has ended its half, in milliseconds. Default 30,000. */
  readonly lingerMs?: number | undefined;
  /** Told why a connection to the pod failed; the local one is reset then, and the listener goes on. */
  readonly onError: (error: unknown) => void;
}

/** A listener. Disposing it closes its connections; so does the signal. */
export interface PortForward extends AsyncDisposable {
  /** The local port. */
  readonly port: number;
}

/**
 * Listens on a local port, and gives each connection its own to the pod.
 *
 * Caveat: nothing is asked of the pod before somebody connects. A local side that ends its half of a connection is not reported to the
 * pod; if the pod then sends nothing for `lingerMs`, the connection is closed.
 *
 * @example
 * ```ts
 * await using forward = await forwardPort(client.api(Pod).namespace("default"), "web", { port: 8080, onError: console.error });
 * await fetch(`http://127.0.0.1:${forward.port}/`);
 * ```
 *
 * @throws KindredError `CONNECTION` if the local port cannot be had.
 */
export async function forwardPort(
  pods: Pick<Streams, "portForward">,
  name: string,
  options: PortForwardOptions,
): Promise<PortForward> {
  const { port, localPort = 0, host = "127.0.0.1", lingerMs = 30_000, onError } = options;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw invalidArgument(`port-forward to pod ${JSON.stringify(name)}: ${port} is no port`);
  }
  options.signal?.throwIfAborted();
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  allowManyListeners(signal);
  const running = new Set<Promise<void>>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const serving = serve(socket, { connect: () => pods.portForward(name, port, { signal }), signal, lingerMs }).catch(
      (error: unknown) => {
        if (!signal.aborted) onError(error);
      },
    );
    running.add(serving);
    void serving.then(() => running.delete(serving));
  });
  server.listen(localPort, host);
  await once(server, "listening").catch((cause: unknown) => {
    throw new KindredError(
      "CONNECTION",
      `cannot listen on ${host}:${localPort}: ${messageOf(cause)}: choose another port`,
      { cause },
    );
  });
  server.on("error", onError);
  const closed = new Promise<void>((resolve) => {
    server.once("close", () => resolve());
  });
  signal.addEventListener("abort", () => server.close(), { once: true });
  const address = server.address();
  return Object.freeze({
    port: typeof address === "object" && address !== null ? address.port : localPort,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([closed, ...running]);
    },
  });
}

interface Serving {
  readonly connect: () => Promise<PodConnection>;
  readonly signal: AbortSignal;
  readonly lingerMs: number;
}

async function serve(socket: Socket, { connect, signal, lingerMs }: Serving): Promise<void> {
  // What breaks the local side is seen where it is read or written, and is nobody's concern.
  socket.on("error", () => {});
  const abort = () => socket.destroy();
  signal.addEventListener("abort", abort, { once: true });
  try {
    // From now on: the local side may be gone before the pod is reached.
    const gone = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    await using connection = await connect();
    void send(socket, connection, lingerMs);
    await Promise.race([receive(socket, connection), gone]);
  } catch (error) {
    socket.resetAndDestroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function send(socket: Socket, connection: PodConnection, lingerMs: number): Promise<void> {
  const writer = connection.writable.getWriter();
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) await writer.write(chunk);
    socket.setTimeout(lingerMs, () => socket.destroy());
  } catch {
    // The other direction tells what broke.
  }
}

async function receive(socket: Socket, connection: PodConnection): Promise<void> {
  for await (const chunk of connection.readable) {
    await new Promise<void>((resolve) => {
      socket.write(chunk, () => resolve());
    });
    if (socket.destroyed) return;
  }
  socket.end();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
