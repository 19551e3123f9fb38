import { expect, test } from "vitest";
import { SortedKeys } from "./sorted-keys.js";

const keysOf = (...keys: readonly string[]) => keys.reduce((sum, key) => sum.with(key), SortedKeys.empty);

test("keys stay in order as they come and go, and a list stays as it was", () => {
  const first = keysOf("b", "d", "a");
  const second = ["c", "e", "Z"].reduce((sum, key) => sum.with(key), first);
  const third = ["Z", "e", "b"].reduce((sum, key) => sum.without(key), second);
  expect([...first]).toEqual(["a", "b", "d"]);
  expect([...second]).toEqual(["Z", "a", "b", "c", "d", "e"]);
  expect([...third]).toEqual(["a", "c", "d"]);
  expect([first.size, second.size, third.size]).toEqual([3, 6, 3]);
});

test("a list of many keys is what a sorted list of them would be, whatever their order of coming and going", () => {
  // 7919 has no divisor in common with 3000: every number comes once.
  const numbers = Array.from({ length: 3000 }, (_, index) => String((index * 7919) % 3000));
  const sorted = numbers.toSorted();
  const all = keysOf(...numbers);
  expect([...all]).toEqual(sorted);
  for (const [start, end] of [
    [0, 0],
    [0, 1],
    [100, 900],
    [2500, 3000],
    [2999, 3000],
    [3000, 3000],
  ] as const) {
    expect([...all.between(start, end)]).toEqual(sorted.slice(start, end));
  }
  expect(sorted.every((key, index) => all.rank(key) === index && all.rank(`${key}\0`) === index + 1)).toBe(true);
  const left = numbers.slice(0, 2500).reduce((sum, key) => sum.without(key), all);
  expect([...left]).toEqual(numbers.slice(2500).toSorted());
  const none = numbers.slice(2500).reduce((sum, key) => sum.without(key), left);
  expect([none.size, ...none]).toEqual([0]);
});

test.each([
  ["", 0],
  ["a", 0],
  ["b", 1],
  ["c", 1],
  ["d", 2],
])("the keys before %j in a, c are %i", (key, rank) => {
  expect(keysOf("c", "a").rank(key)).toBe(rank);
});
