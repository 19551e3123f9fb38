/** Conditions that are often awaited: hand them to `waitFor` as `until`. */

import { type DeepReadonly, isNotFound, KindredError, type Status, type WatchedObject } from "../core/index.js";
import { type AwaitedCondition, waitFor, type WaitOptions } from "./wait.js";
import type { WatchSource } from "./watcher.js";

/** An object with conditions in its status, as most have. */
export interface WithConditions {
  readonly status?: {
    readonly conditions?:
      | readonly { readonly type?: string; readonly status?: string; readonly message?: string }[]
      | null;
  };
}

type Seen<T> = DeepReadonly<T> | undefined;

/** The condition `type` of the object's status has this status, by default `True`. */
export function hasCondition(type: string, status = "True"): (object: Seen<WithConditions>) => boolean {
  return (object) => conditionOf(object, type)?.status === status;
}

/** A CustomResourceDefinition is served. */
export const isEstablished = hasCondition("Established");

/** Pods, nodes and many custom kinds say so of themselves. */
export const isReady = hasCondition("Ready");

/** The object does not exist, or another one has taken its name. */
export function isDeleted(uid: string): (object: Seen<{ readonly metadata: { readonly uid: string } }>) => boolean {
  return (object) => object === undefined || object.metadata.uid !== uid;
}

interface RolledOut extends WithConditions {
  readonly metadata: { readonly generation?: number };
  readonly spec: { readonly replicas?: number };
  readonly status?: NonNullable<WithConditions["status"]> & {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/**
 * A Deployment has replaced every replica by its current template, as `kubectl rollout status` has it.
 *
 * @throws KindredError `TIMEOUT` if the Deployment's own progress deadline has passed.
 */
export function isRolledOut(object: Seen<RolledOut>): boolean {
  const status = object?.status;
  if (object === undefined || status === undefined) return false;
  if ((status.observedGeneration ?? 0) < (object.metadata.generation ?? 0)) return false;
  const progress = conditionOf(object, "Progressing");
  if (progress?.status === "False") throw failed("the rollout makes no progress", progress.message);
  const wanted = object.spec.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
  return updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= updatedReplicas;
}

/**
 * A Job has completed.
 *
 * @throws KindredError `TIMEOUT` if it has failed: it will not complete any more.
 */
export function isComplete(object: Seen<WithConditions>): boolean {
  const failure = conditionOf(object, "Failed");
  if (failure?.status === "True") throw failed("the job has failed", failure.message);
  return hasCondition("Complete")(object);
}

/** Every condition holds. */
export function every<T>(...conditions: readonly AwaitedCondition<T>[]): AwaitedCondition<T> {
  return (object) => conditions.every((condition) => condition(object));
}

/** At least one condition holds. */
export function some<T>(...conditions: readonly AwaitedCondition<T>[]): AwaitedCondition<T> {
  return (object) => conditions.some((condition) => condition(object));
}

/** The condition does not hold. */
export function not<T>(condition: AwaitedCondition<T>): AwaitedCondition<T> {
  return (object) => !condition(object);
}

/** What can be deleted and watched. */
export interface Deletable<T> extends WatchSource<T> {
  delete(name: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<T | Status>;
}

/**
 * Deletes an object and waits until that very object is gone, its finalizers done; one of the same name made meanwhile is none of
 * this. An object that does not exist is gone already.
 *
 * @throws KindredError `TIMEOUT`, ApiError, or the signal's reason.
 */
export async function deleteAndWait<T extends WatchedObject & { readonly metadata: { readonly uid: string } }>(
  source: Deletable<T>,
  name: string,
  options: WaitOptions = {},
): Promise<void> {
  const uid = await uidOfDeleted(source, name, options.signal);
  if (uid !== undefined) await waitFor(source, name, { what: "to be gone", ...options, until: isGone(uid) });
}

/** As {@link isDeleted}, for a type that only the caller knows. */
function isGone<T extends { readonly metadata: { readonly uid: string } }>(uid: string): AwaitedCondition<T> {
  return (object) => object === undefined || uidOf(object) !== uid;
}

function uidOf(object: object): unknown {
  if (!("metadata" in object) || typeof object.metadata !== "object" || object.metadata === null) return undefined;
  return "uid" in object.metadata ? object.metadata.uid : undefined;
}

async function uidOfDeleted<T extends { readonly metadata: { readonly uid: string } }>(
  source: Deletable<T>,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const answer = await source.delete(name, { signal });
    return "uid" in answer.metadata ? answer.metadata.uid : detailsUid(answer);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function detailsUid(answer: object): string | undefined {
  const details = "details" in answer ? answer.details : undefined;
  return typeof details === "object" && details !== null && "uid" in details && typeof details.uid === "string"
    ? details.uid
    : undefined;
}

function conditionOf(object: Seen<WithConditions>, type: string) {
  return object?.status?.conditions?.find((condition) => condition.type === type);
}

function failed(what: string, message: string | undefined): KindredError<"TIMEOUT"> {
  return new KindredError("TIMEOUT", message === undefined ? what : `${what}: ${message}`);
}
