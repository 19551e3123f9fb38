import { describe, expect, it } from "vitest";
import type { DiscoveredKind } from "./discovery.js";
import { kindOfObject, kindsNamed, kindsOfCategory, nearestNames, preferredKinds } from "./kind-names.js";

function kind(apiVersion: string, name: string, more: Partial<DiscoveredKind> = {}): DiscoveredKind {
  const [version = "", group = ""] = apiVersion.split("/").toReversed();
  const singular = name.toLowerCase();
  const plural = `${singular}s`;
  return {
    group,
    version,
    kind: name,
    plural,
    singular,
    scope: "Namespaced",
    verbs: [],
    subresources: [],
    shortNames: [],
    categories: [],
    ...more,
  };
}

/** In a server's order: the core group first, each group's preferred version before its others. */
const kinds = [
  kind("v1", "Pod", { shortNames: ["po"], categories: ["all"] }),
  kind("v1", "Event", { shortNames: ["ev"] }),
  kind("v1", "Service", { shortNames: ["svc"], categories: ["all"] }),
  kind("apps/v1", "Deployment", { shortNames: ["deploy"], categories: ["all"] }),
  kind("apps.example.dev/v1", "Deployment"),
  kind("events.k8s.io/v1", "Event", { shortNames: ["ev"] }),
  kind("networking.k8s.io/v1", "Ingress", { plural: "ingresses", shortNames: ["ing"] }),
  kind("serving.example.dev/v2", "Service", { shortNames: ["ksvc"], categories: ["all"] }),
  kind("serving.example.dev/v1", "Service", { shortNames: ["ksvc"], categories: ["all"] }),
  kind("serving.example.dev/v1", "Route", { shortNames: ["pods"] }),
  kind("odd.example.dev/v1", "Pair", { plural: "pears", singular: "pear" }),
];

const show = ({ plural, version, group }: DiscoveredKind) => `${plural}.${version}.${group}`;

describe("a name stands for", () => {
  it.each<readonly [name: string, ...meant: readonly string[]]>([
    ["pods", "pods.v1."],
    ["pod", "pods.v1."],
    ["po", "pods.v1."],
    ["PODS", "pods.v1."],
    ["Pod", "pods.v1."],
    ["pods.v1.", "pods.v1."],
    ["po.v1.", "pods.v1."],
    ["pods.v2."],
    ["pods.", "pods.v1."],
    ["routes."],
    ["deployments", "deployments.v1.apps", "deployments.v1.apps.example.dev"],
    ["deployments.apps", "deployments.v1.apps"],
    ["deployments.app", "deployments.v1.apps", "deployments.v1.apps.example.dev"],
    ["deploy.apps", "deployments.v1.apps"],
    ["deployments.v1.apps", "deployments.v1.apps"],
    ["Deployment.v1.apps", "deployments.v1.apps"],
    ["deployments.v2.apps"],
    ["events", "events.v1.", "events.v1.events.k8s.io"],
    ["events.events", "events.v1.events.k8s.io"],
    ["ev.events.k8s.io", "events.v1.events.k8s.io"],
    ["ing.networking", "ingresses.v1.networking.k8s.io"],
    ["services", "services.v1.", "services.v2.serving.example.dev"],
    ["services.serving.example.dev", "services.v2.serving.example.dev"],
    ["services.v1.serving.example.dev", "services.v1.serving.example.dev"],
    ["routes.serving", "routes.v1.serving.example.dev"],
    ["pair", "pears.v1.odd.example.dev"],
    ["pear", "pears.v1.odd.example.dev"],
    ["pods.serving", "routes.v1.serving.example.dev"],
    ["gadgets"],
    ["all"],
    [""],
    [".apps"],
  ])("%s", (name, ...meant) => expect(kindsNamed(kinds, name).map(show)).toEqual(meant));
});

it("a category is its kinds, each in its preferred version", () => {
  expect(kindsOfCategory(kinds, "all").map(show)).toEqual([
    "pods.v1.",
    "services.v1.",
    "deployments.v1.apps",
    "services.v2.serving.example.dev",
  ]);
  expect(kindsOfCategory(kinds, "none")).toEqual([]);
});

it("a resource that only a lesser version has is kept", () => {
  expect(preferredKinds(kinds).map(show)).toContain("routes.v1.serving.example.dev");
  expect(preferredKinds(kinds)).toHaveLength(kinds.length - 1);
});

it("the kind of an object is that of its apiVersion", () => {
  const service = (apiVersion: string) => kindOfObject(kinds, { apiVersion, kind: "Service" });
  expect(service("serving.example.dev/v1")).toBe(kinds[8]);
  expect(service("v1")).toBe(kinds[2]);
  expect(service("v2")).toBeUndefined();
});

describe("a misspelt name", () => {
  it.each([
    ["pdos", ["pods", "routes.serving.example.dev"]],
    ["deplyoment.v1.apps", ["deployments.apps", "deployments.apps.example.dev"]],
    ["ingres", ["ingresses.networking.k8s.io"]],
    ["fluxcapacitor", []],
  ])("%s is near %j", (name, near) => expect(nearestNames(kinds, name)).toEqual(near));

  it("has at most three names that are near", () => {
    const alike = ["Ab", "Ac", "Ad", "Ae"].map((name) => kind("v1", name));
    expect(nearestNames(alike, "af")).toEqual(["abs", "acs", "ads"]);
  });
});
