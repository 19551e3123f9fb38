/** A cluster for one test: an API server in the process, its controllers, a client, and a clock that the test moves. */

import { type DurationLike, durationMs } from "../../core/index.js";
import { Client, type Transport } from "../../client/index.js";
import type { Logger } from "../../runtime/index.js";
import { seededClock } from "../clock.js";
import { ApiServer, type Store } from "../index.js";
import { at } from "../json.js";
import { Activity, type Busy } from "./activity.js";
import { type Controllers, startControllers } from "./controllers/controllers.js";
import type { Fault, FaultRule } from "./fault.js";
import { Faults } from "./faults.js";
import { RequestLog } from "./request-log.js";
import type { RequestMatch } from "./request-facts.js";
import { plant, type Seeds } from "./seed-objects.js";
import { type ClusterClock, machineTime, TestClock } from "./test-clock.js";
import { type Handler, localTransport } from "./transport.js";

/** How a cluster begins. */
export interface TestClusterOptions extends Seeds {
  /** The same seed gives the same names and uids, delays and strokes of fate, from the first request on. Default 1. */
  readonly seed?: number | undefined;
  /** Time stands still until the test moves it (default), or is the machine's. */
  readonly clock?: "manual" | "machine" | undefined;
  /** Where time begins if it stands still. Default: the first of January 2026. */
  readonly now?: Date | undefined;
  /** The certificate in each namespace's `kube-root-ca.crt`, in PEM. Default: none. */
  readonly rootCa?: string | undefined;
  /** How long {@link TestCluster.settled} waits, by the machine's time, before it gives up. Default ten seconds. */
  readonly restless?: DurationLike | undefined;
  /** Told of what the cluster's own controllers fail at and try again. Default: nobody. */
  readonly logger?: Logger | undefined;
}

/** Faults have a chance of their own: a rule must not change the names that the server gives. */
const faultSalt = 0x5f35;

/** Where the server is said to be. */
const address = "https://test-cluster.invalid";

/**
 * A cluster in the process, for one test: no socket, no disk, no waiting.
 *
 * Guarantees: it behaves as a real API server does, with garbage collection, namespace deletion, default ServiceAccounts and root
 * certificates; one clock for all; the same seed and the same test give the same run. Two clusters share nothing.
 *
 * Caveats: nothing runs pods, and there are no controllers of Deployments, Jobs and the like. What a controller does besides asking
 * the cluster and its clock, such as a request to a cloud, has a time of its own, which is known only of controllers in {@link use}.
 *
 * @example
 * ```ts
 * await using cluster = await TestCluster.start({ kinds: [Greeting] });
 * cluster.use(run(cluster.client, { clock: cluster.clock }));
 * await cluster.client.api(Greeting).namespace().create({ metadata: { name: "hello" }, spec: { text: "hi" } });
 * await cluster.settled();
 * ```
 */
export class TestCluster implements AsyncDisposable {
  /** A client with every right. */
  readonly client: Client;
  /** For further clients, such as those of other replicas: `new Client({ transport: cluster.transport, server: "…", userAgent: "b" })`. */
  readonly transport: Transport;
  /** Answers a request of anybody's, faults and all: what `listen` of `kindred/testing/node` serves to programs of their own. */
  readonly handle: Handler;
  /** The time of everything in the cluster; hand it to controllers, and to whatever else takes a clock. */
  readonly clock: ClusterClock;
  /** What the test's clients have asked for. */
  readonly requests = new RequestLog();
  readonly #server: ApiServer;
  readonly #activity = new Activity();
  readonly #controllers: Controllers;
  readonly #faults: Faults;
  readonly #restlessMs: number;
  readonly #isManual: boolean;
  readonly #used: (Busy & AsyncDisposable)[] = [];

  /** Starts a cluster, installs `kinds`, creates `objects`, and waits until all is settled. */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const cluster = new TestCluster(
      options,
      hasCommonBeginning(options) ? await (commonBeginning ??= TestCluster.#beginning()) : [],
    );
    try {
      await cluster.settled();
      await plant(cluster.client, options, cluster.clock);
      await cluster.settled();
      cluster.requests.clear();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What is there before anybody has asked for anything. */
  static async #beginning(): Promise<readonly Stored[]> {
    await using cluster = new TestCluster({}, []);
    await cluster.settled();
    return [...cluster.#server.store.entries()];
  }

  private constructor(options: TestClusterOptions, stored: readonly Stored[]) {
    const { seed = 1, clock = "manual", now, rootCa, logger, restless = { seconds: 10 } } = options;
    this.#restlessMs = durationMs(restless);
    const rest = (patience?: number) => this.#rest(patience);
    this.#isManual = clock === "manual";
    this.clock = this.#isManual ? new TestClock({ seed, now, rest }) : machineTime({ seed, rest });
    this.#server = new ApiServer({ clock: this.clock, restore: (store) => restore(store, stored) });
    const handle: Handler = this.#activity.around((request) => this.#server.handle(request));
    this.#controllers = startControllers({ handle, clock: this.clock, rootCa, logger });
    const chance = seededClock(seed ^ faultSalt);
    this.#faults = new Faults({
      clock: this.clock,
      random: () => chance.random(),
      revision: () => String(this.#server.store.revision),
      // A clock that stands still makes nothing happen by itself: then there is nothing to wait for.
      during: (request, wait) => (this.#isManual ? wait() : this.#activity.during(request, wait)),
    });
    const date = () => this.clock.date();
    this.handle = this.requests.around(this.#faults.around(this.#controllers.handle), date);
    this.transport = localTransport({ handle: this.handle, server: address, clock: this.clock });
    this.client = new Client({ transport: this.transport, server: address, userAgent: "test" });
  }

  /** Makes something go wrong, from now until the rule is disposed of: `using fault = cluster.inject({ fault: "conflict", … });` */
  inject(rule: FaultRule): Fault {
    return this.#faults.add(rule);
  }

  /** Breaks the connections of open watches, all or those that `match` means. @returns how many. */
  dropWatches(match: RequestMatch = {}): number {
    return this.#faults.dropWatches(match);
  }

  /** Forgets the past: whoever watches from before, and is not up to date, must list again. */
  compact(): void {
    this.#server.compact();
  }

  /**
   * Takes a controller under its care: {@link settled} waits until it has nothing due or running, whatever its reconciles do besides
   * asking the cluster; and it is stopped with the cluster.
   */
  use<C extends Busy & AsyncDisposable>(controller: C): C {
    this.#used.push(controller);
    return controller;
  }

  /**
   * Resolves when nothing is left that could happen before the clock moves or somebody outside acts: no request is under way, every
   * watch has given all there is to whoever asks for it, no promise that could settle has not, and neither the cluster's own
   * controllers nor those in {@link use} have anything due or running. What waits for its time (a requeue, a retry, a delayed request
   * while time stands still) is left waiting.
   *
   * @throws KindredError `TIMEOUT` that names what is restless, if that takes too long.
   */
  async settled(): Promise<void> {
    await this.#rest();
  }

  /** Stops the controllers and ends every watch. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stopUsed();
    await this.#controllers[Symbol.asyncDispose]();
    this.#server.close();
    this.#activity[Symbol.dispose]();
  }

  #rest(patience?: number): Promise<void> {
    return this.#activity.rest([this.#controllers, ...this.#used], { limitMs: this.#restlessMs, patience });
  }

  /** A reconcile that does not end is given up by the clock, which must move for that. */
  async #stopUsed(): Promise<void> {
    let isStopping = true;
    const stopping = Promise.allSettled(this.#used.splice(0).map((controller) => controller[Symbol.asyncDispose]()));
    const stopped = stopping.then(() => {
      isStopping = false;
    });
    if (this.#isManual) for (await this.settled(); isStopping; ) await this.clock.advance({ seconds: 5 });
    await stopped;
  }
}

/** An object as the server keeps it. */
type Stored = ReturnType<ApiServer["store"]["entries"]> extends Iterable<infer Entry> ? Entry : never;

/**
 * The namespaces and their furniture are the same in every cluster that asks for nothing else, and half of the work of starting one:
 * they are made once, and never change.
 */
let commonBeginning: Promise<readonly Stored[]> | undefined;

/** Whether nothing in the options shows in what a cluster begins with. */
function hasCommonBeginning({ clock = "manual", now, rootCa }: TestClusterOptions): boolean {
  return clock === "manual" && now === undefined && rootCa === undefined;
}

function restore(store: Store, stored: readonly Stored[]): void {
  for (const { collection, key, object } of stored)
    store.restore({ collection, key, next: object, revision: Number(at(object, "metadata", "resourceVersion")) });
}
