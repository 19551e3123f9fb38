/** What a cluster is given before a test begins: custom kinds and objects. */

import { type DynamicObject, invalidArgument, type NewMeta } from "../../core/index.js";
import { isObject, textAt } from "../../core/json-fields.js";
import type { Client } from "../../client/index.js";
import { readManifests } from "../../manifests/index.js";
import { CustomResourceDefinition } from "../../resources/apiextensions.k8s.io/v1.js";
import { type Clock, isEstablished, waitFor } from "../../runtime/index.js";
import type { CrdManifest } from "../../schema/index.js";
import { type ServedKind, ServedKinds } from "./controllers/served-kinds.js";

/** An object to begin with, as a manifest has it. A namespaced one without a namespace goes to `default`. */
export interface SeedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: NewMeta;
  readonly [field: string]: unknown;
}

/** A custom kind to install: what `customResource` returns. */
export interface SeedKind {
  crd(): CrdManifest;
}

/** What to begin with. */
export interface Seeds {
  readonly kinds?: readonly SeedKind[] | undefined;
  readonly objects?: readonly SeedObject[] | undefined;
  /** Objects as text, as in files for `kubectl apply -f`: what `parseManifests` reads. Each needs a name, or a `generateName`. */
  readonly manifests?: string | undefined;
}

/** Installs kinds and creates objects: definitions first, then namespaces, then the rest in their order; each with its status, if it has one. */
export async function plant(
  client: Client,
  { kinds = [], objects = [], manifests }: Seeds,
  clock: Clock,
): Promise<void> {
  const served = new ServedKinds(client);
  const definitions = kinds.map((kind): SeedObject => ({ ...kind.crd() }));
  const written = manifests === undefined ? [] : await seedsOf(manifests);
  const sorted = [...definitions, ...objects, ...written].toSorted((a, b) => rank(a) - rank(b));
  for (const object of sorted) {
    const kind = await served.byKind(object.apiVersion, object.kind);
    if (kind === undefined) throw unknownKind(object);
    await create(client, kind, object);
    if (object.kind === CustomResourceDefinition.kind) await established(client, object, clock);
  }
}

async function seedsOf(text: string): Promise<readonly SeedObject[]> {
  const placed = await readManifests(text, { source: "the manifests" });
  return placed.map(({ where, manifest: { metadata, ...rest } }) => {
    if (!isNewMeta(metadata)) throw invalidArgument(`${where}: metadata.name is missing`);
    return { ...rest, metadata };
  });
}

function isNewMeta(metadata: unknown): metadata is NewMeta {
  return isObject(metadata) && (textAt(metadata, "name") !== "" || textAt(metadata, "generateName") !== "");
}

function rank({ kind }: SeedObject): number {
  return kind === CustomResourceDefinition.kind ? 0 : kind === "Namespace" ? 1 : 2;
}

async function create(client: Client, kind: ServedKind, object: SeedObject): Promise<void> {
  const { namespace = client.defaultNamespace } = object.metadata;
  const api = kind.scope === "Namespaced" ? client.api(kind).namespace(namespace) : client.api(kind);
  const { status, ...rest } = object;
  const created: DynamicObject = await api.create(rest);
  // A definition's status is the server's own.
  if (status === undefined || !kind.subresources.includes("status") || rank(object) === 0) return;
  await api.status.replace({ ...created, status });
}

async function established(client: Client, { metadata }: SeedObject, clock: Clock): Promise<void> {
  await waitFor(client.api(CustomResourceDefinition), metadata.name ?? "", {
    until: isEstablished,
    what: "to be established",
    clock,
  });
}

function unknownKind({ apiVersion, kind, metadata }: SeedObject): Error {
  return invalidArgument(
    `the object ${JSON.stringify(metadata.name)} is a ${kind} of ${apiVersion}, which the cluster does not serve: install its CustomResourceDefinition by \`kinds\` or \`objects\``,
  );
}
