/** A decoder of protobuf, as fast as one without generated code gets: each message is a list of fields by their numbers. */

import { join } from "node:path";
import { root } from "../build.mjs";

/** The table by which the embedded server reads protobuf; src/testing/body/protobuf.ts has its language. */
const { messages } = await import(join(root, "src", "testing", "body", "protobuf-types.ts"));
const lines = new Map(messages.trim().split("\n").map((line) => [line.split(" ", 1)[0], line]));
const compiled = new Map();

/** What is read, and where. */
let bytes = Buffer.alloc(0);
let at = 0;

/** The message of that name in the table, or the one that `line` says. */
export function compile(name, line = lines.get(name)) {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const message = { fields: [], Create: newConstructor() };
  compiled.set(name, message);
  for (const [, key, number, flag, wrap, type] of line.matchAll(/(\S*)=(\d+)([*?]?)((?:\[\]|\{\})?)(\S+)/g)) {
    const inner = type.startsWith("&") ? compile(type.slice(1)) : undefined;
    // The table does not tell `omitzero`, as creationTimestamp has it, from `omitempty`, which leaves a time that is not set as null.
    const omitted = flag !== "?" ? undefined : key === "creationTimestamp" ? null : zeros[type];
    message.fields[number] = { key, tag: (number << 3) | 2, wrap, inner, omitted, read: readers[type] ?? readInner };
  }
  return message;
}

const zeros = { s: "", i: 0, b: false };

/** Of plain objects with room for their members from the start: to those of a literal it is added three at a time. */
function newConstructor() {
  function Message(isNever) {
    if (isNever) this.a = this.b = this.c = this.d = this.e = this.f = this.g = this.h = undefined;
  }
  Message.prototype = Object.prototype;
  return Message;
}

export function decode(message, from, range = { start: 0, end: from.length }) {
  bytes = from;
  at = range.start;
  return readMembers(message, range.end, new message.Create(false));
}

/** Where the contents of the field of that number start and end, if all before it have a length as well. */
export function contentsOf(from, number, range) {
  bytes = from;
  at = range.start;
  while (at < range.end) {
    const field = varint() >>> 3;
    const end = endOfContents();
    if (field === number) return { start: at, end };
    at = end;
  }
  throw new SyntaxError(`there is no field ${number}`);
}

function readMembers({ fields }, end, object) {
  while (at < end) {
    const tag = varint();
    const field = fields[tag >>> 3];
    // Newer than the table: the object would have to be read again, as JSON.
    if (field === undefined) throw new SyntaxError(`there is no field ${tag >>> 3} in the table`);
    if (field.wrap === "[]") readItems(field, tag, end, object);
    else if (field.wrap === "{}") readEntries(field, end, object);
    else if (field.key === "") readMembers(field.inner, endOfContents(), object);
    else {
      const value = field.read(field, tag);
      if (value !== field.omitted) object[field.key] = value;
    }
  }
  return object;
}

function readItems(field, tag, end, object) {
  if (field.key === "managedFields") return setAside(field, end, object);
  const items = object[field.key] ?? [];
  const packed = (tag & 7) === 2 && (field.read === readers.i || field.read === readers.b);
  const stop = packed ? endOfContents() : end;
  do items.push(field.read(field, tag));
  while (at < stop && (packed || isNext(tag)));
  object[field.key] = items;
}

function readEntries(field, end, object) {
  const entries = object[field.key] ?? {};
  do {
    const stop = endOfContents();
    let key = "";
    let value;
    while (at < stop) {
      const tag = varint();
      if (tag >>> 3 === 1) key = readers.s();
      else value = field.read(field, tag);
    }
    entries[key] = value;
  } while (at < end && isNext(field.tag));
  object[field.key] = entries;
}

/** Passes the tag if it is the next one: those of a list follow each other. */
function isNext(tag) {
  const before = at;
  if (varint() === tag) return true;
  at = before;
  return false;
}

function readInner({ inner }) {
  return readMembers(inner, endOfContents(), new inner.Create(false));
}

const readers = {
  s: () => readText(endOfContents()),
  b: () => varint() !== 0,
  i: () => varint(),
  n: (_field, tag) => {
    if ((tag & 7) !== 1) return varint();
    at += 8;
    return bytes.readDoubleLE(at - 8);
  },
  y: () => {
    const end = endOfContents();
    const text = bytes.base64Slice(at, end);
    at = end;
    return text;
  },
  q: () => readParts()[1] ?? "0",
  t: () => readTime(0),
  m: () => readTime(6),
  x: () => {
    const parts = readParts();
    return parts[1] === 0 ? parts[2] : parts[3];
  },
  r: () => JSON.parse(readParts()[1]),
};

/** A small message of texts and numbers, by the numbers of its fields. */
function readParts() {
  const end = endOfContents();
  const parts = [];
  while (at < end) {
    const tag = varint();
    parts[tag >>> 3] = (tag & 7) === 2 ? readText(endOfContents()) : varint();
  }
  return parts;
}

/** Hardly any time is told only once. */
const times = new Map();

/** @returns null for one that is not set. */
function readTime(digits) {
  const [, seconds, nanos] = readParts();
  if (seconds === undefined) return null;
  if (digits > 0) {
    const fraction = String(nanos).padStart(9, "0").slice(0, digits);
    return new Date(seconds * 1000).toISOString().replace(/\d+Z$/, `${fraction}Z`);
  }
  const known = times.get(seconds);
  if (known !== undefined) return known;
  const time = new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  if (times.size === 1000) times.clear();
  times.set(seconds, time);
  return time;
}

/** Texts up to `longest` bytes, each where its hash says: most are told many times, and one that is known need not be made, or kept. */
const texts = new Array(4096).fill("");
const longest = 32;

function readText(end) {
  const start = at;
  at = end;
  if (end - start > longest) return longText(start, end);
  let hash = 0;
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index];
    if (byte > 0x7f) return bytes.utf8Slice(start, end);
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  const slot = (hash ^ (hash >>> 12)) & 4095;
  const known = texts[slot];
  return isText(known, start, end) ? known : (texts[slot] = bytes.latin1Slice(start, end));
}

function isText(text, start, end) {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}

function longText(start, end) {
  for (let index = start; index < end; index += 1) if (bytes[index] > 0x7f) return bytes.utf8Slice(start, end);
  return bytes.latin1Slice(start, end);
}

/** Of a value that says its length: the cursor is at its first byte then. */
function endOfContents() {
  const length = varint();
  const end = at + length;
  if (end > bytes.length) throw new SyntaxError("a field is longer than its message");
  return end;
}

/** Seven bits a byte, the lowest first. A negative number has ten. */
function varint() {
  let byte = bytes[at++];
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  for (let shift = 7; shift < 28; shift += 7) {
    byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  let large = BigInt(value);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    byte = bytes[at++];
    large |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  large = BigInt.asIntN(64, large);
  return Number.isSafeInteger(Number(large)) ? Number(large) : large;
}

/** managedFields as bytes in a text, decoded when they are read: `field` may repeat, and does so in a row. */
function setAside(field, end, metadata) {
  const start = at;
  do at = endOfContents();
  while (at < end && isNext(field.tag));
  Object.defineProperty(metadata, unread, { value: { field, text: bytes.latin1Slice(start, at), value: undefined } });
  Object.defineProperty(metadata, "managedFields", accessor);
}

const unread = Symbol("managedFields");

const accessor = {
  enumerable: true,
  configurable: true,
  get() {
    const fields = this[unread];
    if (fields.text !== undefined) {
      const read = {};
      bytes = Buffer.from(fields.text, "latin1");
      at = 0;
      readItems({ ...fields.field, key: "read" }, fields.field.tag, bytes.length, read);
      fields.value = read.read;
      fields.text = undefined;
    }
    return fields.value;
  },
};
