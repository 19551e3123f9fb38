/** The example controller in bad weather: whatever goes wrong by chance, the world is in order when it is over. */

import { type Outcome } from "kindred";
import { ConfigMap } from "kindred/resources";
import { TestCluster } from "kindred/testing";
import { expect, test } from "vitest";
import { ConfigMapGenerator, run } from "../../examples/configmap-generator/controller.js";

const quiet = { info: () => {}, warn: () => {} };

/** Chance of a test's own, by the generator of Park and Miller. */
function chanceOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Users who create, edit, delete and tamper for a while, in a cluster where everything may fail. */
async function storm(seed: number) {
  await using cluster = await TestCluster.start({ seed, kinds: [ConfigMapGenerator] });
  const { client, clock } = cluster;
  const controller = cluster.use(run(client, { clock, logger: quiet }));
  const outcomes: Outcome["type"][] = [];
  const reading = (async () => {
    for await (const { type } of controller) outcomes.push(type);
  })();
  const generators = client.api(ConfigMapGenerator).namespace("default");
  const maps = client.api(ConfigMap).namespace("default");
  const faults = [
    cluster.inject({ fault: "conflict", verbs: ["patch"], probability: 0.1 }),
    cluster.inject({ fault: "internal-error", probability: 0.05 }),
    cluster.inject({ fault: "too-many-requests", retryAfter: { seconds: 2 }, probability: 0.03 }),
    cluster.inject({ fault: "disconnect", when: "after", verbs: ["patch"], probability: 0.1 }),
    cluster.inject({ fault: "drop-watch", afterEvents: 3, probability: 0.5 }),
    cluster.inject({ fault: "expired", verbs: ["watch"], probability: 0.2 }),
    cluster.inject({ fault: "stale-list", probability: 0.3 }),
  ];
  const chance = chanceOf(seed);
  const act = async (step: number) => {
    const name = `g-${chance(5)}`;
    const content = `step ${step}`;
    const actions = [
      () => generators.create({ metadata: { name }, spec: { content } }),
      () => generators.patch(name, { type: "merge", body: { spec: { content } } }),
      () => generators.delete(name),
      () => maps.patch(name, { type: "merge", body: { data: { content: "tampered" } } }),
      () => maps.delete(name),
      async () => cluster.compact(),
      async () => cluster.dropWatches(),
    ];
    await actions[chance(actions.length)]?.().catch(() => {});
  };
  for (let step = 0; step < 60; step++) {
    await act(step);
    await clock.advance({ milliseconds: chance(3000) });
  }
  for (const fault of faults) fault[Symbol.dispose]();
  // Longer than any backoff, and than the controller's own interval.
  await clock.advance({ minutes: 12 });
  const wanted = (await generators.list().toArray()).map(({ metadata, spec }) => [metadata.name, spec.content]);
  const present = (await maps.list().toArray()).flatMap(({ metadata, data }) =>
    metadata.name === "kube-root-ca.crt" ? [] : [[metadata.name, data?.["content"]]],
  );
  await controller.stop();
  await reading;
  return { wanted, present, outcomes, struck: faults.map(({ hits }) => hits) };
}

// In the second half of seeds 10 and 11 a collector and a controller undo each other's work until a watch is back.
test.each([1, 2, 3, 10, 11])("every generator has its ConfigMap (seed %i)", async (seed) => {
  const { wanted, present, outcomes, struck } = await storm(seed);
  expect(present).toEqual(wanted);
  expect(outcomes.filter((type) => type === "reconciled").length).toBeGreaterThan(10);
  expect(struck.filter((hits) => hits > 0).length).toBeGreaterThan(3);
});
