/** The types of customResource: what compiles, what does not, and with what message. */

import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod";
import type { Api } from "../client/index.js";
import type {
  ApplyObject,
  Infer,
  InferNew,
  NamespacedObjectMeta,
  NewMeta,
  NewObject,
  ObjectMeta,
} from "../core/index.js";
import type { CustomResourceDefinition } from "../resources/index.js";
import { type CrdManifest, customResource, mergeVersions } from "./index.js";

const Widget = customResource({
  group: "example.dev",
  version: "v1",
  kind: "Widget",
  scope: "Namespaced",
  spec: z.object({
    name: z.string(),
    count: z.int32().default(3),
    note: z.string().nullable(),
    maybe: z.boolean().optional(),
    ports: z.array(z.object({ name: z.string() })).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    extra: z.unknown(),
  }),
  status: z.object({ replicas: z.int32(), selector: z.string().optional() }),
});
type Widget = Infer<typeof Widget>;

const Plain = customResource({
  group: "example.dev",
  version: "v2",
  kind: "Plain",
  scope: "Cluster",
  plural: "plainness",
  spec: z.object({}),
});

describe("the type of a kind's objects", () => {
  it("is what the schema gives: a default is there, an optional field may be missing, a nullable one may be null", () => {
    expectTypeOf<Widget>().toEqualTypeOf<{
      apiVersion: "example.dev/v1";
      kind: "Widget";
      metadata: NamespacedObjectMeta;
      spec: {
        name: string;
        count: number;
        note: string | null;
        maybe?: boolean | undefined;
        ports?: { name: string }[] | undefined;
        labels?: Record<string, string> | undefined;
        extra: unknown;
      };
      status?: { replicas: number; selector?: string | undefined };
    }>();
  });

  it("has no status without a schema for it, and no namespace in a cluster-scoped kind", () => {
    expectTypeOf<Infer<typeof Plain>>().toEqualTypeOf<{
      apiVersion: "example.dev/v2";
      kind: "Plain";
      metadata: ObjectMeta;
      spec: Record<string, never>;
    }>();
  });

  it("takes defaults as optional in a new object", () => {
    expectTypeOf<InferNew<typeof Widget>["spec"]["count"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<{ metadata: { name: string }; spec: { name: string; note: null; extra: 1 } }>().toExtend<
      NewObject<InferNew<typeof Widget>>
    >();
  });

  it("is the same from valibot and arktype", () => {
    const facts = { group: "example.dev", version: "v1", kind: "Widget", scope: "Namespaced" } as const;
    const FromValibot = customResource({
      ...facts,
      spec: toStandardJsonSchema(
        v.object({ name: v.string(), count: v.optional(v.number(), 3), note: v.nullable(v.string()) }),
      ),
    });
    const FromArkType = customResource({
      ...facts,
      spec: type({ name: "string", count: "number = 3", note: "string | null" }),
    });
    type Spec = { name: string; count: number; note: string | null };
    expectTypeOf<Infer<typeof FromValibot>["spec"]>().toEqualTypeOf<Spec>();
    expectTypeOf<Infer<typeof FromArkType>["spec"]>().toEqualTypeOf<Spec>();
    expectTypeOf<InferNew<typeof FromValibot>["spec"]["count"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<InferNew<typeof FromArkType>["spec"]["count"]>().toEqualTypeOf<number | undefined>();
  });
});

describe("the descriptor", () => {
  it("has literal facts", () => {
    expectTypeOf(Widget.group).toEqualTypeOf<"example.dev">();
    expectTypeOf(Widget.scope).toEqualTypeOf<"Namespaced">();
    expectTypeOf(Plain.plural).toEqualTypeOf<"plainness">();
    expectTypeOf(Widget.subresources).toEqualTypeOf<readonly ["status"]>();
    expectTypeOf(Plain.subresources).toEqualTypeOf<readonly []>();
  });

  it("gives handles their verbs", () => {
    type Widgets = ReturnType<Api<typeof Widget>["namespace"]>;
    expectTypeOf<Awaited<ReturnType<Widgets["get"]>>>().toEqualTypeOf<Widget>();
    expectTypeOf<Widgets>().toHaveProperty("status");
    expectTypeOf<Widgets>().not.toHaveProperty("scale");
    expectTypeOf<Api<typeof Plain>>().not.toHaveProperty("namespace");
  });

  it("serves scale if its paths are given", () => {
    const Scaled = customResource({
      group: "example.dev",
      version: "v1",
      kind: "Scaled",
      scope: "Namespaced",
      spec: z.object({ replicas: z.int32() }),
      status: z.object({ replicas: z.int32(), selector: z.string().optional() }),
      scale: {
        specReplicasPath: ".spec.replicas",
        statusReplicasPath: ".status.replicas",
        labelSelectorPath: ".status.selector",
      },
    });
    expectTypeOf(Scaled.subresources).toEqualTypeOf<readonly ["status", "scale"]>();
  });
});

describe("what methods return", () => {
  it("is a CustomResourceDefinition that can be applied", () => {
    expectTypeOf(Widget.crd()).toEqualTypeOf<CrdManifest>();
    expectTypeOf<CrdManifest>().toExtend<ApplyObject<CustomResourceDefinition>>();
    expectTypeOf<CrdManifest>().toExtend<NewObject<CustomResourceDefinition>>();
  });

  it("is an object that can be created, and applied if it has a name", () => {
    const built = Widget.build({ metadata: { name: "a" }, spec: { name: "n", note: null, extra: 1 } });
    expectTypeOf(built.spec).toEqualTypeOf<Widget["spec"]>();
    expectTypeOf(built).toExtend<NewObject<InferNew<typeof Widget>>>();
    expectTypeOf(built).toExtend<ApplyObject<Widget>>();
    const generated = Widget.build({ metadata: { generateName: "a-" }, spec: { name: "n", note: null, extra: 1 } });
    expectTypeOf(generated).not.toExtend<ApplyObject<Widget>>();
    expectTypeOf<{ name: string }>().toExtend<NewMeta>();
    expectTypeOf<ReturnType<(typeof Widget)["parse"]>>().toEqualTypeOf<Widget>();
  });

  it("is refused what the schema does not take", () => {
    // @ts-expect-error -- `name` is missing
    refused(() => Widget.build({ metadata: { name: "a" }, spec: { note: null, extra: 1 } }));
    // @ts-expect-error -- null is not for a field that is only optional
    refused(() => Widget.build({ metadata: { name: "a" }, spec: { name: "n", note: null, extra: 1, maybe: null } }));
    // @ts-expect-error -- an object needs a name, or the beginning of one
    refused(() => Widget.build({ metadata: {}, spec: { name: "n", note: null, extra: 1 } }));
  });

  it("stores one of the merged versions", () => {
    const Next = customResource({
      group: "example.dev",
      version: "v2",
      kind: "Widget",
      scope: "Namespaced",
      spec: z.object({}),
    });
    mergeVersions([Widget, Next], { stored: "v2" });
    // @ts-expect-error -- '"v3"' is not assignable to type '"v1" | "v2"'
    refused(() => mergeVersions([Widget, Next], { stored: "v3" }));
  });
});

describe("paths", () => {
  const facts = { group: "example.dev", version: "v1", kind: "Widget", scope: "Namespaced" } as const;
  const spec = z.object({
    text: z.string(),
    count: z.int32(),
    flag: z.boolean().optional(),
    ports: z.array(z.object({ name: z.string() })).optional(),
    labels: z.record(z.string(), z.string()),
    any: z.unknown(),
  });
  const status = z.object({
    replicas: z.int32().optional(),
    selector: z.string().optional(),
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
  });

  it("of columns lead to fields", () => {
    customResource({
      ...facts,
      spec,
      status,
      printerColumns: [
        { name: "Text", jsonPath: ".spec.text" },
        { name: "Port", jsonPath: ".spec.ports[0].name" },
        { name: "Ready", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
        { name: "App", jsonPath: ".spec.labels.app" },
        { name: "Any", jsonPath: ".spec.any.thing.at.all" },
        { name: "Age", jsonPath: ".metadata.creationTimestamp" },
      ],
    });
    // @ts-expect-error -- Type '".spec.txt"' is not assignable to type ... Did you mean '".spec.text"'?
    refused(() => customResource({ ...facts, spec, printerColumns: [{ name: "Text", jsonPath: ".spec.txt" }] }));
    // @ts-expect-error -- there is no status without a schema for it
    refused(() => customResource({ ...facts, spec, printerColumns: [{ name: "Text", jsonPath: ".status.replicas" }] }));
  });

  it("of selectable fields lead to scalars", () => {
    customResource({ ...facts, spec, selectableFields: [".spec.text", ".spec.count", ".spec.flag"] });
    // @ts-expect-error -- a list
    refused(() => customResource({ ...facts, spec, selectableFields: [".spec.ports"] }));
    // @ts-expect-error -- inside of a list
    refused(() => customResource({ ...facts, spec, selectableFields: [".spec.ports[0].name"] }));
  });

  it("of scale lead to numbers and a text", () => {
    customResource({
      ...facts,
      spec,
      status,
      scale: { specReplicasPath: ".spec.count", statusReplicasPath: ".status.replicas" },
    });
    refused(() =>
      customResource({
        ...facts,
        spec,
        status,
        // @ts-expect-error -- Type '".spec.text"' is not assignable to type '".spec.count"'
        scale: { specReplicasPath: ".spec.text", statusReplicasPath: ".status.replicas" },
      }),
    );
    refused(() =>
      customResource({
        ...facts,
        spec,
        // @ts-expect-error -- scale needs a status: give the kind a schema for it
        scale: { specReplicasPath: ".spec.count", statusReplicasPath: ".status.replicas" },
      }),
    );
  });

  it("of fields name fields, lists and elements", () => {
    customResource({
      ...facts,
      spec,
      status,
      fields: {
        ".spec": { validations: [{ rule: "true" }] },
        ".spec.ports": { listType: "map", listMapKeys: ["name"] },
        ".spec.ports[*]": { mapType: "granular" },
        ".spec.ports[*].name": {},
        ".spec.labels[*]": {},
        ".status.conditions": { listType: "map", listMapKeys: ["type"] },
      },
    });
    // @ts-expect-error -- '".spec.port"' does not exist in type ... Did you mean to write '".spec.ports"'?
    refused(() => customResource({ ...facts, spec, fields: { ".spec.port": { listType: "atomic" } } }));
  });

  it("of what contains itself end", () => {
    const tree = z.object({
      text: z.string(),
      get children() {
        return z.array(tree);
      },
    });
    const Tree = customResource({
      ...facts,
      spec: z.object({ root: tree }),
      fields: { ".spec.root.children[*]": { preserveUnknownFields: true } },
    });
    expectTypeOf<Infer<typeof Tree>["spec"]["root"]["children"][number]["text"]>().toEqualTypeOf<string>();
  });
});

describe("a definition", () => {
  it("needs its facts", () => {
    // @ts-expect-error -- Property 'scope' is missing
    refused(() => customResource({ group: "example.dev", version: "v1", kind: "Widget", spec: z.object({}) }));
    refused(() =>
      // @ts-expect-error -- '"Namespace"' is not assignable to type 'Scope'
      customResource({ group: "example.dev", version: "v1", kind: "Widget", scope: "Namespace", spec: z.object({}) }),
    );
    refused(() =>
      // @ts-expect-error -- a valibot schema needs toStandardJsonSchema: Property 'jsonSchema' is missing
      customResource({ group: "example.dev", version: "v1", kind: "Widget", scope: "Cluster", spec: v.object({}) }),
    );
  });
});

/** What the compiler refuses is refused at run time too. */
function refused(run: () => unknown): void {
  expect(run).toThrow();
}
