/** An object that is to be there and to look so: read, created or edited, and written only if that changes something. */

import {
  formatJson,
  invalidArgument,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type NewMeta,
  type NewObject,
  type WriteOptions,
} from "../core/index.js";
import type { WrittenObject } from "../core/requests/index.js";
import { retryOnConflict, type RetryOnConflictOptions } from "./retry-on-conflict.js";
import type { CallOptions } from "./transport.js";

/**
 * What an object of one name is to become: nothing happens before {@link Entry.commit}. Immutable; each method returns another one.
 *
 * @example
 * ```ts
 * const { type } = await maps
 *   .entry("visits")
 *   .orInsert(() => ({ data: { count: "1" } }))
 *   .andModify((map) => {
 *     map.data = { ...map.data, count: String(Number(map.data?.["count"] ?? 0) + 1) };
 *   })
 *   .commit({ manager: "counter" });
 * ```
 */
export interface Entry<T, N = T> {
  /** What to create if there is no such object; its name is the entry's. Without it, commit fails with 404 then. */
  orInsert(make: () => NewEntry<N>): Entry<T, N>;
  /** Edits a copy of the object that is there; several run in order. An inserted object is not edited. */
  andModify(edit: (draft: T) => void | Promise<void>): Entry<T, N>;
  /**
   * Reads, then creates, replaces or leaves the object. A replacement counts only if nobody else has changed the object since.
   *
   * If somebody was faster, it begins again with what is there now: `make` and `edit` may run several times.
   *
   * @throws ApiError, the last conflict included when the attempts are used up: `attempts: 1` shows the first one.
   */
  commit(options?: CommitOptions): Promise<Committed<T>>;
}

/** A new object without the name, which the entry has. */
export type NewEntry<N> = Omit<NewObject<N>, "metadata"> & {
  readonly metadata?: Omit<NewMeta, "name" | "generateName"> & { readonly name?: string };
};

/** Options of a commit; `attempts` and waits as {@link retryOnConflict} has them. */
export interface CommitOptions extends WriteOptions, CallOptions, Omit<RetryOnConflictOptions, "retryIf" | "signal"> {}

/** What a commit did; with `dryRun`, what it would have done. */
export interface Committed<T> {
  readonly type: "created" | "replaced" | "unchanged";
  /** The object as it is now. */
  readonly object: T;
}

/** What an entry needs of a handle. */
export interface EntrySource {
  get(name: string, options?: CallOptions): Promise<unknown>;
  getOptional(name: string, options?: CallOptions): Promise<unknown>;
  create(object: WrittenObject, options?: WriteOptions & CallOptions): Promise<unknown>;
  replace(object: WrittenObject, options?: WriteOptions & CallOptions): Promise<unknown>;
}

type Make = () => object;
type Edit = (draft: unknown) => void | Promise<void>;

/** The one implementation behind every {@link Entry}. */
export class HandleEntry {
  readonly #source: EntrySource;
  readonly #name: string;
  readonly #make: Make | undefined;
  readonly #edits: readonly Edit[];

  constructor(
    source: EntrySource,
    name: string,
    plan: { readonly make?: Make | undefined; readonly edits?: readonly Edit[] } = {},
  ) {
    this.#source = source;
    this.#name = name;
    this.#make = plan.make;
    this.#edits = plan.edits ?? [];
  }

  orInsert(make: Make): HandleEntry {
    return new HandleEntry(this.#source, this.#name, { make, edits: this.#edits });
  }

  andModify(edit: Edit): HandleEntry {
    return new HandleEntry(this.#source, this.#name, { make: this.#make, edits: [...this.#edits, edit] });
  }

  async commit(options: CommitOptions = {}): Promise<Committed<unknown>> {
    const { attempts, waitMs, factor, jitter, clock, ...write } = options;
    const { signal } = write;
    return retryOnConflict(() => this.#attempt(write), {
      ...{ attempts, waitMs, factor, jitter, clock, signal },
      retryIf: isLostRace,
    });
  }

  async #attempt(options: WriteOptions & CallOptions): Promise<Committed<unknown>> {
    const { signal } = options;
    const make = this.#make;
    if (make === undefined) return this.#edit(await this.#source.get(this.#name, { signal }), options);
    const found = await this.#source.getOptional(this.#name, { signal });
    if (found !== undefined) return this.#edit(found, options);
    return { type: "created", object: await this.#source.create(named(make(), this.#name), options) };
  }

  async #edit(found: unknown, options: WriteOptions & CallOptions): Promise<Committed<unknown>> {
    const draft = structuredClone(found);
    for (const edit of this.#edits) await edit(draft);
    if (formatJson(draft) === formatJson(found)) return { type: "unchanged", object: found };
    if (!isWritten(found) || !isWritten(draft))
      throw invalidArgument(`entry ${JSON.stringify(this.#name)}: no object is left`);
    for (const field of ["name", "namespace", "uid", "resourceVersion"] as const) {
      if (found.metadata?.[field] === draft.metadata?.[field]) continue;
      throw invalidArgument(
        `entry ${JSON.stringify(this.#name)}: andModify changed metadata.${field}, which says which object it is: leave it as it was read`,
      );
    }
    return { type: "replaced", object: await this.#source.replace(draft, options) };
  }
}

/** Created, changed or deleted by somebody else between our read and our write. */
function isLostRace(error: unknown): boolean {
  return isConflict(error) || isAlreadyExists(error) || (isNotFound(error) && error.method === "PUT");
}

interface Identity {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

function isWritten(value: unknown): value is WrittenObject & { readonly metadata?: Identity } {
  return typeof value === "object" && value !== null;
}

function named(made: object, name: string): WrittenObject {
  const metadata = isWritten(made) ? (made.metadata ?? {}) : {};
  if (metadata.generateName !== undefined || (metadata.name ?? name) !== name) {
    throw invalidArgument(
      `entry ${JSON.stringify(name)}: orInsert makes an object of another name, ${JSON.stringify(metadata.name ?? `${metadata.generateName}…`)}: leave the name out`,
    );
  }
  return { ...made, metadata: { ...metadata, name } };
}
