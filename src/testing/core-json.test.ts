import { expect, test } from "vitest";
import { formatUntypedList } from "./core-json.js";

const type = { kind: "Thing", apiVersion: "example.com/v1" };

test.each([
  ["begins with its type", { ...type, metadata: { name: "a" } }, { metadata: { name: "a" } }],
  ["begins with something else", { metadata: { name: "a" }, ...type }, { metadata: { name: "a" } }],
  ["has nothing but its type", type, {}],
  ["has another version", { ...type, apiVersion: "v2", metadata: {} }, { metadata: {} }],
  [
    "has an item of its kind within",
    { ...type, items: [{ ...type, metadata: {} }] },
    { items: [{ ...type, metadata: {} }] },
  ],
  ["has an integer beyond 2^53", { ...type, number: 2n ** 60n }, { number: "1152921504606846976" }],
])("an item of a list loses its type, and nothing else, if it %s", (_what, item, expected) => {
  const text = formatUntypedList({ kind: "ThingList" }, [item, item], type);
  // An integer that JavaScript's numbers cannot hold is compared as text.
  const parsed: unknown = JSON.parse(text.replace(/:(\d{17,})/g, ':"$1"'));
  expect(parsed).toEqual({ kind: "ThingList", items: [expected, expected] });
});
