/** One life of a controller on a real API server behind a network that fails by a seed. */

import { setTimeout as wait } from "node:timers/promises";
import {
  type Client,
  Controller,
  type HandleFacts,
  isNotFound,
  type ListStrategy,
  type OwnedSource,
  ownerReference,
  reflector,
  requeueAfter,
  sharedWatch,
  type Storable,
  type Store,
  watcher,
  type WatcherOptions,
  type WatchSource,
} from "kindred";
import { ConfigMap, Namespace, Secret } from "kindred/resources";
import { fastClock } from "../support/fast-clock.js";
import { Believer, RunLog } from "../support/ledger.js";
import { Random } from "../support/random.js";
import { FaultPlan } from "./fault-plan.js";
import type { FaultProxy } from "./fault-proxy.js";

/** How many seconds of the controller's waiting pass in one. */
const speed = 10;
const steps = 40;
/** How long the controller may take to come right once nothing new goes wrong. */
const patienceMs = 90_000;

/** What became of one life; `wrong` should be empty. */
export interface Life {
  readonly seed: number;
  readonly wrong: readonly string[];
  readonly runs: number;
  readonly faults: ReadonlyMap<string, number>;
}

/** Where a life takes place. */
export interface World {
  readonly proxy: FaultProxy;
  /** Writes and checks, without faults. */
  readonly direct: Client;
  /** A client of a server at this URL. */
  connect(url: string, options: { readonly retry: boolean }): Promise<Client>;
}

/** Lives by `seed`, in the namespace `name`. */
export async function live(seed: number, name: string, { proxy, direct, connect }: World): Promise<Life> {
  const random = new Random(seed);
  await direct.api(Namespace).create({ metadata: { name } });
  // Two clients, each with faults of its own: what happens to one does not depend on when the other asks.
  const plans = [new FaultPlan(random.fork()), new FaultPlan(random.fork())] as const;
  const networks = [proxy.serve(`${name}-a`, plans[0]), proxy.serve(`${name}-b`, plans[1])] as const;
  const retry = random.chance(0.5);
  await using client = await connect(networks[0].url, { retry });
  await using other = await connect(networks[1].url, { retry });
  const maps = client.api(ConfigMap).namespace(name);
  const others = other.api(ConfigMap).namespace(name);
  const options: Setup = {
    labels: random.chance(0.5) ? { watched: "yes" } : undefined,
    strategy: random.pick<ListStrategy>(["paging", "streaming"]),
    semantic: random.pick<"most-recent" | "any">(["most-recent", "any"]),
    pageSize: random.pick([1, 2, 500]),
    timeoutSeconds: 30,
  };
  const children = random.chance(0.5) ? client.api(Secret).namespace(name) : undefined;
  const script = new Script(name, direct, { random: random.fork(), children: children !== undefined });
  const context = { random, options, children, script, name };
  const observed = random.chance(0.25)
    ? observe(maps.metadata, others.metadata, context)
    : observe(maps, others, context);

  for (let step = 0; step < steps; step++) {
    await script.step();
    if (random.chance(0.05)) random.pick(networks).drop();
    await wait(random.below(80));
  }
  for (const plan of plans) plan.calm();
  let wrong = await observed.wrong();
  for (const end = Date.now() + patienceMs; wrong.length > 0 && Date.now() < end; wrong = await observed.wrong()) {
    await wait(300);
  }
  const crashed = await observed.stop();
  const faults = new Map<string, number>();
  for (const [fault, count] of plans.flatMap((plan) => [...plan.counts]))
    faults.set(fault, (faults.get(fault) ?? 0) + count);
  return { seed, wrong: [...crashed, ...wrong], runs: observed.runs, faults };
}

type Setup = Pick<WatcherOptions, "labels" | "strategy" | "semantic" | "pageSize" | "timeoutSeconds">;

interface Context {
  readonly random: Random;
  readonly options: Setup;
  readonly children: OwnedSource | undefined;
  readonly script: Script;
  readonly name: string;
}

/** A controller and a follower of one collection, and what is wrong with what they have been told. */
function observe<T extends Storable>(
  source: WatchSource<T> & HandleFacts,
  followedSource: WatchSource<T>,
  context: Context,
) {
  const { random, options, script } = context;
  const clock = fastClock(speed, random.fork());
  const abort = new AbortController();
  const shared = random.chance(0.3) ? sharedWatch(source, { ...options, clock }) : undefined;
  const log = new RunLog();
  const seenChildren = new Map<string, string>();
  const believer = new Believer();
  const work = random.fork();
  const alone = shared === undefined ? new Controller(source, options) : new Controller(shared);
  const { children } = context;
  const { labels: _, ...watch } = options;
  const controller = (children === undefined ? alone : alone.owns(children, watch)).run(
    async (object) => {
      await log.run(object, async () => {
        if (children !== undefined)
          seenChildren.set(object.metadata.name, await script.childrenOf(object.metadata.name));
        await wait(work.below(30));
        if (work.chance(0.1)) throw new Error("as drawn");
      });
      return work.chance(0.1) ? requeueAfter({ seconds: work.below(30) }) : undefined;
    },
    { clock, concurrency: random.pick([1, 2, 8]), logger: { info: () => {}, warn: () => {} } },
  );
  const followed =
    shared?.reflect({ signal: abort.signal }) ??
    reflector(watcher(followedSource, { ...options, clock, signal: abort.signal }));
  const ended = (async () => {
    for await (const event of followed.stream) believer.take(event);
  })().catch((error: unknown) => (abort.signal.aborted ? [] : [`the follower ended: ${String(error)}`]));

  return {
    get runs() {
      return log.runs;
    },
    /** What is not as a fresh list has it. */
    async wrong(): Promise<string[]> {
      const fresh = await script.list(options);
      const expected = new Map(
        fresh.map(({ metadata }) => [metadata.name, `${metadata.uid}@${metadata.resourceVersion}`]),
      );
      const wrong = log.overlaps.map((key) => `${key} ran twice at once`);
      for (const [what, store] of [
        ["the controller's store", controller.store],
        ["the follower's store", followed.store],
      ] as const) {
        const held = contentOf(store);
        if (!same(held, expected)) wrong.push(`${what} has ${textOf(held)}, a fresh list has ${textOf(expected)}`);
      }
      const alive = [...believer.alive.keys()].toSorted().join();
      const uids = fresh.map(({ metadata }) => metadata.uid).toSorted();
      if (alive !== uids.join()) wrong.push(`the follower believes in ${alive}, but there are ${uids.join()}`);
      const childrenNow = children === undefined ? undefined : await script.children();
      for (const { metadata } of fresh) {
        const seen = log.seen.get(`${context.name}/${metadata.name}`);
        if (seen !== metadata.resourceVersion)
          wrong.push(`${metadata.name} was last reconciled at ${seen}, but changed at ${metadata.resourceVersion}`);
        const now = childrenNow?.(metadata.name);
        if (seenChildren.get(metadata.name) !== now)
          wrong.push(`${metadata.name} was last reconciled with ${seenChildren.get(metadata.name)}, but has ${now}`);
      }
      return wrong;
    },
    async stop(): Promise<readonly string[]> {
      abort.abort();
      const crashed = await controller.stop().then(
        () => [],
        (error: unknown) => [`the controller crashed: ${String(error)}`],
      );
      return [...crashed, ...((await ended) ?? [])];
    },
  };
}

/** What is written, by a client of its own that nothing goes wrong with. */
class Script {
  readonly #maps;
  readonly #secrets;
  readonly #random: Random;
  readonly #children: boolean;

  constructor(namespace: string, direct: Client, options: { readonly random: Random; readonly children: boolean }) {
    this.#maps = direct.api(ConfigMap).namespace(namespace);
    this.#secrets = direct.api(Secret).namespace(namespace);
    this.#random = options.random;
    this.#children = options.children;
  }

  async step(): Promise<void> {
    const name = `map-${this.#random.below(12)}`;
    switch (
      this.#random.weighted({ put: 60, remove: 15, child: this.#children ? 25 : 0, orphan: this.#children ? 8 : 0 })
    ) {
      case "put": {
        const labels = { watched: this.#random.chance(0.8) ? "yes" : "no" };
        await this.#maps.apply(
          { metadata: { name, labels }, data: { n: `${this.#random.below(1e6)}` } },
          { manager: "script" },
        );
        return;
      }
      case "remove":
        return ignoreAbsence(this.#maps.delete(name));
      case "child": {
        const owner = await this.#maps.getOptional(name);
        if (owner === undefined) return;
        const metadata = {
          name: `${name}-${this.#random.below(2)}`,
          labels: { of: name },
          ownerReferences: [ownerReference({ ...owner, apiVersion: "v1", kind: "ConfigMap" })],
        };
        await this.#secrets.apply(
          { metadata, stringData: { n: `${this.#random.below(1e6)}` } },
          { manager: "script", force: true },
        );
        return;
      }
      case "orphan":
        return ignoreAbsence(this.#secrets.delete(`${name}-${this.#random.below(2)}`));
      default:
        throw new TypeError("nothing was drawn");
    }
  }

  list({ labels }: Pick<WatcherOptions, "labels">) {
    return this.#maps.list({ labels }).toArray();
  }

  /** The children of one map, as text. */
  async childrenOf(name: string): Promise<string> {
    return textOfChildren(await this.#secrets.list({ labels: { of: name } }).toArray());
  }

  /** The same for every map, by one request. */
  async children(): Promise<(name: string) => string> {
    const all = await this.#secrets.list({ labels: "of" }).toArray();
    return (name) => textOfChildren(all.filter(({ metadata }) => metadata.labels?.["of"] === name));
  }
}

const textOfChildren = (secrets: readonly Storable[]) =>
  secrets.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).join(" ");

async function ignoreAbsence(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

const contentOf = (store: Pick<Store<Storable>, "values">) =>
  new Map([...store.values()].map(({ metadata }) => [metadata.name, `${metadata.uid}@${metadata.resourceVersion}`]));

const textOf = (content: ReadonlyMap<string, string>) =>
  [...content]
    .map(([name, version]) => `${name}=${version}`)
    .toSorted()
    .join(" ");

const same = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>) => textOf(a) === textOf(b);
