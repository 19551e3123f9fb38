/** The scenarios of the acceptance tests on the embedded cluster: what holds on a real one holds here. */

import { afterAll, beforeAll, describe } from "vitest";
import { configMapGenerator } from "../acceptance/scenarios/configmap-generator.js";
import { customResources } from "../acceptance/scenarios/custom-resource.js";
import { leaderElection } from "../acceptance/scenarios/leader.js";
import { ownership } from "../acceptance/scenarios/ownership.js";
import { spine } from "../acceptance/scenarios/spine.js";
import { waiting } from "../acceptance/scenarios/waiting.js";
import type { World } from "../acceptance/scenarios/world.js";
import { embeddedWorld } from "./world.js";

describe.each([
  { name: "the ConfigMapGenerator controller", scenario: configMapGenerator },
  { name: "custom kinds and local validation", scenario: customResources },
  { name: "waiting, events and finalizers", scenario: waiting },
  { name: "leader election", scenario: leaderElection },
  { name: "owners and namespaces", scenario: ownership },
  { name: "the spine", scenario: spine },
])("$name", ({ scenario }) => {
  let world: World;

  beforeAll(async () => {
    world = await embeddedWorld();
  });

  afterAll(() => world?.[Symbol.asyncDispose]());

  scenario(() => world);
});
