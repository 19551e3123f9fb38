/** Whether anything is still going on: requests that are under way, and code that could run. */

import { KindredError } from "../../core/index.js";
import type { ApiRequest } from "../request.js";
import { Turns } from "./turns.js";
import type { Handler } from "./transport.js";

/** Something that may be busy although no request of it is under way: a controller. */
export interface Busy {
  /** Whether nothing of it runs or is due. */
  readonly idle: boolean;
  readonly name?: string | undefined;
}

/** How long to wait for rest. */
export interface RestOptions {
  /** By the machine's time. */
  readonly limitMs: number;
  readonly patience?: number | undefined;
}

/** After so many requests in one turn of the event loop the next is given: a loop without rest must not stop the process. */
const requestsPerTurn = 100;

/** Watches over what goes on. */
export class Activity implements Disposable {
  readonly #turns = new Turns();
  readonly #underWay = new Set<ApiRequest>();
  /** Rises with everything that happens. */
  #count = 0;
  #inTurn = 0;

  /** Around a handler: counts what passes. */
  around(next: Handler): Handler {
    return async (request) => {
      this.#count += 1;
      this.#underWay.add(request);
      try {
        if (++this.#inTurn > requestsPerTurn) await this.#turn();
        return await next(request);
      } finally {
        this.#underWay.delete(request);
        this.#count += 1;
      }
    };
  }

  /** Counts a request as under way that waits outside, by a clock that moves by itself. */
  async during<T>(request: ApiRequest, wait: () => Promise<T>): Promise<T> {
    this.#underWay.add(request);
    try {
      return await wait();
    } finally {
      this.#underWay.delete(request);
      this.#count += 1;
    }
  }

  /**
   * Resolves when a turn of the event loop has brought nothing new, no request is under way and nobody is busy; or, if `patience` is
   * given, after so many requests.
   */
  async rest(others: readonly Busy[], { limitMs, patience = Number.POSITIVE_INFINITY }: RestOptions): Promise<void> {
    const start = performance.now();
    // Each request counts at its beginning and at its end.
    const enough = this.#count + 2 * patience;
    for (;;) {
      const before = this.#count;
      await this.#turn();
      const busy = others.filter(({ idle }) => !idle);
      if (this.#count === before && this.#underWay.size === 0 && busy.length === 0) return;
      if (this.#count > enough) return;
      if (performance.now() - start > limitMs) throw restless(limitMs, [...this.#underWay], busy);
    }
  }

  [Symbol.dispose](): void {
    this.#turns[Symbol.dispose]();
  }

  async #turn(): Promise<void> {
    this.#inTurn = 0;
    await this.#turns.next();
  }
}

function restless(limitMs: number, requests: readonly ApiRequest[], busy: readonly Busy[]): Error {
  const what = [
    ...requests.map(({ method, url }) => `the request ${method} ${url} is under way`),
    ...busy.map(({ name = "a controller" }) => `${name} runs or has work that is due`),
  ];
  const why = what.length === 0 ? "requests follow each other without end: see cluster.requests" : what.join("; ");
  return new KindredError("TIMEOUT", `the cluster has not settled for ${limitMs / 1000} s: ${why}`);
}
