/** The access of a pod: the service account that Kubernetes mounts into it. */

import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { KindredError } from "../../core/index.js";
import type { ClusterAccess } from "./cluster-access.js";
import type { Surroundings } from "./context.js";
import { authorityFile, tokenFile } from "./credentials.js";

/** Where the kubelet mounts the service account of a pod. */
export const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The access that the environment variables and files of a pod describe. Token and CA are read again every minute.
 *
 * @throws KindredError `CONFIG` if this is no pod, or one without a service account.
 */
export async function inClusterAccess(
  { env, now, signal }: Surroundings,
  folder: string = serviceAccountFolder,
): Promise<ClusterAccess> {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"];
  if (!host || !port) {
    const unset = host ? "KUBERNETES_SERVICE_PORT" : "KUBERNETES_SERVICE_HOST";
    throw new KindredError("CONFIG", `this is no pod: ${unset} is not set: use a kubeconfig outside a cluster`);
  }
  const login = tokenFile(join(folder, "token"), now);
  const authority = authorityFile(join(folder, "ca.crt"), { now, maxAgeMs: 60_000 });
  try {
    await Promise.all([login.current(signal), authority.current(signal)]);
  } catch (cause) {
    signal?.throwIfAborted();
    if (!(cause instanceof KindredError)) throw cause;
    throw new KindredError(
      "CONFIG",
      `this pod has no usable service account: ${cause.message}; is automountServiceAccountToken false?`,
      { cause },
    );
  }
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace: await readNamespace(join(folder, "namespace"), signal),
    login,
    authority,
  };
}

async function readNamespace(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    return (await readFile(path, { encoding: "utf8", signal })).trim() || undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
