/** A clock that runs faster than the machine's: an hour of the runtime's waiting in a test that is real otherwise. */

import type { Clock } from "../../src/runtime/index.js";
import type { Random } from "./random.js";

/** @param factor how many of its seconds pass in one. */
export function fastClock(factor: number, random: Random): Clock {
  return {
    now: () => performance.now() * factor,
    date: () => new Date(),
    random: () => random.next(),
    timer(ms, callback) {
      const handle = setTimeout(callback, ms / factor);
      return () => clearTimeout(handle);
    },
  };
}
