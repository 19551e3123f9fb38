/** Reading JSON that nobody vouches for. */

/** An object of the API, as far as every one is alike. */
export interface ApiObject {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly ManagedFields[];
  };
  readonly [field: string]: unknown;
}

/** One manager's entry in `metadata.managedFields`. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: string;
  readonly fieldsV1: unknown;
  readonly subresource?: string;
}

/** What is at a path; undefined if there is nothing. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce((inner, key) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return Object.entries(inner).find(([name]) => name === String(key))?.[1];
  }, value);
}

/** The string at a path. */
export function text(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== "string") throw new Error(`no string at ${path.join(".")} of ${JSON.stringify(value)}`);
  return found;
}

/** A JSON object's fields, to make another of. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** The array at a path. */
export function array(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  if (!Array.isArray(found)) throw new Error(`no array at ${path.join(".")} of ${JSON.stringify(value)}`);
  return found;
}

/** JSON as an object of the API. */
export function objectOf(value: unknown): ApiObject {
  if (!isObject(value)) throw new Error(`not an object of the API: ${JSON.stringify(value)}`);
  return value;
}

/** A list's items as objects of the API. */
export function itemsOf(value: unknown): readonly ApiObject[] {
  return array(value, "items").map(objectOf);
}

/** The names of a list's items, in order. */
export function namesOf(value: unknown): readonly string[] {
  return array(value, "items").map((item) => text(item, "metadata", "name"));
}

function isObject(value: unknown): value is ApiObject {
  return typeof at(value, "metadata") === "object";
}
