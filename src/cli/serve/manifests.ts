/** Loads manifests into a server: as `kubectl apply --server-side` does, before anybody connects. */

import { formatJson, invalidArgument, type Manifest } from "../../core/index.js";
import { readManifests as readText } from "../../manifests/index.js";
import type { Handle } from "../../testing/node/index.js";
import { isObject, objectsAt, textAt } from "../generate/json.js";
import type { Io } from "../io.js";

/** An object of a manifest, and where it is from. */
interface Wanted {
  readonly source: string;
  readonly name: string;
  readonly namespace: string;
  readonly manifest: Manifest;
}

/** Owns the fields of what is loaded. */
const manager = "kindred-serve";

/** What others need is first, whatever the order of the files. */
const firstKinds = ["CustomResourceDefinition", "Namespace", "PriorityClass", "ServiceAccount"];

/**
 * Reads files of manifests, in YAML or JSON; a folder stands for its `.yaml`, `.yml` and `.json` files, `-` for standard input.
 *
 * @throws KindredError `INVALID_ARGUMENT` that names the file, the place in it and what is wrong there.
 */
export async function readManifests(paths: readonly string[], io: Io): Promise<readonly Wanted[]> {
  const all: Wanted[] = [];
  for (const path of paths) {
    for (const file of await filesOf(path, io)) {
      const text = await read(file, io);
      all.push(...(await wantedOf(file === "-" ? "standard input" : file, text)));
    }
  }
  const rank = ({ manifest: { kind } }: Wanted) =>
    firstKinds.includes(kind) ? firstKinds.indexOf(kind) : firstKinds.length;
  return all.toSorted((a, b) => rank(a) - rank(b));
}

async function filesOf(path: string, io: Io): Promise<readonly string[]> {
  if (path === "-") return [path];
  const folder = path.replace(/(?<=.)\/+$/, "");
  const files = await io.listFiles(folder);
  const manifests = files.filter((file) => /\.(ya?ml|json)$/.test(file)).map((file) => `${folder}/${file}`);
  if (files.length > 0 && manifests.length === 0) throw noManifests(path);
  return manifests.length > 0 ? manifests : [path];
}

async function read(file: string, io: Io): Promise<string> {
  if (file === "-") return io.readStdin();
  try {
    return await io.readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EISDIR") throw noManifests(file);
    const why = error instanceof Error ? error.message : String(error);
    throw invalidArgument(`kindred serve: cannot read the manifest ${file}: ${why}`);
  }
}

function noManifests(folder: string): Error {
  return invalidArgument(`kindred serve: the folder ${folder} has no .yaml, .yml or .json file`);
}

async function wantedOf(source: string, text: string): Promise<readonly Wanted[]> {
  const placed = await readText(text, { source: `kindred serve: ${source}` });
  return placed.map(({ where, manifest }) => {
    const { name = "", namespace = "" } = manifest.metadata ?? {};
    if (name === "") throw invalidArgument(`${where}: this ${manifest.kind} has no metadata.name`);
    return { source, name, namespace, manifest };
  });
}

/**
 * Applies objects one after the other.
 *
 * @returns a line for each.
 * @throws KindredError `INVALID_ARGUMENT` that tells everything that the server refused, in its own words.
 */
export async function applyManifests(wanted: readonly Wanted[], handle: Handle): Promise<readonly string[]> {
  const lines: string[] = [];
  const problems: string[] = [];
  for (const one of wanted) {
    const problem = await apply(one, handle);
    if (problem === undefined) lines.push(place(one));
    else problems.push(`${one.source}: ${place(one)}: ${problem}`);
  }
  if (problems.length > 0)
    throw invalidArgument(`kindred serve: not everything can be loaded:\n${problems.join("\n")}`);
  return lines;
}

/** @returns what is wrong, if anything is. */
async function apply(wanted: Wanted, handle: Handle): Promise<string | undefined> {
  const { name, manifest } = wanted;
  const { apiVersion, kind } = manifest;
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const kinds = await json(handle, { method: "GET", url: root, headers: { accept: "application/json" } });
  const served = resourcesOf(kinds.body).find((resource) => resource.kind === kind);
  if (served === undefined) {
    return `no such kind is served: is ${JSON.stringify(apiVersion)} right, and its CustomResourceDefinition among the manifests?`;
  }
  const namespace = wanted.namespace === "" ? "default" : wanted.namespace;
  const within = served.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const { status, body } = await json(handle, {
    method: "PATCH",
    url: `${root}${within}/${served.name}/${encodeURIComponent(name)}?fieldManager=${manager}&force=true&fieldValidation=Strict`,
    headers: { "content-type": "application/apply-patch+yaml", accept: "application/json" },
    body: formatJson(manifest),
  });
  if (status < 300) return undefined;
  const message = isObject(body) ? textAt(body, "message") : "";
  return message === "" ? `the server answered ${status}` : message;
}

async function json(
  handle: Handle,
  request: Parameters<Handle>[0],
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { status, body } = await handle(request);
  if (typeof body !== "string") throw new TypeError(`${request.method} ${request.url} was answered by a watch`);
  try {
    return { status, body: JSON.parse(body) };
  } catch (error) {
    // A path that leads nowhere is answered in plain text.
    if (error instanceof SyntaxError) return { status, body: undefined };
    throw error;
  }
}

interface Served {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function resourcesOf(list: unknown): readonly Served[] {
  return objectsAt(isObject(list) ? list : {}, "resources")
    .map((resource) => ({
      name: textAt(resource, "name"),
      kind: textAt(resource, "kind"),
      namespaced: resource["namespaced"] === true,
    }))
    .filter(({ name }) => name !== "" && !name.includes("/"));
}

function place({ namespace, name, manifest: { kind } }: Wanted): string {
  return namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}
