/** Waiting, events and finalizers: what needs no more than an API server and the garbage collector. */

import { Controller, deleteAndWait, eventRecorder, isEstablished, waitFor, withFinalizer } from "kindred";
import { ConfigMap, CustomResourceDefinition, EventsEvent } from "kindred/resources";
import { expect, test } from "vitest";
import type { World } from "./world.js";

/** Registers the scenario. */
export function waiting(world: () => World): void {
  const maps = () => world().client.api(ConfigMap).namespace("default");

  test("an object that is deleted is waited for until it is gone, also where finalizers hold it", async () => {
    const { clock, inTime } = world();
    await maps().create({ metadata: { name: "held", finalizers: ["test.example.dev/hold"] } });
    const gone = deleteAndWait(maps(), "held", { timeout: { seconds: 30 }, clock });
    const isDeleted = (map: { readonly metadata: { readonly deletionTimestamp?: string } } | undefined) =>
      map?.metadata.deletionTimestamp !== undefined;
    await inTime(waitFor(maps(), "held", { until: isDeleted, clock }));
    await maps().patch("held", { type: "merge", body: { metadata: { finalizers: null } } });
    await inTime(gone);
    expect(await maps().getOptional("held")).toBeUndefined();
    await inTime(deleteAndWait(maps(), "never-was", { clock }));
  });

  test("what never comes ends with what was awaited", async () => {
    const { client, clock, inTime } = world();
    const never = waitFor(client.api(CustomResourceDefinition), "no.such.crd", {
      until: isEstablished,
      what: "to be established",
      timeout: { milliseconds: 300 },
      clock,
    });
    await expect(inTime(never)).rejects.toThrow(
      'waited 0.3 s for CustomResourceDefinition "no.such.crd" to be established, in vain',
    );
  });

  test("events are about their object, and repeat as a series", async () => {
    const { client, clock } = world();
    const map = await maps().create({ metadata: { name: "subject" } });
    const events = eventRecorder(client, { controller: "test.example.dev/c", clock });
    const note = { type: "Normal", reason: "Tested", action: "Test", note: "this was a test" } as const;
    for (let count = 0; count < 3; count++) await events.record(map, note);
    const all = await client.api(EventsEvent).namespace("default").list().toArray();
    const [event, ...others] = all.filter(({ regarding }) => regarding?.uid === map.metadata.uid);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ series: { count: 3 }, note: "this was a test", regarding: { name: "subject" } });
  });

  test("a finalizer holds an object until what was made for it is gone", async () => {
    const { clock, inTime } = world();
    const outside = new Set<string>();
    let tell: () => void = () => {};
    const applied = new Promise<void>((resolve) => {
      tell = resolve;
    });
    await using _controller = new Controller(maps(), { labels: { finalized: "yes" } }).run(
      withFinalizer(ConfigMap, "test.example.dev/outside", {
        apply: (map) => {
          outside.add(map.metadata.name);
          tell();
        },
        cleanup: (map) => void outside.delete(map.metadata.name),
      }),
      { clock },
    );
    await maps().create({ metadata: { name: "finalized", labels: { finalized: "yes" } } });
    await inTime(applied);
    expect((await maps().get("finalized")).metadata.finalizers).toEqual(["test.example.dev/outside"]);
    await inTime(deleteAndWait(maps(), "finalized", { timeout: { seconds: 30 }, clock }));
    expect(outside.size).toBe(0);
  });
}
