/** The objects of a store, and its indexes. */

import { keyOf } from "./object-ref.js";
import type { Indexers, Storable } from "./store.js";

/** Objects by key, and by the values of each index. */
export class Content<T extends Storable> {
  readonly objects = new Map<string, T>();
  readonly #indexers: readonly (readonly [string, (object: T) => readonly string[]])[];
  readonly #indexes: ReadonlyMap<string, Map<string, Set<string>>>;

  constructor(indexers: Indexers<T> | undefined) {
    this.#indexers = Object.entries(indexers ?? {});
    this.#indexes = new Map(this.#indexers.map(([name]) => [name, new Map<string, Set<string>>()]));
  }

  set(object: T): void {
    const key = keyOf(object.metadata);
    const old = this.objects.get(key);
    if (old !== undefined) this.#unindex(key, old);
    this.objects.set(key, object);
    for (const [name, valuesOf] of this.#indexers) {
      const index = this.#indexes.get(name);
      for (const value of valuesOf(object)) {
        const keys = index?.get(value) ?? new Set<string>();
        index?.set(value, keys.add(key));
      }
    }
  }

  delete(object: T): void {
    const key = keyOf(object.metadata);
    const old = this.objects.get(key);
    if (old === undefined) return;
    this.#unindex(key, old);
    this.objects.delete(key);
  }

  by(index: string, value: string): readonly T[] {
    const keys = this.#indexes.get(index)?.get(value) ?? [];
    return [...keys].flatMap((key) => this.objects.get(key) ?? []);
  }

  #unindex(key: string, object: T): void {
    for (const [name, valuesOf] of this.#indexers) {
      const index = this.#indexes.get(name);
      for (const value of valuesOf(object)) {
        const keys = index?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) index?.delete(value);
      }
    }
  }
}
