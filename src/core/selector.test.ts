import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type FieldSelectorInput,
  fieldRequirements,
  formatFieldSelector,
  formatLabelSelector,
  type LabelSelectorInput,
  labelRequirements,
} from "./selector.js";

describe("formatLabelSelector", () => {
  it.each<[LabelSelectorInput, string]>([
    ["", ""],
    [{}, ""],
    [[], ""],
    [
      [
        { operator: "In", key: "foo", values: ["baz", "bar", "baz"] },
        { operator: "NotIn", key: "foo", values: ["bar", "baz"] },
        { operator: "Equals", key: "foo", value: "bar" },
        { operator: "NotEquals", key: "foo", value: "bar" },
        { operator: "Exists", key: "foo" },
        { operator: "DoesNotExist", key: "foo" },
      ],
      "foo in (bar,baz),foo notin (bar,baz),foo=bar,foo!=bar,foo,!foo",
    ],
    [
      [
        { operator: "GreaterThan", key: "n", value: "1" },
        { operator: "LessThan", key: "n", value: "5" },
      ],
      "n>1,n<5",
    ],
    [{ app: "web" }, "app=web"],
    [{ app: "web", tier: ["front", "back"], empty: "" }, "app=web,tier in (back,front),empty="],
    ["env in (development,sandbox)", "env in (development,sandbox)"],
    [" app == web ,  ! canary", "app=web,!canary"],
    ["k in (b,,a)", "k in (,a,b)"],
  ])("writes %j as %j, and reads it back the same", (input, expected) => {
    expect(formatLabelSelector(input)).toBe(expected);
    expect(formatLabelSelector(expected)).toBe(expected);
  });

  const absent: Record<string, string> = JSON.parse('{"app":null}');
  const object: Record<string, string> = JSON.parse('{"matchLabels":{"app":"web"}}');
  const operator: LabelSelectorInput = JSON.parse('[{"key":"a","operator":"Gt","value":"1"}]');
  it.each<[LabelSelectorInput, string]>([
    ["a in", "unable to parse requirement at position 4"],
    [{ app: "no blanks" }, 'value "no blanks" must be empty, or 1 to 63 letters'],
    [{ app: [] }, "In needs at least one value; for any value at all use Exists"],
    [absent, 'the value of "app" must be a string or a list of strings, not null'],
    [
      object,
      'the value of "matchLabels" must be a string or a list of strings, not {"app":"web"}; read the API\'s LabelSelector with fromLabelSelector',
    ],
    [operator, "unknown operator; use Equals, NotEquals, In, NotIn, Exists, DoesNotExist, GreaterThan or LessThan"],
    [
      [{ operator: "Exists", key: "a b" }],
      'label requirement {"operator":"Exists","key":"a b"}: the name in key "a b"',
    ],
  ])("refuses %j with the cure", (input, message) => {
    expect(() => formatLabelSelector(input)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });

  it("does not compile with a value that may be absent, which would select more than was meant", () => {
    const app: string | undefined = undefined;
    // @ts-expect-error undefined is no value
    expect(() => formatLabelSelector({ app })).toThrow('the value of "app" must be a string');
  });
});

describe("formatFieldSelector", () => {
  it.each<[FieldSelectorInput, string]>([
    ["", ""],
    [{}, ""],
    [[], ""],
    [{ "spec.nodeName": "n1", type: "a,b=c\\d" }, "spec.nodeName=n1,type=a\\,b\\=c\\\\d"],
    [[{ operator: "NotEquals", field: "status.phase", value: "Running" }], "status.phase!=Running"],
    ["status.phase!=Running,metadata.name==x", "status.phase!=Running,metadata.name=x"],
    ["metadata.name=pod=1", "metadata.name=pod\\=1"],
  ])("writes %j as %j, and reads it back the same", (input, expected) => {
    expect(formatFieldSelector(input)).toBe(expected);
    expect(formatFieldSelector(expected)).toBe(expected);
  });

  const absent: Record<string, string> = JSON.parse('{"spec.nodeName":null}');
  const operator: FieldSelectorInput = JSON.parse('[{"field":"a","operator":"In","value":"1"}]');
  it.each<[FieldSelectorInput, string]>([
    ["a", "unable to parse term at position 0"],
    [
      { "a b": "1" },
      'field requirement {"field":"a b","operator":"Equals","value":"1"}: the field must be a path without blanks',
    ],
    [absent, "the value must be a string, not null"],
    [operator, 'unknown operator "In"; field selectors have Equals and NotEquals only'],
  ])("refuses %j with the cure", (input, message) => {
    expect(() => formatFieldSelector(input)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});

describe("requirements", () => {
  it("are frozen, and share nothing with what was given", () => {
    const values = ["a"];
    const [requirement] = labelRequirements({ k: values });
    values.push("b");
    expect(requirement).toEqual({ operator: "In", key: "k", values: ["a"] });
    expect(Object.isFrozen(requirement)).toBe(true);
    expect(Object.isFrozen(fieldRequirements("a=b"))).toBe(true);
    expect(Object.isFrozen(labelRequirements("a=b"))).toBe(true);
  });

  it("take any of three forms", () => {
    expectTypeOf<{ app: string; tier: readonly string[] }>().toExtend<LabelSelectorInput>();
    expectTypeOf<{ app: number }>().not.toExtend<LabelSelectorInput>();
    expectTypeOf<{ a: string[] }>().not.toExtend<FieldSelectorInput>();
  });
});
