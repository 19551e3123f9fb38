/** Watches that can be broken from outside, as networks do. */

import { KindredError } from "../../core/index.js";
import type { WatchBody } from "../request.js";
import { matchesRequest, type RequestFacts, type RequestMatch } from "./request-facts.js";

/** The watches that are open. */
export class OpenWatches {
  readonly #open = new Set<DroppableWatch>();

  /** The same watch, breakable; by itself after so many events, if it is said. */
  add(body: WatchBody, facts: RequestFacts, afterEvents?: number): WatchBody {
    const watch = new DroppableWatch(body, { facts, afterEvents, closed: () => this.#open.delete(watch) });
    this.#open.add(watch);
    return watch;
  }

  /** Breaks the connections of those that `match` means. @returns how many there were. */
  drop(match: RequestMatch): number {
    const dropped = [...this.#open].filter(({ facts }) => matchesRequest(match, facts));
    for (const watch of dropped) watch.drop();
    return dropped.length;
  }
}

interface DroppableOptions {
  readonly facts: RequestFacts;
  readonly afterEvents: number | undefined;
  readonly closed: () => void;
}

class DroppableWatch implements WatchBody {
  readonly facts: RequestFacts;
  readonly #body: WatchBody;
  readonly #closed: () => void;
  #left: number;
  #isDropped = false;

  constructor(body: WatchBody, { facts, afterEvents, closed }: DroppableOptions) {
    this.facts = facts;
    this.#body = body;
    this.#closed = closed;
    this.#left = afterEvents ?? Number.POSITIVE_INFINITY;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  drop(): void {
    this.#isDropped = true;
    void this.return();
  }

  async next(): Promise<IteratorResult<string>> {
    if (this.#left <= 0) this.drop();
    const piece = this.#isDropped ? undefined : await this.#body.next();
    if (this.#isDropped) throw dropped(this.facts);
    this.#left -= 1;
    if (piece === undefined || piece.done === true) return this.return();
    return piece;
  }

  async return(): Promise<IteratorResult<string>> {
    this.#closed();
    return this.#body.return();
  }
}

function dropped({ group, plural }: RequestFacts): Error {
  const resource = group === "" ? plural : `${plural}.${group}`;
  return new KindredError("CONNECTION", `the watch of ${resource} broke: the test dropped its connection`);
}
