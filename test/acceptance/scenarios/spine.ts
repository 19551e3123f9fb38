/** What the spine promises: lossless objects, kinds of one's own, lists, and watches that live on. */

import {
  defineKind,
  type DynamicObject,
  isEstablished,
  type NamespacedObject,
  waitFor,
  watcher,
  withoutManagedFields,
} from "kindred";
import { ConfigMap } from "kindred/resources";
import { CustomResourceDefinition } from "kindred/resources/apiextensions.k8s.io/v1";
import { beforeAll, describe, expect, test } from "vitest";
import type { World } from "./world.js";

/** A kind that nobody ships, in the five lines that the README promises. */
interface Box extends NamespacedObject<"spine.example.dev/v1", "Box"> {
  spec: { [field: string]: unknown };
}
const Box = defineKind<Box>()({
  group: "spine.example.dev",
  version: "v1",
  kind: "Box",
  plural: "boxes",
  scope: "Namespaced",
  subresources: ["status"],
});

const definition = {
  metadata: { name: "boxes.spine.example.dev" },
  spec: {
    group: "spine.example.dev",
    names: { kind: "Box", plural: "boxes", singular: "box", listKind: "BoxList" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
} as const;

/** Registers the scenario. */
export function spine(world: () => World): void {
  beforeAll(async () => {
    const { client, clock, inTime } = world();
    const definitions = client.api(CustomResourceDefinition);
    await definitions.create(definition);
    await inTime(waitFor(definitions, definition.metadata.name, { until: isEstablished, clock }));
  });

  describe("objects are lossless", () => {
    const spec = {
      beyond: 9007199254740993n,
      negative: -9223372036854775808n,
      safe: 9007199254740991,
      fraction: 0.1,
      nothing: null,
      text: "9007199254740993",
      nested: [{ deep: 9007199254740995n, none: null, ünïcode: "☃ 𝄞" }],
    };

    test("a number beyond 2^53, null and fields that no type knows survive create, get, replace and get", async () => {
      const boxes = world().client.api(Box).namespace("default");
      await boxes.create({ metadata: { name: "lossless" }, spec });
      const read = await boxes.get("lossless");
      expect(read.spec).toEqual(spec);
      const replaced = await boxes.replace({ ...read, metadata: { ...read.metadata, labels: { touched: "yes" } } });
      expect(replaced.spec).toEqual(spec);
      expect(replaced.metadata.managedFields).toBeDefined();
    });

    test("an object read by get, by list and by watch is the same", async () => {
      const boxes = world().client.api(Box).namespace("default");
      const read = await boxes.get("lossless");
      const [listed] = await boxes.list({ fields: { "metadata.name": "lossless" } }).toArray();
      expect(listed).toEqual(read);
      for await (const event of boxes.watch({ fields: { "metadata.name": "lossless" } })) {
        expect(event).toEqual({ type: "ADDED", object: read });
        break;
      }
    });

    test("the same is true of a built-in kind, whose list items come without kind", async () => {
      const maps = world().client.api(ConfigMap).namespace("kube-system");
      const read = await maps.get("kube-root-ca.crt");
      const [listed] = await maps.list({ fields: { "metadata.name": "kube-root-ca.crt" } }).toArray();
      expect(listed).toEqual(read);
    });

    test("managed fields are those that a patch made, parsed no sooner than they are read", async () => {
      const boxes = world().client.api(Box).namespace("default");
      const applied = await boxes.apply(
        { metadata: { name: "managed" }, spec: { list: ["a"] } },
        { manager: "spine", force: true },
      );
      const [listed] = await boxes.list({ fields: { "metadata.name": "managed" } }).toArray();
      for (const object of [applied, listed]) {
        expect(Object.getOwnPropertyDescriptor(object?.metadata, "managedFields")?.get).toBeTypeOf("function");
        expect(object?.metadata.managedFields).toMatchObject([
          { manager: "spine", operation: "Apply", fieldsV1: { "f:spec": { "f:list": {} } } },
        ]);
      }
    });

    test("something else that is called managedFields is no one's managed fields", async () => {
      const boxes = world().client.api(Box).namespace("default");
      const spec = { managedFields: [{ manager: "me" }], metadata: { managedFields: [{}, ["]"]] } };
      await boxes.create({ metadata: { name: "alike", annotations: { last: JSON.stringify(spec) } }, spec });
      const [listed] = await boxes.list({ fields: { "metadata.name": "alike" } }).toArray();
      expect(listed?.spec).toEqual(spec);
      expect(listed).toEqual(await boxes.get("alike"));
    });

    test("replacing an object that was cached without its managed fields leaves them as they are", async () => {
      const boxes = world().client.api(Box).namespace("default");
      const read = await boxes.get("lossless");
      const replaced = await boxes.replace(withoutManagedFields(read));
      expect(replaced.metadata.managedFields).toEqual(read.metadata.managedFields);
    });
  });

  describe("kinds that kindred does not ship", () => {
    test("one without a static type works through the same Api", async () => {
      const Dynamic = defineKind<DynamicObject>()({
        group: "spine.example.dev",
        version: "v1",
        kind: "Box",
        plural: "boxes",
        scope: "Namespaced",
      });
      const boxes = world().client.api(Dynamic).namespace("default");
      const made = await boxes.apply({ metadata: { name: "dynamic" }, spec: { size: 3 } }, { manager: "me" });
      expect(made["spec"]).toEqual({ size: 3 });
      expect((await boxes.metadata.get("dynamic")).kind).toBe("PartialObjectMetadata");
      expect(await boxes.delete("dynamic")).toMatchObject({ kind: "Status", status: "Success" });
    });

    test("one whose scope is known only at run time is refused what does not fit before any request", async () => {
      const scope: "Namespaced" | "Cluster" = JSON.parse('"Namespaced"');
      const unknown = defineKind<DynamicObject>()({
        group: "spine.example.dev",
        version: "v1",
        kind: "Box",
        plural: "boxes",
        scope,
      });
      await expect(world().client.api(unknown).get("x")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(await world().client.api(unknown).namespace("default").getOptional("nope")).toBeUndefined();
    });
  });

  describe("a list", () => {
    test("of more than a page is one list", async () => {
      const maps = world().client.api(ConfigMap).namespace("default");
      await Promise.all(
        Array.from({ length: 25 }, (_, index) =>
          maps.create({ metadata: { name: `page-${index}`, labels: { page: "yes" } } }),
        ),
      );
      const names = new Set<string>();
      for await (const map of maps.list({ labels: { page: "yes" }, pageSize: 4 })) names.add(map.metadata.name);
      expect(names.size).toBe(25);
      expect(await maps.deleteCollection({ labels: { page: "yes" } })).toMatchObject({ kind: "ConfigMapList" });
      expect(await maps.list({ labels: { page: "yes" } }).toArray()).toEqual([]);
    });
  });

  describe.each(["paging", "streaming"] as const)("a watcher (%s)", (strategy) => {
    test("sees what is there and what changes, over an API server that restarts", async () => {
      const maps = world().client.api(ConfigMap).namespace("default");
      const name = `watched-${strategy}`;
      await maps.create({ metadata: { name, labels: { watched: strategy } }, data: { n: "0" } });
      const seen: string[] = [];
      const backoff = { baseMs: 50, maxMs: 200, factor: 2, jitter: 0 };
      const options = { labels: { watched: strategy }, strategy, backoff, clock: world().clock };
      const watching = async () => {
        for await (const event of watcher(maps, options)) {
          if (event.type === "error") continue;
          seen.push("object" in event ? `${event.type} ${event.object.data?.["n"]}` : event.type);
          if (event.type === "init-done" && seen.length === 3)
            await maps.patch(name, { type: "merge", body: { data: { n: "1" } } });
          if (seen.at(-1) === "apply 1") {
            await world().interrupt();
            await maps.patch(name, { type: "merge", body: { data: { n: "2" } } });
          }
          if (seen.at(-1) === "apply 2" || seen.at(-1) === "init-apply 2") break;
        }
      };
      await world().inTime(watching());
      expect(seen.slice(0, 4)).toEqual(["init", "init-apply 0", "init-done", "apply 1"]);
    });
  });
}
