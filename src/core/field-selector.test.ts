import { describe, expect, it } from "vitest";
import { type FieldRequirement, formatFieldRequirement, matchesFields, parseFieldSelector } from "./field-selector.js";

const equal = (field: string, value: string): FieldRequirement => ({ operator: "Equals", field, value });
const unequal = (field: string, value: string): FieldRequirement => ({ operator: "NotEquals", field, value });

describe("parseFieldSelector", () => {
  it.each<[string, readonly FieldRequirement[], string]>([
    ["", [], ""],
    ["metadata.name=web", [equal("metadata.name", "web")], "metadata.name=web"],
    ["metadata.name==web", [equal("metadata.name", "web")], "metadata.name=web"],
    ["status.phase!=Running", [unequal("status.phase", "Running")], "status.phase!=Running"],
    ["a=1,b!=2", [equal("a", "1"), unequal("b", "2")], "a=1,b!=2"],
    ["a=,b!=", [equal("a", ""), unequal("b", "")], "a=,b!="],
    [",a=1,,", [equal("a", "1")], "a=1"],
    ["a=x\\,y", [equal("a", "x,y")], "a=x\\,y"],
    ["a=x\\=y", [equal("a", "x=y")], "a=x\\=y"],
    ["a=x\\\\,b=1", [equal("a", "x\\"), equal("b", "1")], "a=x\\\\,b=1"],
    ["a=two words", [equal("a", "two words")], "a=two words"],
    ["metadata.name=pod=1", [equal("metadata.name", "pod=1")], "metadata.name=pod\\=1"],
    ["a=b!=c", [equal("a", "b!=c")], "a=b!\\=c"],
  ])("reads %j, and writes it so that the server reads the same", (text, expected, canonical) => {
    const requirements = parseFieldSelector(text);
    expect(requirements).toEqual(expected);
    expect(requirements.map(formatFieldRequirement).join(",")).toBe(canonical);
    expect(parseFieldSelector(canonical)).toEqual(expected);
  });

  it.each([
    ["a", 'unable to parse term at position 0 of field selector "a": "a" has no operator "=", "==" or "!="'],
    [
      "a=1,b",
      'position 4 of field selector "a=1,b": "b" has no operator "=", "==" or "!="; write a comma that belongs to a value as "\\,"',
    ],
    ["a===b", 'position 3 of field selector "a===b": found one "=" too many; write one that begins the value as "\\="'],
    [
      "a=1, b=2",
      'position 4 of field selector "a=1, b=2": the field must be a path without blanks, such as "metadata.name", not " b"',
    ],
    ["=1", 'the field must be a path without blanks, such as "metadata.name", not ""'],
    ["a=x\\y", 'position 3 of field selector "a=x\\\\y": unknown escape \\y; write a backslash as "\\\\"'],
    ["a=x\\", "unknown escape \\;"],
  ])("refuses %j with the position, the text and the cure", (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});

describe("matchesFields", () => {
  it.each<[string, boolean]>([
    ["", true],
    ["status.phase=Running", true],
    ["status.phase=Running,spec.nodeName=n1", false],
    ["status.phase!=Running", false],
    ["spec.nodeName=", true],
    ["spec.nodeName!=n1", true],
    ["toString=", true],
  ])("%j on a running pod without a node is %s", (text, expected) => {
    expect(matchesFields(parseFieldSelector(text), { "status.phase": "Running" })).toBe(expected);
  });
});
