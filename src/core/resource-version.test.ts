import { expect, test } from "vitest";
import { compareResourceVersions } from "./resource-version.js";

test.each([
  ["9", "10", -1],
  ["10", "9", 1],
  ["42", "42", 0],
  ["9007199254740993", "9007199254740992", 1],
  ["99999999999999999999", "100000000000000000000", -1],
])("%s against %s", (a, b, order) => {
  expect(Math.sign(compareResourceVersions(a, b))).toBe(order);
});
