/** Objects as the API server sends them, their managedFields left for later. */

import { parseJson } from "./json.js";
import { isObject, type JsonObject } from "./json-fields.js";
import { deferManagedFields } from "./managed-fields.js";

/**
 * Parses UTF-8 as `parseJson` does text. The managedFields of an object, of the items of a list, of the rows of a table, and of the
 * object of a watch event are parsed when they are read.
 *
 * @throws SyntaxError as `JSON.parse` does.
 */
export function parseObjects(json: Uint8Array, decode: (utf8: Uint8Array) => string): unknown {
  const lists: string[] = [];
  const pieces: string[] = [];
  let from = 0;
  for (let range = findManagedFields(json, 0); range !== undefined; range = findManagedFields(json, range.end)) {
    pieces.push(decode(json.subarray(from, range.start)), String(lists.length));
    lists.push(decode(json.subarray(range.start, range.end)));
    from = range.end;
  }
  if (lists.length === 0) return parseJson(decode(json));
  pieces.push(decode(json.subarray(from)));
  const value = parseIfWhole(pieces.join(""));
  return putBack(value, lists) ? value : parseJson(decode(json));
}

/** `end` is behind the last byte. */
interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The next list called managedFields, whoever's it is, in the form without spaces that the API server writes: up to the first bracket
 * that closes, which is the list's own unless there are lists or strings with brackets within. Within a string nothing looks like its
 * name, because quotes are escaped there.
 */
function findManagedFields(json: Uint8Array, from: number): ByteRange | undefined {
  for (let at = from + last; at < json.length; at += skips[json[at] ?? 0] ?? name.length) {
    if (json[at] !== openingBracket || !isName(json, at - last)) continue;
    const end = json.indexOf(closingBracket, at) + 1;
    return end === 0 ? undefined : { start: at, end };
  }
  return undefined;
}

const name = Uint8Array.from('"managedFields":[', (character) => character.charCodeAt(0));
const last = name.length - 1;

/** How far ahead the name may end, by the byte that is found where it would: Horspool's search. */
const skips = new Uint8Array(256).fill(name.length);
for (const [index, byte] of name.subarray(0, last).entries()) skips[byte] = last - index;

const openingBracket = 0x5b;
const closingBracket = 0x5d;

function isName(json: Uint8Array, start: number): boolean {
  for (let index = 0; index < last; index += 1) if (json[start + index] !== name[index]) return false;
  return true;
}

/** A list that was taken out only up to a bracket within it leaves a bracket or a quote too many, which is no JSON. */
function parseIfWhole(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** @returns false, and changes nothing, if a list was not that of an object's metadata: something else may have the same name. */
function putBack(value: unknown, lists: readonly string[]): boolean {
  const owners = [...objectsIn(value)].filter(({ metadata }) => typeof metadata["managedFields"] === "number");
  const inPlace = owners.every(({ metadata }, index) => metadata["managedFields"] === index);
  if (!inPlace || owners.length !== lists.length) return false;
  for (const [index, owner] of owners.entries()) {
    owner.metadata = deferManagedFields(owner.metadata, lists[index] ?? "");
  }
  return true;
}

interface WithMetadata {
  metadata: JsonObject;
}

function* objectsIn(value: unknown): Generator<WithMetadata, void, undefined> {
  if (!isObject(value)) return;
  if (hasMetadata(value)) yield value;
  const { object, items, rows } = value;
  yield* objectsIn(object);
  for (const list of [items, rows]) if (Array.isArray(list)) for (const item of list) yield* objectsIn(item);
}

function hasMetadata(value: object): value is WithMetadata {
  return "metadata" in value && isObject(value.metadata);
}
