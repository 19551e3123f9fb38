/**
 * `managedFields` are two fifths of what the API server sends, and hardly anyone reads them: they are kept as text, and parsed when
 * they are read. Keys, copies, comparisons and JSON of an object that has them so are those of any other.
 */

import { parseJson } from "./json.js";
import type { JsonObject } from "./json-fields.js";

/** A copy of `metadata` whose managedFields are those that `text` says, in their place, parsed when they are first read. */
export function deferManagedFields(metadata: JsonObject, text: string): JsonObject {
  // A member that is deleted or becomes an accessor makes V8 keep the object as a hash table: half as fast, twice as large.
  const copy: { [name: string]: unknown } = {};
  for (const key in metadata)
    if (key === "managedFields") defer(copy, text);
    else copy[key] = metadata[key];
  return copy;
}

/** What nobody has read yet. */
export interface UnreadManagedFields {
  /** Takes what was parsed before anybody sees it. */
  whenRead: ((value: unknown) => unknown) | undefined;
}

/** The managedFields of `metadata`, unless they were there from the beginning or have been read. */
export function unreadManagedFields(metadata: object): UnreadManagedFields | undefined {
  if (!isDeferring(metadata)) return undefined;
  return metadata[deferred].text === undefined ? undefined : metadata[deferred];
}

function defer(metadata: object, text: string): void {
  Object.defineProperty(metadata, deferred, { value: { text, value: undefined, whenRead: undefined } });
  Object.defineProperty(metadata, "managedFields", accessor);
}

const deferred = Symbol("managedFields");

interface Deferring {
  readonly [deferred]: UnreadManagedFields & { text: string | undefined; value: unknown };
}

function isDeferring(metadata: object): metadata is Deferring {
  return deferred in metadata;
}

const accessor: PropertyDescriptor & ThisType<Deferring> = {
  enumerable: true,
  configurable: true,
  get() {
    const fields = this[deferred];
    if (fields.text !== undefined) {
      const value = parseJson(fields.text);
      fields.value = fields.whenRead === undefined ? value : fields.whenRead(value);
      fields.text = undefined;
    }
    return fields.value;
  },
  set(value) {
    Object.defineProperty(this, "managedFields", { value, writable: true, enumerable: true, configurable: true });
  },
};
