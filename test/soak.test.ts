/** A million events through watcher, store, queue and controller: what is held after them is what was held half way. */

import { expect, test } from "vitest";
import type { Client } from "../src/client/index.js";
import { Controller, Metrics, requeueAfter, sharedWatch } from "../src/runtime/index.js";
import { FakeClock } from "./support/fake-clock.js";
import { FakeCollection } from "./support/fake-collection.js";
import { halves, heapBytes } from "./support/heap.js";
import { Random } from "./support/random.js";

const events = 1_000_000;
const eventsPerTurn = 5_000;
const samples = 20;
/** Objects that are there at any time; each lives for a while and never comes back under its name. */
const alive = 300;

/** Objects that come, change and go, with a new name each. */
class Churn {
  readonly #names: string[] = [];
  readonly #random = new Random(1);
  readonly #things: FakeCollection;
  #created = 0;

  constructor(things: FakeCollection) {
    this.#things = things;
  }

  event(): void {
    const [oldest] = this.#names;
    if (this.#names.length < alive || (this.#names.length === alive && this.#random.chance(0.3))) {
      const name = `thing-${this.#created++}`;
      this.#names.push(name);
      this.#things.put(name, 0);
    } else if (this.#names.length > alive && oldest !== undefined) {
      this.#names.shift();
      this.#things.remove(oldest);
    } else {
      this.#things.put(this.#names[this.#random.below(this.#names.length)] ?? "", this.#random.below(1_000));
    }
  }
}

test("a million events leave nothing behind", { timeout: 240_000 }, async () => {
  const clock = new FakeClock();
  const things = Object.assign(new FakeCollection(), { client: {} as Client });
  const shared = sharedWatch(things, { clock });
  const metrics = new Metrics();
  let runs = 0;
  await using _controller = new Controller(shared).run(
    ({ metadata, spec }) => {
      runs += 1;
      if (spec.value % 97 === 1) throw new Error(`${metadata.name} is as drawn`);
      // What is due later than the sleeper, and moved to an earlier time again and again, lies behind it in the queue.
      if (metadata.name === "sleeper") return requeueAfter({ hours: 5 });
      return spec.value % 2 === 0 ? requeueAfter({ hours: 10 }) : undefined;
    },
    { clock, metrics, debounce: { milliseconds: 500 }, logger: { info: () => {}, warn: () => {} } },
  );
  things.put("sleeper", 0);
  const churn = new Churn(things);
  const held: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    for (let count = 0; count < events / samples; count += eventsPerTurn) {
      for (let event = 0; event < eventsPerTurn; event++) churn.event();
      await clock.advance(1_000);
      // The collection's own memory of the past, not ours.
      things.compact();
    }
    held.push(await heapBytes());
  }
  const [first, second] = halves(held);
  expect(runs).toBeGreaterThan(events / 50);
  expect(second, `bytes held: ${held.join(", ")}`).toBeLessThan(first * 1.05);
});
