/** The client without a platform: give it a transport. */
export type {
  AllNamespacesApi,
  AllNamespacesMetadataApi,
  AllNamespacesTableApi,
  Api,
  ClusterApi,
  DynamicApi,
  EntryVerb,
  HandleFacts,
  MetadataApi,
  MetadataVerbs,
  NamespaceApi,
  ReadVerbs,
  Streams,
  TableApi,
  Verbs,
} from "./api.js";
export {
  type AppliedObject,
  applyManifests,
  type ApplyManifestsOptions,
  type ManifestResult,
} from "./apply-manifests.js";
export type { RetryClock } from "./clock.js";
export { Client, type ClientOptions } from "./client.js";
export type { CommitOptions, Committed, Entry, NewEntry } from "./entry.js";
export { type Discovery, type ResolveOptions } from "./discovery.js";
export type { WarningHandler } from "./exchange.js";
export type { RestartOptions } from "./helpers.js";
export { Listing, type ListingOptions } from "./listing.js";
export type { Manifest } from "../core/index.js";
export type { FetchOptions, KindSources, Reference, Referent, ResolveKind } from "./reference.js";
export { parseRetryAfter } from "./retry-after.js";
export { retryOnConflict, type RetryOnConflictOptions } from "./retry-on-conflict.js";
export type { LogOptions } from "./streams/log.js";
export type { PodConnection } from "./streams/port-forward.js";
export type { Attachment, ExecOutput, ExecResult, Execution, TerminalSize } from "./streams/process.js";
export type { AttachOptions, ExecOptions } from "./streams/requests.js";
export type { Helpers, PartOfObject, Subresources } from "./subresources.js";
export type { RowObject, TableVerbs } from "./table.js";
export { traceRequests } from "./trace-requests.js";
export {
  type CallOptions,
  type Connection,
  headerOf,
  type Middleware,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  withMiddleware,
} from "./transport.js";
export type { WatchItem, WatchStream } from "./watch-stream.js";
