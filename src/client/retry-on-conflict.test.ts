import { describe, expect, it } from "vitest";
import { ApiError } from "../core/index.js";
import type { RetryClock } from "./clock.js";
import { retryOnConflict, type RetryOnConflictOptions } from "./retry-on-conflict.js";

function refusal(code: number, reason: string): ApiError {
  return new ApiError({ apiVersion: "v1", kind: "Status", metadata: {}, code, reason }, { method: "PUT", path: "/a" });
}
const conflict = refusal(409, "Conflict");

/** Fails with these errors in turn, then succeeds. */
function play(errors: readonly Error[], options: RetryOnConflictOptions = {}) {
  const waits: number[] = [];
  const attempts: number[] = [];
  const clock: RetryClock = {
    now: () => 0,
    random: () => 0.5,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
    },
  };
  const run = () =>
    retryOnConflict(
      async (attempt) => {
        attempts.push(attempt);
        const error = errors[attempt - 1];
        if (error !== undefined) throw error;
        return "done";
      },
      { clock, ...options },
    );
  return { waits, attempts, run };
}

describe("retryOnConflict", () => {
  it("runs again after each conflict, 10 ms and a little later, as client-go does", async () => {
    const { waits, attempts, run } = play([conflict, conflict]);
    expect(await run()).toBe("done");
    expect(attempts).toEqual([1, 2, 3]);
    expect(waits).toEqual([10.5, 10.5]);
  });

  it("gives up with the last conflict after five attempts", async () => {
    const last = refusal(409, "Conflict");
    const { attempts, run } = play([conflict, conflict, conflict, conflict, last]);
    await expect(run()).rejects.toBe(last);
    expect(attempts).toHaveLength(5);
  });

  it("waits longer each time if asked to", async () => {
    const { waits, run } = play([conflict, conflict, conflict], { waitMs: 100, factor: 2, jitter: 0 });
    await run();
    expect(waits).toEqual([100, 200, 400]);
  });

  it.each([
    ["another refusal", refusal(404, "NotFound")],
    ["an object that exists already", refusal(409, "AlreadyExists")],
    ["a bug", new TypeError("oops")],
  ])("fails at once with %s", async (_title, error) => {
    const { attempts, run } = play([error]);
    await expect(run()).rejects.toBe(error);
    expect(attempts).toHaveLength(1);
  });

  it("repeats what it is told to", async () => {
    const { run } = play([refusal(404, "NotFound")], { retryIf: () => true });
    expect(await run()).toBe("done");
  });

  it("starts no attempt once its signal is aborted, and rethrows the reason", async () => {
    const reason = new Error("enough");
    const before = play([], { signal: AbortSignal.abort(reason) });
    await expect(before.run()).rejects.toBe(reason);
    expect(before.attempts).toEqual([]);
    const abort = new AbortController();
    const waiting = retryOnConflict(
      async () => {
        setImmediate(() => abort.abort(reason));
        throw conflict;
      },
      { signal: abort.signal, waitMs: 1e6 },
    );
    await expect(waiting).rejects.toBe(reason);
  });
});
