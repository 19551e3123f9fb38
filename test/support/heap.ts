/** How much memory is really held. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

/** The heap's size once all garbage is collected, in bytes. */
export async function heapBytes(): Promise<number> {
  if (typeof collectGarbage !== "function") throw new Error("this Node has no garbage collector to call");
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

/** The means of the second and of the fourth quarter of some samples: what comes before is warming up. */
export function halves(samples: readonly number[]): readonly [first: number, second: number] {
  const quarter = Math.floor(samples.length / 4);
  const mean = (part: readonly number[]) => part.reduce((sum, bytes) => sum + bytes, 0) / part.length;
  return [mean(samples.slice(quarter, 2 * quarter)), mean(samples.slice(-quarter))];
}
