/** JSON as the expressions of rules see it: typed by the schema. */

import { parseDuration } from "../cel/durations.js";
import { type CelValue, Duration, Timestamp } from "../cel/values.js";
import { isObject } from "../json.js";
import { itemsOf, propertyOf, type Schema } from "./schema.js";

/** The value of a field. What the schema does not know is not seen. */
export function celValue(schema: Schema, value: unknown): CelValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return textValue(schema, value);
  if (typeof value === "boolean") return value;
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return schema["type"] !== "number" && Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return value.map((item) => celValue(items, item));
  }
  return isObject(value) ? objectValue(schema, value) : null;
}

function objectValue(schema: Schema, value: { readonly [key: string]: unknown }): CelValue {
  const isMap = schema["properties"] === undefined;
  return new Map(
    Object.entries(value).flatMap(([key, field]) => {
      const property = propertyOf(schema, key);
      if (property === undefined || field === null) return [];
      return [[isMap ? key : escapeName(key), celValue(property, field)] as const];
    }),
  );
}

function textValue({ format }: Schema, text: string): CelValue {
  if (format === "date-time" || format === "date") {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? text : new Timestamp(ms);
  }
  if (format === "duration") {
    const ms = parseDuration(text);
    return ms === undefined ? text : new Duration(ms);
  }
  return format === "byte" ? bytes(text) : text;
}

function bytes(text: string): CelValue {
  try {
    return Uint8Array.from(atob(text), (character) => character.codePointAt(0) ?? 0);
  } catch {
    return text;
  }
}

const reserved: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

/** Names that are none in the language are written in another way. */
function escapeName(name: string): string {
  if (reserved.has(name)) return `__${name}__`;
  return name.replace(/__|\.|-|\//g, (sign) =>
    sign === "__" ? "__underscores__" : sign === "." ? "__dot__" : sign === "-" ? "__dash__" : "__slash__",
  );
}
