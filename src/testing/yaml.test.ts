/** YAML as Go's readers take it. */

import { expect, test } from "vitest";
import { formatsFor } from "./yaml.js";

const yaml = await formatsFor({ method: "", url: "", headers: { "content-type": "application/yaml" } });

const parse = (text: string) => yaml.parseYaml?.(text);

test.each<readonly [string, unknown]>([
  ["a: 1", { a: 1 }],
  ["a: 9223372036854775807", { a: 9_223_372_036_854_775_807n }],
  ["a: 1.5", { a: 1.5 }],
  ["a: yes\nb: off\nc: 'yes'", { a: true, b: false, c: "yes" }],
  ["a: 0o17\nb: 017\nc: 0x10\nd: 0o8", { a: 15, b: 15, c: 16, d: "0o8" }],
  ["a: 1:30\nb: 190:20:30.15\nc: 685.230_15e+03", { a: "1:30", b: "190:20:30.15", c: 685_230.15 }],
  ["a: !foo x\nb: !!timestamp 2001-01-01\nc: !!int '1'", { a: "x", b: "2001-01-01", c: 1 }],
  ["a: 2026-01-01\nb: 2026-01-01T00:00:00Z", { a: "2026-01-01", b: "2026-01-01T00:00:00Z" }],
  ["1: a\ntrue: b", { 1: "a", true: "b" }],
  ["a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}", { a: { b: 1 }, c: { b: 1 }, d: { b: 1, e: 2 } }],
  ['{"a": [1, null, "x"]}', { a: [1, null, "x"] }],
  ["", null],
])("what %j says", (text, value) => {
  expect(parse(text)).toEqual({ value, duplicates: [] });
});

test("a key that is there twice is told with its line, and the last counts", () => {
  expect(parse("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")).toEqual({
    value: { a: 3, b: { c: 2 } },
    duplicates: ['line 5: key "a" already set in map', 'line 4: key "c" already set in map'],
  });
});

test("what is no YAML is a SyntaxError", () => {
  expect(() => parse("a: [1")).toThrow(SyntaxError);
});

test.each([
  [".inf", "+Inf"],
  ["-.Inf", "-Inf"],
  [".NaN", "NaN"],
])("the number %s is refused, as JSON cannot say it", (text, name) => {
  expect(() => parse(`a: ${text}`)).toThrow(new SyntaxError(`json: unsupported value: ${name}`));
});

test("JSON that is too deep is refused before the reader of YAML runs out of stack", () => {
  expect(() => parse(`${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`)).toThrow(/^exceeded max depth$/);
});

test.each([
  ["a map", "? {a: b}\n: x"],
  ["a list", "? [a]\n: x"],
  ["an alias of a map", "m: &m {a: b}\nn: {*m : x}"],
  ["maps of maps", `${"? ".repeat(400)}x`],
])("a key that is %s is refused, at once", (_title, text) => {
  expect(() => parse(text)).toThrow("yaml: invalid map key");
});

test("a key may be an alias of a text", () => {
  expect(parse("a: &a b\nc: {*a : d}")?.value).toEqual({ a: "b", c: { b: "d" } });
});

test("a few aliases do not become a billion", () => {
  const levels = Array.from({ length: 10 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(10)}]`);
  expect(() => parse(`l0: &l0 [x]\n${levels.join("\n")}`)).toThrow("alias");
});

test("what is written is read the same by YAML 1.1", () => {
  const value = { b: "yes", a: ["0x10", { y: null }], c: "line\nline\n" };
  const text = yaml.formatYaml?.(value) ?? "";
  expect(parse(text)).toEqual({ value, duplicates: [] });
});
