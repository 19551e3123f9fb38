/** Writes DER, the encoding of certificates: as much of it as a certificate needs. */

/** A value with its tag and length. */
export type Der = Uint8Array;

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  text: 0x0c,
  shortTime: 0x17,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Any tag around any content. */
export function tagged(tag: number, content: Uint8Array): Der {
  const { length } = content;
  const sizes = length < 0x80 ? [length] : longLength(length);
  return Buffer.concat([Uint8Array.of(tag, ...sizes), content]);
}

function longLength(length: number): readonly number[] {
  const digits = bytesOf(length);
  return [0x80 | digits.length, ...digits];
}

/** Base 256, the highest digit first. */
function bytesOf(value: number): readonly number[] {
  return value < 0x100 ? [value] : [...bytesOf(Math.floor(value / 0x100)), value % 0x100];
}

export function sequence(...parts: readonly Der[]): Der {
  return tagged(tags.sequence, Buffer.concat(parts));
}

export function set(...parts: readonly Der[]): Der {
  return tagged(tags.set, Buffer.concat(parts));
}

export function boolean(value: boolean): Der {
  return tagged(tags.boolean, Uint8Array.of(value ? 0xff : 0));
}

/** A number that is not negative, from its bytes, the highest first. */
export function integer(bytes: Uint8Array): Der {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Uint8Array.of(0) : bytes.subarray(first);
  return tagged(tags.integer, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), digits]) : digits);
}

/** A string of bits that fills its bytes, but for `unused` bits at the end. */
export function bits(bytes: Uint8Array, unused = 0): Der {
  return tagged(tags.bits, Buffer.concat([Uint8Array.of(unused), bytes]));
}

export function octets(bytes: Uint8Array): Der {
  return tagged(tags.octets, bytes);
}

/** An object identifier in dots. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(tags.oid, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** All but the last byte have their highest bit set. */
function base128(value: number): readonly number[] {
  const head = Math.floor(value / 0x80);
  return [...(head === 0 ? [] : base128(head).map((byte) => byte | 0x80)), value % 0x80];
}

export function text(value: string): Der {
  return tagged(tags.text, Buffer.from(value, "utf8"));
}

/** A moment in whole seconds: until 2049 without the century, as certificates must have it (RFC 5280). */
export function time(ms: number): Der {
  const digits = `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
  return digits < "2050"
    ? tagged(tags.shortTime, Buffer.from(digits.slice(2), "latin1"))
    : tagged(tags.time, Buffer.from(digits, "latin1"));
}

/** A value in a numbered place, constructed around others. */
export function inContext(number: number, content: Uint8Array): Der {
  return tagged(0xa0 | number, content);
}

/** A value in a numbered place, which takes the tag of its own type's place. */
export function primitiveInContext(number: number, content: Uint8Array): Der {
  return tagged(0x80 | number, content);
}
