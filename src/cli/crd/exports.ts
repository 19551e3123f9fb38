/** The CustomResourceDefinitions that a module exports. */

import { invalidArgument, KindredError } from "../../core/index.js";
import { isEqual, isObject, type JsonObject, objectAt, objectsAt, textAt } from "../generate/json.js";
import type { Io } from "../io.js";

/**
 * Imports a module and finds what its exports define: custom kinds, what `mergeVersions` returns, and arrays and objects of them.
 *
 * @returns one definition per kind, in the order of their names.
 * @throws KindredError INVALID_ARGUMENT if there is no such module, or it exports no kind, or versions of a kind that nothing merges;
 * SCHEMA if it cannot be imported.
 */
export async function readModule(path: string, io: Io): Promise<readonly JsonObject[]> {
  const exported = await importModule(path, io);
  const found: Found = { merged: [], kinds: [] };
  for (const value of Object.values(exported)) collect(value, found, []);
  const crds = new Map<string, JsonObject>();
  for (const crd of [...found.merged, ...found.kinds]) {
    const name = nameOf(crd);
    const other = crds.get(name);
    if (other === undefined) crds.set(name, crd);
    else if (!contains(other, crd)) throw invalidArgument(unmerged(path, name, { merged: found.merged, crd, other }));
  }
  if (crds.size === 0) {
    const names = Object.keys(exported).join(", ") || "nothing";
    throw invalidArgument(
      `${path} exports no custom kind; it exports ${names}. Export what customResource or mergeVersions returns.`,
    );
  }
  return [...crds.values()].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

interface Found {
  /** Whole definitions, as mergeVersions returns them. */
  readonly merged: JsonObject[];
  /** Definitions of one version, as a kind has it. */
  readonly kinds: JsonObject[];
}

/** How deep kinds may lie in exported arrays and objects. */
const depth = 4;

function collect(value: unknown, found: Found, above: readonly object[]): void {
  if (typeof value !== "object" || value === null || above.includes(value) || above.length > depth) return;
  if (Array.isArray(value)) for (const item of value) collect(item, found, [...above, value]);
  else if (isDefinition(value)) found.merged.push(value);
  else if ("crd" in value && typeof value.crd === "function") {
    const crd: unknown = value.crd();
    if (isDefinition(crd)) found.kinds.push(crd);
  } else for (const item of Object.values(value)) collect(item, found, [...above, value]);
}

function isDefinition(value: unknown): value is JsonObject {
  return (
    isObject(value) &&
    value["kind"] === "CustomResourceDefinition" &&
    textAt(value, "apiVersion") === "apiextensions.k8s.io/v1"
  );
}

/** The name of a definition: `widgets.example.dev`. */
export function nameOf(crd: JsonObject): string {
  return textAt(objectAt(crd, "metadata"), "name");
}

function versionsOf(crd: JsonObject): readonly JsonObject[] {
  return objectsAt(objectAt(crd, "spec"), "versions");
}

/** Whether `whole` says of the versions of `part` what `part` says of them, but for which one is stored. */
function contains(whole: JsonObject, part: JsonObject): boolean {
  const unstored = (version: JsonObject) => ({ ...version, storage: true });
  return versionsOf(part).every((version) =>
    versionsOf(whole).some((other) => isEqual(unstored(other), unstored(version))),
  );
}

function unmerged(
  path: string,
  name: string,
  {
    merged,
    crd,
    other,
  }: { readonly merged: readonly JsonObject[]; readonly crd: JsonObject; readonly other: JsonObject },
): string {
  const names = (one: JsonObject) =>
    versionsOf(one)
      .map((version) => textAt(version, "name"))
      .join(", ");
  if (merged.includes(crd)) return `${path} exports two definitions of ${name}. Export one of them.`;
  if (merged.includes(other)) {
    return `${path} exports ${name} in version ${names(crd)}, which the definition that it exports (${names(other)}) lacks or has otherwise. Merge that version too.`;
  }
  return `${path} exports ${name} twice (${names(other)} and ${names(crd)}), and nothing that merges them. Export mergeVersions([...], { stored: "..." }) too.`;
}

async function importModule(path: string, io: Io): Promise<{ readonly [name: string]: unknown }> {
  try {
    await io.readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KindredError("INVALID_ARGUMENT", `the module ${path} cannot be read: ${reason}`, { cause });
  }
  try {
    return await io.importModule(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (/\.[cm]?tsx?$/.test(path) && isUnknownExtension(cause)) {
      throw new KindredError(
        "INVALID_ARGUMENT",
        `${path} is TypeScript, which this Node (${io.nodeVersion}) does not run. Use Node 22.18 or newer, or compile it and name the .js file.`,
        { cause },
      );
    }
    throw new KindredError("SCHEMA", `${path} cannot be imported: ${reason}`, { cause });
  }
}

function isUnknownExtension(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_UNKNOWN_FILE_EXTENSION";
}
