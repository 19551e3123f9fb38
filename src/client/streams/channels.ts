/** Kubernetes' channels: many streams over one WebSocket, each message of which begins with the number of its stream. */

import { KindredError } from "../../core/index.js";
import type { MessageSocket } from "./websocket.js";

/** Where the bytes of one channel go. */
export interface Sink {
  /** Resolves when there is room for more. */
  push(bytes: Uint8Array): Promise<void>;
  /** No more will come. */
  end(): void;
}

/** The protocol in which a stream can end without the connection. */
export const v5 = "v5.channel.k8s.io";
/** The one before, which kubelets and older API servers speak. */
export const v4 = "v4.channel.k8s.io";

/** In v5: the channel whose number follows has ended. */
const endOfChannel = 255;

/** Hands on what comes, until the server says goodbye. What no sink is for is dropped. @throws what {@link MessageSocket} throws. */
export async function receive(socket: MessageSocket, sinks: ReadonlyMap<number, Sink>): Promise<void> {
  for await (const message of socket.messages()) {
    const [channel, ended] = message;
    if (channel === undefined) continue;
    if (channel === endOfChannel && socket.protocol === v5) sinks.get(ended ?? endOfChannel)?.end();
    else await sinks.get(channel)?.push(message.subarray(1));
  }
}

/** Sends bytes in messages of a size that every server takes. */
export async function sendOn(socket: MessageSocket, channel: number, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    const piece = bytes.subarray(start, start + pieceBytes);
    const message = new Uint8Array(1 + piece.length);
    message[0] = channel;
    message.set(piece, 1);
    await socket.send(message);
  }
}

/** What kubectl sends at once, too. */
const pieceBytes = 32_768;

/** Tells the server that no more will come on a channel. @throws KindredError `PROTOCOL` where the protocol has no word for that. */
export async function sendEnd(socket: MessageSocket, channel: number, what: string): Promise<void> {
  if (socket.protocol !== v5) {
    throw new KindredError(
      "PROTOCOL",
      `${what}: the server speaks ${socket.protocol}, which cannot tell a process that its input has ended: use a command that knows by itself, such as head -c, or Kubernetes 1.29 and newer`,
    );
  }
  await socket.send(Uint8Array.of(endOfChannel, channel));
}

/** A sink for a short text. */
export class TextSink implements Sink {
  readonly #decoder = new TextDecoder();
  #text = "";

  /** What has come so far. */
  get text(): string {
    return this.#text;
  }

  async push(bytes: Uint8Array): Promise<void> {
    if (this.#text.length < maxTextLength) this.#text += this.#decoder.decode(bytes, { stream: true });
  }

  end(): void {}
}

/** A Status or a message is far shorter. */
const maxTextLength = 1_048_576;
