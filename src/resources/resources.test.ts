import { describe, expect, expectTypeOf, it } from "vitest";
import type { Api } from "../client/index.js";
import {
  type AnyKind,
  type BuiltInGroup,
  type Infer,
  type InferNew,
  type List,
  type NamespacedObjectMeta,
  type NewObject,
  type ObjectMeta,
  standardVerbs,
} from "../core/index.js";
import type { LabelSelector } from "../core/label-requirement.js";
import * as autoscalingV1 from "./autoscaling/v1.js";
import { Event as CoreEvent, type EmbeddedPersistentVolumeClaim, type NewNamespace, type PodSpec } from "./core/v1.js";
import type { Endpoint, EndpointSlice } from "./discovery.k8s.io/v1.js";
import { Event as EventsV1Event } from "./events.k8s.io/v1.js";
import * as resources from "./index.js";
import {
  type ConfigMap,
  type CustomResourceDefinition,
  type Deployment,
  Event,
  EventsEvent,
  type Eviction,
  HorizontalPodAutoscaler,
  Namespace,
  type Node,
  Pod,
  type Scale,
  type Secret,
  SelfSubjectAccessReview,
  type TokenRequest,
} from "./index.js";

describe("descriptors", () => {
  it("are of the groups that count as built in", () => {
    type Kinds = (typeof resources)[keyof typeof resources];
    expectTypeOf<Kinds["group"]>().toEqualTypeOf<BuiltInGroup>();
  });

  it("carry what discovery says, as frozen data", () => {
    expect(Pod).toEqual({
      group: "",
      version: "v1",
      kind: "Pod",
      plural: "pods",
      scope: "Namespaced",
      verbs: standardVerbs,
      subresources: [
        "attach",
        "binding",
        "ephemeralcontainers",
        "eviction",
        "exec",
        "log",
        "portforward",
        "proxy",
        "resize",
        "status",
      ],
    });
    expect(Object.isFrozen(Pod)).toBe(true);
    expect(SelfSubjectAccessReview).toMatchObject({ scope: "Cluster", verbs: ["create"], subresources: [] });
    expect(Namespace.verbs).not.toContain("deletecollection");
  });

  it("are all the kinds that the index has, each under a plural of its own in its group", () => {
    const kinds: readonly AnyKind[] = Object.values(resources);
    expect(kinds.length).toBe(71);
    expect(new Set(kinds.map((kind) => `${kind.plural}.${kind.group}`)).size).toBe(kinds.length);
  });

  it("of the index are of the version that the server prefers", () => {
    expect(HorizontalPodAutoscaler.version).toBe("v2");
    expect(autoscalingV1.HorizontalPodAutoscaler.version).toBe("v1");
  });

  it("of a name that two groups have go by the core group, and the other carries its group", () => {
    expect(Event).toBe(CoreEvent);
    expect(EventsEvent).toBe(EventsV1Event);
  });
});

describe("types", () => {
  it("of objects come from the descriptor of the same name", () => {
    expectTypeOf<Infer<typeof Pod>>().toEqualTypeOf<Pod>();
    expectTypeOf<Infer<typeof Deployment>["spec"]["template"]["spec"]>().toEqualTypeOf<PodSpec | undefined>();
    expectTypeOf<InferNew<typeof Pod>>().toEqualTypeOf<Pod>();
    expectTypeOf<Pod["apiVersion"]>().toEqualTypeOf<"v1">();
    expectTypeOf<Deployment["apiVersion"]>().toEqualTypeOf<"apps/v1">();
    expectTypeOf<List<Pod>["items"][number]["kind"]>().toEqualTypeOf<"Pod">();
  });

  it("of metadata follow the scope", () => {
    expectTypeOf<Pod["metadata"]>().toEqualTypeOf<NamespacedObjectMeta>();
    expectTypeOf<Pod["metadata"]["namespace"]>().toEqualTypeOf<string>();
    expectTypeOf<Node["metadata"]>().toEqualTypeOf<ObjectMeta>();
    // @ts-expect-error -- a Node is in no namespace
    expectTypeOf<Node["metadata"]["namespace"]>().toEqualTypeOf<string>();
    expectTypeOf<PodSpec["containers"][number]["name"]>().toEqualTypeOf<string>();
  });

  it("of metadata promise nothing that the API server leaves out, in templates and in what is never stored", () => {
    expectTypeOf<SelfSubjectAccessReview["metadata"]>().toEqualTypeOf<Partial<ObjectMeta>>();
    expectTypeOf<EmbeddedPersistentVolumeClaim["metadata"]>().toEqualTypeOf<Partial<ObjectMeta> | undefined>();
    expectTypeOf<Eviction["metadata"]>().toEqualTypeOf<Partial<ObjectMeta>>();
    expectTypeOf<Scale["metadata"]>().toEqualTypeOf<ObjectMeta>();
    expectTypeOf<TokenRequest["apiVersion"]>().toEqualTypeOf<"authentication.k8s.io/v1">();
  });

  it("of reads have what the API server always serves, and of new objects only what it insists on", () => {
    expectTypeOf<Namespace["spec"]>().not.toBeNullable();
    expectTypeOf<InferNew<typeof Namespace>>().toEqualTypeOf<NewNamespace>();
    const namespace: NewObject<InferNew<typeof Namespace>> = { metadata: { name: "team" } };
    // @ts-expect-error -- a Pod without containers is refused by the API server
    const pod: NewObject<InferNew<typeof Pod>> = { metadata: { name: "web" } };
    const good: NewObject<InferNew<typeof Pod>> = {
      metadata: { name: "web" },
      spec: { containers: [{ name: "web" }] },
    };
    expect([namespace, pod, good]).toHaveLength(3);
    expectTypeOf<Pod["status"]>().toBeNullable();
  });

  it("have enums as unions, times that may be null, and fields whose names are no identifiers", () => {
    type Policy = NonNullable<PodSpec["restartPolicy"]>;
    expectTypeOf<Policy>().toEqualTypeOf<"Always" | "Never" | "OnFailure">();
    expectTypeOf<CoreEvent["firstTimestamp"]>().toEqualTypeOf<string | null | undefined>();
    type Schema = NonNullable<CustomResourceDefinition["spec"]["versions"][number]["schema"]>["openAPIV3Schema"];
    expectTypeOf<NonNullable<Schema>["$ref"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<NonNullable<Schema>["properties"]>().toEqualTypeOf<
      { [key: string]: NonNullable<Schema> } | undefined
    >();
    expectTypeOf<NonNullable<Schema>["items"]>().toEqualTypeOf<
      NonNullable<Schema> | NonNullable<Schema>[] | undefined
    >();
  });

  it("of lists say where the API server writes an empty one as null", () => {
    expectTypeOf<EndpointSlice["endpoints"]>().toEqualTypeOf<Endpoint[] | null | undefined>();
  });

  it("of label selectors are what core reads", () => {
    expectTypeOf<Deployment["spec"]["selector"]>().toExtend<LabelSelector>();
  });
});

describe("Api", () => {
  it("has the verbs, scope and subresources of the descriptor and no others", () => {
    type Pods = ReturnType<Api<typeof Pod>["namespace"]>;
    expectTypeOf<Pods>().toHaveProperty("status");
    expectTypeOf<Pods>().not.toHaveProperty("scale");
    expectTypeOf<ReturnType<Api<typeof Deployment>["namespace"]>>().toHaveProperty("scale");
    expectTypeOf<Api<typeof Node>>().not.toHaveProperty("namespace");
    expectTypeOf<Api<typeof Pod>>().not.toHaveProperty("get");
    expectTypeOf<ReturnType<Api<typeof Secret>["namespace"]>>().not.toHaveProperty("status");
    expectTypeOf<ReturnType<Api<typeof ConfigMap>["namespace"]>["get"]>().returns.resolves.toEqualTypeOf<ConfigMap>();
  });

  it("of an access review can create and nothing else", () => {
    type Reviews = Api<typeof SelfSubjectAccessReview>;
    expectTypeOf<Reviews>().toHaveProperty("create");
    expectTypeOf<
      Extract<keyof Reviews, "get" | "list" | "watch" | "replace" | "patch" | "apply" | "delete">
    >().toBeNever();
  });

  it("of a namespace deletes no collection", () => {
    expectTypeOf<Api<typeof Namespace>>().not.toHaveProperty("deleteCollection");
    expectTypeOf<Api<typeof Node>>().toHaveProperty("deleteCollection");
  });
});
