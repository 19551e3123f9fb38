import { describe, expect, it } from "vitest";
import { formatJson } from "./json.js";
import { unreadManagedFields } from "./managed-fields.js";
import { parseObjects } from "./parse-objects.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function parse(text: string): unknown {
  return parseObjects(encoder.encode(text), (utf8) => decoder.decode(utf8));
}

/** How many managedFields anywhere in `value` have not been parsed. */
function unread(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (unreadManagedFields(value) !== undefined) return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + unread(member), 0);
}

const fields = '"managedFields":[{"manager":"me","fieldsV1":{"f:data":{"k:{\\"a\\":\\"}\\"}":{}}}},{"manager":"you"}]';
const object = (name: string) =>
  `{"kind":"A","metadata":{"name":"${name}","labels":{"ä":"😀"},${fields},"uid":"u"},"n":1}`;

describe("the managedFields", () => {
  it.each([
    ["of an object", object("a"), 1],
    ["of an event of a watch", `{"type":"ADDED","object":${object("a")}}`, 1],
    ["of the items of a list", `{"kind":"L","metadata":{},"items":[${object("a")},{"metadata":{}},${object("b")}]}`, 2],
    ["of the rows of a table", `{"kind":"Table","metadata":{},"rows":[{"cells":["a"],"object":${object("a")}}]}`, 1],
    ["that are empty", '{"metadata":{"managedFields":[]}}', 1],
  ])("%s are the same, parsed when they are read", (_title, text, count) => {
    const value = parse(text);
    expect(unread(value)).toBe(count);
    // Reads them, in the order in which they were sent.
    expect(JSON.stringify(value)).toBe(text);
    expect(unread(value)).toBe(0);
    expect(value).toEqual(JSON.parse(text));
  });

  it.each([
    ["there are none", '{"metadata":{"name":"a"}}'],
    ["they are no list", '{"metadata":{"managedFields":0}}'],
    ["they are null", '{"metadata":{"managedFields":null}}'],
    ["they are written with spaces", '{"metadata": {"managedFields": [{"manager": "me"}]}}'],
    ["a bracket is in a string of theirs", '{"metadata":{"managedFields":[{"manager":"]","a":[]}],"name":"a"}}'],
    ["two brackets are in strings of theirs", '{"metadata":{"managedFields":[{"manager":"]","time":"]"}],"name":"a"}}'],
    ["a list is in them", '{"metadata":{"managedFields":[{"manager":["a","b"]}],"name":"a"}}'],
    ["something else is called so", `{"metadata":{"name":"a"},"spec":{${fields}}}`],
    ["something else is called so, too", `{"data":{"metadata":{${fields}}},"metadata":{${fields}}}`],
    [
      "something else is called so, later",
      `{"items":[${object("a")},{"metadata":{},"spec":{${fields}}},${object("b")}]}`,
    ],
    ["items come before metadata", `{"items":[${object("a")}],"metadata":{${fields}}}`],
    ["there is a number instead", `{"metadata":{"managedFields":7},"spec":{${fields}}}`],
    [
      "a number could be taken for them",
      `{"object":{"metadata":{"managedFields":0}},"metadata":{},"spec":{${fields}}}`,
    ],
    [
      "a number could be taken for them, too",
      `{"metadata":{${fields}},"object":{"metadata":{"managedFields":1}},"spec":{${fields}}}`,
    ],
    ["metadata have a member that is called as a prototype", `{"metadata":{"__proto__":{"x":1},${fields}}}`],
    ["they lie deeper than in any answer", `${'{"object":'.repeat(5)}${object("a")}${"}".repeat(5)}`],
    ["two are called so", `{"metadata":{${fields},${fields}}}`],
    ["a string looks like them", JSON.stringify({ metadata: { annotations: { last: `{${fields}}` } } })],
    ["metadata are a list", `{"metadata":[{${fields}}]}`],
    ["the value is a list", `[{"metadata":{${fields}}}]`],
    ["the value is no object", "9007199254740993"],
  ])("are parsed at once if %s", (_title, text) => {
    const value = parse(text);
    expect(unread(value)).toBe(0);
    expect(value).toEqual(text === "9007199254740993" ? 9007199254740993n : JSON.parse(text));
  });

  it("keep long integers, as everything else does", () => {
    const text = '{"metadata":{"generation":9007199254740993,"managedFields":[{"n":-9007199254740993}]}}';
    expect(formatJson(parse(text))).toBe(text);
  });

  it("lie however deep, without running out of stack", () => {
    const deep = `${'{"object":'.repeat(5000)}${object("a")}${"}".repeat(5000)}`;
    expect(() => parse(deep)).not.toThrow();
  });

  it.each([
    "",
    "{",
    `{"metadata":{${fields}}`,
    '{"metadata":{"managedFields":[{"manager":"me"}',
    '{"metadata":{"managedFields":[1,2}]}}',
    `{"metadata":{${fields}}}]`,
    '{"metadata":{"managedFields":[{"a":"]}}',
  ])("do not hide that this is no JSON: %s", (text) => {
    expect(() => JSON.stringify(parse(text))).toThrow(/JSON/);
  });
});
