/** The wire format of protobuf: numbered values one after the other. */

/** A whole number of at most 64 bits, a float of 64, or bytes: a text, a message, or numbers in a row. */
export type WireValue = bigint | number | Uint8Array;

/** Reads bytes from their start. @throws SyntaxError where they end too early, or are no protobuf. */
export class Wire {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** The values of a message by the numbers of their fields, in their order. */
  fields(): ReadonlyMap<number, readonly WireValue[]> {
    const found = new Map<number, WireValue[]>();
    while (!this.isAtEnd) {
      const tag = Number(this.varint());
      const value = this.#value(tag & 7);
      const field = tag >>> 3;
      const values = found.get(field);
      if (values === undefined) found.set(field, [value]);
      else values.push(value);
    }
    return found;
  }

  /** Seven bits a byte, the lowest first; the last byte has no eighth. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#take(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new SyntaxError("proto: integer overflow");
  }

  #value(type: number): WireValue {
    switch (type) {
      case 0:
        return this.varint();
      case 1: {
        const bytes = this.#take(8);
        return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
      }
      case 2:
        return this.#take(Number(this.varint()));
      case 5: {
        const bytes = this.#take(4);
        return BigInt(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true));
      }
      default:
        throw new SyntaxError(`proto: illegal wireType ${type}`);
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw new SyntaxError("unexpected EOF");
    const bytes = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return bytes;
  }
}
