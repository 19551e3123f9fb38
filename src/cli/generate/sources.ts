/** Reading what the command line names: a cluster, CRD manifests, OpenAPI files. */

import { parseAllDocuments } from "yaml";
import { invalidArgument, KindredError } from "../../core/index.js";
import type { ClusterOptions, Io } from "../io.js";
import { type ApiDescription, mergeDescriptions } from "./api-description.js";
import { readCluster } from "./cluster.js";
import { type Manifest, readCrds } from "./crd.js";
import { readOpenApi } from "./openapi.js";

/** Where to read an API from; all of it is generated together. */
export interface Sources {
  readonly cluster?: ClusterOptions;
  /** Files of CRD manifests in YAML or JSON; `-` is standard input. */
  readonly crd: readonly string[];
  /** Files of OpenAPI v3 documents; `-` is standard input. */
  readonly openapi: readonly string[];
  /** Only these groups; `core` is the one without a name. Empty: all. */
  readonly groups: readonly string[];
}

/** Reads all sources into one description; manifests win over the cluster. */
export async function readSources(sources: Sources, io: Io): Promise<ApiDescription> {
  const descriptions: ApiDescription[] = [];
  if (sources.crd.length > 0) {
    const manifests: Manifest[] = [];
    for (const file of sources.crd) manifests.push(...parseDocuments(file, await readInput(file, "--crd", io)));
    descriptions.push(readCrds(manifests));
  }
  if (sources.openapi.length > 0) {
    const documents: Manifest[] = [];
    for (const file of sources.openapi) documents.push(...parseDocuments(file, await readInput(file, "--openapi", io)));
    descriptions.push(readOpenApi(documents));
  }
  if (sources.cluster !== undefined) {
    await using connection = await io.connect(sources.cluster);
    descriptions.push(
      await readCluster(connection.get, {
        ...(sources.groups.length === 0 ? {} : { groups: sources.groups }),
        ...(io.signal === undefined ? {} : { signal: io.signal }),
      }),
    );
  }
  return selectGroups(mergeDescriptions(descriptions), sources.groups);
}

/** @throws KindredError INVALID_ARGUMENT with the place, if the text is neither YAML nor JSON. */
export function parseDocuments(source: string, text: string): readonly Manifest[] {
  const documents = parseAllDocuments(text, { logLevel: "error" });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined)
      throw invalidArgument(`${nameOf(source)} is not valid YAML or JSON: ${error.message.trim()}`);
    const value: unknown = document.toJS({ maxAliasCount: 10_000 });
    return value === null || value === undefined ? [] : [{ source: nameOf(source), document: value }];
  });
}

function selectGroups(description: ApiDescription, groups: readonly string[]): ApiDescription {
  if (groups.length === 0) return description;
  const isSelected = ({ group }: { readonly group: string }) => groups.includes(group === "" ? "core" : group);
  const resources = description.resources.filter(isSelected);
  const present = new Set(resources.map((resource) => resource.group || "core"));
  const missing = groups.filter((group) => !present.has(group));
  if (missing.length > 0) {
    const known = [...new Set(description.resources.map((resource) => resource.group || "core"))].toSorted();
    throw invalidArgument(
      `--group ${missing.join(", ")}: no such API group in the input; it has ${known.join(", ") || "none"}`,
    );
  }
  return { ...description, resources, bodies: description.bodies.filter(isSelected) };
}

/** The text of a file that an option names, or of standard input for `-`. */
export async function readInput(file: string, option: string, io: Io): Promise<string> {
  try {
    return file === "-" ? await io.readStdin() : await io.readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KindredError("INVALID_ARGUMENT", `${option} ${file} cannot be read: ${reason}`, { cause });
  }
}

function nameOf(source: string): string {
  return source === "-" ? "standard input" : source;
}
