/** DESIGN.md's first example, as written: it compiles, and each line that must not does not. Never run. */

import { Client, Controller, customResource, type Infer, ownerReference, requeueAfter } from "kindred";
import { ConfigMap, CustomResourceDefinition, Node, Pod, SelfSubjectAccessReview } from "kindred/resources";
import { expectTypeOf, test } from "vitest";
import * as z from "zod";

// A CRD: one schema gives the static type, the CustomResourceDefinition, and client-side validation.
export const ConfigMapGenerator = customResource({
  group: "example.dev",
  version: "v1",
  kind: "ConfigMapGenerator",
  scope: "Namespaced",
  shortNames: ["cmg"],
  spec: z.object({ content: z.string() }),
  status: z.object({ observedGeneration: z.number().int() }),
});

test("the example compiles, and what the server would refuse does not", async () => {
  const client = await Client.infer(); // KUBECONFIG, ~/.kube/config, then in-cluster
  await client.api(CustomResourceDefinition).apply(ConfigMapGenerator.crd(), { manager: "demo" });

  const pods = client.api(Pod); // all namespaces: list, watch
  for await (const pod of pods.list({ labels: { app: "web" } }))
    expectTypeOf(pod.spec.nodeName).toEqualTypeOf<string | undefined>();
  const web = await pods.namespace("default").get("web"); // one namespace: every verb the kind has
  expectTypeOf(web).toEqualTypeOf<Pod>();
  expectTypeOf(web.metadata.namespace).toEqualTypeOf<string>();
  // @ts-expect-error -- which namespace?
  void pods.get("web");
  // @ts-expect-error -- Node is cluster scoped
  client.api(Node).namespace("x");
  // @ts-expect-error -- pods have no scale subresource
  void pods.namespace("default").scale;
  // @ts-expect-error -- a review can only be created
  void client.api(SelfSubjectAccessReview).get("x");
  void client.api(SelfSubjectAccessReview).create({ spec: { resourceAttributes: { verb: "get", resource: "pods" } } });

  await using controller = new Controller(client.api(ConfigMapGenerator))
    .owns(client.api(ConfigMap))
    .run(async (cmg, { client, attempt, signal }) => {
      expectTypeOf(attempt).toEqualTypeOf<number>();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(cmg.spec.content).toEqualTypeOf<string>();
      // @ts-expect-error -- what is cached belongs to everybody
      cmg.spec.content = "mine";
      await client
        .api(ConfigMap)
        .namespace(cmg.metadata.namespace)
        .apply(
          {
            metadata: { name: cmg.metadata.name, ownerReferences: [ownerReference(cmg)] },
            data: { content: cmg.spec.content },
          },
          { manager: "cmg" },
        );
      return requeueAfter({ minutes: 5 });
    });
  // oxlint-disable-next-line no-console -- as DESIGN.md has it
  for await (const outcome of controller) console.log(outcome); // optional: the controller drives itself
});

test("Infer gives the type of a kind's objects", () => {
  expectTypeOf<Infer<typeof Pod>>().toEqualTypeOf<Pod>();
  expectTypeOf<Infer<typeof ConfigMapGenerator>["spec"]>().toEqualTypeOf<{ content: string }>();
  expectTypeOf<Infer<typeof ConfigMapGenerator>["kind"]>().toEqualTypeOf<"ConfigMapGenerator">();
});
