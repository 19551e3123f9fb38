/** What the control plane does about claims and volumes on their way out: it lets them go when nothing uses them any more. */

import type { Client } from "../../../client/index.js";
import type { DeepReadonly } from "../../../core/index.js";
import { PersistentVolume, PersistentVolumeClaim, Pod } from "../../../resources/core/v1.js";
import { awaitChange, type Clock, Controller, type Logger } from "../../../runtime/index.js";

/** What the controllers work with. */
export interface StorageProtectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Running extends AsyncDisposable {
  readonly idle: boolean;
}

/** The finalizers that the API server gives claims and volumes when they are created. */
const claimFinalizer = "kubernetes.io/pvc-protection";
const volumeFinalizer = "kubernetes.io/pv-protection";

/**
 * Takes the protection off claims that no pod uses, and off volumes that are not bound.
 *
 * It costs nothing until a claim or a volume is written.
 */
export class StorageProtection {
  readonly #options: StorageProtectionOptions;
  #running: readonly Running[] = [];

  constructor(options: StorageProtectionOptions) {
    this.#options = options;
  }

  /** Starts if a kind is one of those that are protected. */
  startFor(group: string, plural: string): void {
    const isProtected = group === "" && (plural === "persistentvolumeclaims" || plural === "persistentvolumes");
    if (isProtected && this.#running.length === 0) this.start();
  }

  start(): void {
    this.#running = [runClaims(this.#options), runVolumes(this.#options)];
  }

  get idle(): boolean {
    return this.#running.every(({ idle }) => idle);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((running) => running[Symbol.asyncDispose]()));
  }
}

function runClaims({ client, clock, logger }: StorageProtectionOptions): Running {
  const claims = client.api(PersistentVolumeClaim);
  return new Controller(claims, { strategy: "streaming" })
    .watches(client.api(Pod), (pod) => claimsOf(pod).map((name) => ({ name, namespace: pod.metadata.namespace })))
    .run(
      async ({ metadata }, { signal }) => {
        const { name, namespace, finalizers = [] } = metadata;
        if (metadata.deletionTimestamp === undefined || !finalizers.includes(claimFinalizer)) return awaitChange;
        for await (const pod of client.api(Pod).namespace(namespace).list({ signal })) {
          if (claimsOf(pod).includes(name)) return awaitChange;
        }
        const left = finalizers.filter((finalizer) => finalizer !== claimFinalizer);
        await claims
          .namespace(namespace)
          .patch(name, { type: "merge", body: { metadata: { finalizers: left } } }, { signal });
        return awaitChange;
      },
      { clock, logger, name: "pvc-protection" },
    );
}

function runVolumes({ client, clock, logger }: StorageProtectionOptions): Running {
  const volumes = client.api(PersistentVolume);
  return new Controller(volumes, { strategy: "streaming" }).run(
    async ({ metadata, status }, { signal }) => {
      const { name, finalizers = [] } = metadata;
      if (metadata.deletionTimestamp === undefined || !finalizers.includes(volumeFinalizer)) return awaitChange;
      if (status?.phase === "Bound") return awaitChange;
      const left = finalizers.filter((finalizer) => finalizer !== volumeFinalizer);
      await volumes.patch(name, { type: "merge", body: { metadata: { finalizers: left } } }, { signal });
      return awaitChange;
    },
    { clock, logger, name: "pv-protection" },
  );
}

/** The names of the claims that a pod uses; one that has finished uses none. */
function claimsOf({ spec, status }: DeepReadonly<Pod>): readonly string[] {
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return [];
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim == null ? [] : [persistentVolumeClaim.claimName],
  );
}
