/** Finalizers: cleaning up outside the cluster before an object goes. */

import {
  type AnyKind,
  type DeepReadonly,
  invalidArgument,
  jsonPatch,
  jsonPointer,
  type JsonPatchOperation,
  type ObjectMeta,
} from "../core/index.js";
import { patchRequest } from "../core/requests/index.js";
import { type Action, awaitChange } from "./action.js";
import type { Reconcile, ReconcileContext } from "./reconcile.js";

/** What to do with an object that this finalizer holds. */
export interface FinalizerSteps<T> {
  /** The object lives: bring the world in line with it. */
  readonly apply: Reconcile<T>;
  /**
   * The object is being deleted: undo what was made for it. The finalizer is removed once this has returned, and not if it throws.
   * It may run again for the same object: do not fail because all is gone already.
   */
  readonly cleanup: (object: DeepReadonly<T>, context: ReconcileContext<T>) => Promise<void> | void;
}

/**
 * A reconcile that holds its objects by a finalizer until `cleanup` has run.
 *
 * Guarantees: `apply` runs only for objects that carry the finalizer, so `cleanup` is never missed for what `apply` did; nobody
 * else's finalizers are touched, because each change is a JSON patch that the server refuses if the list has changed meanwhile
 * (then the reconcile fails and is tried again).
 *
 * Caveats: while no controller runs that knows the finalizer, its objects cannot go. Several finalizers nest:
 * `apply: withFinalizer(kind, "second", …)`.
 *
 * @param name domain-qualified: `example.dev/bucket`.
 * @example
 * ```ts
 * controller.run(withFinalizer(Bucket, "example.dev/bucket", { apply: ensureBucket, cleanup: deleteBucket }));
 * ```
 */
export function withFinalizer<T extends { readonly metadata: ObjectMeta }>(
  kind: AnyKind,
  name: string,
  steps: FinalizerSteps<T>,
): Reconcile<T> {
  if (!/^[^/\s]+\/[^/\s]+$/.test(name)) {
    throw invalidArgument(
      `a finalizer's name is domain/name, as in "example.dev/bucket", but is ${JSON.stringify(name)}`,
    );
  }
  return async (object, context) => {
    const { finalizers = [], deletionTimestamp } = object.metadata;
    const held = finalizers.includes(name);
    if (deletionTimestamp === undefined) {
      if (held) return steps.apply(object, context);
      // The change comes back as an event, and with it the next run.
      return change(kind, object.metadata, { operations: additionOf(name, finalizers), context });
    }
    if (!held) return awaitChange;
    await steps.cleanup(object, context);
    return change(kind, object.metadata, { operations: removalOf(name, finalizers), context });
  };
}

/** Guarded by the whole list: a list that is absent tests as null. */
function additionOf(name: string, finalizers: readonly string[]): JsonPatchOperation[] {
  const path = "/metadata/finalizers";
  if (finalizers.length === 0) {
    return [
      { op: "test", path, value: null },
      { op: "add", path, value: [name] },
    ];
  }
  return [
    { op: "test", path, value: finalizers },
    { op: "add", path: jsonPointer("metadata", "finalizers", "-"), value: name },
  ];
}

function removalOf(name: string, finalizers: readonly string[]): JsonPatchOperation[] {
  const path = jsonPointer("metadata", "finalizers", finalizers.indexOf(name));
  return [
    { op: "test", path, value: name },
    { op: "remove", path },
  ];
}

async function change(
  kind: AnyKind,
  meta: Readonly<Pick<ObjectMeta, "name" | "namespace">>,
  options: {
    readonly operations: readonly JsonPatchOperation[];
    readonly context: Pick<ReconcileContext<unknown>, "client" | "signal">;
  },
): Promise<Action> {
  const { client, signal } = options.context;
  const target = { kind, namespace: meta.namespace };
  await client.request(patchRequest(target, meta.name, { patch: jsonPatch(options.operations) }), { signal });
  return awaitChange;
}
