/** A binary heap: the smallest first. */

export class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (a: T, b: T) => number;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** Lets go of all that does not count any more. */
  keep(counts: (item: T) => boolean): void {
    for (const item of this.#items.splice(0)) if (counts(item)) this.push(item);
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfLess(index, parent)) return;
      index = parent;
    }
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return top;
    items[0] = last;
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      const right = left + 1;
      const child = right < items.length && this.#less(right, left) ? right : left;
      if (child >= items.length || !this.#swapIfLess(child, index)) return top;
      index = child;
    }
  }

  #less(index: number, than: number): boolean {
    const a = this.#items[index];
    const b = this.#items[than];
    return a !== undefined && b !== undefined && this.#compare(a, b) < 0;
  }

  #swapIfLess(index: number, than: number): boolean {
    const a = this.#items[index];
    const b = this.#items[than];
    if (a === undefined || b === undefined || this.#compare(a, b) >= 0) return false;
    this.#items[index] = b;
    this.#items[than] = a;
    return true;
  }
}
