/** A Kubernetes API server in the process. */

export { administrator, type User } from "./access.js";
export { ApiServer, type ApiServerOptions } from "./api-server.js";
export { ManualClock, machineClock, seededClock, type ServerClock } from "./clock.js";
export type { JsonObject } from "./json.js";
export type { Registry } from "./registry.js";
export { type ApiRequest, type ApiResponse, parsePath, type RequestInfo, type WatchBody } from "./request.js";
export type { Change, Snapshot, Store } from "./store/store.js";
