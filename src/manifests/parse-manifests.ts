/** The objects of manifests: those that lists stand for too, and nothing that is no object. */

import { invalidArgument, type Manifest } from "../core/index.js";
import { isObject, type JsonObject } from "../core/json-fields.js";
import { readDocuments, type ReadOptions } from "./read-documents.js";

/** An object of a text. */
export interface PlacedManifest {
  /** What to say of it in an error: source, document and line, and the item if it is one of a list. */
  readonly where: string;
  readonly manifest: Manifest;
}

/**
 * Reads the objects of a text: YAML of any number of documents, or JSON objects one after the other.
 *
 * Lists are replaced by their items, and empty documents skipped. `yes`, `on` and their kin are booleans and `017` is 15, as in
 * YAML 1.1; dates are texts; integers beyond 2^53 are `bigint`. What kubectl passes over is refused: a key given twice, and a tag that
 * only some other program understands.
 *
 * @param options.source what to call the text in errors: its path. Default `the manifest`.
 * @throws KindredError `INVALID_ARGUMENT` that names the document, the line and what is wrong there, and quotes no value.
 */
export async function parseManifests(text: string, options: ReadOptions = {}): Promise<readonly Manifest[]> {
  return (await readManifests(text, options)).map(({ manifest }) => manifest);
}

/** {@link parseManifests}, for who has more to find wrong with an object and must say where it is. */
export async function readManifests(text: string, options: ReadOptions = {}): Promise<readonly PlacedManifest[]> {
  return (await readDocuments(text, options)).flatMap(({ where, value }) => manifestsOf(value, where));
}

/**
 * The items of a list, each with the `apiVersion` and `kind` that its list implies: those of a ConfigMapList need not say that they
 * are ConfigMaps; those of a List must.
 *
 * @returns undefined if the object is no list.
 */
export function itemsOf({ apiVersion, kind, items }: JsonObject): readonly unknown[] | undefined {
  if (typeof kind !== "string" || !kind.endsWith("List") || !Array.isArray(items)) return undefined;
  const implied = kind === "List" ? {} : { apiVersion, kind: kind.slice(0, -"List".length) };
  return items.map((item: unknown) => (isObject(item) ? { ...implied, ...item } : item));
}

function manifestsOf(value: unknown, where: string): readonly PlacedManifest[] {
  if (!isObject(value)) throw invalidArgument(`${where}: this is no object, but a list or a single value`);
  const items = itemsOf(value);
  if (items !== undefined) return items.flatMap((item, index) => manifestsOf(item, `${where}, item ${index + 1}`));
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== "string" || apiVersion === "")
    throw invalidArgument(`${where}: ${lack("apiVersion", apiVersion)}`);
  if (typeof kind !== "string" || kind === "") throw invalidArgument(`${where}: ${lack("kind", kind)}`);
  if (metadata !== undefined && !isMetadata(metadata)) {
    throw invalidArgument(`${where}: metadata must be a mapping, and its name and namespace texts: quote them`);
  }
  return [{ where, manifest: { ...value, apiVersion, kind, ...(metadata && { metadata }) } }];
}

function lack(field: string, value: unknown): string {
  return value === undefined || value === "" || value === null
    ? `${field} is missing`
    : `${field} must be a text: quote it`;
}

function isMetadata(value: unknown): value is NonNullable<Manifest["metadata"]> {
  return (
    isObject(value) &&
    [value["name"], value["namespace"]].every((name) => ["string", "undefined"].includes(typeof name))
  );
}
