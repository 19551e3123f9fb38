/** Reads the lines of `types.ts` into shapes, each when it is first needed. */

import { type Field, plainPatch, rawShape, type Scalar, type Shape, type StructShape } from "../shape.js";
import { builtinTypes } from "./types.js";

interface Line {
  readonly name: string;
  readonly atomic: boolean;
  readonly fields: readonly string[];
}

let read: { readonly types: ReadonlyMap<string, Line>; readonly kinds: ReadonlyMap<string, string> } | undefined;
const shapes = new Map<string, StructShape>();

/** The shape of a built-in kind; undefined if there is none such. */
export function shapeOfKind(group: string, version: string, kind: string): StructShape | undefined {
  const name = lines().kinds.get(`${group}/${version}/${kind}`);
  return name === undefined ? undefined : shapeOfType(name);
}

/** The shape of a type by its name in the table, such as `meta.v1.ObjectMeta`. */
export function shapeOfType(name: string): StructShape {
  const known = shapes.get(name);
  if (known !== undefined) return known;
  const line = lines().types.get(name);
  if (line === undefined) throw new Error(`the type ${name} is not in builtin/types.ts; generate it anew`);
  const shape: StructShape = {
    type: "struct",
    name: name.slice(name.lastIndexOf(".") + 1),
    atomic: line.atomic,
    rest: undefined,
    fields: new Map(line.fields.map(parseField)),
  };
  shapes.set(name, shape);
  return shape;
}

/** The name of the type of a kind in the table. */
export function typeNameOfKind(group: string, version: string, kind: string): string | undefined {
  return lines().kinds.get(`${group}/${version}/${kind}`);
}

/** Every type's name with its fields as the table spells them: `replicas:i`. */
export function typeFields(name: string): readonly string[] {
  return lines().types.get(name)?.fields ?? [];
}

function lines() {
  if (read !== undefined) return read;
  const types = new Map<string, Line>();
  const kinds = new Map<string, string>();
  for (const text of builtinTypes.split("\n")) {
    const [head = "", ...words] = text.split(" ");
    if (head === "") continue;
    const name = head.replace(/!$/, "");
    const kind = words[0]?.startsWith("#") === true ? words.shift()?.slice(1) : undefined;
    if (kind !== undefined) kinds.set(kind, name);
    types.set(name, { name, atomic: head.endsWith("!"), fields: words });
  }
  read = { types, kinds };
  return read;
}

/** `name!:type=default~strategy(key)` */
const fieldPattern = /^([^:!]+)(!?):((?:\[=\]|[^=~])*)(?:=([^~]*))?(?:~([a-zA-Z+]+)(?:\((\w+)\))?)?$/;

function parseField(text: string): readonly [string, Field] {
  const match = fieldPattern.exec(text);
  if (match === null) throw new Error(`builtin/types.ts has a field that cannot be read: ${text}`);
  const [, name = "", required, type = "", fallback, strategies = "", key] = match;
  const strategy = strategies.split("+");
  return [
    name,
    {
      shape: () => parseShape(type),
      required: required === "!",
      inline: type.startsWith("&"),
      fallback,
      patch:
        strategies === ""
          ? plainPatch
          : { merge: strategy.includes("merge"), retainKeys: strategy.includes("retainKeys"), key },
    },
  ];
}

const scalars: Readonly<Record<string, Scalar>> = {
  s: "string",
  y: "bytes",
  t: "time",
  m: "microTime",
  i: "int32",
  l: "int64",
  n: "number",
  b: "boolean",
  q: "quantity",
  x: "intOrString",
};

const parsed = new Map<string, Shape>();

function parseShape(text: string): Shape {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const shape = readShape(text);
  parsed.set(text, shape);
  return shape;
}

function readShape(text: string): Shape {
  const scalar = scalars[text];
  if (scalar !== undefined) return { type: "scalar", scalar };
  if (text === "?") return rawShape;
  if (text.startsWith("{!}")) return { type: "map", atomic: true, values: () => parseShape(text.slice(3)) };
  if (text.startsWith("{}")) return { type: "map", atomic: false, values: () => parseShape(text.slice(2)) };
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    const keys = text.slice(1, end);
    const items = () => parseShape(text.slice(end + 1));
    if (keys === "" || keys === "=") return { type: "list", items, kind: keys === "=" ? "set" : "atomic", keys: [] };
    return { type: "list", items, kind: "map", keys: keys.split(",") };
  }
  const atomic = text[1] === "!";
  const shape = shapeOfType(text.slice(atomic ? 2 : 1));
  return atomic ? { ...shape, atomic } : shape;
}
