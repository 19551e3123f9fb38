import { describe, expect, expectTypeOf, it } from "vitest";
import {
  fromLabelSelector,
  type LabelRequirement,
  type LabelSelector,
  type Labels,
  matchesLabels,
  toLabelSelector,
} from "./label-requirement.js";
import { type LabelSelectorInput, labelRequirements } from "./selector.js";

const foobar = { foo: "bar", bah: "baz" };
const complex = "foo in (bar,baz),foo notin (quux),foo,!baz,foo=bar";

describe("matchesLabels", () => {
  it.each<[LabelSelectorInput, Labels, boolean]>([
    ["", {}, true],
    ["", undefined, true],
    [{}, foobar, true],
    ["foo=bar", { foo: "bar" }, true],
    ["foo=bar", foobar, true],
    ["foo=bar", undefined, false],
    ["foo=", {}, false],
    ["foo=", { foo: "" }, true],
    [{ foo: ["bar"] }, foobar, true],
    ["foo!=bar", foobar, false],
    ["foo!=bar", {}, true],
    ["foo notin (quux)", foobar, true],
    ["foo notin (bar)", foobar, false],
    ["foo notin (bar)", undefined, true],
    ["foo=bar,bah in (bar)", foobar, false],
    ["foo=bar,bah in (bar)", { foo: "bar", bah: "bar" }, true],
    ["foo", foobar, true],
    ["!foo", foobar, false],
    ["!foo", undefined, true],
    [complex, { foo: "bar" }, true],
    [complex, {}, false],
    ["toString", {}, false],
    ["!constructor", {}, true],
  ])("%j on %j is %s, also by way of the API's object form", (input, labels, expected) => {
    const requirements = labelRequirements(input);
    expect(matchesLabels(requirements, labels)).toBe(expected);
    expect(matchesLabels(fromLabelSelector(toLabelSelector(requirements)), labels)).toBe(expected);
  });

  it.each<[string, Labels, boolean]>([
    ["n>1", { n: "2" }, true],
    ["n>1", { n: "1" }, false],
    ["n<10", { n: "9" }, true],
    ["n>9007199254740992", { n: "9007199254740993" }, true],
    ["n<1", { n: "-1" }, true],
    ["n>1", {}, false],
    ["n>1", { n: "many" }, false],
    ["n>1", { n: "9223372036854775808" }, false],
    ["n<1", { n: "" }, false],
  ])("%s on %j compares as integers: %s", (text, labels, expected) => {
    expect(matchesLabels(labelRequirements(text), labels)).toBe(expected);
  });
});

describe("the API's LabelSelector", () => {
  it("is read into requirements", () => {
    const selector: LabelSelector = {
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "In", values: ["front", "back"] },
        { key: "canary", operator: "DoesNotExist", values: [] },
      ],
    };
    expect(fromLabelSelector(selector)).toEqual([
      { key: "app", operator: "Equals", value: "web" },
      { key: "tier", operator: "In", values: ["front", "back"] },
      { key: "canary", operator: "DoesNotExist" },
    ]);
    expect(fromLabelSelector({})).toEqual([]);
  });

  it("is written with the first value of a key as a label and the rest as expressions", () => {
    expect(toLabelSelector(labelRequirements("a=1,a=2,b!=3,c in (4),d,!e"))).toEqual({
      matchLabels: { a: "1" },
      matchExpressions: [
        { key: "a", operator: "In", values: ["2"] },
        { key: "b", operator: "NotIn", values: ["3"] },
        { key: "c", operator: "In", values: ["4"] },
        { key: "d", operator: "Exists" },
        { key: "e", operator: "DoesNotExist" },
      ],
    });
    expect(toLabelSelector([])).toEqual({});
  });

  it("cannot say greater and less", () => {
    expect(() => toLabelSelector(labelRequirements("n>1"))).toThrow(
      'a LabelSelector object cannot say GreaterThan (key "n"): select with it in a list or watch, or name the values with In',
    );
  });

  it.each<[LabelSelector, string]>([
    [
      { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] },
      'key "a": unknown operator "Gt"; use In, NotIn, Exists or DoesNotExist',
    ],
    [
      { matchExpressions: [{ key: "a", operator: "In" }] },
      "In needs at least one value; for any value at all use Exists",
    ],
    [
      { matchExpressions: [{ key: "a", operator: "Exists", values: ["1"] }] },
      "Exists takes no values; use In or NotIn",
    ],
    [{ matchLabels: { "-": "1" } }, 'the name in key "-"'],
  ])("%j is refused with the cure", (selector, message) => {
    expect(() => fromLabelSelector(selector)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});

describe("LabelRequirement", () => {
  it("carries what its operator needs, and nothing else", () => {
    expectTypeOf<Extract<LabelRequirement, { values: unknown }>["values"]>().toEqualTypeOf<readonly string[]>();
    // @ts-expect-error In takes values
    const one: LabelRequirement = { operator: "In", key: "a", value: "b" };
    // @ts-expect-error Exists takes none
    const none: LabelRequirement = { operator: "Exists", key: "a", value: "b" };
    expect(() => toLabelSelector([one])).toThrow("In needs at least one value");
    expect(none.key).toBe("a");
  });
});
