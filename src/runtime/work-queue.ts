/** The work queue: which key runs next and when, as a data structure without a clock. */

import { Heap } from "./heap.js";

/** A request for a key. */
export interface WorkRequest<R> {
  /** Not before this time, in the clock's milliseconds. */
  readonly at: number;
  /** Higher goes first. */
  readonly priority: number;
  /** Why: kept with the key until it is taken. */
  readonly reason: R;
  /** Void if the key is asked for by something else that is due no later: a requeue, against a change. Default false. */
  readonly weak?: boolean;
}

/** A key whose turn it is. */
export interface Work<R> {
  readonly key: string;
  /** When it fell due. */
  readonly at: number;
  readonly priority: number;
  /** The reasons that were merged into this run, the first 16 of them. */
  readonly reasons: readonly R[];
  /** How many requests were merged into this run. */
  readonly requests: number;
}

interface Entry<R> {
  readonly key: string;
  at: number;
  priority: number;
  requests: number;
  reasons: R[];
  weak: boolean;
  due: boolean;
}

/** An entry's place in the heap: void once the entry has become due, or moved to an earlier time. */
interface Slot<R> {
  readonly at: number;
  readonly order: number;
  readonly entry: Entry<R>;
}

/** So many slots of the heap may be void for each key that waits. */
const slotsPerKey = 4;

/** As many as a human reads. */
const reasonLimit = 16;

/**
 * Keys that wait for their turn.
 *
 * Guarantees: a key is taken once until it is done; a key added while it runs is due exactly once more; of several requests for a
 * key the earliest time and the highest priority win; what is due is taken by priority, then in the order in which it fell due.
 * Adding and taking cost O(log n).
 */
export class WorkQueue<R> {
  readonly #waiting = new Map<string, Entry<R>>();
  /** Keys that run, with what was requested meanwhile. */
  readonly #running = new Map<string, Entry<R> | undefined>();
  readonly #delayed = new Heap<Slot<R>>((a, b) => a.at - b.at || a.order - b.order);
  /** What is due, the highest priority first. */
  readonly #due: DueQueue<R>[] = [];
  #orders = 0;

  /** Keys that wait, due or not; not those that run. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Keys that were taken and are not done. */
  get running(): number {
    return this.#running.size;
  }

  add(key: string, request: WorkRequest<R>): void {
    if (this.#running.has(key)) {
      this.#running.set(key, merge(this.#running.get(key), key, request));
      return;
    }
    const before = this.#waiting.get(key);
    const { at, priority } = before ?? {};
    const entry = merge(before, key, request);
    if (before === undefined) this.#enqueue(entry);
    else if (entry.due && entry.priority !== priority) this.#joinDue(entry);
    else if (!entry.due && entry.at !== at) this.#delay(entry);
  }

  /** The next key that is due at `now`; it runs until {@link done}. */
  take(now: number): Work<R> | undefined {
    this.#promote(now);
    const queue = this.#firstDue();
    const entry = queue?.entries[queue.head];
    if (queue === undefined || entry === undefined) return undefined;
    advance(queue);
    this.#waiting.delete(entry.key);
    this.#running.set(entry.key, undefined);
    const { key, at, priority, reasons, requests } = entry;
    return { key, at, priority, reasons, requests };
  }

  /** The key has run: what was requested for it meanwhile waits now. */
  done(key: string): void {
    const again = this.#running.get(key);
    this.#running.delete(key);
    if (again !== undefined) this.#enqueue(again);
  }

  /** When {@link take} will have something: negative infinity for at once, undefined if nothing waits. */
  nextAt(): number | undefined {
    return this.#firstDue() === undefined ? this.#nextDelayed()?.at : Number.NEGATIVE_INFINITY;
  }

  #enqueue(entry: Entry<R>): void {
    this.#waiting.set(entry.key, entry);
    this.#delay(entry);
  }

  #delay(entry: Entry<R>): void {
    // A requeue in ten hours leaves its slot behind with every change that comes before.
    if (this.#delayed.size > slotsPerKey * this.#waiting.size + slotsPerKey)
      this.#delayed.keep((slot) => this.#counts(slot));
    this.#delayed.push({ at: entry.at, order: this.#orders++, entry });
  }

  #promote(now: number): void {
    for (let next = this.#nextDelayed(); next !== undefined && next.at <= now; next = this.#nextDelayed()) {
      this.#delayed.pop();
      next.entry.due = true;
      this.#joinDue(next.entry);
    }
  }

  /** The earliest slot that still counts. */
  #nextDelayed(): Slot<R> | undefined {
    for (let slot = this.#delayed.peek(); slot !== undefined; slot = this.#delayed.peek()) {
      if (this.#counts(slot)) return slot;
      this.#delayed.pop();
    }
    return undefined;
  }

  #counts({ entry, at }: Slot<R>): boolean {
    return !entry.due && entry.at === at && this.#waiting.get(entry.key) === entry;
  }

  /** The first queue that has an entry, its head at one that still counts: not taken, not moved to a higher priority. */
  #firstDue(): DueQueue<R> | undefined {
    for (const queue of this.#due) {
      for (let entry = queue.entries[queue.head]; entry !== undefined; entry = queue.entries[queue.head]) {
        if (entry.priority === queue.priority && this.#waiting.get(entry.key) === entry) return queue;
        advance(queue);
      }
    }
    return undefined;
  }

  #joinDue(entry: Entry<R>): void {
    const queue = this.#due.find(({ priority }) => priority === entry.priority);
    if (queue !== undefined) {
      queue.entries.push(entry);
      return;
    }
    this.#due.push({ priority: entry.priority, entries: [entry], head: 0 });
    this.#due.sort((a, b) => b.priority - a.priority);
  }
}

/** First in, first out; what lies before `head` was taken. */
interface DueQueue<R> {
  readonly priority: number;
  readonly entries: Entry<R>[];
  head: number;
}

/** Moves past the head, and lets go of what was taken once it is the greater part. */
function advance<R>(queue: DueQueue<R>): void {
  queue.head += 1;
  if (queue.head * 2 < queue.entries.length) return;
  queue.entries.splice(0, queue.head);
  queue.head = 0;
}

/** Changes `entry`, which belongs to the queue. */
function merge<R>(entry: Entry<R> | undefined, key: string, request: WorkRequest<R>): Entry<R> {
  const { at, priority, reason, weak = false } = request;
  if (entry === undefined) return { key, at, priority, requests: 1, reasons: [reason], weak, due: false };
  if (weak && !entry.weak && entry.at <= at) return entry;
  if (entry.weak && !weak && at <= entry.at) {
    entry.reasons = [];
    entry.requests = 0;
  }
  entry.weak &&= weak;
  entry.at = Math.min(entry.at, at);
  entry.priority = Math.max(entry.priority, priority);
  entry.requests += 1;
  if (entry.reasons.length < reasonLimit) entry.reasons.push(reason);
  return entry;
}
