/** What each verb can be asked for. Every field is optional; `undefined` is the same as absent. */

import type { FieldSelectorInput, LabelSelectorInput } from "./selector.js";

/** Options of get. */
export interface GetOptions {
  /** Not older than this version; `"0"` takes whatever the server has cached. Default: the latest. */
  readonly resourceVersion?: string | undefined;
}

/** Which objects a list, watch or deletion of a collection concerns. */
export interface SelectorOptions {
  /** `{ app: "web" }`, `"app in (web,api),!canary"`, or requirements. */
  readonly labels?: LabelSelectorInput | undefined;
  /** `{ "spec.nodeName": "n1" }` or `"status.phase!=Running"`. */
  readonly fields?: FieldSelectorInput | undefined;
}

/** Options of one list request. */
export interface ListOptions extends SelectorOptions {
  /** At most this many objects; the rest follows with `continue`. */
  readonly limit?: number | undefined;
  /** Where the previous page ended. */
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** How `resourceVersion` is meant; needs it. */
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan" | undefined;
  /** The server gives up after this many seconds. */
  readonly timeoutSeconds?: number | undefined;
}

/** Options of one watch request. */
export interface WatchOptions extends SelectorOptions {
  /** Changes after this version; without it the server first sends what is there. */
  readonly resourceVersion?: string | undefined;
  /** The server ends the watch after this many seconds: below 295. Default 290. */
  readonly timeoutSeconds?: number | undefined;
  /** Ask for bookmarks, which carry the version forward while nothing changes. Default true. */
  readonly bookmarks?: boolean | undefined;
  /** Ask for what is there as the first events, ended by a marked bookmark. Needs bookmarks. */
  readonly sendInitialEvents?: boolean | undefined;
}

/** How the server treats unknown and duplicate fields: refuse, warn (its default), or drop in silence. */
export type FieldValidation = "Strict" | "Warn" | "Ignore";

/** Options of create, replace and patch. */
export interface WriteOptions {
  /** Who writes, for field ownership: at most 128 bytes. Default: the User-Agent up to its first slash. */
  readonly manager?: string | undefined;
  /** Run every check, store nothing. */
  readonly dryRun?: boolean | undefined;
  readonly fieldValidation?: FieldValidation | undefined;
}

/** Options of server-side apply. */
export interface ApplyOptions extends WriteOptions {
  /** Who owns the applied fields: at most 128 bytes. */
  readonly manager: string;
  /** Take fields that another manager owns. Default false: a conflict fails with 409. */
  readonly force?: boolean | undefined;
}

/** What happens to dependents: deleted first, afterwards, or left without an owner. */
export type PropagationPolicy = "Foreground" | "Background" | "Orphan";

/** What delete, deleteCollection and an eviction take. */
export interface DeletionOptions {
  /** Seconds until a pod is killed; 0 is at once. */
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: PropagationPolicy | undefined;
  /** Delete only that very object, or that very version of it. */
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  readonly dryRun?: boolean | undefined;
}

/** Options of delete. */
export interface DeleteOptions extends DeletionOptions {
  /**
   * Remove an object that the server can no longer read from its store, because it is corrupt or its key is lost: no finalizer, no
   * precondition, no grace period holds it, and what it stood for may be left behind. Behind a feature gate, and with a verb of its own
   * in RBAC (`unsafe-delete-ignore-read-errors`).
   */
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean | undefined;
}
