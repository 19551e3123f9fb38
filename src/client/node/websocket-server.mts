/** A WebSocket server that does what a test says, right or wrong. It shares no code with what it tests. Not published. */

import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { type Running, serve } from "./harness.mjs";

/** A request that asks for WebSocket. */
export interface Asked {
  readonly socket: Socket;
  /** The request's head. */
  readonly head: string;
  /** The right answer to its key. */
  readonly answer: string;
}

/** Serves whatever `asked` does with each request. */
export async function serveUpgrades(asked: (one: Asked) => void): Promise<Running> {
  const server = createServer((socket) => {
    socket.once("data", (data) => {
      const head = data.toString();
      const key = /sec-websocket-key: (.*)\r\n/i.exec(head)?.[1] ?? "";
      const answer = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      asked({ socket, head, answer });
    });
  });
  return serve(server, "http");
}

/** Answers a request as it should be. */
export function switchProtocols({ socket, answer }: Asked, protocol = "v5.channel.k8s.io"): void {
  socket.write(switched({ "sec-websocket-accept": answer, "sec-websocket-protocol": protocol }));
}

/** An answer of 101 with these headers; an empty one leaves a header out. */
export function switched(headers: Readonly<Record<string, string>>): string {
  const all = { connection: "Upgrade", upgrade: "websocket", ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}\r\n`]));
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`;
}

/** A frame; its length as the shortest form has it. */
export function frame(opcode: number, payload: string | Uint8Array, fin = true): Buffer {
  const bytes = Buffer.from(payload);
  const length = Buffer.alloc(bytes.length < 126 ? 1 : bytes.length < 65_536 ? 3 : 9);
  if (length.length === 1) length.writeUInt8(bytes.length);
  else length.writeUInt8(length.length === 3 ? 126 : 127);
  if (length.length === 3) length.writeUInt16BE(bytes.length, 1);
  if (length.length === 9) length.writeBigUInt64BE(BigInt(bytes.length), 1);
  return Buffer.concat([Uint8Array.of((fin ? 0x80 : 0) | opcode), length, bytes]);
}

/** A binary message on a channel. */
export function onChannel(channel: number, payload: string | Uint8Array): Buffer {
  return frame(2, Buffer.concat([Uint8Array.of(channel), Buffer.from(payload)]));
}

/** The Status at the end of a process. */
export const success = onChannel(3, '{"metadata":{},"status":"Success"}');

/** A close frame. */
export function closing(code: number, reason = ""): Buffer {
  return frame(8, Buffer.concat([Uint8Array.of(code >> 8, code & 0xff), Buffer.from(reason)]));
}

/** Calls `got` with each frame of the client, unmasked. */
export function readFrames(socket: Socket, got: (opcode: number, payload: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (data: Buffer) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const short = (rest[1] ?? 0) & 0x7f;
      const start = short < 126 ? 6 : short === 126 ? 8 : 14;
      if (rest.length < start) return;
      if (((rest[1] ?? 0) & 0x80) === 0) throw new Error("a client must mask its frames");
      const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
      if (rest.length < start + length) return;
      const mask = rest.subarray(start - 4, start);
      const payload = Buffer.from(rest.subarray(start, start + length));
      for (let index = 0; index < length; index += 1) payload[index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
      got((rest[0] ?? 0) & 0x0f, payload);
      rest = rest.subarray(start + length);
    }
  });
}
