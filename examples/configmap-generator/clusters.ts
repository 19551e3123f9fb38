/** The clusters that the example runs on: one inside this process, the user's own, or a real control plane for tests. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "kindred";
import { serveCluster } from "kindred/testing/node";

/** A cluster to work on, and how kubectl gets there. */
export interface Cluster extends AsyncDisposable {
  readonly client: Client;
  /** The command and the options that it needs, to be copied. */
  readonly kubectl: string;
  /** What it is. */
  readonly about: string;
}

/** Whose cluster. */
export type Whose = "embedded" | "own" | "control-plane";

/** Gets hold of a cluster. */
export function openCluster(whose: Whose, signal: AbortSignal): Promise<Cluster> {
  switch (whose) {
    case "embedded":
      return embedded();
    case "own":
      return own();
    case "control-plane":
      return controlPlane(signal);
    default:
      return whose satisfies never;
  }
}

/** Served over a socket, so that kubectl can join; and the controller itself goes the way that it would go anywhere. */
async function embedded(): Promise<Cluster> {
  const begin = performance.now();
  const server = await serveCluster();
  const folder = await mkdtemp(join(tmpdir(), "kindred-"));
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, server.kubeconfig, { mode: 0o600 });
  const client = await Client.fromKubeconfig({ text: server.kubeconfig });
  const took = (performance.now() - begin).toFixed(0);
  return {
    client,
    kubectl: `kubectl --kubeconfig ${kubeconfig}`,
    about: `the API of Kubernetes ${server.version}, served by this process at ${server.url} after ${took} ms`,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function own(): Promise<Cluster> {
  const client = await Client.infer();
  return {
    client,
    kubectl: "kubectl",
    about: `your own cluster at ${client.server}, namespace ${client.defaultNamespace}`,
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function controlPlane(signal: AbortSignal): Promise<Cluster> {
  const { startControlPlane } = await import("../../test/control-plane/control-plane.js");
  const started = await startControlPlane({ signal });
  const client = await Client.fromKubeconfig({ path: started.kubeconfig });
  return {
    client,
    kubectl: `kubectl --kubeconfig ${started.kubeconfig}`,
    about: `a real Kubernetes ${started.version} at ${started.server}`,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await started.stop();
    },
  };
}
