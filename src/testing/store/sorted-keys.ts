/** The keys of a collection in their order. */

/** The most keys in one piece; a piece that has more is cut in half. */
const maxPiece = 256;

/**
 * Keys in order, as a list that never changes: adding or removing a key gives another list, which shares all but one piece of the keys
 * with this one. So whoever holds a list may read it while keys come and go, and a change copies little, however many keys there are.
 */
export class SortedKeys implements Iterable<string> {
  static readonly empty = new SortedKeys([], 0);

  /** How many keys there are. */
  readonly size: number;
  /** None is empty. */
  readonly #pieces: readonly (readonly string[])[];

  private constructor(pieces: readonly (readonly string[])[], size: number) {
    this.#pieces = pieces;
    this.size = size;
  }

  /** The keys with one that is not among them. */
  with(key: string): SortedKeys {
    const index = Math.max(0, this.#pieceOf(key));
    const piece = this.#pieces[index] ?? [];
    const grown = piece.toSpliced(rankIn(piece, key), 0, key);
    const half = grown.length >>> 1;
    const parts = grown.length > maxPiece ? [grown.slice(0, half), grown.slice(half)] : [grown];
    return new SortedKeys(this.#pieces.toSpliced(index, 1, ...parts), this.size + 1);
  }

  /** The keys without one that is among them. */
  without(key: string): SortedKeys {
    const index = this.#pieceOf(key);
    const left = (this.#pieces[index] ?? []).filter((other) => other !== key);
    return new SortedKeys(this.#pieces.toSpliced(index, 1, ...(left.length === 0 ? [] : [left])), this.size - 1);
  }

  /** How many keys come before this one. */
  rank(key: string): number {
    const index = this.#pieceOf(key);
    let rank = 0;
    for (let before = 0; before < index; before++) rank += this.#pieces[before]?.length ?? 0;
    return rank + rankIn(this.#pieces[index] ?? [], key);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.between(0, this.size);
  }

  /** The keys from one place on, up to another, which is not among them. */
  *between(start: number, end: number): Generator<string> {
    let passed = 0;
    for (const piece of this.#pieces) {
      if (passed >= end) return;
      if (passed + piece.length > start) yield* piece.slice(Math.max(0, start - passed), end - passed);
      passed += piece.length;
    }
  }

  /** The index of the last piece that begins with this key or one before it; -1 if all keys come after it. */
  #pieceOf(key: string): number {
    return bisect(this.#pieces.length, (index) => (this.#pieces[index]?.[0] ?? "") <= key) - 1;
  }
}

/** How many of some keys in order come before this one. */
function rankIn(keys: readonly string[], key: string): number {
  return bisect(keys.length, (index) => (keys[index] ?? "") < key);
}

/** How many of `count` places, from the first on, have what only those at the front have. */
function bisect(count: number, isFront: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isFront(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
