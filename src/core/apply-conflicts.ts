/** What a conflict of server-side apply is about: which field, and who owns it. */

import { ApiError } from "./status.js";

/** A field that somebody else owns. */
export interface ApplyConflict {
  /** The path of the field, such as `.spec.replicas` or `.spec.containers[name="web"].image`. */
  readonly field: string;
  /** Who owns it. */
  readonly manager: string;
  /** Through which subresource the manager wrote it, if through one. */
  readonly subresource?: string;
  /** In which version of the API the manager wrote it, if not by apply. */
  readonly apiVersion?: string;
}

/**
 * The fields that another manager owns, if `error` is a conflict of server-side apply; else none.
 *
 * Leave the fields out, or take them with `force: true`.
 *
 * @example
 * ```ts
 * for (const { field, manager } of applyConflicts(error)) console.warn(`${manager} owns ${field}`);
 * ```
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
 */
export function applyConflicts(error: unknown): readonly ApplyConflict[] {
  if (!(error instanceof ApiError)) return [];
  return (error.status.details?.causes ?? []).flatMap(({ reason, message, field }) => {
    if (reason !== "FieldManagerConflict") return [];
    const [, quoted = '""', subresource, apiVersion] = conflict.exec(message ?? "") ?? [];
    return [
      Object.freeze({
        field: field ?? "",
        manager: unquote(quoted),
        ...(subresource !== undefined && { subresource: unquote(subresource) }),
        ...(apiVersion !== undefined && { apiVersion }),
      }),
    ];
  });
}

/** `conflict with "m" with subresource "status" using v1 at 2026-01-01T00:00:00Z`, of which only the beginning is always there. */
const conflict = /^conflict with ("(?:[^"\\]|\\.)*")(?: with subresource ("(?:[^"\\]|\\.)*"))?(?: using (\S+))?/;

/** Go quotes as JSON does, but for characters that nobody puts into a manager's name. */
function unquote(quoted: string): string {
  try {
    const text: unknown = JSON.parse(quoted);
    return typeof text === "string" ? text : quoted;
  } catch {
    return quoted.slice(1, -1);
  }
}
