/** What a controller did, as a stream that nobody needs to read. */

import type { Action } from "./action.js";
import type { ObjectRef } from "./object-ref.js";

/** Why a reconcile was due. */
export type Reason =
  | { readonly type: "object-changed" }
  /** An owned or watched object changed; this is it. */
  | { readonly type: "related-changed"; readonly kind: string; readonly ref: ObjectRef }
  /** A stream of that name asked for it, or `reconcileAll`. */
  | { readonly type: "asked"; readonly by: string }
  /** The reconcile before asked for it. */
  | { readonly type: "requeued" }
  /** The reconcile before failed. */
  | { readonly type: "retried" };

/** One thing that happened. */
export type Outcome =
  /** Every cache is complete: reconciling begins. */
  | { readonly type: "ready"; readonly objects: number }
  | {
      readonly type: "reconciled";
      readonly ref: ObjectRef;
      readonly action: Action;
      /** 1, or more after failures in a row. */
      readonly attempt: number;
      readonly reasons: readonly Reason[];
      readonly durationMs: number;
    }
  | {
      readonly type: "failed";
      readonly ref: ObjectRef;
      readonly error: unknown;
      readonly attempt: number;
      readonly reasons: readonly Reason[];
      readonly durationMs: number;
      /** Absent: not before the object changes. */
      readonly retryInMs?: number;
    }
  /** A watch failed and will be retried; the others go on. */
  | { readonly type: "watch-failed"; readonly kind: string; readonly error: Error; readonly failures: number }
  /** The deadline of a shutdown passed with this reconcile still running. */
  | { readonly type: "abandoned"; readonly ref: ObjectRef }
  /** This reader was slow: so many outcomes were dropped for it. */
  | { readonly type: "missed"; readonly count: number };

/** As many as a slow reader may lag behind. */
const limit = 1000;

/** Hands every outcome to whoever is reading; keeps none if nobody is. */
export class Outcomes {
  readonly #readers = new Set<Reader>();
  #ended = false;

  /** Whether anybody reads. */
  get read(): boolean {
    return this.#readers.size > 0;
  }

  publish(outcome: Outcome): void {
    for (const reader of this.#readers) reader.offer(outcome);
  }

  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.end();
  }

  async *follow(): AsyncGenerator<Outcome, void, undefined> {
    if (this.#ended) return;
    const reader = new Reader();
    this.#readers.add(reader);
    try {
      for (let outcome = await reader.next(); outcome !== undefined; outcome = await reader.next()) yield outcome;
    } finally {
      this.#readers.delete(reader);
    }
  }
}

class Reader {
  #buffer: Outcome[] = [];
  #missed = 0;
  #ended = false;
  #wake: () => void = () => {};

  offer(outcome: Outcome): void {
    if (this.#buffer.length === limit) {
      this.#missed += this.#buffer.splice(0, limit / 2).length;
    }
    this.#buffer.push(outcome);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async next(): Promise<Outcome | undefined> {
    while (this.#buffer.length === 0) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#missed > 0) {
      const count = this.#missed;
      this.#missed = 0;
      return { type: "missed", count };
    }
    return this.#buffer.shift();
  }
}
