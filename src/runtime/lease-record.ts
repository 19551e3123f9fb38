/**
 * Leader election by Lease, the rules as pure functions.
 *
 * A candidate trusts no clock but its own: a lease has expired when its record has not changed for its duration by the candidate's
 * own measure, whatever times are written in it.
 */

import { formatMicroTime } from "../core/index.js";
import type { LeaseSpec } from "../resources/coordination.k8s.io/v1.js";

/** A lease as it was seen. */
export interface LeaseObservation {
  /** Changes with every write. */
  readonly resourceVersion: string;
  readonly spec: Readonly<LeaseSpec>;
  /** When this version was first seen, in milliseconds of the candidate's clock. */
  readonly since: number;
}

/** What a candidate may do about a lease. */
export type LeaseDecision =
  /** There is none: create it. */
  | { readonly type: "create" }
  /** It is this candidate's, or nobody's, or has expired: write it. */
  | { readonly type: "write" }
  /** Somebody holds it: look again. */
  | { readonly type: "wait"; readonly holder: string };

/** Takes note of a lease; an unchanged one keeps the time at which it was first seen. */
export function observeLease(
  before: LeaseObservation | undefined,
  lease: { readonly metadata: { readonly resourceVersion: string }; readonly spec?: Readonly<LeaseSpec> },
  options: { readonly now: number },
): LeaseObservation {
  const { resourceVersion } = lease.metadata;
  if (before?.resourceVersion === resourceVersion) return before;
  return { resourceVersion, spec: lease.spec ?? {}, since: options.now };
}

/** What `identity` may do about what it sees. */
export function decideLease(
  seen: LeaseObservation | undefined,
  identity: string,
  options: { readonly now: number },
): LeaseDecision {
  if (seen === undefined) return { type: "create" };
  const holder = seen.spec.holderIdentity ?? "";
  if (holder === "" || holder === identity) return { type: "write" };
  const durationMs = (seen.spec.leaseDurationSeconds ?? 0) * 1000;
  return seen.since + durationMs < options.now ? { type: "write" } : { type: "wait", holder };
}

/** The record that makes `identity` the holder, or keeps it. */
export function heldLease(
  seen: LeaseObservation | undefined,
  identity: string,
  options: { readonly date: Date; readonly durationSeconds: number },
): LeaseSpec {
  const { date, durationSeconds } = options;
  const renewTime = formatMicroTime(date);
  const held = seen?.spec.holderIdentity === identity;
  const transitions = seen?.spec.leaseTransitions ?? 0;
  return {
    ...seen?.spec,
    holderIdentity: identity,
    leaseDurationSeconds: durationSeconds,
    renewTime,
    acquireTime: held ? (seen.spec.acquireTime ?? renewTime) : renewTime,
    leaseTransitions: held || seen === undefined ? transitions : transitions + 1,
  };
}

/** The record of a lease that its holder gives up: free at once. */
export function releasedLease(seen: LeaseObservation, options: { readonly date: Date }): LeaseSpec {
  const time = formatMicroTime(options.date);
  return { ...seen.spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime: time, acquireTime: time };
}
