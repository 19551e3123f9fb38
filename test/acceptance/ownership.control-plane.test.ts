/** What the embedded cluster's controllers are measured by: the real ones. */

import { describe } from "vitest";
import { ownership } from "./scenarios/ownership.js";
import { useRealWorld } from "./scenarios/real-world.js";

const real = useRealWorld();

describe("owners and namespaces", () => ownership(() => real.world));
