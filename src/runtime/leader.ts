/** Leader election: of several replicas, one works. */

import type { Client } from "../client/index.js";
import {
  type DurationLike,
  durationMs,
  invalidArgument,
  isAlreadyExists,
  isConflict,
  isNotFound,
  KindredError,
} from "../core/index.js";
import { Lease, type LeaseSpec } from "../resources/coordination.k8s.io/v1.js";
import { type Clock, sleep, systemClock } from "./clock.js";
import { decideLease, heldLease, type LeaseObservation, observeLease, releasedLease } from "./lease-record.js";

/** How to stand for election. */
export interface LeaderOptions {
  /** The Lease's name: one per set of replicas. */
  readonly name: string;
  /** The Lease's namespace. Default: the client's. */
  readonly namespace?: string | undefined;
  /** Who stands: unique among the replicas, such as the pod's name with something random. */
  readonly identity: string;
  /** How long others wait after the last sign of the leader. Default 15 s, whole seconds. */
  readonly leaseDuration?: DurationLike | undefined;
  /** How long the leader tries to renew before it steps down: below the lease's duration. Default 10 s. */
  readonly renewDeadline?: DurationLike | undefined;
  /** Between two tries. Default 2 s. */
  readonly retryPeriod?: DurationLike | undefined;
  /** Aborting it ends the work, gives the lease up, and returns. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the holder's identity whenever that changes. */
  readonly onHolder?: ((identity: string) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** What a leader is given. */
export interface Leadership {
  /** Aborts when leadership is lost or no longer wanted: the work must stop at once. */
  readonly signal: AbortSignal;
  /**
   * Whether the lease is still held, by the clock: ask before what must not be done twice. False as soon as others may take over,
   * even if this process was asleep and no timer could tell.
   */
  holds(): boolean;
}

/**
 * Waits until this replica is the leader, works, and gives the lease up.
 *
 * Guarantees: `work` runs in at most one replica, as long as it stops when its signal aborts: the leader steps down
 * (`renewDeadline`) before others may take over (`leaseDuration`). Times written by other machines are never compared with this
 * one's clock. The lease is released when the work ends, so that another takes over within a retry.
 *
 * Caveats: as all leases, this one does not fence: a process that was paused may carry out one more step before it notices; ask
 * `leadership.holds()` first.
 *
 * @returns what `work` returns; undefined if the signal aborts before this replica leads.
 * @throws KindredError `TIMEOUT` if the lease was lost; what `work` throws.
 * @example
 * ```ts
 * await runAsLeader(client, { name: "my-operator", identity: process.env.POD_NAME ?? hostname(), signal }, async ({ signal }) => {
 *   await using controller = new Controller(…).run(reconcile, { signal });
 *   await controller.done;
 * });
 * ```
 */
export async function runAsLeader<R>(
  client: Client,
  options: LeaderOptions,
  work: (leadership: Leadership) => Promise<R>,
): Promise<R | undefined> {
  const candidate = new Candidate(client, options);
  if (!(await candidate.acquire())) return undefined;
  return candidate.lead(work);
}

/** Added by chance to a retry, so that candidates do not run in step: client-go's factor. */
const jitter = 1.2;

class Candidate {
  readonly #leases;
  readonly #options: LeaderOptions;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #renewMs: number;
  readonly #retryMs: number;
  #seen: LeaseObservation | undefined;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #holder: string | undefined;

  constructor(client: Client, options: LeaderOptions) {
    this.#leases = client.api(Lease).namespace(options.namespace ?? client.defaultNamespace);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#leaseMs = durationMs(options.leaseDuration ?? { seconds: 15 });
    this.#renewMs = durationMs(options.renewDeadline ?? { seconds: 10 });
    this.#retryMs = durationMs(options.retryPeriod ?? { seconds: 2 });
    if (options.name === "" || options.identity === "") {
      throw invalidArgument("leader election needs the name of a Lease and an identity, and neither may be empty");
    }
    if (!(this.#leaseMs > this.#renewMs && this.#renewMs > this.#retryMs * jitter && this.#leaseMs % 1000 === 0)) {
      throw invalidArgument(
        `leader election needs leaseDuration > renewDeadline > ${jitter} × retryPeriod, the first in whole seconds, but has ${this.#leaseMs}, ${this.#renewMs} and ${this.#retryMs} ms`,
      );
    }
  }

  /** @returns false if the signal aborted first. */
  async acquire(): Promise<boolean> {
    const { signal } = this.#options;
    while (signal?.aborted !== true) {
      if (await this.#attempt(signal)) return true;
      await sleep(this.#clock, this.#retryMs * (1 + (jitter - 1) * this.#clock.random()), { signal }).catch(() => {});
    }
    return false;
  }

  async lead<R>(work: (leadership: Leadership) => Promise<R>): Promise<R> {
    const abort = new AbortController();
    const { signal } = this.#options;
    const forward = () => abort.abort(signal?.reason);
    if (signal?.aborted === true) forward();
    signal?.addEventListener("abort", forward, { once: true });
    const holds = () => !abort.signal.aborted && this.#clock.now() < this.#renewedAt + this.#leaseMs;
    const renewing = this.#renew(abort);
    try {
      const result = await work({ signal: abort.signal, holds });
      if (isLost(abort.signal.reason)) throw abort.signal.reason;
      return result;
    } catch (error) {
      throw isLost(abort.signal.reason) ? abort.signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", forward);
      abort.abort(finished);
      await renewing;
      await this.#release();
    }
  }

  /** Renews until the work ends; steps down when that fails for too long. */
  async #renew(abort: AbortController): Promise<void> {
    const { signal } = abort;
    while (!signal.aborted) {
      await sleep(this.#clock, this.#retryMs, { signal }).catch(() => {});
      if (signal.aborted) return;
      const deadline = this.#renewedAt + this.#renewMs;
      const cancel = this.#clock.timer(deadline - this.#clock.now(), () =>
        abort.abort(new LeadershipLost(this.#options)),
      );
      const held = await this.#attempt(signal);
      cancel();
      if (!held && this.#holder !== this.#options.identity)
        abort.abort(new LeadershipLost(this.#options, this.#holder));
      else if (this.#clock.now() >= this.#renewedAt + this.#renewMs) abort.abort(new LeadershipLost(this.#options));
    }
  }

  /** One try to hold the lease. A failure of any kind is only a try that did not succeed. */
  async #attempt(signal: AbortSignal | undefined): Promise<boolean> {
    const { name, identity } = this.#options;
    // The lease counts from before the request: what the server stores is never younger.
    const startedAt = this.#clock.now();
    try {
      const lease = await this.#leases.getOptional(name, { signal });
      this.#seen = lease && observeLease(this.#seen, lease, { now: this.#clock.now() });
      const decision = decideLease(this.#seen, identity, { now: this.#clock.now() });
      this.#tell(decision.type === "wait" ? decision.holder : this.#holder);
      if (decision.type === "wait") return false;
      const spec = heldLease(this.#seen, identity, { date: this.#clock.date(), durationSeconds: this.#leaseMs / 1000 });
      await this.#write(spec, signal);
      this.#renewedAt = startedAt;
      this.#tell(identity);
      return true;
    } catch (error) {
      if (error instanceof KindredError && error.code === "INVALID_ARGUMENT") throw error;
      return false;
    }
  }

  async #write(spec: LeaseSpec, signal: AbortSignal | undefined): Promise<void> {
    const { name } = this.#options;
    const written =
      this.#seen === undefined
        ? await this.#leases.create({ metadata: { name }, spec }, { signal })
        : await this.#leases.replace(
            { metadata: { name, resourceVersion: this.#seen.resourceVersion }, spec },
            { signal },
          );
    this.#seen = observeLease(undefined, written, { now: this.#clock.now() });
  }

  /** Whoever waits need not wait for the lease to expire; if it cannot be given up, it expires. */
  async #release(): Promise<void> {
    if (this.#seen?.spec.holderIdentity !== this.#options.identity) return;
    try {
      await this.#write(releasedLease(this.#seen, { date: this.#clock.date() }), undefined);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error) && !isAlreadyExists(error) && !(error instanceof KindredError))
        throw error;
    }
  }

  #tell(holder: string | undefined): void {
    if (holder === undefined || holder === this.#holder) return;
    this.#holder = holder;
    this.#options.onHolder?.(holder);
  }
}

class LeadershipLost extends KindredError<"TIMEOUT"> {
  constructor(options: LeaderOptions, holder?: string) {
    const why = holder === undefined ? "it could not be renewed in time" : `${JSON.stringify(holder)} holds it now`;
    super("TIMEOUT", `${JSON.stringify(options.identity)} lost the lease ${JSON.stringify(options.name)}: ${why}`);
  }
}

const isLost = (reason: unknown): reason is LeadershipLost => reason instanceof LeadershipLost;

const finished = new KindredError("CONNECTION", "the leader's work has ended");
