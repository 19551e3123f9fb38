import { describe, expect, it } from "vitest";
import { endsInitialEvents, watchEventOf } from "./watch-event.js";

const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", resourceVersion: "5" } };
const status = { apiVersion: "v1", kind: "Status", metadata: {}, status: "Failure", code: 410, reason: "Expired" };

describe("the value of a line of a watch", () => {
  it.each(["ADDED", "MODIFIED", "DELETED", "BOOKMARK"])("that is %s is taken as it is", (type) => {
    const event = { type, object };
    expect(watchEventOf(event)).toBe(event);
  });

  it.each([
    ["an ERROR event", { type: "ERROR", object: status }],
    ["a bare Status", status],
    ["a bare Status without metadata", { kind: "Status", code: 410 }],
  ])("that is %s is an error of the server", (_title, value) => {
    expect(watchEventOf(value)).toMatchObject({ type: "ERROR", object: { kind: "Status", code: 410 } });
  });

  it.each([
    ["null", null],
    ["a number", 9007199254740993n],
    ["an object of another shape", {}],
    ["an event without an object", { type: "ADDED" }],
    ["an event whose object is null", { type: "ADDED", object: null }],
    ["of an unknown type", { type: "RENAMED", object: { metadata: { resourceVersion: "5" } } }],
    ["without metadata", { type: "ADDED", object: {} }],
    ["without a resourceVersion", { type: "MODIFIED", object: { metadata: { name: "a" } } }],
    ["with an empty resourceVersion", { type: "DELETED", object: { metadata: { resourceVersion: "" } } }],
    ["with a resourceVersion that is a number", { type: "ADDED", object: { metadata: { resourceVersion: 5 } } }],
    ["a bookmark without a resourceVersion", { type: "BOOKMARK", object: { metadata: {} } }],
    ["an ERROR without a Status", { type: "ERROR", object: { message: "no" } }],
  ])("that is %s is no event", (_title, value) => {
    expect(watchEventOf(value)).toBeUndefined();
  });
});

describe("a bookmark", () => {
  it.each([
    ["true", { "k8s.io/initial-events-end": "true" }, true],
    ["false", { "k8s.io/initial-events-end": "false" }, false],
    ["another one", { other: "true" }, false],
    ["none", undefined, false],
  ])("ends the initial events if its annotation says so: %s", (_title, annotations, expected) => {
    const metadata = { resourceVersion: "5", ...(annotations !== undefined && { annotations }) };
    expect(endsInitialEvents({ apiVersion: "v1", kind: "Pod", metadata })).toBe(expected);
  });
});
