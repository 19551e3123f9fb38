/** Whole objects within custom objects: they have a kind, and metadata like any other. */

import type { FieldError } from "../failure.js";
import { isObject, type JsonObject, objectOf } from "../json.js";
import { annotationErrors, labelErrors } from "../object-meta.js";
import { itemsOf, propertyOf, type Schema } from "./schema.js";

/** Whether a schema stands for a whole object. */
function isEmbedded(schema: Schema): boolean {
  return schema["x-kubernetes-embedded-resource"] === true;
}

/** What embedded objects lack. */
export function embeddedErrors(schema: Schema, value: unknown, path: string): readonly FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    return value.flatMap((item, index) => embeddedErrors(items, item, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  const own = isEmbedded(schema) ? typeErrors(value, path) : [];
  const inner = Object.entries(value).flatMap(([key, field]) => {
    const property = propertyOf(schema, key);
    return property === undefined ? [] : embeddedErrors(property, field, path === "" ? key : `${path}.${key}`);
  });
  return [...own, ...inner];
}

function typeErrors(value: JsonObject, path: string): readonly FieldError[] {
  const { labels, annotations } = objectOf(value["metadata"]);
  const metadata = [...labelErrors(labels), ...annotationErrors(annotations)];
  const inMetadata = metadata.map((error) => ({ ...error, field: `${path}.${error.field}` }));
  const inType = ["apiVersion", "kind"].flatMap((field): readonly FieldError[] => {
    const place = `${path}.${field}`;
    if (!Object.hasOwn(value, field)) return [{ type: "FieldValueRequired", field: place, detail: "" }];
    const found = value[field];
    if (typeof found !== "string")
      return [{ type: "FieldValueInvalid", field: place, value: found, detail: "must be a string" }];
    return found === "" ? [{ type: "FieldValueInvalid", field: place, value: "", detail: "must not be empty" }] : [];
  });
  return [...inType, ...inMetadata];
}
