/** The API server of kindred/testing/node, until standard input ends: from the build that the first argument names. */

import { once } from "node:events";
import { join } from "node:path";

const { serveCluster } = await import(join(process.argv[2], "testing", "node", "index.js"));
const cluster = await serveCluster();
console.log(JSON.stringify({ kubeconfig: cluster.kubeconfig }));
await once(process.stdin.resume(), "end");
await cluster[Symbol.asyncDispose]();
