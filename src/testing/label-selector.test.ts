import { describe, expect, test } from "vitest";
import { matchesLabels } from "../core/index.js";
import { parseLabels } from "./label-selector.js";

describe("a selector selects by all of its requirements", () => {
  test.each([
    ["", { a: "1" }, true],
    ["a=1,b!=2", { a: "1" }, true],
    ["a==1, b", { a: "1" }, false],
    ["a in (1,2),!c", { a: "2" }, true],
    ["a notin (1, 2)", {}, true],
    ["a in (,1)", { a: "" }, true],
    ["a in (1,)", { a: "" }, true],
    ["a=", { a: "" }, true],
    ["n>4,n<6", { n: "5" }, true],
    ["in in (in)", { in: "in" }, true],
  ])("%s of %j: %s", (selector, labels, selected) => {
    expect(matchesLabels(parseLabels(selector), labels)).toBe(selected);
  });
});

describe("what is no selector is refused in the API server's words", () => {
  test.each([
    ["a===b", "unable to parse requirement: found '=', expected: identifier"],
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    [",", "found ',', expected: !, identifier, or 'end of string'"],
    ["a,", "found '', expected: identifier after ','"],
    ["a=1)", "found ')', expected: ',' or 'end of string'"],
    ["a in (1", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["a>x", "for 'Gt', 'Lt' operators, the value must be an integer"],
    ["a=-", 'unable to parse requirement: <nil>: Invalid value: "-": a valid label must be'],
  ])("%s", (selector, message) => {
    expect(() => parseLabels(selector)).toThrow(message);
  });
});
