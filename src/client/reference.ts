/** From a reference to the object that it names: owners, and what events and volumes point to. */

import {
  type AnyKind,
  apiVersionOf,
  type DynamicObject,
  type GetOptions,
  type Infer,
  invalidArgument,
} from "../core/index.js";
import type { CallOptions } from "./transport.js";

/** An OwnerReference, an ObjectReference, or a name alone if there is only one kind that it may be of. */
export interface Reference {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  /** Owner references have none: see {@link FetchOptions.namespace}. */
  readonly namespace?: string | undefined;
  /** The very object that is meant: another one of the same name is not it. */
  readonly uid?: string | undefined;
}

/** Options of {@link Client.fetch}. */
export interface FetchOptions extends GetOptions, CallOptions {
  /** Where to look if the reference does not say: the namespace of the object that holds it. Not used for cluster-scoped kinds. */
  readonly namespace?: string | undefined;
}

/** Finds the kind that a reference names: discovery, for one. */
export type ResolveKind = (
  reference: { readonly apiVersion: string; readonly kind: string },
  options: CallOptions,
) => AnyKind | undefined | Promise<AnyKind | undefined>;

/** Where the kind comes from: kinds that are expected, else a lookup. */
export interface KindSources<K extends AnyKind = AnyKind> {
  readonly kinds?: readonly K[] | undefined;
  readonly resolve?: ResolveKind | undefined;
}

/** What a reference to one of `kinds` leads to; without them, to anything. */
export type Referent<K extends AnyKind> = AnyKind extends K ? DynamicObject : Infer<K>;

/** Where a reference leads. */
export interface Located {
  readonly kind: AnyKind;
  readonly namespace: string | undefined;
  readonly name: string;
}

/**
 * The kind, namespace and name of what is meant.
 *
 * Any version of a kind will do: references outlive versions.
 *
 * @throws KindredError `INVALID_ARGUMENT` for a reference without a name, of an unknown kind, or without its namespace.
 */
export async function locate(reference: Reference, sources: KindSources, options: FetchOptions): Promise<Located> {
  const shown = [reference.apiVersion, reference.kind, reference.name].filter((part) => part !== undefined).join(" ");
  const what = `the reference to ${shown === "" ? "nothing" : shown}`;
  if (!reference.name) throw invalidArgument(`${what} has no name`);
  const kind = await kindOf(reference, sources, options);
  if (kind === undefined) {
    throw invalidArgument(`${what}: no such kind is known: give it in \`kinds\`, or look it up with \`resolve\``);
  }
  if (kind.scope === "Cluster") return { kind, namespace: undefined, name: reference.name };
  const namespace = reference.namespace || options.namespace;
  if (namespace === undefined) {
    throw invalidArgument(
      `${what}: ${kind.plural} live in namespaces, and it names none: give that of the object that holds it`,
    );
  }
  return { kind, namespace, name: reference.name };
}

async function kindOf(
  { apiVersion, kind }: Reference,
  { kinds = [], resolve }: KindSources,
  { signal }: CallOptions,
): Promise<AnyKind | undefined> {
  if (kind === undefined) return kinds.length === 1 ? kinds[0] : undefined;
  const named = kinds.filter((one) => one.kind === kind && one.group === groupOf(apiVersion ?? ""));
  const known = named.find((one) => apiVersionOf(one) === apiVersion) ?? named[0];
  if (known !== undefined || resolve === undefined || apiVersion === undefined) return known;
  return resolve({ apiVersion, kind }, { signal });
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "" : apiVersion.slice(0, slash);
}

/** Whether `object` is the one that is meant, and no later one of its name. */
export function isReferent(object: unknown, { uid }: Reference): boolean {
  if (uid === undefined || uid === "") return true;
  if (typeof object !== "object" || object === null || !("metadata" in object)) return false;
  const { metadata } = object;
  return typeof metadata === "object" && metadata !== null && "uid" in metadata && metadata.uid === uid;
}
