/** The example controller, driven through the API as a user drives it. */

import { isInvalid, isNotFound, type RunningController, waitFor } from "kindred";
import { ConfigMap } from "kindred/resources";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigMapGenerator, install, run } from "../../../examples/configmap-generator/controller.js";
import type { World } from "./world.js";

/** Registers the scenario. */
export function configMapGenerator(world: () => World): void {
  let controller: RunningController<NonNullable<(typeof ConfigMapGenerator)["~object"]>>;
  const generators = () => world().client.api(ConfigMapGenerator).namespace("default");
  const maps = () => world().client.api(ConfigMap).namespace("default");
  const options = (what: string) => ({ what, clock: world().clock, timeout: { seconds: 60 } });

  const content = (name: string, wanted: string) =>
    world().inTime(
      waitFor(maps(), name, { until: (map) => map?.data?.["content"] === wanted, ...options(`to hold ${wanted}`) }),
    );
  const observed = (name: string, generation: number) =>
    world().inTime(
      waitFor(generators(), name, {
        until: (cmg) => cmg?.status?.observedGeneration === generation,
        ...options(`to be observed in generation ${generation}`),
      }),
    );
  const edit = (name: string, text: string) =>
    generators().patch(name, { type: "merge", body: { spec: { content: text } } });
  const tamper = (name: string) => maps().patch(name, { type: "merge", body: { data: { content: "tampered" } } });

  beforeAll(async () => {
    const { client, clock } = world();
    await world().inTime(install(client));
    controller = run(client, { clock });
  });

  afterAll(() => controller?.stop());

  test("a generator that is created gets its ConfigMap, owned by it, and a status", async () => {
    const { metadata } = await generators().create({ metadata: { name: "one" }, spec: { content: "hello" } });
    const map = await content("one", "hello");
    expect(map?.metadata.ownerReferences).toEqual([
      {
        apiVersion: "example.dev/v1",
        kind: "ConfigMapGenerator",
        name: "one",
        uid: metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    await observed("one", 1);
  });

  test("a generator that is edited changes its ConfigMap and its status", async () => {
    await edit("one", "changed");
    await content("one", "changed");
    await observed("one", 2);
  });

  test("a ConfigMap that somebody edits is restored", async () => {
    await tamper("one");
    await content("one", "changed");
  });

  test("a ConfigMap that somebody deletes comes back", async () => {
    const { uid } = (await maps().get("one")).metadata;
    await maps().delete("one");
    const until = (map: { readonly metadata: { readonly uid: string } } | undefined) =>
      map !== undefined && map.metadata.uid !== uid;
    await world().inTime(waitFor(maps(), "one", { until, ...options("to come back") }));
    await content("one", "changed");
  });

  test("the API server restarted under the controller is no more than an interruption", async () => {
    await world().interrupt();
    await generators().create({ metadata: { name: "two" }, spec: { content: "after the restart" } });
    await content("two", "after the restart");
    await tamper("one");
    await content("one", "changed");
  });

  test("history compacted while the API server was down is no more than that either", async () => {
    await world().interrupt({ forget: true });
    await edit("two", "after compaction");
    await content("two", "after compaction");
  });

  test("a generator that is deleted takes its ConfigMap with it: the garbage collector follows the owner", async () => {
    await generators().delete("one");
    await world().inTime(waitFor(maps(), "one", { until: (map) => map === undefined, ...options("to be gone") }));
    expect(await maps().getOptional("two")).toBeDefined();
  });

  test("a generator whose content is no text is refused by the API server, because the CRD says so", async () => {
    const content: unknown = 7;
    const object = { metadata: { name: "three" }, spec: { content: content as string } };
    const refused: unknown = await generators()
      .create(object)
      .catch((error: unknown) => error);
    expect(isInvalid(refused)).toBe(true);
    expect(String(refused)).toContain("spec.content");
  });

  test("stopping leaves nothing running and nothing watched", async () => {
    await controller.stop();
    await generators().create({ metadata: { name: "four" }, spec: { content: "too late" } });
    await world().pass(100);
    await expect(maps().get("four")).rejects.toSatisfy(isNotFound);
  });
}
