/** customResource and an API server of one mind: what one defaults and refuses, the other does. */

import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import {
  customResource,
  defineKind,
  type DynamicObject,
  isEstablished,
  isInvalid,
  KindredError,
  quantityPattern,
  waitFor,
} from "kindred";
import { CustomResourceDefinition } from "kindred/resources";
import * as v from "valibot";
import { beforeAll, expect, it } from "vitest";
import * as z from "zod";
import type { World } from "./world.js";

/** A kind with all that zod can say. */
export const zodKind = customResource({
  group: "example.dev",
  version: "v1",
  kind: "ZodThing",
  scope: "Namespaced",
  spec: z.object({
    text: z.string().min(2).max(5),
    word: z
      .string()
      .regex(/^[a-z]+$/)
      .regex(/z$/)
      .optional(),
    count: z.int32().min(1).default(3),
    ratio: z.number().positive().optional(),
    color: z.enum(["red", "green"]).default("red"),
    shade: z.enum(["dark", "light"]).nullable().optional(),
    note: z.string().nullable().optional(),
    size: z.union([z.int(), z.string()]).optional(),
    memory: z.string().regex(quantityPattern).optional(),
    at: z.iso.datetime().optional(),
    level: z.union([z.literal(1), z.literal(2)]).optional(),
    contact: z.union([z.email(), z.string().regex(/^@/)]).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    limits: z.record(z.enum(["cpu", "gpu"]), z.int()).optional(),
    tags: z.array(z.string()).min(1).optional(),
    ports: z.array(z.object({ name: z.string(), number: z.int32().default(80) })).optional(),
    nested: z.object({ deep: z.object({ on: z.boolean().default(true) }).prefault({}) }).prefault({}),
    anything: z.unknown().optional(),
    open: z.looseObject({ known: z.string() }).optional(),
    source: z
      .discriminatedUnion("type", [
        z.object({ type: z.literal("git"), url: z.string() }),
        z.object({ type: z.literal("inline"), files: z.record(z.string(), z.string()) }),
      ])
      .optional(),
    target: z.union([z.strictObject({ host: z.string() }), z.strictObject({ path: z.string() })]).optional(),
    strict: z.strictObject({ a: z.string() }).optional(),
  }),
  status: z.object({ observedGeneration: z.int().optional(), replicas: z.int().optional() }),
  fields: {
    ".spec.tags": { listType: "set" },
    ".spec.ports": { listType: "map", listMapKeys: ["name"] },
    ".spec.labels": { mapType: "atomic" },
    ".spec.text": { validations: [{ rule: "self == oldSelf", message: "text never changes" }] },
  },
  validations: [{ rule: "self.spec.count < 100", message: "too many" }],
  scale: { specReplicasPath: ".spec.count", statusReplicasPath: ".status.replicas" },
  selectableFields: [".spec.color"],
  printerColumns: [
    { name: "Text", jsonPath: ".spec.text" },
    { name: "Count", jsonPath: ".spec.count", priority: 1 },
    { name: "Age", jsonPath: ".metadata.creationTimestamp" },
  ],
  shortNames: ["zt"],
  categories: ["all"],
  labels: { team: "a" },
  deprecated: "use something else",
});

/** The same from valibot, as far as it goes. */
export const valibotKind = customResource({
  group: "example.dev",
  version: "v1",
  kind: "ValibotThing",
  scope: "Namespaced",
  spec: toStandardJsonSchema(
    v.object({
      text: v.pipe(v.string(), v.minLength(2), v.maxLength(5)),
      count: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)), 3),
      color: v.optional(v.picklist(["red", "green"]), "red"),
      shade: v.optional(v.nullable(v.picklist(["dark", "light"]))),
      note: v.nullish(v.string()),
      size: v.optional(v.union([v.pipe(v.number(), v.safeInteger()), v.string()])),
      level: v.optional(v.union([v.literal(1), v.literal(2)])),
      labels: v.optional(v.record(v.string(), v.string())),
      both: v.optional(v.intersect([v.object({ a: v.string() }), v.object({ b: v.string() })])),
      open: v.optional(v.looseObject({ known: v.string() })),
      anything: v.optional(v.unknown()),
      source: v.optional(
        v.variant("type", [
          v.object({ type: v.literal("git"), url: v.string() }),
          v.object({ type: v.literal("inline"), files: v.record(v.string(), v.string()) }),
        ]),
      ),
      strict: v.optional(v.strictObject({ a: v.string() })),
    }),
  ),
});

const arkTypeKind = customResource({
  group: "example.dev",
  version: "v1",
  kind: "ArkTypeThing",
  scope: "Namespaced",
  spec: type({
    text: "2 <= string <= 5",
    count: "number.integer >= 1 = 3",
    color: "'red' | 'green' = 'red'",
    "shade?": "'dark' | 'light' | null",
    "note?": "string | null",
    "size?": "number.integer | string",
    "level?": "1 | 2",
    "labels?": "Record<string, string>",
    "both?": type({ a: "string" }).and({ b: "string" }),
    "open?": "object",
    "anything?": "unknown",
    "source?": type({ type: "'git'", url: "string" }).or({ type: "'inline'", files: "Record<string, string>" }),
  }),
});

/** One kind from each library. */
export const kinds = { zod: zodKind, valibot: valibotKind, arktype: arkTypeKind };
const libraries = ["zod", "valibot", "arktype"] as const satisfies readonly (keyof typeof kinds)[];
type Library = (typeof libraries)[number];

/** Specs besides `text`, and where they are no field of a library's kind. */
const specs: readonly { readonly spec: Record<string, unknown>; readonly not?: readonly Library[] }[] = [
  { spec: {} },
  { spec: { text: "a" } },
  { spec: { text: "abcdef" } },
  { spec: { text: 5 } },
  { spec: { text: undefined } },
  { spec: { count: 1 } },
  { spec: { count: 0 } },
  { spec: { count: 1.5 } },
  { spec: { count: "1" } },
  { spec: { color: "green" } },
  { spec: { color: "blue" } },
  { spec: { shade: null } },
  { spec: { shade: "dark" } },
  { spec: { shade: "" } },
  { spec: { note: null } },
  { spec: { note: "n" } },
  { spec: { note: 1 } },
  { spec: { size: 5 } },
  { spec: { size: "5%" } },
  { spec: { size: true } },
  { spec: { size: 5.5 } },
  { spec: { level: 1 } },
  { spec: { level: 3 } },
  { spec: { labels: { a: "b" } } },
  { spec: { labels: { a: 1 } } },
  // To JavaScript a list is an object, and so to two of the libraries.
  { spec: { labels: [] }, not: ["valibot", "arktype"] },
  { spec: { anything: { a: [1, null, { b: true }] } } },
  { spec: { anything: "text" } },
  { spec: { anything: 1.5 } },
  { spec: { anything: null } },
  { spec: { anything: [1, "a"] } },
  { spec: { open: { known: "a", more: { b: 1 } } } },
  { spec: { open: { more: 1 } }, not: ["arktype"] },
  { spec: { open: 1 } },
  { spec: { source: { type: "git", url: "u" } } },
  { spec: { source: { type: "inline", files: { a: "b" } } } },
  { spec: { source: { type: "git", files: { a: "b" } } } },
  { spec: { source: { type: "other", url: "u" } } },
  { spec: { source: { url: "u" } } },
  { spec: { both: { a: "a", b: "b" } }, not: ["zod"] },
  { spec: { both: { a: "a" } }, not: ["zod"] },
  { spec: { word: "abz" }, not: ["valibot", "arktype"] },
  { spec: { word: "abc" }, not: ["valibot", "arktype"] },
  { spec: { ratio: 0.5 }, not: ["valibot", "arktype"] },
  { spec: { ratio: 0 }, not: ["valibot", "arktype"] },
  { spec: { memory: "1.5Gi" }, not: ["valibot", "arktype"] },
  { spec: { memory: "1.5gi" }, not: ["valibot", "arktype"] },
  { spec: { at: "2026-01-01T00:00:00Z" }, not: ["valibot", "arktype"] },
  { spec: { at: "yesterday" }, not: ["valibot", "arktype"] },
  { spec: { contact: "a@example.dev" }, not: ["valibot", "arktype"] },
  { spec: { contact: "@a" }, not: ["valibot", "arktype"] },
  { spec: { contact: "a" }, not: ["valibot", "arktype"] },
  { spec: { limits: { cpu: 1, gpu: 2 } }, not: ["valibot", "arktype"] },
  { spec: { limits: { cpu: 1 } }, not: ["valibot", "arktype"] },
  { spec: { tags: ["a", "b"] }, not: ["valibot", "arktype"] },
  { spec: { tags: [] }, not: ["valibot", "arktype"] },
  { spec: { ports: [{ name: "a" }, { name: "b", number: 5 }] }, not: ["valibot", "arktype"] },
  { spec: { ports: [{ number: 5 }] }, not: ["valibot", "arktype"] },
  { spec: { nested: {} }, not: ["valibot", "arktype"] },
  { spec: { nested: { deep: { on: false } } }, not: ["valibot", "arktype"] },
  { spec: { nested: { deep: { on: "no" } } }, not: ["valibot", "arktype"] },
  { spec: { target: { host: "h" } }, not: ["valibot", "arktype"] },
  { spec: { target: { path: "p" } }, not: ["valibot", "arktype"] },
  { spec: { target: { host: "h", path: "p" } }, not: ["valibot", "arktype"] },
  { spec: { target: {} }, not: ["valibot", "arktype"] },
  { spec: { strict: { a: "a" } }, not: ["arktype"] },
  { spec: { strict: {} }, not: ["arktype"] },
];

const cases = specs.flatMap(({ spec, not = [] }) =>
  libraries
    .filter((library) => !not.includes(library))
    .map((library) => ({ library, spec, name: JSON.stringify(spec) })),
);

/** Registers the scenario. */
export function customResources(world: () => World): void {
  beforeAll(async () => {
    const { client, clock, inTime } = world();
    const definitions = client.api(CustomResourceDefinition);
    for (const kind of Object.values(kinds)) {
      const crd = kind.crd();
      await definitions.create(crd);
      await inTime(waitFor(definitions, crd.metadata.name, { until: isEstablished, clock }));
    }
  });

  /** What the server would make of an object, or that it would refuse it. */
  const createDry = async (library: Library, spec: object) => {
    const { group, version, kind, plural } = kinds[library];
    const loose = defineKind<DynamicObject>()({ group, version, kind, plural, scope: "Namespaced" });
    const api = world().client.api(loose).namespace("default");
    try {
      const made = await api.create({ metadata: { name: "a" }, spec }, { dryRun: true, fieldValidation: "Ignore" });
      return { spec: made["spec"] };
    } catch (error) {
      if (isInvalid(error)) return "refused";
      throw error;
    }
  };

  it.each(Object.entries(kinds))("accepts the definition from %s as structural", async (_library, kind) => {
    const { status } = await world().client.api(CustomResourceDefinition).get(kind.crd().metadata.name);
    expect(status?.conditions).toEqual([
      expect.objectContaining({ type: "NamesAccepted", status: "True" }),
      expect.objectContaining({ type: "Established", status: "True" }),
    ]);
  });

  it.each(cases)("$library and the server agree on $name", async ({ library, spec }) => {
    const kind = kinds[library];
    const whole = { text: "abc", ...spec };
    const object = { apiVersion: "example.dev/v1", kind: kind.kind, metadata, spec: whole };
    expect(await createDry(library, whole)).toEqual(locally(() => kind.parse(object)));
  });

  it.each(combinations(60))("zod and the server agree on %j", async (spec) => {
    const whole = { text: "abc", ...spec };
    const object = { apiVersion: "example.dev/v1", kind: "ZodThing", metadata, spec: whole };
    expect(await createDry("zod", whole)).toEqual(locally(() => zodKind.parse(object)));
  });

  it("prunes what the schema does not know, where local validation keeps it", async () => {
    const spec = { text: "abc", newer: 1 };
    expect(await createDry("zod", spec)).not.toHaveProperty("spec.newer");
    const object = { apiVersion: "example.dev/v1", kind: "ZodThing", metadata, spec };
    expect(zodKind.parse(object).spec).toHaveProperty("newer", 1);
  });

  it("drops null from an optional field that may not be null, where local validation refuses it", async () => {
    const spec = { text: "abc", labels: null, count: null };
    const created = await createDry("zod", spec);
    expect(created).not.toHaveProperty("spec.labels");
    expect(created).toHaveProperty("spec.count", 3);
    const object = { apiVersion: "example.dev/v1", kind: "ZodThing", metadata, spec };
    expect(locally(() => zodKind.parse(object))).toBe("refused");
  });
}

/** Objects of several fields, each as in one of the cases above: the same ones every time. */
function combinations(count: number): readonly Record<string, unknown>[] {
  const fields = specs
    .filter(({ spec, not = [] }) => !not.includes("zod") && !("text" in spec))
    .map(({ spec }) => spec);
  let seed = 1;
  const next = (below: number) => {
    // The generator of Park and Miller.
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  return Array.from({ length: count }, () => {
    const chosen = Array.from({ length: 1 + next(5) }, () => fields[next(fields.length)] ?? {});
    return Object.fromEntries(chosen.flatMap((spec) => Object.entries(spec)));
  });
}

const metadata = {
  name: "a",
  namespace: "default",
  uid: "u",
  resourceVersion: "",
  creationTimestamp: "2026-01-01T00:00:00Z",
};

function locally(parse: () => { spec: unknown }): { spec: unknown } | "refused" {
  try {
    return { spec: parse().spec };
  } catch (error) {
    if (error instanceof KindredError && error.code === "VALIDATION") return "refused";
    throw error;
  }
}
