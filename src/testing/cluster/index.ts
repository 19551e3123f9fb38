/** An API server in the process, and a cluster around it for tests. */
export * from "../index.js";
export { type Busy } from "./activity.js";
export { type Controllers, type ControllersOptions, startControllers } from "./controllers/controllers.js";
export type { Fault, FaultEffect, FaultRule } from "./fault.js";
export type { RequestFacts, RequestMatch } from "./request-facts.js";
export { formatRecord, RequestLog, type RequestRecord } from "./request-log.js";
export type { SeedKind, SeedObject, Seeds } from "./seed-objects.js";
export type { ClusterClock } from "./test-clock.js";
export { TestCluster, type TestClusterOptions } from "./test-cluster.js";
export { type Handler, localTransport, type LocalTransportOptions } from "./transport.js";
