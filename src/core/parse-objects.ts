/** Objects as the API server sends them, their managedFields left for later. */

import { parseJson } from "./json.js";
import { isObject, type JsonObject } from "./json-fields.js";
import { deferManagedFields } from "./managed-fields.js";

/**
 * Parses UTF-8 as `parseJson` does text. The managedFields of an object, of the items of a list, of the rows of a table, and of the
 * object of a watch event are parsed when they are read, and throw a KindredError `PROTOCOL` then if they are no JSON.
 *
 * @throws SyntaxError as `JSON.parse` does.
 */
export function parseObjects(json: Uint8Array, decode: (utf8: Uint8Array) => string): unknown {
  const lists: string[] = [];
  const pieces: string[] = [];
  let end = 0;
  for (let start = behindName(json, 0); start !== -1; start = behindName(json, end)) {
    const from = end;
    // The list's own end, unless there are lists or strings with brackets within.
    end = json[start] === openingBracket ? json.indexOf(closingBracket, start) + 1 : 0;
    // Something else than a list could be mistaken for what stands in place of one.
    if (end === 0) return parseJson(decode(json));
    pieces.push(decode(json.subarray(from, start)), String(lists.length));
    lists.push(decode(json.subarray(start, end)));
  }
  if (lists.length === 0) return parseJson(decode(json));
  pieces.push(decode(json.subarray(end)));
  const value = parseIfWhole(pieces.join(""));
  return putBack(value, lists) ? value : parseJson(decode(json));
}

/**
 * The place behind the next name managedFields, whoever's it is; -1 if there is none. Within a string nothing looks like it, because
 * quotes are escaped there. The API server writes neither spaces nor letters as escapes.
 */
function behindName(json: Uint8Array, from: number): number {
  for (let at = from + last; at < json.length; at += skips[json[at] ?? 0] ?? name.length) {
    if (json[at] === colon && isName(json, at - last)) return at + 1;
  }
  return -1;
}

const name = Uint8Array.from('"managedFields":', (character) => character.charCodeAt(0));
const last = name.length - 1;

/** How far ahead the name may end, by the byte that is found where it would: Horspool's search. */
const skips = new Uint8Array(256).fill(name.length);
for (const [index, byte] of name.subarray(0, last).entries()) skips[byte] = last - index;

const colon = 0x3a;
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
  const inPlace = owners.every(({ metadata }, index) => metadata["managedFields"] === index && isPlain(metadata));
  if (!inPlace || owners.length !== lists.length) return false;
  for (const [index, owner] of owners.entries()) {
    owner.metadata = deferManagedFields(owner.metadata, lists[index] ?? "");
  }
  return true;
}

/** A copy of what has this name would have another prototype. */
function isPlain(metadata: JsonObject): boolean {
  return !Object.hasOwn(metadata, "__proto__");
}

interface WithMetadata {
  metadata: JsonObject;
}

/** An event of a table has the most levels: the event, its table, a row, the row's object. */
const maxLevels = 4;

function* objectsIn(value: unknown, levels = maxLevels): Generator<WithMetadata, void, undefined> {
  if (levels === 0 || !isObject(value)) return;
  if (hasMetadata(value)) yield value;
  const { object, items, rows } = value;
  yield* objectsIn(object, levels - 1);
  for (const list of [items, rows]) {
    if (Array.isArray(list)) for (const item of list) yield* objectsIn(item, levels - 1);
  }
}

function hasMetadata(value: object): value is WithMetadata {
  return "metadata" in value && isObject(value.metadata);
}
