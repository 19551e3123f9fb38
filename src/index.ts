/** kindred: the typed Kubernetes client and controller runtime for TypeScript. */
export * from "./client/node/index.js";
export * from "./core/index.js";
export * from "./runtime/index.js";
export * from "./schema/index.js";
