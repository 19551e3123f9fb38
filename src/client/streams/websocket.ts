/** A WebSocket to the API server: its handshake, whole messages, keepalive, and its end. */

import { KindredError } from "../../core/index.js";
import type { ApiRequest } from "../../core/requests/index.js";
import type { Exchange, UpgradedResponse } from "../exchange.js";
import { type CallOptions, type Connection, headerOf } from "../transport.js";
import { decodeClose, decodeFrames, encodeClose, encodeFrame, type Frame, join, noFrame, opcodes } from "./frame.js";

/** Messages both ways over one connection. */
export interface MessageSocket {
  /** The one of the offered protocols that the server chose. */
  readonly protocol: string;
  /**
   * The messages as they come, until the server says goodbye; for one loop, whose end closes the connection. While nobody asks for the
   * next one, nothing is read.
   *
   * @throws KindredError `CONNECTION` if the connection ends otherwise, `PROTOCOL` for what is no WebSocket, or the signal's reason.
   */
  messages(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Resolves when there is room for more. */
  send(message: Uint8Array): Promise<void>;
  /** Says goodbye, and closes the connection. */
  close(): Promise<void>;
  /** Closes the connection, and makes `error` what everybody sees. */
  fail(error: unknown): void;
}

/** How to open a socket. */
export interface SocketOptions extends CallOptions {
  /** What it is for, for messages. */
  readonly what: string;
  /** What is spoken within, the best first. */
  readonly protocols: readonly string[];
  /** Called once when it is over, for whatever reason: whoever keeps `messages` waiting must let go. */
  readonly onEnd?: (() => void) | undefined;
  /** Calls `tick` every so often until it is told to stop; for tests. */
  readonly everyMs?: ((ms: number, tick: () => void) => () => void) | undefined;
}

/** Load balancers forget a connection after a minute of silence, some earlier. */
const pingMs = 15_000;
/** So many pings without any sign of life mean that the other side is gone. */
const maxUnanswered = 4;
/** A kubelet's frames hold what a process wrote at once: some KiB. */
const maxMessageBytes = 16 * 1_048_576;

/**
 * Opens a WebSocket; once it is open, the signal ends it.
 *
 * @throws ApiError if the server refuses, KindredError `PROTOCOL` if its answer is none to this handshake.
 */
export async function openWebSocket(
  exchange: Pick<Exchange, "upgrade">,
  request: ApiRequest,
  options: SocketOptions,
): Promise<MessageSocket> {
  const { what, protocols, signal, onEnd = () => {}, everyMs = interval } = options;
  const key = base64(crypto.getRandomValues(new Uint8Array(16)));
  const headers = {
    ...request.headers,
    "sec-websocket-version": "13",
    "sec-websocket-key": key,
    "sec-websocket-protocol": protocols.join(", "),
  };
  const response = await exchange.upgrade({ ...request, headers }, { signal });
  try {
    const protocol = await chosenProtocol(response, key, options);
    signal?.throwIfAborted();
    return new OpenSocket(response.connection, protocol, { what, signal, onEnd, everyMs });
  } catch (error) {
    response.connection.close();
    throw error;
  }
}

async function chosenProtocol(
  response: UpgradedResponse,
  key: string,
  { what, protocols }: SocketOptions,
): Promise<string> {
  const refuse = (why: string) =>
    new KindredError("PROTOCOL", `${what}: the server switched protocols, but ${why}: is something else in between?`);
  if (headerOf(response, "upgrade")?.toLowerCase() !== "websocket") throw refuse("not to WebSocket");
  if (headerOf(response, "sec-websocket-accept") !== (await acceptOf(key)))
    throw refuse("did not answer our handshake");
  const protocol = headerOf(response, "sec-websocket-protocol") ?? "none";
  if (protocols.includes(protocol)) return protocol;
  throw new KindredError(
    "PROTOCOL",
    `${what}: the server speaks ${protocol} over WebSocket, and kindred ${protocols.join(" and ")}: Kubernetes 1.22 or newer speaks one of them`,
  );
}

/** @see https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 */
async function acceptOf(key: string): Promise<string> {
  const text = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return base64(new Uint8Array(await crypto.subtle.digest("SHA-1", text)));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function interval(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms);
  return () => clearInterval(timer);
}

interface Surroundings {
  readonly what: string;
  readonly signal: AbortSignal | undefined;
  readonly onEnd: () => void;
  readonly everyMs: (ms: number, tick: () => void) => () => void;
}

class OpenSocket implements MessageSocket {
  readonly protocol: string;
  readonly #connection: Connection;
  readonly #what: string;
  #release: () => void;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;
  #listening = false;
  #unanswered = 0;
  #pinging = false;
  #ponging = false;
  /** Data messages: all, and those that the server is known to have read, since it answered a ping after them. */
  #sent = 0;
  #read = 0;

  constructor(connection: Connection, protocol: string, { what, signal, onEnd, everyMs }: Surroundings) {
    this.#connection = connection;
    this.protocol = protocol;
    this.#what = what;
    const abort = () => this.fail(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const stopTicking = everyMs(pingMs, () => this.#tick());
    this.#release = () => {
      signal?.removeEventListener("abort", abort);
      stopTicking();
      onEnd();
    };
  }

  async *messages(): AsyncGenerator<Uint8Array, void, undefined> {
    let parts: Uint8Array[] | undefined;
    let size = 0;
    try {
      for await (const { opcode, fin, payload } of this.#frames()) {
        if (opcode === opcodes.close) {
          this.#goodbye(payload);
          return;
        }
        if (opcode === opcodes.ping) this.#pong(payload);
        if (opcode === opcodes.pong && payload.length === 4)
          this.#read = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
        if (opcode >= opcodes.close) continue;
        if ((opcode === opcodes.continuation) !== (parts !== undefined)) throw this.#broken("mixes up its messages");
        parts ??= [];
        if (payload.length > 0) parts.push(payload);
        size += payload.length;
        if (size > maxMessageBytes) throw this.#broken(`sent a message of more than ${maxMessageBytes} bytes`);
        if (!fin) continue;
        const message = join(parts, size);
        [parts, size] = [undefined, 0];
        yield message;
      }
    } catch (error) {
      this.#failure ??= { error };
      throw this.#failure.error;
    } finally {
      this.#end();
    }
  }

  async send(message: Uint8Array): Promise<void> {
    this.#sent += 1;
    await this.#write(opcodes.binary, message);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    let giveUp: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      giveUp = setTimeout(resolve, goodbyeMs);
    });
    await Promise.race([this.#write(opcodes.close, encodeClose(1000)).catch(() => {}), late]);
    clearTimeout(giveUp);
    this.#end();
  }

  fail(error: unknown): void {
    if (this.#closed) return;
    this.#failure ??= { error };
    this.#end();
  }

  async *#frames(): AsyncGenerator<Frame, void, undefined> {
    const chunks = this.#connection.chunks()[Symbol.asyncIterator]();
    let rest = noFrame;
    for (;;) {
      this.#listening = true;
      const next = await chunks.next();
      this.#listening = false;
      this.#unanswered = 0;
      if (this.#failure !== undefined) throw this.#failure.error;
      if (next.done === true) break;
      const decoded = decodeFrames(rest, next.value, maxMessageBytes);
      rest = decoded.rest;
      yield* decoded.frames;
      if (decoded.broken !== undefined) throw this.#broken(`sent a frame that ${decoded.broken}`);
    }
    if (!this.#closed) throw this.#cut("the connection was cut");
  }

  #goodbye(payload: Uint8Array): void {
    const { code, reason } = decodeClose(payload);
    // What the server says after its goodbye is nothing, and it need not hear ours.
    this.#write(opcodes.close, payload.subarray(0, 2)).catch(() => {});
    if (code === 1000 || code === 1005 || this.#closed) return;
    throw this.#cut(`the server closed the WebSocket with ${code}${reason === "" ? "" : `: ${reason}`}`);
  }

  /** Never waits: a server that does not read must not keep us from reading. The last of many pings is answer enough. */
  #pong(payload: Uint8Array): void {
    if (this.#ponging) return;
    this.#ponging = true;
    this.#write(opcodes.pong, payload).then(
      () => (this.#ponging = false),
      () => {},
    );
  }

  #tick(): void {
    // While nobody takes what came, or a process does not read its input, a server may be silent for as long as it likes.
    this.#unanswered = this.#listening && this.#read === this.#sent ? this.#unanswered + 1 : 0;
    if (this.#unanswered > maxUnanswered) {
      this.fail(this.#cut(`nothing came for ${(pingMs / 1000) * maxUnanswered} s, not even an answer to a ping`));
    }
    if (this.#pinging) return;
    this.#pinging = true;
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, this.#sent);
    this.#write(opcodes.ping, count).then(
      () => (this.#pinging = false),
      () => {},
    );
  }

  async #write(opcode: number, payload: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const mask = crypto.getRandomValues(new Uint8Array(4));
    try {
      await this.#connection.send(encodeFrame(opcode, payload, mask));
    } catch (error) {
      throw this.#reason(error);
    }
  }

  /** What ended the socket, rather than what followed from that. */
  #reason(error: unknown): unknown {
    return this.#failure === undefined ? error : this.#failure.error;
  }

  #end(): void {
    this.#closed = true;
    this.#release();
    this.#release = () => {};
    this.#connection.close();
  }

  #cut(how: string): KindredError {
    return new KindredError("CONNECTION", `${this.#what}: ${how}`);
  }

  #broken(how: string): KindredError {
    return new KindredError("PROTOCOL", `${this.#what}: the server ${how}`);
  }
}

/** A server that does not even read our goodbye is not waited for. */
const goodbyeMs = 1000;
