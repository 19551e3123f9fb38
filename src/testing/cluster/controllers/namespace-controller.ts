/** What the control plane does about namespaces: it furnishes the new, and empties and releases those on their way out. */

import { isConflict, isNotFound } from "../../../core/index.js";
import type { Client } from "../../../client/index.js";
import { Namespace } from "../../../resources/core/v1.js";
import {
  type Action,
  awaitChange,
  type Clock,
  Controller,
  type Logger,
  type ObjectRef,
  requeueAfter,
  type RunningController,
} from "../../../runtime/index.js";
import { updateConditions } from "./namespace-conditions.js";
import { emptyNamespace } from "./namespace-content.js";
import { NamespaceFurniture } from "./namespace-furniture.js";
import { ServedKinds } from "./served-kinds.js";

/** What the controller works with. */
export interface NamespaceControllerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly rootCa: string;
  readonly logger: Logger;
}

/** The finalizer that this controller removes from a namespace's specification. */
const finalizer = "kubernetes";

/**
 * Runs the controller.
 *
 * Caveats: it empties a namespace at once. Upstream's waits five seconds first, for API servers and stores of which there are
 * several; here is one.
 */
export function runNamespaceController(options: NamespaceControllerOptions): RunningController<Namespace> {
  const { client, clock, logger } = options;
  const furniture = new NamespaceFurniture(options);
  const kinds = new ServedKinds(client);
  const itsNamespace = ({ metadata }: { readonly metadata: ObjectRef }) => [{ name: metadata.namespace ?? "" }];
  return new Controller(client.api(Namespace), { strategy: "streaming" })
    .watches(furniture.accounts, itsNamespace)
    .watches(furniture.maps, itsNamespace)
    .run(
      async ({ metadata, status }) => {
        if (metadata.deletionTimestamp !== undefined) return removeAnew({ client, clock, kinds }, metadata.name);
        if (status?.phase === "Active") await furniture.ensure(metadata.name);
        return awaitChange;
      },
      {
        clock,
        logger,
        name: "namespace",
        // Reconciles that fail are tried again as upstream's are.
        backoff: { baseMs: 5, maxMs: 60_000, factor: 2, jitter: 0 },
        concurrency: 1,
      },
    );
}

interface Removal {
  readonly client: Client;
  readonly clock: Clock;
  readonly kinds: ServedKinds;
}

/** A conflict is settled by reading anew: time does not help. */
async function removeAnew(removal: Removal, name: string, tries = 5): Promise<Action> {
  try {
    return await remove(removal, name);
  } catch (error) {
    if (!isConflict(error) || tries === 0) throw error;
    return removeAnew(removal, name, tries - 1);
  }
}

async function remove({ client, clock, kinds }: Removal, name: string): Promise<Action> {
  const namespaces = client.api(Namespace);
  const live = await namespaces.getOptional(name);
  const isOurs = live?.spec?.finalizers?.includes(finalizer) === true;
  if (live?.metadata.deletionTimestamp === undefined || !isOurs) return awaitChange;
  const now = clock.date().getTime();
  const { remainingSeconds, findings, failures } = await emptyNamespace({ client, kinds, now }, live);
  const conditions = updateConditions(live.status?.conditions ?? [], findings, now);
  const told = conditions === undefined ? live : await tell(client, live, conditions);
  if (failures.length > 0) throw new AggregateError(failures, `the namespace ${name} could not be emptied`);
  if (remainingSeconds > 0) return requeueAfter({ seconds: Math.floor(remainingSeconds / 2) + 1 });
  await release(client, told);
  return awaitChange;
}

async function tell(
  client: Client,
  namespace: Namespace,
  conditions: NonNullable<NonNullable<Namespace["status"]>["conditions"]>,
): Promise<Namespace> {
  const status: Namespace["status"] = { ...namespace.status, phase: "Terminating", conditions };
  return client.api(Namespace).status.replace({ ...namespace, status });
}

async function release(client: Client, namespace: Namespace): Promise<void> {
  const { name } = namespace.metadata;
  const finalizers = (namespace.spec?.finalizers ?? []).filter((one) => one !== finalizer);
  const body = { ...namespace, spec: { ...namespace.spec, finalizers } };
  try {
    await client.request({
      method: "PUT",
      path: `/api/v1/namespaces/${encodeURIComponent(name)}/finalize`,
      query: [],
      headers: { accept: "application/json", "content-type": "application/json" },
      body,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
