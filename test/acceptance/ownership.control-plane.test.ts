/** What the embedded cluster's controllers are measured by: the real ones. */

import { afterAll, beforeAll, describe } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.js";
import { ownership } from "./scenarios/ownership.js";
import { realWorld } from "./scenarios/real-world.js";
import type { World } from "./scenarios/world.js";

let controlPlane: ControlPlane;
let world: World;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  world = await realWorld(controlPlane);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await controlPlane?.stop();
});

describe("owners and namespaces", () => ownership(() => world));
