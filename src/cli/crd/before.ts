/** The CustomResourceDefinitions that those of a module are compared with: of files, or of a cluster. */

import { isNotFound } from "../../core/index.js";
import { definitionsOf } from "../generate/crd.js";
import { isObject, type JsonObject } from "../generate/json.js";
import { readCrdFile } from "../generate/sources.js";
import type { ClusterOptions, Io } from "../io.js";

/** Where to look. */
export type Before =
  /** A file, a folder of files, or `-` for standard input. */
  { readonly type: "files"; readonly path: string } | { readonly type: "cluster"; readonly cluster: ClusterOptions };

/** What was found, and what to call the place. */
export interface FoundBefore {
  readonly name: string;
  readonly crds: readonly JsonObject[];
}

/** @param names the definitions to ask a cluster for. */
export async function readBefore(before: Before, names: readonly string[], io: Io): Promise<FoundBefore> {
  if (before.type === "cluster") return { name: "the cluster", crds: await readCluster(before.cluster, names, io) };
  const { path } = before;
  const inFolder = path === "-" ? [] : (await io.listFiles(path)).filter((name) => /\.(ya?ml|json)$/.test(name));
  const files = inFolder.length === 0 ? [path] : inFolder.map((name) => `${path}/${name}`);
  const crds: JsonObject[] = [];
  for (const file of files) {
    for (const { document } of await readCrdFile(file, "--check", io)) crds.push(...definitionsOf(document));
  }
  return { name: path === "-" ? "standard input" : path, crds };
}

async function readCluster(options: ClusterOptions, names: readonly string[], io: Io): Promise<readonly JsonObject[]> {
  const crds: JsonObject[] = [];
  await using connection = await io.connect(options);
  for (const name of names) {
    try {
      const crd = await connection.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`, {
        accept: "application/json",
        ...(io.signal === undefined ? {} : { signal: io.signal }),
      });
      if (isObject(crd)) crds.push(crd);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return crds;
}
