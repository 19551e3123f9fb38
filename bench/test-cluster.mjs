/**
 * What a cluster per test costs, in milliseconds of CPU: `npm run build && node bench/test-cluster.mjs`.
 *
 * CPU, not wall time, so that a busy machine says the same.
 */

import { ownerReference } from "kindred";
import { ConfigMap } from "kindred/resources";
import { TestCluster } from "kindred/testing";

async function measure(what, runs, work) {
  for (let run = 0; run < runs; run++) await work();
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run++) await work();
  const { user, system } = process.cpuUsage(before);
  console.log(`${((user + system) / 1000 / runs).toFixed(2).padStart(8)} ms  ${what}`);
}

await measure("a cluster started and disposed of", 100, async () => {
  const cluster = await TestCluster.start();
  await cluster[Symbol.asyncDispose]();
});

await measure("the same with an owner, a dependent, and the owner's deletion collected", 50, async () => {
  const cluster = await TestCluster.start();
  const maps = cluster.client.api(ConfigMap).namespace();
  const owner = await maps.create({ metadata: { name: "owner" } });
  await maps.create({ metadata: { name: "dependent", ownerReferences: [ownerReference(owner)] } });
  await maps.delete("owner");
  await cluster.settled();
  if ((await maps.getOptional("dependent")) !== undefined) throw new Error("it was not collected");
  await cluster[Symbol.asyncDispose]();
});

const cluster = await TestCluster.start();
await measure("settled() when nothing happens", 1000, () => cluster.settled());
await measure("an hour of an idle cluster", 5, () => cluster.clock.advance({ hours: 1 }));
await cluster[Symbol.asyncDispose]();
