/** A list that pages by itself. */

import {
  ApiError,
  type DeepReadonly,
  isExpired,
  type List,
  type ListOptions,
  type SelectorOptions,
} from "../core/index.js";
import type { CallOptions } from "./transport.js";

/** Options of a list that pages by itself. */
export interface ListingOptions extends SelectorOptions, CallOptions {
  /** Objects per request. Default 500, as kubectl. */
  readonly pageSize?: number | undefined;
  /** Read not older than this version; `"0"` takes what the server has cached, in one page. Default: the latest. */
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: ListOptions["resourceVersionMatch"];
  /** The server gives up on a page after this many seconds. */
  readonly timeoutSeconds?: number | undefined;
}

/** Fetches one page. */
export type FetchPage<T> = (options: ListOptions & CallOptions) => Promise<List<T>>;

/**
 * A list as a stream of objects, fetched page by page while it is read.
 *
 * Guarantees: every object that was there all the time comes exactly once, ordered by namespace and name. Nothing is requested
 * before the first step; leaving the loop requests no more.
 *
 * Caveats: all pages show the same moment, unless reading takes longer than the server remembers it (about five minutes): then
 * the rest shows the present.
 *
 * @example
 * ```ts
 * for await (const pod of pods.list({ labels: { app: "web" } })) console.log(pod.metadata.name);
 * const all = await pods.list().toArray();
 * ```
 */
export class Listing<T> implements AsyncIterable<T> {
  readonly #fetch: FetchPage<T>;
  readonly #options: DeepReadonly<Omit<ListingOptions, "signal">> & CallOptions;

  constructor(fetch: FetchPage<T>, options: ListingOptions = {}) {
    this.#fetch = fetch;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }

  /** The pages as the server sent them, each with the list's metadata. */
  async *pages(): AsyncGenerator<List<T>, void, undefined> {
    const { pageSize = defaultPageSize, resourceVersion, resourceVersionMatch, ...shared } = this.#options;
    let from: string | undefined;
    do {
      const start = from === undefined ? { resourceVersion, resourceVersionMatch } : { continue: from };
      const page = await this.#page({ ...shared, limit: pageSize, ...start });
      yield page;
      from = page.metadata.continue;
    } while (from !== undefined && from !== "");
  }

  /** Every object in one array. */
  async toArray(): Promise<T[]> {
    const all: T[] = [];
    for await (const page of this.pages()) all.push(...page.items);
    return all;
  }

  /** A token that has expired comes with one that goes on in the present. */
  async #page(options: ListOptions & CallOptions): Promise<List<T>> {
    try {
      return await this.#fetch(options);
    } catch (error) {
      const token = isExpired(error) && error instanceof ApiError ? error.status.metadata.continue : undefined;
      if (options.continue === undefined || token === undefined || token === "") throw error;
      return this.#fetch({ ...options, continue: token });
    }
  }
}

/** What kubectl and client-go ask for. */
const defaultPageSize = 500;
