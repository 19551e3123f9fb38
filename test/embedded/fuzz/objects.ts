/** Objects for requests that are bad in some way: nearly right ones, changed at random places. */

import { readFileSync } from "node:fs";
import type { JsonObject } from "../../../src/testing/index.js";
import type { Chance } from "./chance.js";

const names = ["a", "b", "c", "kubernetes", "Bad_Name", "", "x".repeat(300), "ü", "__proto__", "a.b"] as const;

/** A name of few, so that requests meet each other's objects. */
export function nameOf(chance: Chance): string {
  return chance.happens(0.85) ? chance.pick(["a", "b", "c"]) : chance.pick(names);
}

/** A kind, and where it is. */
export interface Kind {
  readonly prefix: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  /** What it holds besides metadata. */
  readonly rest: JsonObject;
  readonly cluster: boolean;
}

const container = { name: "c", image: "i", ports: [{ containerPort: 80 }], env: [{ name: "A", value: "1" }] };
const property = { type: "string" };
const openAPIV3Schema = { type: "object", properties: { spec: { type: "object", properties: { a: property } } } };

/** An object, and the path to post it to. */
type Body = readonly [path: string, body: JsonObject];

/** Kinds of which the contract has no bodies. */
const others: readonly [Body, ...(readonly Body[])] = [
  ["/api/v1/namespaces/{namespace}/pods", { apiVersion: "v1", kind: "Pod", spec: { containers: [container] } }],
  [
    "/api/v1/namespaces/{namespace}/events",
    { apiVersion: "v1", kind: "Event", involvedObject: { kind: "Pod" }, count: 1 },
  ],
  ["/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace" }],
  [
    "/apis/suite.example.com/v1/namespaces/{namespace}/widgets",
    {
      apiVersion: "suite.example.com/v1",
      kind: "Widget",
      spec: { name: "a", size: 1, ports: [{ name: "p", port: 1 }], tags: ["t"] },
      status: { size: 1 },
    },
  ],
  [
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      spec: {
        group: "fuzz.example.com",
        scope: "Namespaced",
        names: { plural: "things", kind: "Thing" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
      },
    },
  ],
];

/** The bodies of the contract that a server accepts, each as a kind to start from. */
const recorded: readonly Body[] = recordedBodies();

function recordedBodies(): readonly Body[] {
  const file = new URL("../../contract/cases/recorded.json", import.meta.url);
  const entries: unknown = JSON.parse(readFileSync(file, "utf8"));
  return (Array.isArray(entries) ? entries : [])
    .map(asObject)
    .filter(({ answer }) => asObject(answer)["kind"] !== "Status")
    .map(({ path, body }) => [text(path), asObject(body)]);
}

/** Kinds by path, each with content to start from. */
export const kinds: readonly [Kind, ...(readonly Kind[])] = [
  kindOf(others[0]),
  ...[...others, ...recorded].map(kindOf),
];

function kindOf([path, body]: Body): Kind {
  const { apiVersion, kind, metadata: _metadata, ...rest } = body;
  const [prefix = ""] = path.split(/\/(?:namespaces\/\{namespace\}\/)?[a-z]+$/);
  const plural = path.split("/").at(-1) ?? "";
  return {
    prefix,
    plural,
    apiVersion: text(apiVersion),
    kind: text(kind),
    rest,
    cluster: !path.includes("{namespace}"),
  };
}

/** An object of a kind, with metadata that may ask for trouble. */
export function objectOf(chance: Chance, { apiVersion, kind, rest }: Kind, name: string): object {
  return {
    apiVersion,
    kind,
    metadata: {
      name: kind === "CustomResourceDefinition" ? "things.fuzz.example.com" : name,
      ...(chance.happens(0.3) ? { labels: { app: nameOf(chance) } } : {}),
      ...(chance.happens(0.2) ? { finalizers: ["x.io/f"] } : {}),
      ...(chance.happens(0.1) ? { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "u" }] } : {}),
      ...(chance.happens(0.05) ? { managedFields: chance.pick<unknown>([[], [{}], [{ manager: "x" }], "x"]) } : {}),
      ...(chance.happens(0.1) ? { resourceVersion: String(chance.below(200)) } : {}),
      ...(chance.happens(0.05) ? { uid: "foreign", generation: -1, deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    ...rest,
  };
}

const oddities: readonly [unknown, ...(readonly unknown[])] = [
  null,
  true,
  -1,
  1.5,
  1e300,
  2 ** 53,
  "",
  "x",
  [],
  {},
  [null],
  [[]],
  { a: null },
  { $patch: "delete" },
  { "": "" },
  "2026-13-45T00:00:00Z",
  "1Gi",
];

/** A copy with some places changed to something that does not belong there. */
export function broken(chance: Chance, value: unknown): unknown {
  if (chance.happens(0.02)) return chance.pick(oddities);
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item: unknown) => broken(chance, item));
    if (chance.happens(0.05)) items.push(items[0] ?? chance.pick(oddities));
    return items;
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    if (chance.happens(0.01)) return [];
    return [
      [
        chance.happens(0.01) ? chance.pick(["bogus", "__proto__", "constructor", "$patch", ""]) : key,
        broken(chance, inner),
      ] as const,
    ];
  });
  return Object.fromEntries(entries);
}

function asObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
