/** Chance from a seed: the same seed gives the same requests. */

/** Draws from chance. */
export interface Chance {
  /** At least 0, below 1. */
  next(): number;
  /** Whether something of this probability happens. */
  happens(probability: number): boolean;
  /** A whole number below `end`. */
  below(end: number): number;
  pick<T>(items: readonly [T, ...(readonly T[])]): T;
}

/** Chance from numbers at least 0 and below 1. */
export function chanceFrom(next: () => number): Chance {
  const below = (end: number) => Math.floor(next() * end);
  return {
    next,
    below,
    happens: (probability) => next() < probability,
    pick: (items) => items[below(items.length)] ?? items[0],
  };
}
