/** A real Kubernetes control plane for tests: etcd, the API server, the controllers and, if wanted, scheduler and nodes. */

import { access as fileAccess, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createAccess, kubeconfigExists, writeKubeconfig } from "./access.js";
import { controlPlaneBinary } from "./binary.js";
import { type ComponentName, logTail } from "./component.js";
import { type Etcd, etcdClient } from "./etcd.js";
import { ControlPlaneError } from "./error.js";
import {
  apiServerArgs,
  controllerManagerArgs,
  etcdArgs,
  etcdData,
  hollowNodeArgs,
  type Layout,
  schedulerArgs,
  streamingNodeArgs,
} from "./flags.js";
import { apiServerReader, field } from "./http.js";
import { createKubectl, type Kubectl } from "./kubectl.js";
import { freePorts, isFree, returnPorts } from "./ports.js";
import { Running } from "./running.js";

/** What to start, besides etcd, the API server and the controllers. */
export interface ControlPlaneOptions {
  /** Whether to start the scheduler, which binds pods to nodes. Default: false. */
  readonly scheduler?: boolean | undefined;
  /** How many hollow nodes to start: real kubelet code over a fake container runtime. Default: 0. */
  readonly nodes?: number | undefined;
  /** Whether to start `streaming-node`, whose containers are processes of this machine: see {@link streamingPod}. Default: false. */
  readonly streaming?: boolean | undefined;
  /** Further flags of the API server, such as `--oidc-issuer-url=…`. Default: none. */
  readonly apiServerFlags?: readonly string[] | undefined;
  /** Where to write the kubeconfig; the file must not exist, and is removed on stop. Default: in a temporary directory. */
  readonly kubeconfig?: string | undefined;
  /** How long any one component may take until it is ready. Default: 60000. */
  readonly readyTimeoutMs?: number | undefined;
  /** Gives up starting. Has no effect once the control plane runs. */
  readonly signal?: AbortSignal | undefined;
}

/** The API server's process. */
export interface ApiServer {
  /** Kills it, and waits until it is gone and its port is free. Connections break; data is kept. */
  stop(): Promise<void>;
  /** Starts it on the port it had, and waits until it is ready. */
  start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Stops it, then starts it. */
  restart(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/**
 * A running control plane.
 *
 * Guarantees: nothing of it outlives this process, however that ends. `stop` leaves neither processes nor files.
 *
 * Caveats: pods have fake addresses and no containers; give them no probes. `kubectl logs` and `exec` work on `streaming-node` alone.
 */
export interface ControlPlane extends AsyncDisposable {
  /** Kubernetes' version, as in `v1.37.2`. */
  readonly version: string;
  /** The kubeconfig's path. Its contexts: `admin` (current, by token), `admin-certificate`, `powerless` (no rights at all). */
  readonly kubeconfig: string;
  /** The API server's URL. */
  readonly server: string;
  /** The path of the certificate authority that vouches for the server. */
  readonly ca: string;
  /** An administrator's bearer token. */
  readonly token: string;
  readonly kubectl: Kubectl;
  readonly apiServer: ApiServer;
  readonly etcd: Etcd;
  /** The processes that run now. */
  readonly pids: ReadonlyMap<ComponentName, number>;
  /** Resolves with the reason if a component ends unasked; `stop` then rejects with it too. */
  readonly failure: Promise<Error>;
  /** The end of a component's log. */
  logs(component: ComponentName): string;
  /** Ends everything and removes its files. Safe to call again. */
  stop(): Promise<void>;
}

/**
 * Starts a control plane and waits until it is ready: about four seconds, once its binary is built (see {@link controlPlaneBinary}).
 *
 * ```ts
 * await using controlPlane = await startControlPlane({ scheduler: true, nodes: 1 });
 * await controlPlane.kubectl.ok(["create", "namespace", "demo"]);
 * ```
 *
 * @throws {ControlPlaneError} if the binary cannot be built, or a component ends or is not ready in time; with the end of its log.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const {
    nodes = 0,
    scheduler = false,
    streaming = false,
    apiServerFlags = [],
    readyTimeoutMs = 60_000,
    signal,
  } = options;
  if (!Number.isInteger(nodes) || nodes < 0)
    throw new ControlPlaneError(`nodes must be a whole number from 0: ${nodes}`);
  signal?.throwIfAborted();
  if (options.kubeconfig !== undefined) await refuseExisting(options.kubeconfig);
  const binary = await controlPlaneBinary({ signal });
  // The prefix is the one that parent.go removes.
  const directory = await mkdtemp(join(tmpdir(), "kindred-cp-"));
  const running = new Running(binary.path, directory, readyTimeoutMs);
  try {
    const ports = await freePorts(4);
    running.onStop(async () => returnPorts(ports));
    const [etcdPort = 0, etcdPeerPort = 0, apiServerPort = 0, kubeletPort = 0] = ports;
    const server = `https://127.0.0.1:${apiServerPort}`;
    const access = await createAccess(binary.path, directory, signal);
    const layout: Layout = {
      directory,
      kubeconfig: join(directory, "kubeconfig"),
      access,
      etcdPort,
      etcdPeerPort,
      apiServerPort,
      kubeletPort,
    };
    await writeKubeconfig(layout.kubeconfig, server, access);
    const kubeconfig = options.kubeconfig === undefined ? layout.kubeconfig : resolve(options.kubeconfig);
    if (kubeconfig !== layout.kubeconfig) {
      await writeKubeconfig(kubeconfig, server, access);
      running.onStop(() => rm(kubeconfig, { force: true }));
    }
    const read = apiServerReader(server, access.ca, access.adminToken);

    const startApiServer = async (startSignal: AbortSignal | undefined) => {
      // Logs of one output alone are still an alpha feature.
      const gates = streaming ? ["--feature-gates=PodLogsQuerySplitStreams=true"] : [];
      running.start("kube-apiserver", [...apiServerArgs(layout), ...gates, ...apiServerFlags]);
      await running.ready("kube-apiserver", async (s) => (await read("/readyz", s)) === "ok", startSignal);
    };
    const startAll = async (startSignal: AbortSignal | undefined) => {
      running.start("etcd", etcdArgs(layout));
      await startApiServer(startSignal);
      const hollow = Array.from({ length: nodes }, (_, index) => `node-${index + 1}` as const);
      running.start("kube-controller-manager", controllerManagerArgs(layout));
      if (scheduler) running.start("kube-scheduler", schedulerArgs(layout));
      for (const name of hollow) running.start(name, hollowNodeArgs(layout, name));
      if (streaming) running.start("streaming-node", streamingNodeArgs(layout));
      // Pods can be created in a namespace once a controller has given it its service account.
      const account = "/api/v1/namespaces/default/serviceaccounts/default";
      await running.ready("kube-controller-manager", async (s) => (await read(account, s)) !== undefined, startSignal);
      for (const name of streaming ? [...hollow, "streaming-node" as const] : hollow) {
        await running.ready(name, async (s) => isReady(await read(`/api/v1/nodes/${name}`, s)), startSignal);
      }
    };
    await startAll(signal);

    const left = async (port: number) => {
      for (const end = Date.now() + readyTimeoutMs; !(await isFree(port)); await wait(20)) {
        if (Date.now() > end) throw new ControlPlaneError(`port ${port} was taken when its component left it`);
      }
    };
    const stopApiServer = async () => {
      await running.stop("kube-apiserver");
      await left(apiServerPort);
    };
    const wipe: Etcd["wipe"] = async ({ signal: wipeSignal } = {}) => {
      await Promise.all(Array.from(running.pids().keys(), (name) => running.stop(name)));
      await Promise.all([apiServerPort, etcdPort, etcdPeerPort].map(left));
      await rm(etcdData(directory), { recursive: true });
      await startAll(wipeSignal);
    };
    const stop = () => running.stopAll();
    return {
      version: binary.version,
      kubeconfig,
      server,
      ca: access.ca,
      token: access.adminToken,
      kubectl: createKubectl({ kubeconfig, cacheDirectory: join(directory, "kubectl-cache"), signal: running.stopped }),
      apiServer: {
        stop: stopApiServer,
        start: ({ signal: startSignal } = {}) => startApiServer(startSignal),
        async restart({ signal: startSignal } = {}) {
          await stopApiServer();
          await startApiServer(startSignal);
        },
      },
      etcd: { ...etcdClient(`http://127.0.0.1:${etcdPort}`), wipe },
      get pids() {
        return running.pids();
      },
      failure: running.failure,
      logs: (component) => logTail(directory, component),
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    // The failure that `stopAll` may add is this one, or follows from it.
    await running.stopAll().catch(() => undefined);
    throw error;
  }
}

function isReady(node: unknown): boolean {
  const conditions = field(field(node, "status"), "conditions");
  return (
    Array.isArray(conditions) && conditions.some((c) => field(c, "type") === "Ready" && field(c, "status") === "True")
  );
}

async function refuseExisting(kubeconfig: string): Promise<void> {
  const exists = await fileAccess(kubeconfig).then(
    () => true,
    () => false,
  );
  if (exists) throw kubeconfigExists(kubeconfig);
}
