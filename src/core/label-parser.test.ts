import { describe, expect, it } from "vitest";
import { parseLabelSelector } from "./label-parser.js";
import type { LabelRequirement } from "./label-requirement.js";

const long = "a".repeat(63);

describe("parseLabelSelector", () => {
  it.each<[string, readonly LabelRequirement[]]>([
    ["", []],
    [" \t\r\n", []],
    ["k", [{ operator: "Exists", key: "k" }]],
    [" ! k ", [{ operator: "DoesNotExist", key: "k" }]],
    ["k=v", [{ operator: "Equals", key: "k", value: "v" }]],
    ["k == v", [{ operator: "Equals", key: "k", value: "v" }]],
    ["k\t!=\nv", [{ operator: "NotEquals", key: "k", value: "v" }]],
    ["k=", [{ operator: "Equals", key: "k", value: "" }]],
    [
      "k!=,j",
      [
        { operator: "NotEquals", key: "k", value: "" },
        { operator: "Exists", key: "j" },
      ],
    ],
    ["k in (a,b)", [{ operator: "In", key: "k", values: ["a", "b"] }]],
    ["k notin( b , a )", [{ operator: "NotIn", key: "k", values: ["b", "a"] }]],
    ["k in ()", [{ operator: "In", key: "k", values: [""] }]],
    ["k in (,a,,b,)", [{ operator: "In", key: "k", values: ["", "a", "", "b", ""] }]],
    [
      "x in (foo,,baz),y,z notin ()",
      [
        { operator: "In", key: "x", values: ["foo", "", "baz"] },
        { operator: "Exists", key: "y" },
        { operator: "NotIn", key: "z", values: [""] },
      ],
    ],
    [
      "k>1,k < 10",
      [
        { operator: "GreaterThan", key: "k", value: "1" },
        { operator: "LessThan", key: "k", value: "10" },
      ],
    ],
    ["in in (in,notin)", [{ operator: "In", key: "in", values: ["in", "notin"] }]],
    ["notin=in", [{ operator: "Equals", key: "notin", value: "in" }]],
    ["!in", [{ operator: "DoesNotExist", key: "in" }]],
    ["app.kubernetes.io/name=web_1.2", [{ operator: "Equals", key: "app.kubernetes.io/name", value: "web_1.2" }]],
    [`${long}=${long}`, [{ operator: "Equals", key: long, value: long }]],
  ])("reads %j", (text, expected) => {
    expect(parseLabelSelector(text)).toEqual(expected);
  });

  it.each([
    ["a===b", 'unable to parse requirement at position 3 of label selector "a===b": found "=", expected a value'],
    ["a,", 'at position 2 of label selector "a,": found the end, expected a label key'],
    [",a", 'at position 0 of label selector ",a": found ",", expected a label key'],
    [
      "a b",
      'position 2 of label selector "a b": found "b", expected an operator: "=", "==", "!=", "in", "notin", ">" or "<"',
    ],
    ["a=b c", 'position 4 of label selector "a=b c": found "c", expected "," or the end'],
    ["a=!b", 'position 2 of label selector "a=!b": found "!", expected a value'],
    ["!a=b", 'position 2 of label selector "!a=b": found "=", expected "," or the end'],
    ["!!a", 'position 1 of label selector "!!a": found "!", expected a label key'],
    ["a in b", 'position 5 of label selector "a in b": found "b", expected "(" and values, as in (a,b)'],
    ["a in (b", 'position 7 of label selector "a in (b": found the end, expected "," or ")"'],
    ["a in (b c)", 'position 8 of label selector "a in (b c)": found "c", expected "," or ")"'],
    ["a in (b),", "found the end, expected a label key"],
    ["ain(b)", 'position 3 of label selector "ain(b)": found "(", expected an operator'],
    ["a>b", 'position 0 of label selector "a>b": GreaterThan needs an integer of 64 bits as a string, not "b"'],
    ["a<", "LessThan needs an integer"],
    ["a>9223372036854775808", "GreaterThan needs an integer of 64 bits"],
    ["a>-1", 'value "-1" must be empty, or 1 to 63 letters, digits'],
    [
      "ok, -a=b",
      'position 4 of label selector "ok, -a=b": the name in key "-a" must be 1 to 63 letters, digits, "-", "_" or "."',
    ],
    [`${long}a`, "the name in key"],
    ["Example.com/a", 'the prefix of key "Example.com/a" must be a lower-case DNS name'],
    ["/a", 'the prefix of key "/a"'],
    ["a/", 'the name in key "a/"'],
    ["a/b/c", 'the name in key "a/b/c"'],
    [`${"a".repeat(254)}/b`, "must be a lower-case DNS name of at most 253 characters"],
    ["k='v'", "value \"'v'\" must be empty, or"],
    [`k=${long}a`, "must be empty, or 1 to 63 letters"],
    ["k in (a,_)", 'value "_" must be empty, or'],
    ["clé=1", 'the name in key "clé"'],
  ])("refuses %j with the position, the text and the cure", (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
    expect(() => parseLabelSelector(text)).toThrow(/^unable to parse requirement at position \d+ of label selector/);
  });
});
