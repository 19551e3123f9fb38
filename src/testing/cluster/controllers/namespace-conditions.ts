/** The conditions of a namespace that is being deleted: how far its deletion has come. */

import { formatTime } from "../../clock.js";
import type { NamespaceCondition } from "../../../resources/core/v1.js";
import type { Remaining } from "./namespace-content.js";

/** A condition that is true: something is in the way. */
export interface Finding {
  readonly type: ConditionType;
  readonly reason: string;
  readonly message: string;
}

const conditionTypes = [
  "NamespaceDeletionDiscoveryFailure",
  "NamespaceDeletionGroupVersionParsingFailure",
  "NamespaceDeletionContentFailure",
  "NamespaceContentRemaining",
  "NamespaceFinalizersRemaining",
] as const;

type ConditionType = (typeof conditionTypes)[number];

/** What each condition says when it is false: the words are part of the API, which people and tools read. */
const fine: Readonly<Record<ConditionType, { readonly reason: string; readonly message: string }>> = {
  NamespaceDeletionDiscoveryFailure: {
    reason: "ResourcesDiscovered",
    message: "All resources successfully discovered",
  },
  NamespaceDeletionGroupVersionParsingFailure: {
    reason: "ParsedGroupVersions",
    message: "All legacy kube types successfully parsed",
  },
  NamespaceDeletionContentFailure: {
    reason: "ContentDeleted",
    message: "All content successfully deleted, may be waiting on finalization",
  },
  NamespaceContentRemaining: { reason: "ContentRemoved", message: "All content successfully removed" },
  NamespaceFinalizersRemaining: {
    reason: "ContentHasNoFinalizers",
    message: "All content-preserving finalizers finished",
  },
};

/** What is in the way. */
export function findings(facts: {
  readonly failures: readonly Error[];
  readonly remaining: readonly Remaining[];
}): readonly Finding[] {
  const { failures, remaining } = facts;
  const found: Finding[] = [];
  if (failures.length > 0) {
    const messages = failures.map(({ message }) => message).toSorted();
    found.push({
      type: "NamespaceDeletionContentFailure",
      reason: "ContentDeletionFailed",
      message: `Failed to delete all resource types, ${failures.length} remaining: ${messages.join(", ")}`,
    });
  }
  if (remaining.length > 0) {
    const texts = remaining.map(({ resource, objects }) => `${resource} has ${objects.length} resource instances`);
    found.push({
      type: "NamespaceContentRemaining",
      reason: "SomeResourcesRemain",
      message: `Some resources are remaining: ${texts.toSorted().join(", ")}`,
    });
  }
  const counts = new Map<string, number>();
  for (const { metadata } of remaining.flatMap(({ objects }) => objects))
    for (const finalizer of metadata.finalizers ?? []) counts.set(finalizer, (counts.get(finalizer) ?? 0) + 1);
  if (counts.size > 0) {
    const texts = [...counts].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
    found.push({
      type: "NamespaceFinalizersRemaining",
      reason: "SomeFinalizersRemain",
      message: `Some content in the namespace has finalizers remaining: ${texts.toSorted().join(", ")}`,
    });
  }
  return found;
}

/** The conditions as they are to be; undefined if they are so already. Those of others stay. */
export function updateConditions(
  before: readonly NamespaceCondition[],
  found: readonly Finding[],
  nowMs: number,
): NamespaceCondition[] | undefined {
  const others = before.filter(({ type }) => !conditionTypes.some((ours) => ours === type));
  const ours = conditionTypes.map((type): NamespaceCondition => {
    const finding = found.find((one) => one.type === type);
    const status = finding === undefined ? "False" : "True";
    const { reason, message } = finding ?? fine[type];
    const old = before.find((one) => one.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : undefined;
    return { type, status, reason, message, lastTransitionTime: lastTransitionTime ?? formatTime(nowMs) };
  });
  const same = ours.every((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    return old?.status === condition.status && old.reason === condition.reason && old.message === condition.message;
  });
  return same ? undefined : [...others, ...ours];
}
