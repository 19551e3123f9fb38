/** What goes wrong with the requests of one client, and when: drawn from a seed. */

import { Random } from "../support/random.js";

/** What can go wrong with a request before it reaches the API server. */
const requestFaults = {
  none: 70,
  delayed: 6,
  reset: 5,
  "never answered": 2,
  "410": 3,
  "429": 4,
  "500": 4,
  "503": 4,
  "503 of a load balancer": 2,
} as const;

/** What can go wrong with a watch after some of its lines. */
const watchFaults = {
  none: 10,
  end: 5,
  "end mid-line": 5,
  "cut mid-line": 8,
  reset: 5,
  "half-open": 5,
  "ERROR 410": 6,
  "ERROR 429": 3,
  "ERROR 500": 4,
  garbage: 12,
  "lines twice": 8,
  "bytes twice": 6,
  delayed: 6,
  "slow drip": 4,
} as const;

/** What can go wrong with the body of any other answer. */
const bodyFaults = {
  none: 75,
  "body cut": 5,
  "body ended early": 5,
  "body bytes twice": 4,
  "body half-open": 2,
  "body slow drip": 5,
} as const;

export type RequestFault = keyof typeof requestFaults;
export type WatchFault = keyof typeof watchFaults;
export type BodyFault = keyof typeof bodyFaults;

/** Everything that {@link FaultPlan.counts} can count. */
export const faultNames: readonly string[] = [
  ...new Set([requestFaults, watchFaults, bodyFaults].flatMap((faults) => Object.keys(faults))),
]
  .filter((name) => name !== "none")
  .toSorted();

/**
 * Draws faults, until it is told to be calm. Each path has draws of its own, so that what goes wrong with it does not depend on how
 * requests of different paths interleave.
 */
export class FaultPlan {
  /** What has happened, and how often. */
  readonly counts = new Map<string, number>();
  readonly random: Random;
  readonly #lanes = new Map<string, Random>();
  #calm = false;
  #partitioned = false;
  readonly #seed: number;

  constructor(random: Random) {
    this.random = random;
    this.#seed = random.below(2 ** 32);
  }

  /** From now on nothing new goes wrong; what is broken stays so. */
  calm(): void {
    this.#calm = true;
  }

  /** Whether the network is gone: what is sent is lost, and nobody is told. */
  get partitioned(): boolean {
    return this.#partitioned;
  }

  set partitioned(is: boolean) {
    this.#partitioned = is;
  }

  request(path: string): RequestFault {
    return this.#draw(path, requestFaults);
  }

  /** The fault of a watch, and after how many lines it strikes. */
  watch(path: string): { readonly fault: WatchFault; readonly after: number } {
    return { fault: this.#draw(path, watchFaults), after: this.#lane(path).below(8) };
  }

  body(path: string): BodyFault {
    return this.#draw(path, bodyFaults);
  }

  /** Takes note that a fault has happened. */
  struck(fault: string): void {
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
  }

  #draw<Name extends string>(
    path: string,
    weights: Readonly<Record<Name, number>> & { readonly none: number },
  ): Name | "none" {
    return this.#calm ? "none" : this.#lane(path).weighted(weights);
  }

  #lane(path: string): Random {
    const known = this.#lanes.get(path);
    if (known !== undefined) return known;
    let seed = this.#seed;
    for (const character of path) seed = Math.imul(seed ^ character.charCodeAt(0), 0x01000193);
    const lane = new Random(seed);
    this.#lanes.set(path, lane);
    return lane;
  }
}

/** A plan in which nothing goes wrong but what is done by hand. */
export function calmPlan(random: Random): FaultPlan {
  const plan = new FaultPlan(random);
  plan.calm();
  return plan;
}
