import { expect, test } from "vitest";
import { parseObjects } from "../core/index.js";
import { deepFreeze } from "./freeze.js";

const text = '{"metadata":{"name":"a","managedFields":[{"manager":"me","fieldsV1":{"f:data":{}}}]},"data":{"a":["b"]}}';

function frozenThroughout(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(frozenThroughout);
}

test("an object is frozen to the bottom", () => {
  expect(frozenThroughout(deepFreeze(JSON.parse(text)))).toBe(true);
});

test("managedFields are not parsed to be frozen, and are frozen when they are read", () => {
  // JSON that breaks off would throw as soon as it is parsed.
  const broken = deepFreeze(parse(text.replace('"me"', "me")));
  expect(() => JSON.stringify(broken)).toThrow(/JSON/);
  const object = deepFreeze(parse(text));
  expect(object).toEqual(JSON.parse(text));
  expect(frozenThroughout(object)).toBe(true);
});

test("managedFields that were read before are frozen with the rest", () => {
  const object = parse(text);
  JSON.stringify(object);
  expect(frozenThroughout(deepFreeze(object))).toBe(true);
});

function parse(json: string): unknown {
  return parseObjects(new TextEncoder().encode(json), (utf8) => new TextDecoder().decode(utf8));
}
