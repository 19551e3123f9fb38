/** The keys of a collection in their order, kept in order as keys come and go. */

import { compareText } from "../json.js";

/**
 * Guarantees: what `all` returned stays as it is. Between two calls of `all` keys are put into their place without copying, and until
 * the first call nothing is sorted.
 */
export class SortedKeys {
  readonly #unsorted: () => Iterable<string>;
  #keys: string[] | undefined;
  /** Whether somebody may still read the list. */
  #isShared = false;

  /** @param unsorted the keys in any order, for the first call of `all`. */
  constructor(unsorted: () => Iterable<string>) {
    this.#unsorted = unsorted;
  }

  all(): readonly string[] {
    this.#keys ??= [...this.#unsorted()].toSorted(compareText);
    this.#isShared = true;
    return this.#keys;
  }

  /** Adds a key that is not among them. */
  add(key: string): void {
    const keys = this.#own();
    if (keys === undefined) return;
    const index = firstAfter(keys, key);
    if (index === keys.length) keys.push(key);
    else keys.splice(index, 0, key);
  }

  /** Removes a key that is among them. */
  delete(key: string): void {
    const keys = this.#own();
    keys?.splice(firstAfter(keys, key) - 1, 1);
  }

  /** The list, of which nobody else has hold. */
  #own(): string[] | undefined {
    if (this.#isShared) this.#keys = this.#keys?.slice();
    this.#isShared = false;
    return this.#keys;
  }
}

/** The index of the first key that comes after this one, in a list that is in order. */
export function firstAfter(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
