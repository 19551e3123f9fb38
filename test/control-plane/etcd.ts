/** What tests need of etcd itself. */

import { request as httpRequest } from "node:http";
import { ControlPlaneError } from "./error.js";
import { field, readBody } from "./http.js";

/** The store behind the API server. */
export interface Etcd {
  /**
   * Compacts away the history before now, and returns the resource version it begins at.
   *
   * The API server answers from its own caches of the past for up to 15 more seconds (lists), or longer (watches). To have
   * older resource versions and `continue` tokens answered 410 at once, restart it after this.
   */
  compact(options?: { readonly signal?: AbortSignal | undefined }): Promise<string>;
  /**
   * Loses everything: the control plane goes down, etcd's data is removed, and an empty one comes up at the same address, its resource
   * versions starting over. Everything restarts, because an API server never notices that its etcd is another one.
   */
  wipe(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

/** etcd, by the JSON gateway in front of its gRPC API. */
export function etcdClient(endpoint: string): Pick<Etcd, "compact"> {
  const post = (path: string, body: unknown, signal: AbortSignal | undefined): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(new URL(path, endpoint), { method: "POST", agent: false, signal });
      request.once("error", (error) => reject(signal?.aborted === true ? signal.reason : error));
      request.once("response", (response) => {
        readBody(response).then((text) => {
          if (response.statusCode === 200) resolve(JSON.parse(text));
          else reject(new ControlPlaneError(`etcd: POST ${path} was answered ${response.statusCode}: ${text}`));
        }, reject);
      });
      request.end(JSON.stringify(body));
    });
  return {
    async compact({ signal } = {}) {
      // A compaction keeps the state at its revision: a write of our own makes that one newer than any a test has seen.
      const revision = revisionOf(await post("/v3/kv/put", { key: base64("kindred") }, signal));
      // API servers tell one another of a compaction under this key, and give up their snapshots of what is older.
      await post("/v3/kv/put", { key: base64("compact_rev_key"), value: base64(revision) }, signal);
      await post("/v3/kv/compaction", { revision, physical: true }, signal);
      return revision;
    },
  };
}

function revisionOf(answer: unknown): string {
  const revision = field(field(answer, "header"), "revision");
  if (typeof revision !== "string")
    throw new ControlPlaneError(`etcd: an answer without a revision: ${JSON.stringify(answer)}`);
  return revision;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
