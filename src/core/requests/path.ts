/** The URL mapper: where a kind's objects live. */

import { invalidArgument } from "../errors.js";
import { apiVersionOf, type AnyKind, resourceNameOf } from "../kind.js";
import type { IncludeObject } from "../table.js";
import { checkWellFormed } from "../well-formed.js";

/** How the server is to represent objects: whole, their metadata only, or as rows to print. */
export type Representation = "object" | "metadata" | "table";

/** What a request is about: a kind, its namespace, one of its subresources. */
export interface Target {
  readonly kind: AnyKind;
  /** Absent: all namespaces, or a cluster-scoped kind. */
  readonly namespace?: string | undefined;
  /** Such as `status` or `scale`. */
  readonly subresource?: string | undefined;
  /** Default `object`. */
  readonly representation?: Representation | undefined;
  /** How much of an object comes with its row of a table. */
  readonly includeObject?: IncludeObject | undefined;
}

/**
 * The path of a collection. The core group is the odd one: `/api/v1/pods` against `/apis/apps/v1/deployments`.
 *
 * @throws KindredError `INVALID_ARGUMENT` for a namespace on a cluster-scoped kind, or a name that cannot be in a path.
 */
export function collectionPath({ kind, namespace }: Target): string {
  const root = kind.group === "" ? "/api" : "/apis";
  const base = `${root}/${apiVersionOf(kind)}`;
  if (namespace === undefined) return `${base}/${kind.plural}`;
  if (kind.scope === "Cluster") {
    throw invalidArgument(
      `${kind.kind} is cluster scoped, but namespace ${JSON.stringify(namespace)} was given: leave the namespace out`,
    );
  }
  return `${base}/namespaces/${pathSegment(namespace, "a namespace")}/${kind.plural}`;
}

/**
 * The path of one object, or of its subresource.
 *
 * @throws KindredError `INVALID_ARGUMENT` for an empty name, one that cannot be in a path, or a namespaced kind without a namespace.
 */
export function objectPath(target: Target, name: string): string {
  requireNamespace(target);
  const path = `${collectionPath(target)}/${pathSegment(name, `the name of a ${target.kind.kind}`)}`;
  return target.subresource === undefined ? path : `${path}/${target.subresource}`;
}

/** @throws KindredError `INVALID_ARGUMENT` if the kind is namespaced and no namespace is given. */
export function requireNamespace({ kind, namespace }: Target): void {
  if (kind.scope === "Namespaced" && namespace === undefined) {
    throw invalidArgument(
      `${resourceNameOf(kind)} live in namespaces, and none was given: choose one with .namespace(name)`,
    );
  }
}

/** Refuses what would change the path's meaning, as the API server's own path-segment rule does. */
function pathSegment(value: string, what: string): string {
  if (typeof value !== "string" || value === "") throw invalidArgument(`${what} must not be empty`);
  if (value === "." || value === ".." || /[/%]/.test(value)) {
    throw invalidArgument(`${what} must not be ".", ".." or contain "/" or "%", but is ${JSON.stringify(value)}`);
  }
  checkWellFormed(value, what);
  return encodeURIComponent(value);
}
