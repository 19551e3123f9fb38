/** The client for Node: kubeconfig, credentials, TLS, proxies and retries around the platform-neutral one. */
export * from "../index.js";
// Stands in for the base class of the same name.
export {
  Client,
  type ClientSettings,
  type InClusterOptions,
  type InferOptions,
  type KubeconfigOptions,
} from "./client.js";
export { ConnectionError } from "./connection-error.js";
export type { ContextOptions } from "./context.js";
export { type Copied, copyFromPod, type CopyOptions, copyToPod } from "./copy.js";
export { impersonate, type Impersonation } from "./impersonation.js";
export {
  formatKubeconfig,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigContext,
  type KubeconfigExec,
  type KubeconfigExtension,
  type KubeconfigUser,
  mergeKubeconfigs,
  type NamedCluster,
  type NamedContext,
  type NamedUser,
  parseKubeconfig,
} from "./kubeconfig.js";
export { type LoadedKubeconfig, loadKubeconfig, type LoadOptions } from "./kubeconfig-files.js";
export { parseManifests } from "../../manifests/index.js";
export { forwardPort, type PortForward, type PortForwardOptions } from "./port-forward.js";
export type { Environment, Proxy } from "./proxy.js";
export { retry, type RetryOptions } from "./retry.js";
export {
  type ClosableTransport,
  type Timeouts,
  undiciTransport,
  type UndiciTransportOptions,
} from "./undici-transport.js";
export { type HttpAnswer, type HttpServer, serveHttp } from "./serve-http.js";
export { shutdownSignal } from "./shutdown.js";
export type { TlsMaterial, TlsSource } from "./tls-source.js";
export { version } from "./version.js";
