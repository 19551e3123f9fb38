/**
 * A decoder of protobuf for experiments, as fast as one without generated code gets: each message is a list of fields by their numbers.
 * It has the types that pods consist of; bytes, fractions, microseconds, packed numbers and schemas would come on top.
 */

import { join } from "node:path";
import { root } from "../build.mjs";

/** The table by which the embedded server reads protobuf; src/testing/body/protobuf.ts has its language. */
const { messages } = await import(join(root, ".build", "js", "testing", "body", "protobuf-types.js"));
const lines = new Map(
  messages
    .trim()
    .split("\n")
    .map((line) => [line.split(" ", 1)[0], line]),
);
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
    // A pod has none of the types that are missing: to read one throws.
    const inner = type.startsWith("&") ? compile(type.slice(1)) : undefined;
    // The table does not tell `omitzero`, as creationTimestamp has it, from `omitempty`, which leaves a time that is not set as null.
    const omitted = flag !== "?" ? undefined : key === "creationTimestamp" ? null : zeros[type];
    const read = readers[type] ?? readInner;
    message.fields[number] = { key, tag: (number << 3) | 2, wrap, inner, omitted, read, Create: newConstructor() };
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
  const bottom = top;
  do {
    const item = field.read(field, tag);
    stack[top++] = item;
  } while (at < end && isNext(tag));
  const items = stack.slice(bottom, top);
  top = bottom;
  const before = object[field.key];
  object[field.key] = before === undefined ? items : [...before, ...items];
}

/** The items of the lists that are read now: a list to which they were added would keep room for sixteen more. */
const stack = [];
let top = 0;

function readEntries(field, end, object) {
  const entries = object[field.key] ?? new field.Create(false);
  do {
    const stop = endOfContents();
    let key = "";
    let value;
    while (at < stop) {
      const tag = varint();
      if (tag >>> 3 === 1) key = readers.s();
      else value = field.read(field, tag);
    }
    if (key === "__proto__")
      Object.defineProperty(entries, key, { value, writable: true, enumerable: true, configurable: true });
    else entries[key] = value;
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
  q: () => readOnly() ?? "0",
  t: () => readTime(),
  x: () => {
    const parts = readParts();
    return parts[1] === 0 ? parts[2] : parts[3];
  },
  r: () => JSON.parse(readOnly()),
};

/** The text that is all of a message. */
function readOnly() {
  const end = endOfContents();
  let text;
  while (at < end) {
    varint();
    text = readText(endOfContents());
  }
  return text;
}

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
function readTime() {
  const [, seconds] = readParts();
  if (seconds === undefined) return null;
  const known = times.get(seconds);
  if (known !== undefined) return known;
  const time = new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  if (times.size === 1000) times.clear();
  times.set(seconds, time);
  return time;
}

/** Short texts, each where its hash says: most come again and again, and one that is known is neither made nor kept once more. */
const texts = Array.from({ length: 4096 }, () => "");
let longest = 32;

/** How many bytes a text that is shared has at most. */
export function shareTexts(upTo) {
  longest = upTo;
}

function readText(end) {
  const start = at;
  at = end;
  let hash = 0;
  for (let index = start; index < end; index += 1) {
    const byte = bytes[index];
    if (byte > 0x7f) return bytes.utf8Slice(start, end);
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (end - start > longest) return bytes.latin1Slice(start, end);
  const slot = (hash ^ (hash >>> 12)) & 4095;
  const known = texts[slot];
  if (isText(known, start, end)) return known;
  texts[slot] = bytes.latin1Slice(start, end);
  return texts[slot];
}

function isText(text, start, end) {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
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
