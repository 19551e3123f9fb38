import { expect, it } from "vitest";
import { parseRetryAfter } from "./retry-after.js";

it.each([
  [undefined, undefined],
  ["1.5", undefined],
  ["-1", undefined],
  ["soon", undefined],
  ["0", 0],
  [" 120 ", 120_000],
  ["Thu, 01 Jan 1970 00:00:01 GMT", 0],
  ["Thu, 01 Jan 1970 00:00:07 GMT", 2000],
])("parseRetryAfter(%j) is %j", (header, ms) => {
  expect(parseRetryAfter(header, 5000)).toBe(ms);
});
