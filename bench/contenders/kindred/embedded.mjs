/**
 * The API server of kindred/testing/node, until standard input ends: from the build that the first argument names. Each line of its input,
 * `{"from":0,"to":1000}`, has it create these ConfigMaps without a socket.
 */

import { join } from "node:path";
import { createInterface } from "node:readline";

const { serveCluster } = await import(join(process.argv[2], "testing", "node", "index.js"));
const cluster = await serveCluster();
console.log(JSON.stringify({ kubeconfig: cluster.kubeconfig }));
for await (const line of createInterface({ input: process.stdin })) {
  const { from, to } = JSON.parse(line);
  for (let number = from; number < to; number++) await create(number);
  console.log(JSON.stringify({ created: to - from }));
}
await cluster[Symbol.asyncDispose]();

async function create(number) {
  const { status, body } = await cluster.handle({
    method: "POST",
    url: "/api/v1/namespaces/default/configmaps",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `map-${number}`, labels: { part: String(number % 10) } },
      data: { number: String(number) },
    }),
  });
  if (status !== 201) throw new Error(`create answered ${status}: ${body}`);
}
