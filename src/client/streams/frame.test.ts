import { describe, expect, it } from "vitest";
import { decodeClose, decodeFrames, encodeClose, encodeFrame, type Frame, noFrame, opcodes } from "./frame.js";

const mask = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d);
const bytes = (text: string) => new TextEncoder().encode(text);

/** A frame as a server sends it. */
function served(opcode: number, payload: Uint8Array, fin = true): Uint8Array {
  const { length } = payload;
  const header =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 0xff]
        : [127, 0, 0, 0, 0, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
  return Uint8Array.of((fin ? 0x80 : 0) | opcode, ...header, ...payload);
}

function decodeAll(...chunks: Uint8Array[]): readonly Frame[] {
  let rest = noFrame;
  return chunks.flatMap((chunk) => {
    const decoded = decodeFrames(rest, chunk, 1_000_000);
    expect(decoded.broken).toBeUndefined();
    rest = decoded.rest;
    return decoded.frames;
  });
}

describe("a frame that is sent", () => {
  it("is the RFC's example of a masked text", () => {
    expect(encodeFrame(opcodes.text, bytes("Hello"), mask)).toEqual(
      Uint8Array.of(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58),
    );
  });

  it.each([
    [0, [0x80]],
    [125, [0x80 | 125]],
    [126, [0x80 | 126, 0, 126]],
    [65_535, [0x80 | 126, 0xff, 0xff]],
    [65_536, [0x80 | 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ])("of %i bytes says so in the shortest form", (length, header) => {
    const frame = encodeFrame(opcodes.binary, new Uint8Array(length), mask);
    expect([...frame.subarray(0, header.length + 1)]).toEqual([0x82, ...header]);
    expect(frame.length).toBe(1 + header.length + 4 + length);
  });
});

describe("a frame that is sent can be unmasked", () => {
  it.each([0, 1, 3, 4, 5, 125, 126, 1003, 65_537])("at %i bytes", (length) => {
    const payload = Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff);
    const frame = encodeFrame(opcodes.binary, payload, mask);
    const body = frame.subarray(frame.length - length);
    expect(Buffer.from(body.map((byte, index) => byte ^ (mask[index & 3] ?? 0))).equals(payload)).toBe(true);
    expect(frame.subarray(frame.length - length - 4, frame.length - length)).toEqual(mask);
  });
});

describe("a frame that comes", () => {
  it.each([0, 1, 125, 126, 300, 65_535, 65_536, 70_000])("of %i bytes is what was sent", (length) => {
    const payload = Uint8Array.from({ length }, (_, index) => index & 0xff);
    expect(decodeAll(served(opcodes.binary, payload))).toEqual([{ opcode: opcodes.binary, fin: true, payload }]);
  });

  it("is the same wherever the stream is cut", () => {
    const stream = Uint8Array.of(
      ...served(opcodes.text, bytes("one"), false),
      ...served(opcodes.ping, bytes("")),
      ...served(opcodes.continuation, new Uint8Array(200).fill(7)),
      ...served(opcodes.close, encodeClose(1000)),
    );
    const whole = decodeAll(stream);
    expect(whole.map(({ opcode, fin, payload }) => [opcode, fin, payload.length])).toEqual([
      [opcodes.text, false, 3],
      [opcodes.ping, true, 0],
      [opcodes.continuation, true, 200],
      [opcodes.close, true, 2],
    ]);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      expect(decodeAll(stream.subarray(0, cut), stream.subarray(cut))).toEqual(whole);
    }
    expect(decodeAll(...Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it.each([
    ["reserved bits", [0xc2, 0], "bits that are reserved"],
    ["an unknown opcode", [0x83, 0], "unknown opcode 3"],
    ["a mask", [0x82, 0x80], "is masked"],
    ["a control frame in pieces", [0x09, 0], "control frame"],
    ["a long control frame", [0x89, 126], "control frame"],
    ["a giant", [0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0], "announces 1099511627776 bytes"],
    ["one byte too many", [0x82, 127, 0, 0, 0, 0, 0, 0x0f, 0x42, 0x41], "announces 1000001 bytes"],
    ["HTTP", [...bytes("HTTP/1.1 400 Bad Request\r\n")], "reserved"],
  ])("with %s is refused before its payload, after those before it", (_title, stream, message) => {
    const decoded = decodeFrames(noFrame, Uint8Array.of(...served(opcodes.text, bytes("a")), ...stream), 1_000_000);
    expect(decoded.broken).toContain(message);
    expect(decoded.frames).toHaveLength(1);
  });
});

describe("a close frame", () => {
  it.each([
    [encodeClose(1000), { code: 1000, reason: "" }],
    [Uint8Array.of(...encodeClose(1011), ...bytes("no é")), { code: 1011, reason: "no é" }],
    [new Uint8Array(), { code: 1005, reason: "" }],
  ])("%# tells code and reason", (payload, told) => {
    expect(decodeClose(payload)).toEqual(told);
  });
});
