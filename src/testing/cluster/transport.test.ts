import { expect, test } from "vitest";
import type { TransportRequest } from "../../client/index.js";
import { ManualClock } from "../clock.js";
import type { ApiResponse, WatchBody } from "../request.js";
import { type Handler, localTransport } from "./transport.js";

const get: TransportRequest = { method: "GET", url: "/api/v1/pods", headers: {} };

/** A watch that says what it is given, and then nothing. */
class Silent implements WatchBody {
  closed = 0;
  readonly #lines: string[];
  #wake: () => void = () => {};

  constructor(...lines: readonly string[]) {
    this.#lines = [...lines];
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<string>> {
    const value = this.#lines.shift();
    if (value !== undefined) return { done: false, value };
    if (this.closed === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<string>> {
    this.closed++;
    this.#wake();
    return { done: true, value: undefined };
  }
}

function transportOver(handle: Handler, clock = new ManualClock()) {
  return localTransport({ handle, server: "https://here", clock });
}

const answering =
  (body: ApiResponse["body"]): Handler =>
  async () => ({ status: 200, headers: { "content-type": "application/json" }, body });

test("a body comes in chunks of bytes, of which none is longer than a frame, and is whole again", async () => {
  const text = "☃".repeat(10_000);
  const response = await transportOver(answering(text))(get);
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.chunks()) chunks.push(chunk);
  expect(chunks.map(({ length }) => length)).toEqual([16_384, 13_616]);
  const decoder = new TextDecoder();
  expect(chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("")).toBe(text);
  expect(await (await transportOver(answering(text))(get)).bytes()).toEqual(new TextEncoder().encode(text));
});

test("an abort ends a watch with the signal's reason, and the server hears of it", async () => {
  const body = new Silent("{}\n");
  const abort = new AbortController();
  const response = await transportOver(answering(body))({ ...get, signal: abort.signal });
  const chunks = response.chunks()[Symbol.asyncIterator]();
  await chunks.next();
  const next = chunks.next();
  abort.abort(new Error("enough"));
  await expect(next).rejects.toThrow("enough");
  expect(body.closed).toBeGreaterThan(0);
});

test("an abort ends a request that waits for its answer, and an answer that comes too late is discarded", async () => {
  const body = new Silent();
  let answer: (response: ApiResponse) => void = () => {};
  const abort = new AbortController();
  const sent = transportOver(() => new Promise((resolve) => (answer = resolve)))({ ...get, signal: abort.signal });
  abort.abort(new Error("enough"));
  await expect(sent).rejects.toThrow("enough");
  answer({ status: 200, headers: {}, body });
  await Promise.resolve();
  expect(body.closed).toBe(1);
});

test("an abort before the request sends nothing", async () => {
  let sent = 0;
  const transport = transportOver(async () => ({ status: 200, headers: {}, body: String(sent++) }));
  await expect(transport({ ...get, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  expect(sent).toBe(0);
});

test("leaving the loop over a watch, or discarding it, closes it", async () => {
  const [left, discarded] = [new Silent("a", "b"), new Silent("a")];
  for await (const _ of (await transportOver(answering(left))(get)).chunks()) break;
  await (await transportOver(answering(discarded))(get)).discard();
  expect([left.closed, discarded.closed]).toEqual([1, 1]);
});

test.each<readonly [string, Handler]>([
  ["before the answer", () => new Promise(() => {})],
  ["between two events", answering(new Silent("{}\n"))],
])("a connection that is silent for too long %s is given up", async (_when, handle) => {
  const clock = new ManualClock();
  const read = async () => {
    const response = await transportOver(handle, clock)({ ...get, idleTimeoutMs: 5000 });
    for await (const _ of response.chunks());
  };
  const reading = expect(read()).rejects.toMatchObject({
    code: "CONNECTION",
    message: "GET /api/v1/pods at https://here: nothing came for 5 seconds",
  });
  await clock.advance(5000);
  await reading;
});

test("each event begins the silence anew", async () => {
  const clock = new ManualClock();
  const body = new Silent("a", "b");
  const response = await transportOver(answering(body), clock)({ ...get, idleTimeoutMs: 5000 });
  const chunks = response.chunks()[Symbol.asyncIterator]();
  await chunks.next();
  await clock.advance(4000);
  await chunks.next();
  const next = chunks.next();
  await clock.advance(4000);
  expect(body.closed).toBe(0);
  const failing = expect(next).rejects.toThrow("nothing came");
  await clock.advance(1000);
  await failing;
});
