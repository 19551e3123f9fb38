/** Bodies in protobuf, as client-go and kubectl send them: read into the JSON that Go would have made of the same object. */

import { parseJson } from "../../core/index.js";
import { fromEntries, isObject, type JsonObject } from "../json.js";
import { kindMessages, messages } from "./protobuf-types.js";
import { Wire, type WireValue } from "./protobuf-wire.js";

/** A field of a message, as a token of the table: `replicas=1*i`. */
interface Field {
  /** Empty: the fields of the message inside belong to the one around it. */
  readonly name: string;
  /** `pointer` fields are there or not; `omitted` ones are not if they say nothing; others always are. */
  readonly presence: "pointer" | "omitted" | "always";
  /** Outermost first. */
  readonly wraps: readonly ("list" | "map")[];
  /** A letter for a scalar, or the name of a message after `&`. */
  readonly type: string;
}

type Message = ReadonlyMap<number, Field>;

/** `k8s` and a zero. */
const magic = [0x6b, 0x38, 0x73, 0x00];

/**
 * Reads a body.
 *
 * @throws SyntaxError if it is no such thing, or of a kind that is not built in.
 */
export function parseProtobuf(body: Uint8Array): JsonObject {
  if (!magic.every((byte, index) => body[index] === byte)) {
    throw new SyntaxError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  }
  const envelope = fieldsOf(body.subarray(magic.length));
  const type = fieldsOf(bytesIn(envelope.get(1)?.at(-1)));
  const [apiVersion, kind] = [textIn(type.get(1)?.at(-1)), textIn(type.get(2)?.at(-1))];
  const raw = bytesIn(envelope.get(2)?.at(-1));
  const name = table().kinds.get(`${apiVersion}/${kind}`) ?? table().kinds.get(`*/${kind}`);
  if (name === undefined)
    throw new SyntaxError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  depth = 0;
  return { apiVersion, kind, ...readMessage(raw, name) };
}

/** Messages in messages that are read now. */
let depth = 0;

/** No kind is so deep; a schema could be, and would take the stack with it. */
const maxDepth = 500;

function readMessage(bytes: Uint8Array, name: string): JsonObject {
  if (depth === maxDepth) throw new SyntaxError("exceeded max depth");
  depth++;
  const message = readFields(bytes, name);
  depth--;
  return message;
}

function readFields(bytes: Uint8Array, name: string): JsonObject {
  const found = fieldsOf(bytes);
  const entries: (readonly [string, unknown])[] = [];
  for (const [number, field] of messageCalled(name)) {
    const value = readField(found.get(number) ?? [], field);
    if (field.name === "") entries.push(...Object.entries(isObject(value) ? value : {}));
    else if (value !== undefined) entries.push([field.name, value]);
  }
  return fromEntries(entries);
}

/** @returns undefined for what JSON leaves out. */
function readField(values: readonly WireValue[], { presence, wraps: [wrap, ...inner], type }: Field): unknown {
  if (wrap === "map") {
    const entries = values.map((value) => mapEntry(value, { name: "", presence: "always", wraps: inner, type }));
    return entries.length === 0 ? undefined : fromEntries(entries);
  }
  if (wrap === "list") {
    if (values.length === 0) return undefined;
    return values.flatMap((value) => unpacked(value, type).map((one) => readValue(one, type)));
  }
  const last = values.at(-1);
  if (last === undefined && presence === "pointer") return undefined;
  if (last === undefined && type.startsWith("&"))
    return presence === "omitted" ? undefined : readMessage(empty, type.slice(1));
  const value = last === undefined ? zeroOf(type) : readValue(last, type);
  return presence === "omitted" && isZero(value) ? undefined : value;
}

function mapEntry(entry: WireValue, field: Field): readonly [string, unknown] {
  const found = fieldsOf(bytesIn(entry));
  return [textIn(found.get(1)?.at(-1)), readField(found.get(2) ?? [], field)];
}

/** Numbers of a list may come one by one or all in one. */
function unpacked(value: WireValue, type: string): readonly WireValue[] {
  if (!(value instanceof Uint8Array) || (type !== "i" && type !== "b")) return [value];
  const wire = new Wire(value);
  const all: WireValue[] = [];
  while (!wire.isAtEnd) all.push(wire.varint());
  return all;
}

function readValue(value: WireValue, type: string): unknown {
  if (type.startsWith("&")) return readMessage(bytesIn(value), type.slice(1));
  const reader = scalars[type];
  if (reader === undefined)
    throw new TypeError(`the table of protobuf types has an unknown type ${JSON.stringify(type)}`);
  return reader(value);
}

const scalars: Readonly<Record<string, (value: WireValue) => unknown>> = {
  s: textIn,
  b: (value) => value !== 0n,
  i: (value) => integerIn(value),
  n: (value) => (typeof value === "number" ? value : Number(integerIn(value))),
  y: (value) => base64Of(bytesIn(value)),
  q: (value) => textIn(fieldsOf(bytesIn(value)).get(1)?.at(-1)),
  t: (value) => timeIn(bytesIn(value), 0),
  m: (value) => timeIn(bytesIn(value), 6),
  x: (value) => {
    const found = fieldsOf(bytesIn(value));
    return integerIn(found.get(1)?.at(-1)) === 0 ? integerIn(found.get(2)?.at(-1)) : textIn(found.get(3)?.at(-1));
  },
  r: (value) => jsonIn(fieldsOf(bytesIn(value)).get(1)?.at(-1)),
  v: (value) => (fieldsOf(bytesIn(value)).get(1) ?? []).map(textIn),
  // Of a schema: one or several of them.
  a: (value) => {
    const found = fieldsOf(bytesIn(value));
    const several = found.get(2) ?? [];
    return several.length > 0 ? several.map(schemaIn) : schemaIn(found.get(1)?.at(-1));
  },
  o: (value) => {
    const found = fieldsOf(bytesIn(value));
    const schema = found.get(2)?.at(-1);
    return schema === undefined ? found.get(1)?.at(-1) === 1n : schemaIn(schema);
  },
  p: (value) => {
    const found = fieldsOf(bytesIn(value));
    const texts = found.get(2) ?? [];
    return texts.length > 0 ? texts.map(textIn) : schemaIn(found.get(1)?.at(-1));
  },
};

const schemaIn = (value: WireValue | undefined): JsonObject =>
  readMessage(bytesIn(value), "apiextensions/v1.JSONSchemaProps");

function zeroOf(type: string): unknown {
  return type === "i" || type === "n" ? 0 : type === "b" ? false : type === "s" ? "" : undefined;
}

function isZero(value: unknown): boolean {
  return value === 0 || value === false || value === "" || value === undefined;
}

const empty = new Uint8Array(0);

function fieldsOf(bytes: Uint8Array): ReadonlyMap<number, readonly WireValue[]> {
  return new Wire(bytes).fields();
}

function bytesIn(value: WireValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : empty;
}

function textIn(value: WireValue | undefined): string {
  return new TextDecoder().decode(bytesIn(value));
}

function integerIn(value: WireValue | undefined): number | bigint {
  const signed = BigInt.asIntN(64, typeof value === "bigint" ? value : 0n);
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

function base64Of(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** JSON that is carried as bytes; nothing if there is none. */
function jsonIn(value: WireValue | undefined): unknown {
  const text = textIn(value);
  return text === "" ? undefined : parseJson(text);
}

/** RFC 3339; nothing for Go's zero time, which has no bytes. */
function timeIn(bytes: Uint8Array, digits: 0 | 6): string | undefined {
  if (bytes.length === 0) return undefined;
  const found = fieldsOf(bytes);
  const date = new Date(Number(integerIn(found.get(1)?.at(-1))) * 1000);
  if (Number.isNaN(date.getTime())) throw new SyntaxError("a time is out of range");
  const text = date.toISOString().slice(0, 19);
  const nanos = String(integerIn(found.get(2)?.at(-1))).padStart(9, "0");
  return digits === 0 ? `${text}Z` : `${text}.${nanos.slice(0, digits)}Z`;
}

interface Table {
  readonly kinds: ReadonlyMap<string, string>;
  readonly lines: ReadonlyMap<string, string>;
}

let read: Table | undefined;
const parsed = new Map<string, Message>();

/** The table, at its first use. */
function table(): Table {
  const split = (text: string) =>
    new Map(
      text
        .trim()
        .split("\n")
        .map((line): [string, string] => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
    );
  read ??= { kinds: split(kindMessages), lines: split(messages) };
  return read;
}

function messageCalled(name: string): Message {
  const known = parsed.get(name);
  if (known !== undefined) return known;
  const tokens = (table().lines.get(name) ?? "").split(" ").filter((token) => token.includes("="));
  const message = new Map(tokens.map(fieldOf));
  parsed.set(name, message);
  return message;
}

function fieldOf(token: string): [number, Field] {
  const [, name = "", number = "", flag = "", wraps = "", type = ""] =
    /^([^=]*)=(\d+)([*?]?)((?:\[\]|\{\})*)(.+)$/.exec(token) ?? [];
  const presence = flag === "*" ? "pointer" : flag === "?" ? "omitted" : "always";
  const kinds = (wraps.match(/../g) ?? []).map((wrap) => (wrap === "[]" ? "list" : "map"));
  return [Number(number), { name, presence, wraps: kinds, type }];
}
