/** WebSocket's frames as bytes, the client's side of RFC 6455: what is sent is masked, what comes must not be. */

/** What a frame is for. @see https://www.rfc-editor.org/rfc/rfc6455#section-11.8 */
export const opcodes = Object.freeze({ continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 });

/** One frame, unmasked. */
export interface Frame {
  readonly opcode: number;
  /** Whether it is the last one of its message. */
  readonly fin: boolean;
  readonly payload: Uint8Array;
}

/** The beginning of a frame whose end has not come yet. */
export interface PartialFrame {
  readonly parts: readonly Uint8Array[];
  /** Bytes in the parts. */
  readonly size: number;
  /** With fewer bytes than this there is nothing new to be seen. */
  readonly needed: number;
}

/** Where reading starts. */
export const noFrame: PartialFrame = Object.freeze({ parts: Object.freeze([]), size: 0, needed: 2 });

/**
 * A whole message in one frame.
 *
 * @param mask four random bytes.
 */
export function encodeFrame(opcode: number, payload: Uint8Array, mask: Uint8Array): Uint8Array {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + extended + 4;
  // The payload begins at a multiple of four, so that it can be masked by four bytes at once.
  const padding = -start & 3;
  const frame = new Uint8Array(padding + start + length).subarray(padding);
  const view = new DataView(frame.buffer, padding);
  frame[0] = finBit | opcode;
  frame[1] = maskBit | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  frame.set(mask.subarray(0, 4), start - 4);
  frame.set(payload, start);
  const words = new Uint32Array(frame.buffer, padding + start - 4, 1 + (length >> 2));
  const [word = 0] = words;
  for (let index = 1; index < words.length; index += 1) words[index] = (words[index] ?? 0) ^ word;
  for (let index = length & ~3; index < length; index += 1) {
    frame[start + index] = (payload[index] ?? 0) ^ (mask[index & 3] ?? 0);
  }
  return frame;
}

/** What a piece of the stream brought. */
export interface Decoded {
  readonly frames: readonly Frame[];
  readonly rest: PartialFrame;
  /** What is wrong with the frame after these; there is no going on then. */
  readonly broken?: string;
}

/** The frames that a further piece of the stream completes, and what is left. A frame of more than `maxBytes` is broken. */
export function decodeFrames(before: PartialFrame, chunk: Uint8Array, maxBytes: number): Decoded {
  const size = before.size + chunk.length;
  const parts = [...before.parts, chunk];
  if (size < before.needed) return { frames: [], rest: { parts, size, needed: before.needed } };
  const bytes = join(parts, size);
  const frames: Frame[] = [];
  let offset = 0;
  for (;;) {
    const header = readHeader(bytes, offset, maxBytes);
    if (typeof header === "string") return { frames, rest: noFrame, broken: header };
    if (typeof header === "number" || bytes.length < header.end) {
      const rest = bytes.subarray(offset);
      const needed = (typeof header === "number" ? header : header.end) - offset;
      return { frames, rest: { parts: rest.length === 0 ? [] : [rest], size: rest.length, needed } };
    }
    frames.push({ opcode: header.opcode, fin: header.fin, payload: bytes.subarray(header.start, header.end) });
    offset = header.end;
  }
}

interface Header {
  readonly opcode: number;
  readonly fin: boolean;
  /** Where the payload starts and ends. */
  readonly start: number;
  readonly end: number;
}

/** The header at `offset`; where the bytes would have to end for it to be readable; or what is wrong with it. */
function readHeader(bytes: Uint8Array, offset: number, maxBytes: number): Header | number | string {
  const [first, second] = [bytes[offset], bytes[offset + 1]];
  if (first === undefined || second === undefined) return offset + 2;
  const opcode = first & 0x0f;
  const fin = (first & finBit) !== 0;
  const short = second & 0x7f;
  if ((first & reservedBits) !== 0) return "sets bits that are reserved";
  if (!knownOpcodes.has(opcode)) return `has the unknown opcode ${opcode}`;
  if ((second & maskBit) !== 0) return "is masked, which only a client's may be";
  if (opcode >= opcodes.close && (!fin || short > 125)) return "is a control frame in pieces, or too long for one";
  const start = offset + 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  if (bytes.length < start) return start;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length =
    short === 126 ? view.getUint16(offset + 2) : short === 127 ? Number(view.getBigUint64(offset + 2)) : short;
  if (length > maxBytes) return `announces ${length} bytes, more than the ${maxBytes} that are accepted`;
  return { opcode, fin, start, end: start + length };
}

const finBit = 0x80;
const maskBit = 0x80;
const reservedBits = 0x70;
const knownOpcodes: ReadonlySet<number> = new Set(Object.values(opcodes));

/** The pieces as one; a single one as it is. */
export function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The payload of a close frame. */
export function encodeClose(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}

/** Code and reason of a close frame; 1005 if it has none. */
export function decodeClose(payload: Uint8Array): { readonly code: number; readonly reason: string } {
  const [high, low] = payload;
  if (high === undefined || low === undefined) return { code: 1005, reason: "" };
  return { code: (high << 8) | low, reason: new TextDecoder().decode(payload.subarray(2)) };
}
