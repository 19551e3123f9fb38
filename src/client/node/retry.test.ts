import { describe, expect, test } from "vitest";
import type { RetryClock, TransportResponse } from "../index.js";
import { ConnectionError } from "./connection-error.js";
import { failureOf } from "./harness.mjs";
import { retry, type RetryOptions } from "./retry.js";

const broken = new ConnectionError("broken", { sent: true, temporary: true });
const refused = new ConnectionError("refused", { sent: false, temporary: true });
const wrongName = new ConnectionError("wrong name", { sent: false, temporary: false });

type Answer = Error | number | { readonly status: number; readonly retryAfter: string };

/** Plays a script of answers against a clock that moves only by sleeping. */
function play(answers: readonly Answer[], options: RetryOptions = {}) {
  let time = Date.parse("2026-01-01T00:00:00Z");
  const waits: number[] = [];
  let discarded = 0;
  let calls = 0;
  const clock: RetryClock = {
    now: () => time,
    random: () => 0.5,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      time += ms;
    },
  };
  const transport = retry({ clock, ...options })(async () => {
    const answer = answers[calls] ?? 200;
    calls += 1;
    if (answer instanceof Error) throw answer;
    const [status, headers] =
      typeof answer === "number" ? [answer, {}] : [answer.status, { "retry-after": answer.retryAfter }];
    return response(status, headers, () => (discarded += 1));
  });
  return {
    waits,
    calls: () => calls,
    discarded: () => discarded,
    send: (method: string, signal?: AbortSignal) => transport({ method, url: "/", headers: {}, signal }),
    post: (url: string) => transport({ method: "POST", url, headers: {} }),
  };
}

function response(status: number, headers: TransportResponse["headers"], discard: () => unknown): TransportResponse {
  return {
    status,
    headers,
    bytes: async () => new Uint8Array(),
    chunks: async function* () {},
    discard: async () => void discard(),
  };
}

describe("what is tried again", () => {
  test.each<readonly [string, Answer, boolean]>([
    ["GET", 200, false],
    ["GET", 404, false],
    ["GET", 500, false],
    ["GET", 429, true],
    ["GET", 503, true],
    ["GET", 504, true],
    ["GET", broken, true],
    ["GET", refused, true],
    ["GET", wrongName, false],
    ["GET", new Error("a bug"), false],
    ["POST", 429, true],
    ["POST", 503, false],
    ["PATCH", 504, false],
    ["PUT", broken, false],
    ["DELETE", broken, false],
    ["POST", refused, true],
    ["POST", wrongName, false],
  ])("%s answered by %s: %s", async (method, answer, again) => {
    const played = play([answer]);
    await played.send(method).catch(() => {});
    expect(played.calls()).toBe(again ? 2 : 1);
    expect(played.discarded()).toBe(again && typeof answer === "number" ? 1 : 0);
  });
});

test("waits double, and after four attempts the last answer is handed on", async () => {
  const played = play([503, 503, 503, 503, 503]);
  expect((await played.send("GET")).status).toBe(503);
  expect(played.waits).toEqual([100, 200, 400]);
  expect(played.calls()).toBe(4);
});

test("the last error is thrown as it is", async () => {
  expect(await failureOf(play([refused, refused], { attempts: 2 }).send("GET"))).toBe(refused);
});

test.each([
  ["2", [2000]],
  ["Thu, 01 Jan 2026 00:00:05 GMT", [5000]],
  ["0", [100]],
  ["soon", [100]],
])("Retry-After: %s", async (retryAfter, waits) => {
  const played = play([{ status: 429, retryAfter }]);
  await played.send("POST");
  expect(played.waits).toEqual(waits);
});

test("a Retry-After beyond the total time is not waited for", async () => {
  const played = play([{ status: 429, retryAfter: "31" }]);
  expect((await played.send("GET")).status).toBe(429);
  expect(played.waits).toEqual([]);
});

test("the total time bounds all attempts together", async () => {
  const answer = { status: 503, retryAfter: "20" };
  const played = play([answer, answer, answer]);
  await played.send("GET");
  expect(played.waits).toEqual([20_000]);
});

test("an abort ends the waiting with the signal's reason", async () => {
  const abort = new AbortController();
  const reason = new Error("enough");
  const sending = retry({ firstWaitMs: 1e6, totalMs: 1e9 })(async () => response(503, {}, () => abort.abort(reason)))({
    method: "GET",
    url: "/",
    headers: {},
    signal: abort.signal,
  });
  expect(await failureOf(sending)).toBe(reason);
  const later = new AbortController();
  const waiting = retry({ firstWaitMs: 1e6, totalMs: 1e9 })(async () =>
    response(503, {}, () => setImmediate(() => later.abort(reason))),
  )({ method: "GET", url: "/", headers: {}, signal: later.signal });
  expect(await failureOf(waiting)).toBe(reason);
});

test.each([
  ["/api/v1/namespaces/ns/pods/a/eviction", 1],
  ["/api/v1/namespaces/ns/pods/a/eviction?dryRun=All", 1],
  ["/api/v1/namespaces/ns/pods/a/binding", 2],
  ["/apis/example.dev/v1/namespaces/ns/eviction", 2],
])("an eviction that a budget forbids is answered at once, another write sent again: %s", async (url, calls) => {
  const played = play([429]);
  await played.post(url);
  expect(played.calls()).toBe(calls);
});
