import { expect, it } from "vitest";
import { ByteQueue } from "./byte-queue.js";

const big = new Uint8Array(300_000);

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Whether a promise has resolved by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await settled();
  return done;
}

it("makes the writer wait while it holds much, until that is read", async () => {
  const queue = new ByteQueue();
  expect(await isDone(queue.push(Uint8Array.of(1)))).toBe(true);
  const waiting = queue.push(big);
  expect(await isDone(waiting)).toBe(false);
  const reader = queue.stream.getReader();
  expect((await reader.read()).value).toEqual(Uint8Array.of(1));
  expect(await isDone(waiting)).toBe(false);
  expect((await reader.read()).value).toBe(big);
  expect(await isDone(waiting)).toBe(true);
});

it("makes the reader wait for bytes", async () => {
  const queue = new ByteQueue();
  const reading = queue.stream.getReader().read();
  expect(await isDone(reading)).toBe(false);
  await queue.push(Uint8Array.of(1));
  expect(await reading).toEqual({ done: false, value: Uint8Array.of(1) });
});

it("ends after its last byte", async () => {
  const queue = new ByteQueue();
  await queue.push(Uint8Array.of(1));
  queue.end();
  await queue.push(Uint8Array.of(2));
  expect(await new Response(queue.stream).arrayBuffer()).toHaveProperty("byteLength", 1);
});

it("fails after its last byte", async () => {
  const queue = new ByteQueue();
  await queue.push(Uint8Array.of(1));
  queue.end(new Error("broken"));
  const reader = queue.stream.getReader();
  expect((await reader.read()).value).toEqual(Uint8Array.of(1));
  await expect(reader.read()).rejects.toThrow("broken");
});

it("drops everything once nobody will read it", async () => {
  const queue = new ByteQueue();
  const waiting = queue.push(big);
  await queue.stream.cancel();
  expect(await isDone(waiting)).toBe(true);
  expect(await isDone(queue.push(big))).toBe(true);
});

it("can be cancelled while somebody waits", async () => {
  const queue = new ByteQueue();
  const reader = queue.stream.getReader();
  const reading = reader.read();
  await reader.cancel();
  expect(await reading).toEqual({ done: true, value: undefined });
});
