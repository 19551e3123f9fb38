/** The types of `client.api(kind)`, computed from the kind's descriptor: what the kind does not serve does not exist. */

import type {
  AnyKind,
  ApplyObject,
  ApplyOptions,
  DeleteOptions,
  DeletionOptions,
  GetOptions,
  IncludeObject,
  Infer,
  InferNew,
  List,
  ListOptions,
  NewObject,
  ObjectMeta,
  PartialObjectMetadata,
  PatchOf,
  ReplaceObject,
  SelectorOptions,
  Status,
  TableOptions,
  Verb,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "../core/index.js";
import type { Target } from "../core/requests/index.js";
import type { Client } from "./client.js";
import type { Entry } from "./entry.js";
import type { Listing, ListingOptions } from "./listing.js";
import type { LogOptions } from "./streams/log.js";
import type { PodConnection } from "./streams/port-forward.js";
import type { Attachment, Execution } from "./streams/process.js";
import type { AttachOptions, ExecOptions } from "./streams/requests.js";
import type { Helpers, HelpersOf, SubresourceMethods, Subresources } from "./subresources.js";
import type { RowObject, TableVerbs } from "./table.js";
import type { CallOptions } from "./transport.js";
import type { WatchStream } from "./watch-stream.js";

/**
 * The handle of a kind. For a namespaced kind it spans all namespaces: `list` and `watch`, and `.namespace(name)` for the rest.
 *
 * A kind whose scope is known only at run time gets every method; what does not fit is refused before any request.
 */
export type Api<K extends AnyKind> = K["scope"] extends "Cluster"
  ? ClusterApi<Infer<K>, InferNew<K>, K["verbs"][number], K["subresources"][number]>
  : K["scope"] extends "Namespaced"
    ? AllNamespacesApi<Infer<K>, InferNew<K>, K["verbs"][number], K["subresources"][number]>
    : DynamicApi<Infer<K>, InferNew<K>, K["verbs"][number], K["subresources"][number]>;

/** Every object of a namespaced kind, in all namespaces. */
export type AllNamespacesApi<T, N, V extends Verb, S extends string> = HandleFacts &
  Pick<Verbs<T, N>, Extract<MethodsOf<V>, "list" | "page" | "watch" | "openWatch">> & {
    /**
     * The objects of one namespace, with every verb that the kind has.
     *
     * @param name for the namespace that the client is configured with: `client.defaultNamespace`.
     */
    namespace(name: string): NamespaceApi<T, N, V, S>;
    /** The same objects, metadata only. */
    readonly metadata: AllNamespacesMetadataApi<MetaOf<T>, V, T>;
    /** The same objects as the API server prints them. */
    table<I extends IncludeObject = "Metadata">(options?: TableOptions<I>): AllNamespacesTableApi<RowObject<T, I>, V>;
  };

/** The objects of a namespaced kind in one namespace. */
export type NamespaceApi<T, N, V extends Verb, S extends string> = ObjectsApi<T, N, V, S>;

/** The objects of a cluster-scoped kind. */
export type ClusterApi<T, N, V extends Verb, S extends string> = ObjectsApi<T, N, V, S>;

/** The objects of a kind whose scope is known only at run time. */
export type DynamicApi<T, N, V extends Verb, S extends string> = ObjectsApi<T, N, V, S> & {
  namespace(name: string): NamespaceApi<T, N, V, S>;
};

type ObjectsApi<T, N, V extends Verb, S extends string> = HandleFacts &
  Pick<Verbs<T, N>, MethodsOf<V>> &
  Pick<EntryVerb<T, N>, "get" | "create" | "update" extends V ? "entry" : never> &
  Pick<
    Subresources<T>,
    SubresourceMethods[Extract<string extends S ? keyof SubresourceMethods : S, keyof SubresourceMethods>]
  > &
  Pick<Helpers<T>, HelpersOf<T>> &
  Pick<Streams, StreamMethods[Extract<string extends S ? keyof StreamMethods : S, keyof StreamMethods>]> & {
    /** The same objects, metadata only: a fraction of the bytes. */
    readonly metadata: MetadataApi<MetaOf<T>, V, T>;
    /** The same objects as the API server prints them: the columns and rows of `kubectl get`. */
    table<I extends IncludeObject = "Metadata">(options?: TableOptions<I>): TableApi<RowObject<T, I>, V>;
  };

/** The metadata of the objects of a namespaced kind, in all namespaces. */
export type AllNamespacesMetadataApi<M extends ObjectMeta, V extends Verb, T = unknown> = HandleFacts &
  Pick<MetadataVerbs<M, T>, Extract<MethodsOf<V>, "list" | "page" | "watch" | "openWatch">>;

/** The metadata of the objects of one namespace, or of a cluster-scoped kind. */
export type MetadataApi<M extends ObjectMeta, V extends Verb, T = unknown> = HandleFacts &
  Pick<MetadataVerbs<M, T>, Extract<MethodsOf<V>, keyof MetadataVerbs<ObjectMeta>>>;

/** The objects of a namespaced kind in all namespaces, as the API server prints them. */
export type AllNamespacesTableApi<O, V extends Verb> = Pick<
  TableVerbs<O>,
  Extract<MethodsOf<V>, "list" | "page" | "watch">
>;

/** Objects as the API server prints them. */
export type TableApi<O, V extends Verb> = Pick<TableVerbs<O>, Extract<MethodsOf<V>, keyof TableVerbs<O>>>;

/** What every handle says of itself. */
export interface HandleFacts {
  /** The kind and the namespace that this handle is about. */
  readonly target: Target;
  /** The client that the handle came from. */
  readonly client: Client;
}

/** The methods that a verb of the API server stands for. */
interface VerbMethods {
  get: "get" | "getOptional";
  list: "list" | "page";
  watch: "watch" | "openWatch";
  create: "create";
  update: "replace";
  patch: "patch" | "apply";
  delete: "delete";
  deletecollection: "deleteCollection";
}

type MethodsOf<V extends Verb> = VerbMethods[V];

type MetaOf<T> = T extends { metadata: infer M extends ObjectMeta } ? M : ObjectMeta;

/** What can be asked for without the content of objects. */
export interface ReadVerbs<T> {
  /** @throws ApiError, for one {@link isNotFound}. */
  get(name: string, options?: GetOptions & CallOptions): Promise<T>;
  /** As get, but undefined if there is no such object. */
  getOptional(name: string, options?: GetOptions & CallOptions): Promise<T | undefined>;
  /** Every object, fetched page by page while the loop runs. */
  list(options?: ListingOptions): Listing<T>;
  /** One request: everything, or one page if `limit` is given. */
  page(options?: ListOptions & CallOptions): Promise<List<T>>;
  /**
   * The events of one connection, until the server ends it. Without `resourceVersion` the server first sends what is there.
   * For a watch that lives on, see `watcher`.
   *
   * @throws ApiError if the server refuses, KindredError `CONNECTION` if the connection breaks, `PROTOCOL` for a line that is no event.
   */
  watch(options?: WatchOptions & CallOptions): AsyncIterable<WatchEvent<T>>;
  /** Resolves once the server has accepted the watch: what `watcher` is made of. */
  openWatch(options?: WatchOptions & CallOptions): Promise<WatchStream<T>>;
}

/** Every verb. */
export interface Verbs<T, N = T> extends ReadVerbs<T> {
  /** @throws ApiError, for one {@link isAlreadyExists}. */
  create(object: NewObject<N>, options?: WriteOptions & CallOptions): Promise<T>;
  /** Overwrites the object; with `metadata.resourceVersion` only if nobody else has changed it: {@link isConflict}. */
  replace(object: ReplaceObject<T>, options?: WriteOptions & CallOptions): Promise<T>;
  patch(name: string, patch: PatchOf<T>, options?: WriteOptions & CallOptions): Promise<T>;
  /** Server-side apply: creates the object, or makes the given fields so; fields given before and left out now are removed. */
  apply(object: ApplyObject<T>, options: ApplyOptions & CallOptions): Promise<T>;
  /** @returns the object if it still exists, held by finalizers or a grace period, or if the kind always answers so; else a Status. */
  delete(name: string, options?: DeleteOptions & CallOptions): Promise<T | Status>;
  /** Deletes every selected object. */
  deleteCollection(options?: DeletionOptions & SelectorOptions & CallOptions): Promise<List<T> | Status>;
}

/** What get, create and replace make together. */
export interface EntryVerb<T, N = T> {
  /** An object that is to be there and to look so: nothing happens before its commit. */
  entry(name: string): Entry<T, N>;
}

/** The verbs of metadata-only handles; `T` is what the objects are in full. */
export interface MetadataVerbs<M extends ObjectMeta, T = unknown> extends ReadVerbs<PartialObjectMetadata<M>> {
  patch(
    name: string,
    patch: PatchOf<MetadataPart<T>>,
    options?: WriteOptions & CallOptions,
  ): Promise<PartialObjectMetadata<M>>;
  /** As the full handle's, answered with no more than the metadata. */
  delete(name: string, options?: DeleteOptions & CallOptions): Promise<PartialObjectMetadata<M> | Status>;
  deleteCollection(
    options?: DeletionOptions & SelectorOptions & CallOptions,
  ): Promise<List<PartialObjectMetadata<M>> | Status>;
}

/** What a metadata-only patch may touch. */
type MetadataPart<T> = { metadata: ObjectMeta } & (T extends { apiVersion: infer A } ? { apiVersion: A } : unknown);

/** The methods that a subresource that is a stream stands for. */
interface StreamMethods {
  log: "log" | "logLines";
  exec: "exec";
  attach: "attach";
  portforward: "portForward";
}

/** What the containers of a pod say and take. */
export interface Streams {
  /** The log as it is now. @throws ApiError. */
  log(name: string, options?: Omit<LogOptions, "follow"> & CallOptions): Promise<string>;
  /** The log's lines as they come, with `follow` until the container ends. Leaving the loop closes the connection. */
  logLines(name: string, options?: LogOptions & CallOptions): AsyncIterable<string>;
  /**
   * Runs a command in a container; resolves once the streams are connected. `create` and `get` of `pods/exec` must be allowed.
   *
   * @example
   * ```ts
   * await using ls = await pods.exec("web", { command: ["ls", "/"] });
   * const { exitCode, stdout } = await ls.output();
   * ```
   *
   * @throws ApiError if the server refuses. That there is no such program is told by `result`.
   */
  exec<const I extends boolean = false, const T extends boolean = false>(
    name: string,
    options: ExecOptions<I, T> & CallOptions,
  ): Promise<Execution<I, T>>;
  /** Connects to the process of a container, which has input and a terminal only if its spec says `stdin` and `tty`. */
  attach<const I extends boolean = false, const T extends boolean = false>(
    name: string,
    options?: AttachOptions<I, T> & CallOptions,
  ): Promise<Attachment<I, T>>;
  /** Connects to a port of a pod. */
  portForward(name: string, port: number, options?: CallOptions): Promise<PodConnection>;
}
