/** The one implementation behind every `Api<K>`: a target, and requests about it. */

import {
  type AnyKind,
  apiVersionOf,
  invalidArgument,
  isNotFound,
  type ApplyOptions,
  type BindingOptions,
  type DeleteOptions,
  type DeletionOptions,
  type EvictionOptions,
  type GetOptions,
  KindredError,
  type List,
  type ListOptions,
  type Patch,
  type SelectorOptions,
  type TableOptions,
  type TokenRequestSpec,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "../core/index.js";
import {
  type ApiRequest,
  applyRequest,
  bindRequest,
  createRequest,
  defaultWatchTimeoutSeconds,
  deleteCollectionRequest,
  deleteRequest,
  evictRequest,
  getRequest,
  listRequest,
  patchRequest,
  replaceRequest,
  type Target,
  tokenRequest,
  watchRequest,
  type WrittenObject,
} from "../core/requests/index.js";
import type { HandleFacts } from "./api.js";
import type { Client } from "./client.js";
import { HandleEntry } from "./entry.js";
import type { Exchange } from "./exchange.js";
import { restart, type RestartOptions, setUnschedulable } from "./helpers.js";
import { Listing, type ListingOptions } from "./listing.js";
import { type LogOptions, logRequest, textLines } from "./streams/log.js";
import { openPort, type PodConnection } from "./streams/port-forward.js";
import { type Attachment, type Execution, openProcess } from "./streams/process.js";
import {
  type AttachOptions,
  attachRequest,
  type ExecOptions,
  execRequest,
  portForwardRequest,
} from "./streams/requests.js";
import { TableHandle } from "./table.js";
import type { CallOptions } from "./transport.js";
import { decodeText } from "./utf8.js";
import { type WatchStream, watchStream } from "./watch-stream.js";

/** Every verb and subresource, untyped: {@link Api} says which of them a kind has. */
export class Handle implements HandleFacts {
  readonly target: Target;
  readonly client: Client;
  readonly #exchange: Exchange;

  constructor(client: Client, exchange: Exchange, target: Target) {
    this.client = client;
    this.#exchange = exchange;
    this.target = Object.freeze(target);
  }

  namespace(name: string): Handle {
    if (name === "") throw invalidArgument(`a namespace must not be empty; for all namespaces use the handle as it is`);
    if (typeof name !== "string") {
      throw invalidArgument(
        `a namespace must be a text, but is ${typeof name}: for the namespace that the client is configured with, use client.defaultNamespace`,
      );
    }
    return this.#about({ namespace: name });
  }

  get metadata(): Handle {
    return this.#about({ representation: "metadata" });
  }

  get status(): Handle {
    return this.#about({ subresource: "status" });
  }

  get scale(): Handle {
    return this.#about({ subresource: "scale" });
  }

  get approval(): Handle {
    return this.#about({ subresource: "approval" });
  }

  get ephemeralContainers(): Handle {
    return this.#about({ subresource: "ephemeralcontainers" });
  }

  get resize(): Handle {
    return this.#about({ subresource: "resize" });
  }

  table({ includeObject }: TableOptions = {}): TableHandle {
    const rows = this.#about({ representation: "table", includeObject });
    return new TableHandle(rows.target, this.#exchange, (options) => rows.watch(options));
  }

  entry(name: string): HandleEntry {
    return new HandleEntry(this, name);
  }

  async get(name: string, options: GetOptions & CallOptions = {}): Promise<unknown> {
    return this.#send(getRequest(this.target, name, options), options);
  }

  async getOptional(name: string, options: GetOptions & CallOptions = {}): Promise<unknown> {
    try {
      return await this.get(name, options);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  list(options: ListingOptions = {}): Listing<unknown> {
    return new Listing((page) => this.page(page), options);
  }

  async page(options: ListOptions & CallOptions = {}): Promise<List<unknown>> {
    const request = listRequest(this.target, options);
    const answer = await this.#send(request, options);
    if (isList(answer)) return this.#completeItems(answer);
    throw new KindredError("PROTOCOL", `GET ${request.path}: the server answered with something that is not a list`);
  }

  async *watch(options: WatchOptions & CallOptions = {}): AsyncGenerator<WatchEvent<unknown>, void, undefined> {
    for await (const item of await this.openWatch(options)) {
      if (item.type === "bad-line") throw item.error;
      yield item.event;
    }
  }

  async openWatch(options: WatchOptions & CallOptions = {}): Promise<WatchStream<unknown>> {
    const seconds = options.timeoutSeconds ?? defaultWatchTimeoutSeconds;
    const response = await this.#exchange.stream(watchRequest(this.target, options), {
      signal: options.signal,
      idleTimeoutMs: (seconds + idleGraceSeconds) * 1000,
    });
    return watchStream(response);
  }

  async create(object: WrittenObject, options: WriteOptions & CallOptions = {}): Promise<unknown> {
    return this.#send(createRequest(this.target, object, options), options);
  }

  async replace(object: WrittenObject, options: WriteOptions & CallOptions = {}): Promise<unknown> {
    return this.#send(replaceRequest(this.target, object, options), options);
  }

  async patch(name: string, patch: Patch, options: WriteOptions & CallOptions = {}): Promise<unknown> {
    const { signal, ...write } = options;
    return this.#send(patchRequest(this.target, name, { patch, ...write }), { signal });
  }

  async apply(object: WrittenObject, options: ApplyOptions & CallOptions): Promise<unknown> {
    const { signal, ...write } = options;
    return this.#send(applyRequest(this.target, object, write), { signal });
  }

  async delete(name: string, options: DeleteOptions & CallOptions = {}): Promise<unknown> {
    return this.#send(deleteRequest(this.target, name, options), options);
  }

  async deleteCollection(options: DeletionOptions & SelectorOptions & CallOptions = {}): Promise<unknown> {
    const answer = await this.#send(deleteCollectionRequest(this.target, options), options);
    return isList(answer) ? this.#completeItems(answer) : answer;
  }

  async finalize(object: WrittenObject, options: WriteOptions & CallOptions = {}): Promise<unknown> {
    return this.#about({ subresource: "finalize" }).replace(object, options);
  }

  async evict(name: string, options: EvictionOptions & CallOptions = {}): Promise<unknown> {
    return this.#send(evictRequest(this.target, name, options), options);
  }

  async bind(name: string, node: string, options: BindingOptions & CallOptions = {}): Promise<unknown> {
    const { signal, ...binding } = options;
    return this.#send(bindRequest(this.target, name, { node, ...binding }), { signal });
  }

  async createToken(
    name: string,
    spec: TokenRequestSpec = {},
    options: WriteOptions & CallOptions = {},
  ): Promise<unknown> {
    const { signal, ...write } = options;
    return this.#send(tokenRequest(this.target, name, { spec, ...write }), { signal });
  }

  async restart(name: string, options: RestartOptions & CallOptions = {}): Promise<unknown> {
    return restart(this, name, options);
  }

  async cordon(name: string, options: WriteOptions & CallOptions = {}): Promise<unknown> {
    return setUnschedulable(this, name, { ...options, unschedulable: true });
  }

  async uncordon(name: string, options: WriteOptions & CallOptions = {}): Promise<unknown> {
    return setUnschedulable(this, name, { ...options, unschedulable: false });
  }

  async log(name: string, options: LogOptions & CallOptions = {}): Promise<string> {
    const response = await this.#exchange.stream(logRequest(this.target, name, options), { signal: options.signal });
    return decodeText(await response.bytes());
  }

  async *logLines(name: string, options: LogOptions & CallOptions = {}): AsyncGenerator<string, void, undefined> {
    const { signal, follow } = options;
    // A container may be silent for as long as it likes.
    const idle = follow === true ? { idleTimeoutMs: 0 } : {};
    const response = await this.#exchange.stream(logRequest(this.target, name, options), { signal, ...idle });
    yield* textLines(response.chunks());
  }

  async exec(name: string, options: ExecOptions & CallOptions): Promise<Execution> {
    const what = `exec in ${this.#named(name)}`;
    return openProcess(this.#exchange, execRequest(this.target, name, options), { ...options, what });
  }

  async attach(name: string, options: AttachOptions & CallOptions = {}): Promise<Attachment> {
    const what = `attach to ${this.#named(name)}`;
    return openProcess(this.#exchange, attachRequest(this.target, name, options), { ...options, what });
  }

  async portForward(name: string, port: number, { signal }: CallOptions = {}): Promise<PodConnection> {
    const what = `port-forward to port ${port} of ${this.#named(name)}`;
    return openPort(this.#exchange, portForwardRequest(this.target, name, port), { signal, what });
  }

  #named(name: string): string {
    return `${this.target.kind.plural} ${JSON.stringify(name)} in namespace ${JSON.stringify(this.target.namespace)}`;
  }

  #about(change: Partial<Target>): Handle {
    return new Handle(this.client, this.#exchange, { ...this.target, ...change });
  }

  async #send(request: ApiRequest, { signal }: CallOptions): Promise<unknown> {
    return this.#exchange.json(request, { signal });
  }

  /** In lists the server leaves out what all items have in common; an object must not change when it is read another way. */
  #completeItems(list: List<unknown>): List<unknown> {
    const { kind, representation } = this.target;
    if (representation === "metadata") return list;
    for (const item of list.items) if (typeof item === "object" && item !== null) complete(item, kind);
    return list;
  }
}

/** How long past its own timeout a server may keep silent before its connection counts as dead. */
const idleGraceSeconds = 5;

function isList(value: unknown): value is List<unknown> {
  if (typeof value !== "object" || value === null || !("items" in value)) return false;
  // Go writes an empty slice that was never made as null.
  if (value.items === null) value.items = [];
  return (
    Array.isArray(value.items) && "metadata" in value && typeof value.metadata === "object" && value.metadata !== null
  );
}

function complete(item: { apiVersion?: unknown; kind?: unknown }, kind: AnyKind): void {
  item.apiVersion ??= apiVersionOf(kind);
  item.kind ??= kind.kind;
}
