/** What the control plane does about owners and namespaces: the garbage collector and the namespace controller. */

import { customResource, isEstablished, isNotFound, type OwnerReference, ownerReference, waitFor } from "kindred";
import { ConfigMap, CustomResourceDefinition, Namespace, ServiceAccount } from "kindred/resources";
import { expect, test } from "vitest";
import * as z from "zod";
import type { World } from "./world.js";

const Possession = customResource({
  group: "owners.example.dev",
  version: "v1",
  kind: "Possession",
  scope: "Namespaced",
  spec: z.object({ size: z.number().int() }),
});

const hold = "test.example.dev/hold";

type Seen = { readonly metadata: { readonly deletionTimestamp?: string; readonly finalizers?: readonly string[] } };

/** Registers the scenario. */
export function ownership(world: () => World): void {
  const maps = () => world().client.api(ConfigMap).namespace("default");
  const options = () => ({ clock: world().clock, timeout: { seconds: 60 } });

  const create = (name: string, ownerReferences: OwnerReference[] = [], finalizers: string[] = []) =>
    maps().create({ metadata: { name, ownerReferences, finalizers } });
  const release = (name: string) => maps().patch(name, { type: "merge", body: { metadata: { finalizers: null } } });
  const until = (name: string, condition: (map: Seen | undefined) => boolean) =>
    world().inTime(waitFor(maps(), name, { until: condition, ...options() }));
  const isGone = (map: Seen | undefined) => map === undefined;
  const isGoing = (map: Seen | undefined) => map?.metadata.deletionTimestamp !== undefined;

  test("in the background, dependents and theirs follow their owner, and strangers stay", async () => {
    const owner = await create("bg-owner");
    const child = await create("bg-child", [ownerReference(owner)]);
    await create("bg-grandchild", [ownerReference(child)]);
    await create("bg-stranger");
    await maps().delete("bg-owner", { propagationPolicy: "Background" });
    await until("bg-child", isGone);
    await until("bg-grandchild", isGone);
    expect(await maps().getOptional("bg-stranger")).toBeDefined();
  });

  test("in the foreground, the owner waits for what blocks it", async () => {
    const owner = await create("fg-owner");
    const child = await create("fg-child", [ownerReference(owner)], [hold]);
    await create("fg-grandchild", [ownerReference(child)]);
    await maps().delete("fg-owner", { propagationPolicy: "Foreground" });
    await until("fg-child", isGoing);
    await until("fg-grandchild", isGone);
    const held = await maps().get("fg-owner");
    expect(held.metadata.finalizers).toEqual(["foregroundDeletion"]);
    await release("fg-child");
    await until("fg-owner", isGone);
    expect(await maps().getOptional("fg-child")).toBeUndefined();
  });

  test("orphans stay, and no longer name their owner", async () => {
    const owner = await create("or-owner");
    await create("or-child", [ownerReference(owner)]);
    await maps().delete("or-owner", { propagationPolicy: "Orphan" });
    await until("or-owner", isGone);
    expect((await maps().get("or-child")).metadata.ownerReferences).toBeUndefined();
  });

  test("of two owners, the one that is left keeps the dependent", async () => {
    const [one, two] = [await create("two-one"), await create("two-two")];
    const other = ownerReference(two, { controller: false });
    await create("two-child", [ownerReference(one), other]);
    await maps().delete("two-one");
    const isRelieved = (map: { readonly metadata: { readonly ownerReferences?: readonly unknown[] } } | undefined) =>
      map?.metadata.ownerReferences?.length === 1;
    const child = await world().inTime(waitFor(maps(), "two-child", { until: isRelieved, ...options() }));
    expect(child?.metadata.ownerReferences).toEqual([other]);
  });

  test("an owner that never was has no dependents", async () => {
    const owner = await create("never-owner");
    await create("never-child", [{ ...ownerReference(owner), uid: "00000000-0000-0000-0000-000000000000" }]);
    await until("never-child", isGone);
    expect(await maps().getOptional("never-owner")).toBeDefined();
  });

  test("a definition that goes takes its objects along, and these what they own", async () => {
    const { client, clock, inTime, pass } = world();
    const definitions = client.api(CustomResourceDefinition);
    await definitions.create(Possession.crd());
    await inTime(waitFor(definitions, "possessions.owners.example.dev", { until: isEstablished, clock }));
    // The real garbage collector looks for new kinds every 30 seconds.
    await pass(35_000);
    const possessions = client.api(Possession).namespace("default");
    const owner = await possessions.create({ metadata: { name: "thing" }, spec: { size: 1 } });
    await create("crd-child", [ownerReference(owner)]);
    await definitions.delete("possessions.owners.example.dev");
    await until("crd-child", isGone);
    await expect(possessions.get("thing")).rejects.toSatisfy(isNotFound);
  });

  test("a namespace goes when what is in it has gone, and says why it has not", async () => {
    const { client, inTime } = world();
    const namespaces = client.api(Namespace);
    const inside = client.api(ConfigMap).namespace("doomed");
    await namespaces.create({ metadata: { name: "doomed" } });
    const accounts = client.api(ServiceAccount).namespace("doomed");
    const isThere = (object: unknown) => object !== undefined;
    await inTime(waitFor(accounts, "default", { until: isThere, ...options() }));
    await inTime(waitFor(inside, "kube-root-ca.crt", { until: isThere, ...options() }));
    await inside.create({ metadata: { name: "held", finalizers: [hold] } });
    await inside.create({ metadata: { name: "free" } });
    const before = await namespaces.delete("doomed");
    expect(before).toMatchObject({ kind: "Namespace", status: { phase: "Terminating" } });
    const told = await inTime(
      waitFor(namespaces, "doomed", {
        until: (namespace) => (namespace?.status?.conditions ?? []).length > 0,
        ...options(),
      }),
    );
    const conditions = (told?.status?.conditions ?? []).map(({ lastTransitionTime: _time, ...rest }) => rest);
    expect(conditions).toEqual([
      {
        type: "NamespaceDeletionDiscoveryFailure",
        status: "False",
        reason: "ResourcesDiscovered",
        message: "All resources successfully discovered",
      },
      {
        type: "NamespaceDeletionGroupVersionParsingFailure",
        status: "False",
        reason: "ParsedGroupVersions",
        message: "All legacy kube types successfully parsed",
      },
      {
        type: "NamespaceDeletionContentFailure",
        status: "False",
        reason: "ContentDeleted",
        message: "All content successfully deleted, may be waiting on finalization",
      },
      {
        type: "NamespaceContentRemaining",
        status: "True",
        reason: "SomeResourcesRemain",
        message: "Some resources are remaining: configmaps. has 1 resource instances",
      },
      {
        type: "NamespaceFinalizersRemaining",
        status: "True",
        reason: "SomeFinalizersRemain",
        message: `Some content in the namespace has finalizers remaining: ${hold} in 1 resource instances`,
      },
    ]);
    expect((await inside.list().toArray()).map(({ metadata }) => metadata.name)).toEqual(["held"]);
    await inside.patch("held", { type: "merge", body: { metadata: { finalizers: null } } });
    await inTime(waitFor(namespaces, "doomed", { until: (namespace) => namespace === undefined, ...options() }));
  });
}
