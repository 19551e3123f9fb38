/** Chance from a seed: the same seed, the same sequence. */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0, below 1: Mulberry32, a generator of 32 bits of state. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** True so often in one. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  /** A choice by weight: `{ often: 9, rarely: 1 }`. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const names = Object.keys(weights) as Name[];
    let left = this.next() * names.reduce((sum, name) => sum + weights[name], 0);
    for (const name of names) {
      left -= weights[name];
      if (left < 0) return name;
    }
    throw new Error("nothing to choose from: every weight is 0");
  }

  /** A generator of its own, for a part whose draws must not shift the others'. */
  fork(): Random {
    return new Random(this.below(2 ** 32));
  }
}

/** The seeds of a run: `SEED=n` (or the variable that is named) alone if that is set, else `count` of them from 1. */
export function seedsOf(count: number, variable = "SEED"): readonly number[] {
  const given = process.env[variable];
  if (given === undefined || given === "") return Array.from({ length: count }, (_, index) => index + 1);
  const seed = Number(given);
  if (!Number.isInteger(seed)) throw new Error(`${variable} must be a whole number, but is ${JSON.stringify(given)}`);
  return [seed];
}
