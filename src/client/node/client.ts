/** The client for Node: made from a kubeconfig or from the pod that it runs in. */

import { KindredError } from "../../core/index.js";
import { Client as BaseClient, type Middleware, type WarningHandler } from "../index.js";
import { authenticate } from "./authenticate.js";
import { type ClusterAccess, tlsOf } from "./cluster-access.js";
import { accessOf, type ContextOptions, type Surroundings } from "./context.js";
import { impersonate, type Impersonation } from "./impersonation.js";
import { inClusterAccess } from "./in-cluster.js";
import { assertKubeconfig, type Kubeconfig, parseKubeconfig } from "./kubeconfig.js";
import { findKubeconfig, loadKubeconfig, type LoadedKubeconfig } from "./kubeconfig-files.js";
import { type Environment, parseProxy, type Proxy, proxyFromEnvironment } from "./proxy.js";
import { retry, type RetryOptions } from "./retry.js";
import { type Timeouts, undiciTransport } from "./undici-transport.js";
import { version } from "./version.js";

/** How a client behaves, wherever its configuration comes from. */
export interface ClientSettings {
  /** Around everything that kindred does, the first outermost; it never sees credentials. */
  readonly middleware?: readonly Middleware[] | undefined;
  /** Default `kindred/<version>`. The part before the first slash owns the fields of writes that name no manager. */
  readonly userAgent?: string | undefined;
  readonly onWarning?: WarningHandler | undefined;
  readonly timeouts?: Timeouts | undefined;
  /** Ask for compressed responses. Default false. */
  readonly gzip?: boolean | undefined;
  /** The largest body that is read whole, in bytes. Default 500,000,000. */
  readonly maxBodyBytes?: number | undefined;
  /** A proxy's URL; false for none at all. Default: proxy-url of the cluster, else that of the environment. */
  readonly proxy?: string | false | undefined;
  /** False to try everything once. Default: as {@link retry} does. */
  readonly retry?: RetryOptions | false | undefined;
  /** Whom to act as, instead of whom the kubeconfig says. */
  readonly impersonate?: Impersonation | undefined;
  /** Default: the process's environment. */
  readonly env?: Environment | undefined;
  /** Milliseconds since 1970, for tests. */
  readonly now?: (() => number) | undefined;
  /** Ends the reading of files. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Client.infer}. */
export interface InferOptions extends ClientSettings, ContextOptions {}

/** Options of {@link Client.fromKubeconfig}; at most one of `path`, `text` and `kubeconfig`. */
export interface KubeconfigOptions extends ClientSettings, ContextOptions {
  /** One or more files, merged; all must exist. Default: what `KUBECONFIG` lists, else `~/.kube/config`. */
  readonly path?: string | readonly string[] | undefined;
  /** A kubeconfig as YAML; relative paths in it start at the working directory. */
  readonly text?: string | undefined;
  readonly kubeconfig?: Kubeconfig | undefined;
}

/** Options of {@link Client.inCluster}. */
export interface InClusterOptions extends ClientSettings {
  /** Default: the pod's own. */
  readonly namespace?: string | undefined;
  /** Where the service account is mounted. */
  readonly serviceAccountFolder?: string | undefined;
}

/**
 * A connection to one API server as one user.
 *
 * Guarantees: immutable; safe to share; connects at the first request, over connections that serve many; follows the files and plugins
 * that its credentials come from; never prints them.
 *
 * @example
 * ```ts
 * await using client = await Client.infer();
 * ```
 */
export class Client extends BaseClient {
  /**
   * The client that kubectl would be: from `KUBECONFIG`, else `~/.kube/config`, else the pod's service account.
   *
   * A kubeconfig that exists is used, or its error thrown; nothing falls back silently to another cluster.
   *
   * @throws KindredError `CONFIG` that names all three places if there is nothing.
   */
  static async infer(options: InferOptions = {}): Promise<Client> {
    const found = await findKubeconfig(options);
    if (typeof found !== "string") {
      if (!isEmpty(found.kubeconfig)) return clientOf(await accessOf(found, options, surroundingsOf(options)), options);
    }
    const first = typeof found === "string" ? found : `${found.source} is empty`;
    const asked = options.context ?? options.cluster ?? options.user;
    if (asked !== undefined) {
      throw new KindredError(
        "CONFIG",
        `${JSON.stringify(asked)} is to be found in a kubeconfig, but ${first}: name the file in KUBECONFIG`,
      );
    }
    try {
      return await Client.inCluster(options);
    } catch (cause) {
      options.signal?.throwIfAborted();
      if (!(cause instanceof KindredError) || cause.code !== "CONFIG") throw cause;
      throw new KindredError(
        "CONFIG",
        `no cluster is configured. KUBECONFIG and ~/.kube/config: ${first}. In-cluster: ${cause.message}`,
        { cause },
      );
    }
  }

  /**
   * A client from a kubeconfig. CA, certificate, key and token files are read now; no plugin runs before the first request.
   *
   * @throws KindredError `CONFIG` that names the file, the entry and the cure.
   */
  static async fromKubeconfig(options: KubeconfigOptions = {}): Promise<Client> {
    return clientOf(await accessOf(await kubeconfigOf(options), options, surroundingsOf(options)), options);
  }

  /**
   * A client from the service account of the pod that this runs in.
   *
   * @throws KindredError `CONFIG` if this is no pod.
   */
  static async inCluster(options: InClusterOptions = {}): Promise<Client> {
    const access = await inClusterAccess(surroundingsOf(options), options.serviceAccountFolder);
    return clientOf({ ...access, namespace: options.namespace ?? access.namespace }, options);
  }
}

function clientOf(access: ClusterAccess, settings: ClientSettings): Client {
  const { server, namespace } = access;
  const impersonation = settings.impersonate ?? access.impersonation;
  const { transport, close } = undiciTransport({
    server,
    tls: tlsOf(access),
    proxy: proxyOf(access, settings),
    timeouts: settings.timeouts,
    gzip: settings.gzip,
    maxBodyBytes: settings.maxBodyBytes,
  });
  return new Client({
    server,
    transport,
    close,
    defaultNamespace: namespace,
    userAgent: settings.userAgent ?? `kindred/${version}`,
    onWarning: settings.onWarning,
    now: settings.now,
    middleware: [
      ...(settings.middleware ?? []),
      ...(settings.retry === false ? [] : [retry(settings.retry)]),
      ...(impersonation === undefined ? [] : [impersonate(impersonation)]),
      authenticate(access),
    ],
  });
}

async function kubeconfigOf(options: KubeconfigOptions): Promise<LoadedKubeconfig> {
  const given = [options.path, options.text, options.kubeconfig].filter((one) => one !== undefined);
  if (given.length > 1)
    throw new KindredError("INVALID_ARGUMENT", "give one of path, text and kubeconfig, not several");
  if (options.text !== undefined) return { kubeconfig: await parseKubeconfig(options.text), source: "the kubeconfig" };
  if (options.kubeconfig === undefined) return loadKubeconfig(options);
  assertKubeconfig(options.kubeconfig, "the kubeconfig");
  return { kubeconfig: options.kubeconfig, source: "the kubeconfig" };
}

function proxyOf({ server, proxyUrl }: ClusterAccess, { proxy, env = process.env }: ClientSettings): Proxy | undefined {
  if (proxy === false) return undefined;
  if (proxy !== undefined) return parseProxy(proxy, "the option proxy");
  if (proxyUrl !== undefined) return parseProxy(proxyUrl, "proxy-url of the kubeconfig's cluster");
  const fromEnv = proxyFromEnvironment(server, env);
  return fromEnv === undefined
    ? undefined
    : parseProxy(fromEnv, "the proxy of the environment (HTTPS_PROXY or HTTP_PROXY)");
}

function surroundingsOf({ env = process.env, now = Date.now, signal }: ClientSettings): Surroundings {
  return { env, now, signal };
}

function isEmpty(kubeconfig: Kubeconfig): boolean {
  const entries = [kubeconfig.clusters, kubeconfig.contexts, kubeconfig.users].flatMap((one) => one ?? []);
  return entries.length === 0 && !kubeconfig["current-context"];
}
