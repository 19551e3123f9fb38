/** Objects as the API server prints them. */

import {
  type GetOptions,
  type IncludeObject,
  KindredError,
  type ListOptions,
  type ObjectMeta,
  type PartialObjectMetadata,
  type Table,
  type TableColumn,
  type WatchEvent,
  type WatchOptions,
} from "../core/index.js";
import { type ApiRequest, getRequest, listRequest, type Target } from "../core/requests/index.js";
import type { Exchange } from "./exchange.js";
import { Listing, type ListingOptions } from "./listing.js";
import type { CallOptions } from "./transport.js";

/** What can be asked for as a table. `O` is what comes with each row. */
export interface TableVerbs<O> {
  /** One object, as a table of one row. @throws ApiError, for one `isNotFound`. */
  get(name: string, options?: GetOptions & CallOptions): Promise<Table<O>>;
  /** Every object, fetched page by page into one table; its metadata are those of the first page. */
  list(options?: ListingOptions): Promise<Table<O>>;
  /** One request: everything, or one page if `limit` is given. */
  page(options?: ListOptions & CallOptions): Promise<Table<O>>;
  /** The events of one connection, each a table of one row with all columns. */
  watch(options?: WatchOptions & CallOptions): AsyncIterable<WatchEvent<Table<O>>>;
}

/** What comes with a row. */
export type RowObject<T, I extends IncludeObject> = {
  None: null;
  Metadata: PartialObjectMetadata<T extends { metadata: infer M extends ObjectMeta } ? M : ObjectMeta>;
  Object: T;
}[I];

/** The one implementation behind every {@link TableVerbs}. */
export class TableHandle {
  readonly #target: Target;
  readonly #exchange: Exchange;
  readonly #watch: (options: WatchOptions & CallOptions) => AsyncIterable<WatchEvent<unknown>>;

  constructor(
    target: Target,
    exchange: Exchange,
    watch: (options: WatchOptions & CallOptions) => AsyncIterable<WatchEvent<unknown>>,
  ) {
    this.#target = target;
    this.#exchange = exchange;
    this.#watch = watch;
  }

  async get(name: string, options: GetOptions & CallOptions = {}): Promise<Table> {
    return this.#table(getRequest(this.#target, name, options), options);
  }

  async page(options: ListOptions & CallOptions = {}): Promise<Table> {
    return this.#table(listRequest(this.#target, options), options);
  }

  async list(options: ListingOptions = {}): Promise<Table> {
    let first: Table | undefined;
    const pages = new Listing(async (page) => {
      const table = await this.page(page);
      first ??= table;
      return { ...table, items: table.rows };
    }, options);
    const rows = await pages.toArray();
    const { continue: _more, remainingItemCount: _count, ...metadata } = first?.metadata ?? {};
    return {
      apiVersion: "meta.k8s.io/v1",
      kind: "Table",
      metadata,
      columnDefinitions: first?.columnDefinitions ?? [],
      rows,
    };
  }

  async *watch(options: WatchOptions & CallOptions = {}): AsyncGenerator<WatchEvent<Table>, void, undefined> {
    let columns: TableColumn[] = [];
    for await (const event of this.#watch(options)) {
      if (event.type === "ERROR" || event.type === "BOOKMARK") {
        yield event;
        continue;
      }
      const table = tableOf(event.object, `the watch of ${this.#target.kind.plural}`);
      if (table.columnDefinitions.length > 0) columns = table.columnDefinitions;
      yield { type: event.type, object: { ...table, columnDefinitions: columns } };
    }
  }

  async #table(request: ApiRequest, { signal }: CallOptions): Promise<Table> {
    return tableOf(await this.#exchange.json(request, { signal }), `${request.method} ${request.path}`);
  }
}

function tableOf(value: unknown, what: string): Table {
  if (!isTable(value))
    throw new KindredError("PROTOCOL", `${what}: the server answered with something that is not a Table`);
  // Go writes an empty slice that was never made as null, and the columns only once per watch.
  return { ...value, columnDefinitions: value.columnDefinitions ?? [], rows: value.rows ?? [] };
}

type SentTable = Omit<Table, "rows" | "columnDefinitions"> & {
  readonly columnDefinitions?: Table["columnDefinitions"] | null;
  readonly rows?: Table["rows"] | null;
};

function isTable(value: unknown): value is SentTable {
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "Table") return false;
  const lists = ["rows" in value ? value.rows : null, "columnDefinitions" in value ? value.columnDefinitions : null];
  return (
    lists.every((list) => list === null || Array.isArray(list)) &&
    "metadata" in value &&
    typeof value.metadata === "object"
  );
}
