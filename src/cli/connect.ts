/** From a kubeconfig to a function that GETs. */

import type { ClusterConnection, ClusterOptions } from "./io.js";

/** Connects to the cluster of a kubeconfig; the client is loaded now, and nothing is sent before the first GET. */
export async function connect(options: ClusterOptions & { readonly signal?: AbortSignal }): Promise<ClusterConnection> {
  const { Client } = await import("../client/node/index.js");
  const { kubeconfig, ...others } = options;
  const client =
    kubeconfig === undefined
      ? await Client.infer(others)
      : await Client.fromKubeconfig({ ...others, path: kubeconfig });
  return {
    get: (path, { accept, signal }) =>
      client.request({ method: "GET", path, query: [], headers: { accept } }, signal === undefined ? {} : { signal }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
