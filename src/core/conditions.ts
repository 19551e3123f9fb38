/** Conditions: what a controller reports about an object, in the shape that kubectl and others wait on. */

import type { Time } from "./meta.js";

/** One condition of a status. @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/ */
export interface Condition {
  /** Upper camel case, such as `Ready`. */
  type: string;
  status: "True" | "False" | "Unknown";
  /** Upper camel case, for machines. */
  reason: string;
  /** For humans. */
  message: string;
  /** When `status` last changed. */
  lastTransitionTime: Time;
  /** The `metadata.generation` that the condition is about. */
  observedGeneration?: number;
}

/**
 * The conditions with one of them set: `lastTransitionTime` becomes `now` only if the status changes, so setting what is already
 * so gives the same content, and writing it is no change.
 *
 * @param condition without its time.
 * @returns a new list; the input stays as it is.
 */
export function setCondition(
  conditions: readonly Readonly<Condition>[] | undefined,
  condition: Readonly<Omit<Condition, "lastTransitionTime">>,
  options: { readonly now: Date },
): Condition[] {
  const others = conditions ?? [];
  const index = others.findIndex(({ type }) => type === condition.type);
  const before = others[index];
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : formatTime(options.now);
  const next = { ...condition, lastTransitionTime };
  return before === undefined ? [...others, next] : others.with(index, next);
}

/** RFC 3339 with seconds, as `metav1.Time`. */
export function formatTime(date: Date): Time {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with six fractional digits, as `metav1.MicroTime`: the API server takes no other. */
export function formatMicroTime(date: Date): string {
  return `${date.toISOString().slice(0, 23)}000Z`;
}
