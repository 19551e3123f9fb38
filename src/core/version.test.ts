import { describe, expect, it } from "vitest";
import {
  compareVersionGeneration,
  compareVersionPriority,
  formatVersion,
  type KubeVersion,
  parseVersion,
} from "./version.js";

const tooLarge = "v99999999999999999999";

describe("versions", () => {
  it.each<[string, KubeVersion]>([
    ["v1", { type: "stable", major: 1 }],
    ["v3", { type: "stable", major: 3 }],
    ["v10", { type: "stable", major: 10 }],
    ["v1beta", { type: "beta", major: 1 }],
    ["v2alpha1", { type: "alpha", major: 2, minor: 1 }],
    ["v10beta12", { type: "beta", major: 10, minor: 12 }],
  ])("reads %s", (text, version) => {
    expect(parseVersion(text)).toEqual(version);
    expect(formatVersion(version)).toBe(text);
  });

  it.each([
    "",
    "foo",
    "v",
    "v-1",
    "valpha",
    "vbeta3",
    "vv1",
    "v1alpha1hi",
    "v1zeta3",
    "V1",
    "v1\n",
    "v1.0",
    tooLarge,
    `v1beta${tooLarge.slice(1)}`,
  ])("takes %j as nonconformant, not as an error", (text) => {
    expect(parseVersion(text)).toEqual({ type: "nonconformant", text });
    expect(formatVersion(parseVersion(text))).toBe(text);
  });

  // The second is the example of Kubernetes' own documentation on version priority.
  it.each([
    [["v2", "v1", "v2beta3", "v2beta2", "v3alpha2", "hi"]],
    [["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"]],
    [["v1", "v1beta1", "v1beta", "v1alpha2", "v1alpha1", "v1alpha", "bar", "foo", tooLarge]],
  ])("prefers them in the order %j", (order) => {
    expect(order.toReversed().toSorted(compareVersionPriority)).toEqual(order);
    expect(order.toSorted().toSorted(compareVersionPriority)).toEqual(order);
  });

  it("orders by generation: the major number first, then stability, the nonconformant last", () => {
    const order = ["v3alpha2", "v2", "v2beta3", "v2beta2", "v1", "hi"];
    expect(order.toReversed().toSorted(compareVersionGeneration)).toEqual(order);
    expect(order.toSorted().toSorted(compareVersionGeneration)).toEqual(order);
  });

  it("finds equal versions equal", () => {
    expect(compareVersionPriority("v1beta2", "v1beta2")).toBe(0);
    expect(compareVersionGeneration("foo", "foo")).toBe(0);
  });
});
