/** The client without a platform: give it a transport. */
export type {
  AllNamespacesApi,
  AllNamespacesMetadataApi,
  Api,
  ClusterApi,
  DynamicApi,
  HandleFacts,
  MetadataApi,
  MetadataVerbs,
  NamespaceApi,
  PatchOf,
  ReadVerbs,
  Streams,
  Subresources,
  Verbs,
} from "./api.js";
export {
  type AppliedObject,
  applyManifests,
  type ApplyManifestsOptions,
  type ManifestResult,
} from "./apply-manifests.js";
export { Client, type ClientOptions } from "./client.js";
export { type Discovery, type ResolveOptions } from "./discovery.js";
export type { WarningHandler } from "./exchange.js";
export { Listing, type ListingOptions } from "./listing.js";
export type { Manifest } from "./manifest.js";
export type { LogOptions } from "./streams/log.js";
export type { PodConnection } from "./streams/port-forward.js";
export type { Attachment, ExecOutput, ExecResult, Execution, TerminalSize } from "./streams/process.js";
export type { AttachOptions, ExecOptions } from "./streams/requests.js";
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
export type { WaitClock } from "./new-kinds.js";
export type { WatchItem, WatchStream } from "./watch-stream.js";
