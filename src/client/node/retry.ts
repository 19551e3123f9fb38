/** Tries again what is safe to try again, for a short time. */

import { systemClock } from "../clock.js";
import {
  headerOf,
  type Middleware,
  parseRetryAfter,
  type RetryClock,
  type TransportRequest,
  type TransportResponse,
} from "../index.js";
import { ConnectionError } from "./connection-error.js";

/** How often and how long to try. */
export interface RetryOptions {
  /** All attempts, the first included. Default 4. */
  readonly attempts?: number | undefined;
  /** No attempt starts later than this after the first, in milliseconds. Default 30,000. */
  readonly totalMs?: number | undefined;
  /** The first wait, in milliseconds; each further one is twice as long, all of them ± 50 %. Default 100. */
  readonly firstWaitMs?: number | undefined;
  /** Time and chance, for tests. */
  readonly clock?: RetryClock | undefined;
}

/**
 * Middleware that repeats
 * - any request answered by 429, which the server has not processed, except evictions, which a disruption budget answers so,
 * - reads answered by 503 or 504, or broken before an answer came,
 * - any request that could not be sent because no connection came about, for a reason that may pass.
 *
 * A write that may have happened is never repeated. `Retry-After` is honoured; if it goes beyond `totalMs`, the answer is handed on at
 * once. Caveat: the body of a response that breaks while it is read is not fetched again.
 */
export function retry(options: RetryOptions = {}): Middleware {
  const { attempts = 4, totalMs = 30_000, firstWaitMs = 100, clock = systemClock } = options;
  return (next) => async (request) => {
    const start = clock.now();
    for (let attempt = 1; ; attempt += 1) {
      const result = await settle(next(request));
      request.signal?.throwIfAborted();
      const asked = attempt < attempts ? verdict(request, result, clock.now()) : undefined;
      const backoff = firstWaitMs * 2 ** (attempt - 1) * (0.5 + clock.random());
      const wait = Math.max(asked ?? 0, backoff);
      if (asked === undefined || clock.now() + wait - start > totalMs) return unwrap(result);
      if (result.type === "response") await result.response.discard();
      await clock.sleep(wait, request.signal);
    }
  };
}

type Result =
  | { readonly type: "response"; readonly response: TransportResponse }
  | { readonly type: "error"; readonly error: unknown };

async function settle(sending: Promise<TransportResponse>): Promise<Result> {
  try {
    return { type: "response", response: await sending };
  } catch (error) {
    return { type: "error", error };
  }
}

function unwrap(result: Result): TransportResponse {
  if (result.type === "error") throw result.error;
  return result.response;
}

/** The least wait before the next attempt, in milliseconds; undefined if there must be none. */
function verdict(request: TransportRequest, result: Result, now: number): number | undefined {
  // What runs behind an upgraded connection is no read, whatever its method says.
  const reads = (request.method === "GET" || request.method === "HEAD") && request.upgrade === undefined;
  if (result.type === "error") {
    const { error } = result;
    return error instanceof ConnectionError && error.temporary && (reads || !error.sent) ? 0 : undefined;
  }
  const { status } = result.response;
  if (status !== 429 && !(reads && (status === 503 || status === 504))) return undefined;
  if (status === 429 && isEviction(request)) return undefined;
  return parseRetryAfter(headerOf(result.response, "retry-after"), now) ?? 0;
}

/** An eviction is refused with 429 for as long as a budget forbids it: the caller's to decide, not overload. */
function isEviction({ method, url }: TransportRequest): boolean {
  return method === "POST" && /\/pods\/[^/?]+\/eviction(?:\?|$)/.test(url);
}
