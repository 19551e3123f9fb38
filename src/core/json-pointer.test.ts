import { describe, expect, it } from "vitest";
import { checkJsonPointer, jsonPointer, type JsonPointerStep, pointerInto } from "./json-pointer.js";

interface Thing {
  metadata: { annotations?: { [key: string]: string } };
  spec: { list?: { name: string; port?: number }[] };
  free?: { [key: string]: unknown };
}

it.each<[readonly JsonPointerStep[], string]>([
  [[], ""],
  [["spec"], "/spec"],
  [["spec", "list", 0, "name"], "/spec/list/0/name"],
  [["spec", "list", "-"], "/spec/list/-"],
  [["metadata", "annotations", "example.dev/a~b"], "/metadata/annotations/example.dev~1a~0b"],
  [["~1"], "/~01"],
  [[""], "/"],
])("the pointer along %j is %j", (steps, pointer) => {
  expect(jsonPointer(...steps)).toBe(pointer);
});

it("a pointer into a type has steps that the type has", () => {
  const into = pointerInto<Thing>();
  expect(into("spec", "list", 0, "name")).toBe("/spec/list/0/name");
  expect(into("spec", "list", "-")).toBe("/spec/list/-");
  expect(into("metadata", "annotations", "any/key")).toBe("/metadata/annotations/any~1key");
  expect(into("free", "a", 0, "b")).toBe("/free/a/0/b");
  const refused = [
    // @ts-expect-error -- not a field
    () => into("spec", "lists"),
    // @ts-expect-error -- not a field of an element
    () => into("spec", "list", 0, "nam"),
    // @ts-expect-error -- an element has a number
    () => into("spec", "list", "name"),
    // @ts-expect-error -- a text has no fields
    () => into("spec", "list", 0, "name", "x"),
  ];
  expect(refused).toHaveLength(4);
});

describe("what is no pointer is refused, with the cure", () => {
  it.each<[unknown, string]>([
    ["spec/a", 'begins with "/", but is "spec/a": jsonPointer('],
    ["/a~b", 'has a "~" that is neither "~0" nor "~1", in "/a~b": jsonPointer('],
    ["/a~", 'has a "~"'],
    [1, "must be a JSON pointer, but is number"],
  ])("%j", (pointer, message) => {
    expect(() => checkJsonPointer(pointer, "operation 0: path")).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });

  it.each(["", "/", "/a~0b~1c", "/-"])("and %j is one", (pointer) => {
    expect(() => checkJsonPointer(pointer, "x")).not.toThrow();
  });
});
