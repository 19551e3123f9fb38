/**
 * Hundreds of lives of a controller under faults, each hours long, by a clock that a test moves: the sequence is drawn from a seed,
 * and `SEED=n npx vitest run --project unit test/simulation` lives it again, step by step the same.
 */

import { expect, test } from "vitest";
import type { DeepReadonly, ListStrategy, WatchMachineOptions } from "../src/core/index.js";
import {
  awaitChange,
  Controller,
  keyOf,
  requeueAfter,
  reflector,
  sharedWatch,
  type Store,
  watcher,
} from "../src/runtime/index.js";
import { FakeClock } from "./support/fake-clock.js";
import type { Thing } from "./support/fake-collection.js";
import { FaultyCollection, faultNames } from "./support/faulty-collection.js";
import { Believer, RunLog } from "./support/ledger.js";
import { Random, seedsOf } from "./support/random.js";

const seeds = seedsOf(200);
const hourMs = 3_600_000;
const stepsPerLife = 100;
/** As many lives at once as share one turn of the event loop. */
const atOnce = 100;

/** What became of one life; `wrong` should be empty. */
interface Life {
  readonly seed: number;
  readonly wrong: readonly string[];
  readonly runs: number;
  readonly faults: ReadonlyMap<string, number>;
}

async function live(seed: number): Promise<Life> {
  const random = new Random(seed);
  const clock = new FakeClock();
  const world = new FaultyCollection(clock, random.fork());
  const abort = new AbortController();
  const options = {
    clock,
    strategy: random.pick<ListStrategy>(["paging", "streaming"]),
    semantic: random.pick<WatchMachineOptions["semantic"]>(["most-recent", "any"]),
    pageSize: random.pick([1, 3, 500]),
  };
  const shared = random.chance(0.3) ? sharedWatch(world, options) : undefined;
  const log = new RunLog();
  const believer = new Believer();
  const wrong: string[] = [];
  const work = random.fork();
  const { clock: _, ...watch } = options;
  const controller = (shared === undefined ? new Controller(world, watch) : new Controller(shared)).run(
    async (thing) => {
      let action = awaitChange;
      await log.run(thing, async () => {
        const ms = work.below(3000);
        if (work.chance(0.7)) await new Promise<void>((resolve) => clock.timer(ms, resolve));
        if (work.chance(0.15)) throw new Error("as drawn");
        if (work.chance(0.1)) action = requeueAfter({ seconds: work.below(100) });
      });
      return action;
    },
    {
      clock,
      concurrency: random.pick([1, 2, 8]),
      logger: { info: () => {}, warn: () => {} },
      debounce: { milliseconds: random.pick([0, 0, 500]) },
    },
  );
  const followed =
    shared?.reflect({ signal: abort.signal }) ?? reflector(watcher(world, { ...options, signal: abort.signal }));
  const following = (async () => {
    for await (const event of followed.stream) {
      believer.take(event);
      if (shared === undefined) check(followed.store, event.type);
    }
  })().catch((error: unknown) => {
    if (!abort.signal.aborted) wrong.push(`the follower ended: ${String(error)}`);
  });

  /** At every event the store is one state that really was, whole: never half a list. */
  let wiped = false;
  function check(store: Held, when: string): void {
    if (wiped || store.resourceVersion === undefined) return;
    const then = world.at(Number(store.resourceVersion));
    if (then !== undefined && !same(store, then))
      wrong.push(`at ${when}, the store is not what was at its version ${store.resourceVersion}`);
  }

  const step = () => {
    const name = `t${random.below(8)}`;
    const exists = world.content.has(name);
    switch (random.weighted({ put: 50, remove: 20, burst: 5, drop: 5, compact: 4, bookmark: 10, pass: 5, wipe: 0.3 })) {
      case "put":
        return void world.put(name, random.below(1000));
      case "remove":
        return exists ? world.remove(name) : undefined;
      case "burst":
        for (let index = 0; index < 30; index++) world.put(`t${random.below(8)}`, index);
        return undefined;
      case "drop":
        return world.drop();
      case "compact":
        return world.compact();
      case "bookmark":
        return world.bookmark();
      case "pass":
        return world.pass(random.below(50));
      case "wipe":
        wiped = true;
        return world.wipe(random.below(4));
      default:
        return undefined;
    }
  };

  for (let count = 0; count < stepsPerLife; count++) {
    step();
    // Often at once, sometimes after a while, on the average so that a life is an hour long.
    await clock.advance(random.chance(0.5) ? random.below(50) : random.below((4 * hourMs) / stepsPerLife));
  }
  world.calm();
  await clock.advance(hourMs);

  for (const [what, store] of [
    ["the controller's store", controller.store],
    ["the follower's store", followed.store],
  ] as const)
    if (!same(store, world.content))
      wrong.push(`${what} has ${textOf(store)}, a fresh list has ${textOf(world.content)}`);
  for (const key of log.overlaps) wrong.push(`${key} ran twice at once`);
  for (const thing of world.content.values()) {
    const seen = log.seen.get(keyOf(thing.metadata));
    if (seen !== thing.metadata.resourceVersion)
      wrong.push(
        `${thing.metadata.name} was last reconciled at ${seen}, but changed at ${thing.metadata.resourceVersion}`,
      );
  }
  const alive = [...believer.alive.keys()].toSorted();
  const uids = [...world.content.values()].map(({ metadata }) => metadata.uid).toSorted();
  if (String(alive) !== String(uids)) wrong.push(`the follower believes in ${alive}, but there are ${uids}`);

  abort.abort();
  const stopped = controller.stop().catch((error: unknown) => wrong.push(`the controller crashed: ${String(error)}`));
  await clock.advance(60_000);
  await Promise.all([stopped, following]);
  return { seed, wrong, runs: log.runs, faults: world.faults };
}

type Held = Pick<Store<DeepReadonly<Thing>>, "get" | "values" | "size" | "resourceVersion">;

const textOf = (things: { values(): Iterable<DeepReadonly<Thing>> }) =>
  [...things.values()]
    .map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}/${metadata.uid}`)
    .toSorted()
    .join(" ");

const same = (store: Held, content: ReadonlyMap<string, Thing>) =>
  store.size === content.size &&
  [...content.values()].every((thing) => {
    const held = store.get(thing.metadata);
    return (
      held?.metadata.resourceVersion === thing.metadata.resourceVersion && held.metadata.uid === thing.metadata.uid
    );
  });

test(`whatever fails, store, runs and reports come right in the end, for ${seeds.length} seeds`, {
  timeout: 120_000,
}, async () => {
  const lives: Life[] = [];
  for (let first = 0; first < seeds.length; first += atOnce)
    lives.push(...(await Promise.all(seeds.slice(first, first + atOnce).map(live))));
  const failed = lives.filter(({ wrong }) => wrong.length > 0);
  const report = failed
    .slice(0, 5)
    .map(({ seed, wrong }) =>
      [`SEED=${seed} npx vitest run --project unit test/simulation`, ...wrong.slice(0, 6)].join("\n  "),
    );
  expect(report, `${failed.length} of ${lives.length} seeds failed`).toEqual([]);
  if (seeds.length === 1) return;
  const faults = new Set(lives.flatMap((life) => [...life.faults.keys()]));
  expect([...faults].toSorted(), "every fault has happened").toEqual(faultNames);
  expect(lives.every(({ runs }) => runs > 20)).toBe(true);
});
