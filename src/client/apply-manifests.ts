/** Applying manifests to a cluster: in which order, and what became of each. */

import {
  type ApplyOptions,
  ApiError,
  type DiscoveredKind,
  type DynamicObject,
  invalidArgument,
  isNotFound,
  KindredError,
  type Manifest,
} from "../core/index.js";
import { isEqual } from "../core/json-fields.js";
import type { Client } from "./client.js";
import { type RetryClock, systemClock } from "./clock.js";
import { isDefinition, NewKinds } from "./new-kinds.js";
import type { CallOptions } from "./transport.js";

/** Options of {@link applyManifests}; `fieldValidation` is `Strict` if none is given, as with kubectl. */
export interface ApplyManifestsOptions extends ApplyOptions, CallOptions {
  /** Where objects live whose manifest says nothing; a manifest that says another fails. Default: the client's own, and none fails. */
  readonly namespace?: string | undefined;
  /** For tests. */
  readonly clock?: Pick<RetryClock, "now" | "sleep"> | undefined;
}

/** Which object a result is about. */
export interface AppliedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for an object of a cluster-scoped kind, and for one of a kind that is not known. */
  readonly namespace?: string;
}

/** What became of one manifest. */
export type ManifestResult = AppliedObject & (Applied | { readonly outcome: "failed"; readonly error: KindredError });

interface Applied {
  readonly outcome: "created" | "configured" | "unchanged";
  /** The object as the server answered. */
  readonly object: DynamicObject;
}

/**
 * Applies manifests as `kubectl apply --server-side` does, one after the other, while the result is read.
 *
 * Guarantees: Namespaces and CustomResourceDefinitions come first, the rest as given; an object waits until the server serves its
 * definition, if that is among the manifests. A failure is a result like another, and stops nothing. Leaving the loop applies no more.
 *
 * Caveats: to tell `configured` from `unchanged` each object is read before; without the right to read it, it is `configured`. In a
 * dry run an object fails if its namespace or its definition would only be created. What kubectl applied client-side keeps its owner
 * `kubectl-client-side-apply`.
 *
 * @example
 * ```ts
 * for await (const { kind, name, outcome } of applyManifests(client, await parseManifests(text), { manager: "me" })) {
 *   console.log(`${kind}/${name} ${outcome}`);
 * }
 * ```
 * @throws the signal's reason.
 */
export async function* applyManifests(
  client: Client,
  manifests: Iterable<Manifest>,
  { clock = systemClock, ...options }: ApplyManifestsOptions,
): AsyncGenerator<ManifestResult, void, undefined> {
  const kinds = new NewKinds(client, clock);
  for (const manifest of inOrder([...manifests])) {
    yield await result(client, manifest, { ...options, kinds });
  }
}

type Run = Omit<ApplyManifestsOptions, "clock"> & { readonly kinds: NewKinds };

/** What others need before those that need it. */
function inOrder(manifests: readonly Manifest[]): readonly Manifest[] {
  const isNeeded = (manifest: Manifest) =>
    (manifest.kind === "Namespace" && manifest.apiVersion === "v1") || isDefinition(manifest);
  return [...manifests.filter(isNeeded), ...manifests.filter((manifest) => !isNeeded(manifest))];
}

async function result(client: Client, manifest: Manifest, run: Run): Promise<ManifestResult> {
  const { apiVersion, kind, metadata } = manifest;
  let identity: AppliedObject = { apiVersion, kind, name: metadata?.name ?? "" };
  try {
    const descriptor = await run.kinds.kindOf(manifest, run);
    const namespace = namespaceOf(client, descriptor, { manifest, run });
    if (namespace !== undefined) identity = { ...identity, namespace };
    const { outcome, object } = await apply(client, manifest, { run, identity, descriptor });
    if (isDefinition(manifest) && run.dryRun !== true) {
      run.kinds.add(manifest, { name: identity.name, kind: descriptor });
    }
    return { ...identity, outcome, object };
  } catch (error) {
    run.signal?.throwIfAborted();
    if (error instanceof KindredError) return { ...identity, outcome: "failed", error };
    throw error;
  }
}

function namespaceOf(
  client: Client,
  kind: DiscoveredKind,
  { manifest, run }: { readonly manifest: Manifest; readonly run: Run },
): string | undefined {
  if (kind.scope === "Cluster") return undefined;
  const own = manifest.metadata?.namespace;
  if (own !== undefined && own !== "" && run.namespace !== undefined && own !== run.namespace) {
    throw invalidArgument(
      `${kind.kind} ${JSON.stringify(manifest.metadata?.name)} is of namespace ${JSON.stringify(own)}, and ${JSON.stringify(run.namespace)} was asked for: leave one of them out`,
    );
  }
  return own || (run.namespace ?? client.defaultNamespace);
}

interface Application {
  readonly run: Run;
  readonly identity: AppliedObject;
  readonly descriptor: DiscoveredKind;
}

async function apply(client: Client, manifest: Manifest, { run, identity, descriptor }: Application): Promise<Applied> {
  const { name, namespace } = identity;
  if (name === "") {
    throw invalidArgument(`a ${descriptor.kind} without metadata.name cannot be applied: only create makes up a name`);
  }
  const { manager, force, dryRun, fieldValidation = "Strict", signal } = run;
  const all = client.api(descriptor);
  const api = namespace === undefined ? all : all.namespace(namespace);
  const before = await api.getOptional(name, { signal }).catch(unlessRefused);
  // A namespace that a cluster-scoped object names means nothing, to kubectl as well.
  const { namespace: _named, ...others } = manifest.metadata ?? {};
  const metadata = { ...others, name, ...(namespace !== undefined && { namespace }) };
  const object = await api.apply({ ...manifest, metadata }, { manager, force, dryRun, fieldValidation, signal });
  return { outcome: outcomeOf(before, object), object };
}

/** What may not be read may still be applied. */
function unlessRefused(error: unknown): "unknown" {
  if (error instanceof ApiError && !isNotFound(error)) return "unknown";
  throw error;
}

/** The server keeps the version, and the time in each entry of the field owners, of an object that an apply does not change. */
function outcomeOf(before: DynamicObject | undefined | "unknown", after: DynamicObject): Applied["outcome"] {
  if (before === undefined) return "created";
  return before !== "unknown" && isEqual(before, after) ? "unchanged" : "configured";
}
