/** The ConfigMapGenerator controller: a custom kind whose objects each own a ConfigMap with the content they ask for. */

import {
  type Client,
  Controller,
  customResource,
  isEstablished,
  ownerReference,
  requeueAfter,
  type RunningController,
  type RunOptions,
  waitFor,
} from "kindred";
import { ConfigMap } from "kindred/resources/core/v1";
import { CustomResourceDefinition } from "kindred/resources/apiextensions.k8s.io/v1";
import * as z from "zod";

/** One schema: the type, the CustomResourceDefinition, and validation in the client. */
export const ConfigMapGenerator = customResource({
  group: "example.dev",
  version: "v1",
  kind: "ConfigMapGenerator",
  scope: "Namespaced",
  shortNames: ["cmg"],
  spec: z.object({ content: z.string() }),
  status: z.object({ observedGeneration: z.number().int() }),
});

/** Owns the fields that this controller writes. */
const manager = "configmap-generator";

/** Applies the CRD and waits until the API server serves it. */
export async function install(client: Client, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
  const definitions = client.api(CustomResourceDefinition);
  const crd = ConfigMapGenerator.crd();
  await definitions.apply(crd, { manager, ...options });
  await waitFor(definitions, crd.metadata.name, { until: isEstablished, what: "to be established", ...options });
}

/** The controller at work. */
export type ConfigMapGeneratorController = RunningController<(typeof ConfigMapGenerator)["~object"] & {}>;

/** Runs the controller in every namespace. */
export function run(client: Client, options: RunOptions = {}): ConfigMapGeneratorController {
  return new Controller(client.api(ConfigMapGenerator)).owns(client.api(ConfigMap)).run(async (cmg, { signal }) => {
    const { name, namespace, generation } = cmg.metadata;
    await client
      .api(ConfigMap)
      .namespace(namespace)
      .apply(
        { metadata: { name, ownerReferences: [ownerReference(cmg)] }, data: { content: cmg.spec.content } },
        { manager, force: true, signal },
      );
    if (generation !== undefined && cmg.status?.observedGeneration !== generation) {
      await client
        .api(ConfigMapGenerator)
        .namespace(namespace)
        .status.apply({ metadata: { name }, status: { observedGeneration: generation } }, { manager, signal });
    }
    return requeueAfter({ minutes: 5 });
  }, options);
}
