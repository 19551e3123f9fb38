import { expect, it } from "vitest";
import { problemInPattern, quantityPattern } from "./pattern.js";

it.each([
  ["^a+$", undefined],
  ["[(?=]", undefined],
  ["\\(?=", undefined],
  ["(?:a|b)", undefined],
  ["(?<name>a)", undefined],
  ["a{1000}", undefined],
  ["\\/\\-\\d[\\]]", undefined],
  ["(?=a)", "lookaround `(?=`"],
  ["(?!a)", "lookaround `(?!`"],
  ["(?<=a)", "lookaround `(?<=`"],
  ["(?<!a)", "lookaround `(?<!`"],
  ["(a)\\1", "the back reference `\\1`"],
  ["(?<n>a)\\k<n>", "the back reference `\\k<`"],
  ["\\u00e4", "the escape `\\u`"],
  ["[\\u00e4]", "the escape `\\u`"],
  ["[^]", "the empty class `[]`"],
  ["a{1,1001}", "more than 1000 repetitions"],
])("the API server's trouble with %j is %j", (pattern, problem) => {
  expect(problemInPattern(pattern)).toBe(problem);
});

it.each(["1", "1.5Gi", ".5", "-2", "100m", "1e3", "1E-3", "5k"])("%s is a quantity", (text) => {
  expect(text).toMatch(quantityPattern);
});

it.each(["", "1gi", "1 Gi", "Gi", "1KB", "1.5.5"])("%j is no quantity", (text) => {
  expect(text).not.toMatch(quantityPattern);
});
