/** Reading what the command line names: a cluster, CRD manifests, OpenAPI files. */

import { invalidArgument, KindredError } from "../../core/index.js";
import { readDocuments } from "../../manifests/index.js";
import type { ClusterOptions, Io } from "../io.js";
import { type ApiDescription, mergeDescriptions } from "./api-description.js";
import { readCluster } from "./cluster.js";
import { type Manifest, readCrds } from "./crd.js";
import { type OpenApiDocument, readOpenApi } from "./openapi.js";

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
    for (const file of sources.crd) manifests.push(...(await readCrdFile(file, "--crd", io)));
    descriptions.push(readCrds(manifests));
  }
  if (sources.openapi.length > 0) {
    const documents: OpenApiDocument[] = [];
    for (const file of sources.openapi)
      documents.push(...(await parseOpenApi(file, await readInput(file, "--openapi", io))));
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

/** OpenAPI is YAML 1.2, where `on` and `y` are names like others: in a manifest a field so named must be quoted, here it need not. */
async function parseOpenApi(file: string, text: string): Promise<readonly OpenApiDocument[]> {
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text, { logLevel: "error" });
  if (!Array.isArray(documents)) return [];
  const source = nameOf(file);
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw invalidArgument(`${source} is not valid YAML or JSON: ${error.message.trim()}`);
    const value: unknown = document.toJS({ maxAliasCount: 10_000 });
    return value === null || value === undefined ? [] : [{ source, document: value }];
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

/**
 * The documents of a file that an option names, or of standard input for `-`, read as kubectl reads manifests. That each is an object
 * with a kind is not asked: other files lie beside those of CustomResourceDefinitions, a Kustomization for one.
 */
export async function readCrdFile(file: string, option: string, io: Io): Promise<readonly Manifest[]> {
  return parseCrds(file, await readInput(file, option, io));
}

/** @throws KindredError INVALID_ARGUMENT with the place, if the text is neither YAML nor JSON. */
export async function parseCrds(file: string, text: string): Promise<readonly Manifest[]> {
  const source = nameOf(file);
  return (await readDocuments(text, { source })).map(({ value }) => ({ source, document: value }));
}

/** The text of a file that an option names, or of standard input for `-`. */
async function readInput(file: string, option: string, io: Io): Promise<string> {
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
