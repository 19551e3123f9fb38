/**
 * `managedFields` are two fifths of what the API server sends, and hardly anyone reads them: they are kept as text, and parsed when
 * they are read. Keys, copies, comparisons and JSON of an object that has them so are those of any other.
 */

import { KindredError } from "./errors.js";
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

/** The managedFields of `metadata`, unless they were there from the beginning, have been read, or are others by now. */
export function unreadManagedFields(metadata: object): UnreadManagedFields | undefined {
  if (!isDeferring(metadata) || metadata[deferred].text === undefined) return undefined;
  const found = Object.getOwnPropertyDescriptor(metadata, "managedFields");
  return found?.get === accessor.get ? metadata[deferred] : undefined;
}

function defer(metadata: object, text: string): void {
  Object.defineProperty(metadata, deferred, { value: { text, value: undefined, whenRead: undefined } });
  Object.defineProperty(metadata, "managedFields", accessor);
}

const deferred = Symbol("managedFields");

interface Deferring {
  readonly name?: unknown;
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
      const value = parse(fields.text, this.name);
      fields.value = fields.whenRead === undefined ? value : fields.whenRead(value);
      fields.text = undefined;
    }
    return fields.value;
  },
  set(value) {
    this[deferred].text = undefined;
    Object.defineProperty(this, "managedFields", { value, writable: true, enumerable: true, configurable: true });
  },
};

function parse(text: string, name: unknown): unknown {
  try {
    return parseJson(text);
  } catch {
    // No cause: it would quote what was sent.
    throw new KindredError(
      "PROTOCOL",
      `the managedFields of ${JSON.stringify(name)} are not JSON: the server sent them so`,
    );
  }
}
