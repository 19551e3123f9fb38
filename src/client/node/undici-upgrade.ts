/** A request that asks for its connection: over a connection of its own, since it leaves the pool for good. */

import type { Duplex } from "node:stream";
import { Socket } from "node:net";
import type { buildConnector, Client, Dispatcher } from "undici";
import type { Connection } from "../index.js";

/** What to send, and how. */
export interface UpgradeOptions {
  /** undici's Client, which is loaded late. */
  readonly Client: typeof Client;
  readonly origin: string;
  readonly connect: buildConnector.connector;
  readonly path: string;
  readonly headers: string[];
  readonly idleMs: number;
  readonly signal: AbortSignal | undefined;
}

/** An answer: the connection with status 101, the whole body with any other. */
export interface UpgradeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly socket?: Duplex;
  readonly body: Uint8Array;
}

/** Sends a GET that asks for WebSocket. Rejects with undici's errors, or the signal's reason. */
export async function requestUpgrade(options: UpgradeOptions): Promise<UpgradeAnswer> {
  const { Client, origin, connect, path, headers, idleMs, signal } = options;
  const client = new Client(origin, { connect });
  let giveUp = () => {};
  try {
    return await new Promise<UpgradeAnswer>((resolve, reject) => {
      giveUp = () => {
        reject(signal?.reason);
        void client.destroy(new Error("aborted"));
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      client.dispatch(
        { method: "GET", path, headers, upgrade: "websocket", headersTimeout: idleMs, bodyTimeout: idleMs },
        new UpgradeHandler(resolve, reject),
      );
    });
  } finally {
    signal?.removeEventListener("abort", giveUp);
    // An upgraded connection is no longer the client's.
    await client.destroy();
  }
}

class UpgradeHandler implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: UpgradeAnswer) => void;
  readonly #reject: (cause: unknown) => void;
  readonly #body: Uint8Array[] = [];
  #head: Pick<UpgradeAnswer, "status" | "headers"> = { status: 0, headers: {} };
  #room = maxBodyBytes;

  constructor(resolve: (answer: UpgradeAnswer) => void, reject: (cause: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  // undici tells a handler of today from one of yesterday by this method.
  onRequestStart(): void {}

  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: UpgradeAnswer["headers"],
    socket: Duplex,
  ): void {
    // Whatever comes is thrown where the connection is read.
    socket.on("error", () => {});
    if (socket instanceof Socket) socket.ref();
    this.#resolve({ status, headers, socket, body: new Uint8Array() });
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: UpgradeAnswer["headers"]): void {
    this.#head = { status, headers };
    // undici waits for another answer after a 101 that does not say what it upgrades to.
    if (status === 101) controller.abort(new Error("the server switched protocols, but did not say to which"));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#room -= chunk.length;
    if (this.#room < 0) controller.abort(new Error(`the body of its answer exceeds ${maxBodyBytes} bytes`));
    else this.#body.push(chunk);
  }

  onResponseEnd(): void {
    this.#resolve({ ...this.#head, body: Buffer.concat(this.#body) });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}

/** A Status is small; a proxy's page may be larger, and is only quoted. */
const maxBodyBytes = 1_048_576;

/** The connection of a socket; `failure` explains what breaks it. */
export function connectionOf(socket: Duplex, failure: (cause: unknown) => Error): Connection {
  let closed = false;
  return Object.freeze({
    async *chunks() {
      try {
        for await (const chunk of socket.iterator({ destroyOnReturn: false })) yield chunk;
      } catch (cause) {
        if (!closed) throw failure(cause);
      }
    },
    send: (bytes: Uint8Array) =>
      new Promise<void>((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(failure(error)) : resolve()));
      }),
    close() {
      closed = true;
      socket.destroy();
    },
  });
}
