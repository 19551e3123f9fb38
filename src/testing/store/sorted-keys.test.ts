import { expect, test } from "vitest";
import { firstAfter, SortedKeys } from "./sorted-keys.js";

test("keys stay in order as they come and go, and a list that was given out stays as it was", () => {
  const held = new Set(["b", "d"]);
  const keys = new SortedKeys(() => held);
  held.add("a");
  keys.add("a");
  const first = keys.all();
  for (const key of ["c", "e", "Z"]) keys.add(key);
  const second = keys.all();
  for (const key of ["Z", "e", "b"]) keys.delete(key);
  expect(first).toEqual(["a", "b", "d"]);
  expect(second).toEqual(["Z", "a", "b", "c", "d", "e"]);
  expect(keys.all()).toEqual(["a", "c", "d"]);
});

test.each([
  ["", 0],
  ["a", 1],
  ["b", 1],
  ["c", 2],
  ["d", 2],
])("the first key after %j in a, c has the index %i", (key, index) => {
  expect(firstAfter(["a", "c"], key)).toBe(index);
});
