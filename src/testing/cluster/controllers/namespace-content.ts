/** Empties a namespace that is being deleted: pods first, then everything else, and tells what remains. */

import { ApiError, type DynamicObject, isNotFound, type PartialObjectMetadata } from "../../../core/index.js";
import type { Client } from "../../../client/index.js";
import { type Namespace, Pod } from "../../../resources/core/v1.js";
import { type Finding, findings } from "./namespace-conditions.js";
import type { ServedKind, ServedKinds } from "./served-kinds.js";

/** What has become of a namespace's content. */
export interface Emptied {
  /** How long what remains is likely to take, in seconds; 0 if nothing does. */
  readonly remainingSeconds: number;
  readonly findings: readonly Finding[];
  /** What could not be deleted. */
  readonly failures: readonly Error[];
}

/** What remains of one kind. */
export interface Remaining {
  /** `plural.group`, with the dot also where the group is empty. */
  readonly resource: string;
  readonly objects: readonly PartialObjectMetadata[];
}

/** How long finalizers are given, as upstream has it. */
const finalizerSeconds = 15;

/** Deletes all that is in a namespace, as far as it goes now. */
export async function emptyNamespace(
  context: { readonly client: Client; readonly kinds: ServedKinds; readonly now: number },
  namespace: Namespace,
): Promise<Emptied> {
  const kinds = (await context.kinds.all()).filter(
    ({ scope, verbs }) => scope === "Namespaced" && verbs.includes("delete"),
  );
  const isPod = ({ group, plural }: ServedKind) => group === "" && plural === "pods";
  const graceSeconds = await podGraceSeconds(context, namespace);
  const pods = await emptyKinds(context.client, namespace, kinds.filter(isPod));
  // What pods may still need, such as their volumes and secrets, stays until they are gone.
  const podsRemain = pods.remaining.length > 0;
  const rest = podsRemain
    ? nothing
    : await emptyKinds(
        context.client,
        namespace,
        kinds.filter((kind) => !isPod(kind)),
      );
  const remaining = [...pods.remaining, ...rest.remaining];
  const unheld = podsRemain && graceSeconds > 0 ? [] : remaining.filter(({ objects }) => !objects.some(isHeld));
  const failures = [
    ...pods.failures,
    ...rest.failures,
    ...unheld.map(({ resource }) => unexpected(resource, namespace)),
  ];
  const seconds = podsRemain && graceSeconds > 0 ? graceSeconds : finalizerSeconds;
  return {
    remainingSeconds: remaining.length === 0 ? 0 : seconds,
    // Upstream leaves these for later as long as there are pods.
    findings: findings({ failures, remaining: podsRemain ? [] : remaining }),
    failures,
  };
}

interface KindsEmptied {
  readonly remaining: readonly Remaining[];
  readonly failures: readonly Error[];
}

const nothing: KindsEmptied = Object.freeze({ remaining: [], failures: [] });

async function emptyKinds(client: Client, namespace: Namespace, kinds: readonly ServedKind[]): Promise<KindsEmptied> {
  const remaining: Remaining[] = [];
  const failures: Error[] = [];
  for (const kind of kinds) {
    try {
      const objects = await emptyKind(client, namespace.metadata.name, kind);
      if (objects.length > 0) remaining.push({ resource: `${kind.plural}.${kind.group}`, objects });
    } catch (error) {
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return { remaining, failures };
}

/** @returns what is still there. */
async function emptyKind(
  client: Client,
  namespace: string,
  kind: ServedKind,
): Promise<readonly PartialObjectMetadata[]> {
  const api = client.api<typeof kind>(kind).namespace(namespace);
  const list = async () => (kind.verbs.includes("list") ? api.metadata.list().toArray() : []);
  const found = await list().catch(ifServed);
  if (found.length === 0) return [];
  if (kind.verbs.includes("deletecollection")) await api.deleteCollection({ propagationPolicy: "Background" });
  else for (const { metadata } of found) await deleteOne(api, metadata.name);
  return list();
}

async function deleteOne(
  api: { delete(name: string, options: { readonly propagationPolicy: "Background" }): Promise<DynamicObject | object> },
  name: string,
): Promise<void> {
  try {
    await api.delete(name, { propagationPolicy: "Background" });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** A kind may go while the namespace is emptied. */
function ifServed(error: unknown): readonly PartialObjectMetadata[] {
  if (isNotFound(error) || (error instanceof ApiError && error.statusCode === 405)) return [];
  throw error;
}

/** How long the slowest pod may still take; 0 once that has passed. */
async function podGraceSeconds(
  { client, now }: { readonly client: Client; readonly now: number },
  { metadata }: Namespace,
): Promise<number> {
  const pods = await client.api(Pod).namespace(metadata.name).list().toArray();
  const running = pods.filter(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed");
  const longest = Math.max(0, ...running.map(({ spec }) => spec?.terminationGracePeriodSeconds ?? 0));
  const passed = (now - Date.parse(metadata.deletionTimestamp ?? "")) / 1000;
  return passed >= longest ? 0 : longest;
}

function isHeld({ metadata }: PartialObjectMetadata): boolean {
  return (metadata.finalizers ?? []).length > 0;
}

function unexpected(resource: string, { metadata }: Namespace): Error {
  return new Error(`unexpected items still remain in namespace: ${metadata.name} for ${resource}`);
}
