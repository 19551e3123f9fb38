import { describe, expect, test } from "vitest";
import { evaluate } from "./evaluate.js";
import { parseCel } from "./parse.js";
import type { CelValue } from "./values.js";

const variables = new Map<string, CelValue>([
  [
    "self",
    new Map<string, CelValue>([
      ["name", "abc"],
      ["size", 3n],
      ["tags", ["a", "b"]],
    ]),
  ],
  ["ratio", 1.5],
]);

const valueOf = (text: string) => evaluate(parseCel(text), variables);

describe("an expression has the value that the language gives it", () => {
  test.each<readonly [string, CelValue]>([
    ["1 + 2 * 3", 7n],
    ["(1 + 2) * 3 - -1", 10n],
    ["7 / -2", -3n],
    ["-7 % 4", -3n],
    ["1.0 / 4.0", 0.25],
    ["1 == 1.0 && 1u == 1", true],
    ["'a' + \"b\" + r'\\n' + '\\x41\\u0042'", "ab\\nAB"],
    ["'''it's'''", "it's"],
    ["self.size > 2 ? 'big' : 'small'", "big"],
    ["has(self.name) && !has(self.none)", true],
    ["self.tags.all(t, t != '') && self.tags.exists(t, t == 'b')", true],
    ["self.tags.exists_one(t, t == 'a')", true],
    ["self.tags.map(t, t + t)", ["aa", "bb"]],
    ["self.tags.map(t, t == 'a', t + '!')", ["a!"]],
    ["self.tags.filter(t, t != 'a')", ["b"]],
    ["{'a': 1, 'b': 2}.map(k, k)", ["a", "b"]],
    ["{'a': 1}['a'] + [10, 20][1]", 21n],
    ["'b' in self.tags && 'size' in self", true],
    ["self.?none.orValue('x') + self.?name.orValue('y')", "xabc"],
    ["optional.of(5).optMap(v, v + 1).value()", 6n],
    ["[1, 2].all(i, v, i < v)", true],
    ["size('h\u00e4\u{1f600}')", 3n],
    ["'h\u{1f600}x'.substring(1, 2)", "\u{1f600}"],
    ["type(1) == int && type([]) == list && type(ratio) == double", true],
    ["duration('1h') + duration('30m') == duration('90m')", true],
    ["timestamp('2026-01-01T00:00:00Z').getDayOfYear()", 0n],
    ["quantity('500m').add(quantity('1500m')).asInteger()", 2n],
    ["int('0') == 0 // a comment", true],
  ])("%s", (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });
});

describe("one side of a disjunction or conjunction that decides excuses the failure of the other", () => {
  test.each([
    ["1 / 0 == 1 || true", true],
    ["false && self.none == 1", false],
    ["[0, 1].exists(n, 1 / n == 1)", true],
  ])("%s", (text, value) => {
    expect(valueOf(text)).toBe(value);
  });
});

describe("what has no value says why", () => {
  test.each([
    ["self.none", "no such key: none"],
    ["[1][3]", "index out of bounds: 3"],
    ["1 / 0", "division by zero"],
    ["1 % 0", "modulus by zero"],
    ["9223372036854775807 + 1", "integer overflow"],
    ["1 + 'a'", "no such overload"],
    ["nothing", "no such attribute(s): nothing"],
    ["1 / 0 == 1 || false", "division by zero"],
    ["int('x')", 'strconv.ParseInt: parsing "x": invalid syntax'],
  ])("%s", (text, message) => {
    expect(() => valueOf(text)).toThrow(message);
  });
});

test("an evaluation that takes too long is given up", () => {
  const long = "[0,1,2,3,4,5,6,7,8,9]";
  const nested = ["a", "b", "c", "d", "e", "f"].reduceRight((body, name) => `${long}.all(${name}, ${body})`, "a < 99");
  expect(() => valueOf(nested)).toThrow("cost limit exceeded");
});

describe("what is no expression is refused", () => {
  test.each(["", "1 +", "self.", "(1", "[1", "{'a'}", "a b", "'open", "1 @ 2", "for", "a ? b"])("%s", (text) => {
    expect(() => parseCel(text)).toThrow();
  });
});

test("nesting beyond all reason is refused, and does not exhaust the stack", () => {
  expect(() => parseCel(`${"(".repeat(10_000)}1${")".repeat(10_000)}`)).toThrow("recursion limit");
  expect(() => parseCel(`${"!".repeat(10_000)}true`)).toThrow("recursion limit");
  expect(() => parseCel(`a${".b".repeat(20_000)} + a${"[0]".repeat(20_000)}`)).toThrow("recursion limit");
});

test("a sum of very many terms is refused too", () => {
  expect(() => parseCel(Array(5000).fill("1").join(" + "))).toThrow("recursion limit");
  expect(valueOf(Array(900).fill("1").join(" + "))).toBe(900n);
});
