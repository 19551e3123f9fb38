/** Decoding as Go does it: by the shape of the kind, with its errors, dropping what the kind does not have. */

import { formatQuantity } from "../../core/index.js";
import { listOf, objectOf, type JsonObject } from "../json.js";
import type { Field, ListShape, MapShape, Scalar, Shape, StructShape } from "../shape.js";

/** An object as the API server would hold it, and the fields that it does not know. */
export interface Decoded {
  readonly object: JsonObject;
  readonly unknown: readonly string[];
}

/** Why a value is not what its kind says. The message is Go's. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** @throws DecodeError in the words of Go's decoder. */
export function decodeAs(shape: StructShape, value: unknown, path: string = ""): Decoded {
  const unknown: string[] = [];
  const object = decodeStruct(shape, value, { path, struct: shape.name, unknown });
  return { object, unknown };
}

interface Place {
  readonly path: string;
  /** The name of the innermost struct, for messages. */
  readonly struct: string;
  readonly unknown: string[];
}

function decode(shape: Shape, value: unknown, place: Place): unknown {
  switch (shape.type) {
    case "any":
      return value;
    case "scalar":
      return decodeScalar(shape.scalar, value, place);
    case "struct":
      return decodeStruct(shape, value, place);
    case "map":
      return decodeMap(shape, value, place);
    case "list":
      return decodeList(shape, value, place);
    default:
      return shape satisfies never;
  }
}

function decodeStruct(shape: StructShape, value: unknown, place: Place): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    if (value === null) return {};
    throw mismatch(value, `v1.${shape.name}`, place);
  }
  const entries: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const path = place.path === "" ? key : `${place.path}.${key}`;
    const field = shape.fields.get(key);
    if (field === undefined) {
      if (shape.rest === undefined) place.unknown.push(path);
      else entries.push([key, decode(shape.rest, inner, { ...place, path })]);
      continue;
    }
    const decoded = decodeField(field, inner, { path, struct: shape.name, unknown: place.unknown });
    if (decoded !== undefined) entries.push([key, decoded]);
  }
  return fill(shape, Object.fromEntries(entries));
}

/** Go leaves out what is null or empty, unless the field is always written. */
function decodeField(field: Field, value: unknown, place: Place): unknown {
  if (value === null || value === undefined) return undefined;
  const shape = field.shape();
  const decoded = decode(shape, value, place);
  // An empty list of managers is an order to forget them all.
  const isOrder = place.path === "metadata.managedFields";
  if (!field.required && shape.type === "list" && listOf(decoded).length === 0 && !isOrder) return undefined;
  if (!field.required && shape.type === "map" && Object.keys(objectOf(decoded)).length === 0) return undefined;
  return decoded;
}

/** Adds what Go always writes: structs that are no pointers, and required lists. */
export function fill(shape: StructShape, object: JsonObject): JsonObject {
  const missing: [string, unknown][] = [];
  for (const [key, field] of alwaysWritten(shape)) {
    if (Object.hasOwn(object, key)) continue;
    const inner = field.shape();
    if (field.inline && inner.type === "struct") missing.push([key, fill(inner, {})]);
    else if (field.required && inner.type === "list") missing.push([key, null]);
  }
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing) };
}

const written = new WeakMap<StructShape["fields"], readonly (readonly [string, Field])[]>();

function alwaysWritten(shape: StructShape): readonly (readonly [string, Field])[] {
  const known = written.get(shape.fields);
  if (known !== undefined) return known;
  const found = [...shape.fields].filter(
    ([, field]) => field.inline || (field.required && field.shape().type === "list"),
  );
  written.set(shape.fields, found);
  return found;
}

function decodeMap(shape: MapShape, value: unknown, place: Place): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw mismatch(value, "map[string]string", place);
  }
  const values = shape.values();
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, decode(values, inner ?? emptyOf(values), place)]),
  );
}

function emptyOf(shape: Shape): unknown {
  if (shape.type === "scalar") return shape.scalar === "string" || shape.scalar === "bytes" ? "" : null;
  return null;
}

function decodeList(shape: ListShape, value: unknown, place: Place): unknown {
  if (!Array.isArray(value)) throw mismatch(value, `[]${nameOf(shape.items())}`, place);
  const items = shape.items();
  return value.map((item: unknown, index) =>
    decode(items, item ?? emptyOf(items), { ...place, path: `${place.path}[${index}]` }),
  );
}

function decodeScalar(scalar: Scalar, value: unknown, place: Place): unknown {
  switch (scalar) {
    case "string":
      if (typeof value !== "string") throw mismatch(value, "string", place);
      return value;
    case "bytes":
      if (typeof value !== "string") throw mismatch(value, "[]uint8", place);
      return decodeBytes(value);
    case "boolean":
      if (typeof value !== "boolean") throw mismatch(value, "bool", place);
      return value;
    case "int32":
    case "int64":
      if (!isInteger(value, scalar === "int32" ? 32 : 64)) throw mismatch(value, scalar, place);
      return value;
    case "number":
      if (typeof value !== "number" && typeof value !== "bigint") throw mismatch(value, "float64", place);
      return value;
    case "quantity":
      return decodeQuantity(value, place);
    case "intOrString":
      if (typeof value !== "string" && !isInteger(value, 32)) throw mismatch(value, "int32", place);
      return value;
    case "time":
    case "microTime":
      return decodeTime(value, scalar === "microTime", place);
    default:
      return scalar satisfies never;
  }
}

function isInteger(value: unknown, bits: number): value is number | bigint {
  if (typeof value === "bigint") return bits === 64 && BigInt.asIntN(64, value) === value;
  return typeof value === "number" && Number.isInteger(value) && (bits === 64 || value === (value | 0));
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBytes(value: string): string {
  const text = value.replace(/[\r\n]/g, "");
  if (base64.test(text)) return text;
  const wrong = text.search(/[^A-Za-z0-9+/=]/);
  throw new DecodeError(`illegal base64 data at input byte ${wrong === -1 ? Math.floor(text.length / 4) * 4 : wrong}`);
}

const quantityPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

function decodeQuantity(value: unknown, place: Place): unknown {
  const text = typeof value === "number" || typeof value === "bigint" ? String(value) : value;
  if (typeof text !== "string") throw mismatch(value, "resource.Quantity", place);
  if (quantityPattern.test(text)) return formatQuantity(text);
  throw new DecodeError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function decodeTime(value: unknown, micro: boolean, place: Place): unknown {
  if (typeof value !== "string") throw mismatch(value, micro ? "v1.MicroTime" : "v1.Time", place);
  const match = timePattern.exec(value);
  const ms = Date.parse(value);
  const layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
  if (match === null || Number.isNaN(ms) || (micro && !/^\.\d{6}$/.test(match[1] ?? ""))) {
    const shown = JSON.stringify(value);
    throw new DecodeError(`parsing time ${shown} as "${layout}": cannot parse ${shown} as "2006"`);
  }
  const seconds = new Date(ms).toISOString().slice(0, 19);
  return micro ? `${seconds}${match[1] ?? ""}Z` : `${seconds}Z`;
}

function nameOf(shape: Shape): string {
  return shape.type === "struct" ? `v1.${shape.name}` : shape.type === "scalar" ? shape.scalar : "interface {}";
}

function mismatch(value: unknown, type: string, { path, struct }: Place): DecodeError {
  const word = Array.isArray(value)
    ? "array"
    : typeof value === "number" || typeof value === "bigint"
      ? type.startsWith("int") || type.startsWith("float")
        ? `number ${String(value)}`
        : "number"
      : typeof value === "boolean"
        ? "bool"
        : typeof value;
  return new DecodeError(
    path === ""
      ? `json: cannot unmarshal ${word} into Go value of type ${type}`
      : `json: cannot unmarshal ${word} into Go struct field ${struct}.${path.replace(/\[\d+\]/g, "")} of type ${type}`,
  );
}
