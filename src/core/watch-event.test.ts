import { describe, expect, it } from "vitest";
import { KindredError } from "./errors.js";
import { endsInitialEvents, parseWatchEvent } from "./watch-event.js";

const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", resourceVersion: "5" } };
const status = { apiVersion: "v1", kind: "Status", metadata: {}, status: "Failure", code: 410, reason: "Expired" };

describe("a line of a watch", () => {
  it.each(["ADDED", "MODIFIED", "DELETED", "BOOKMARK"])("that is %s is read as it is", (type) => {
    const event = { type, object };
    expect(parseWatchEvent(JSON.stringify(event))).toEqual(event);
    expect(parseWatchEvent(`${JSON.stringify(event)}\r`)).toEqual(event);
  });

  it("keeps fields that no type knows, and long integers", () => {
    const line = '{"type":"ADDED","object":{"metadata":{"resourceVersion":"5"},"x":null,"n":9007199254740993}}';
    expect(parseWatchEvent(line)).toMatchObject({ object: { x: null, n: 9007199254740993n } });
  });

  it.each([
    ["an ERROR event", { type: "ERROR", object: status }],
    ["a bare Status", status],
    ["a bare Status without metadata", { kind: "Status", code: 410 }],
  ])("that is %s is an error of the server", (_title, value) => {
    const event = parseWatchEvent(JSON.stringify(value));
    expect(event).toMatchObject({ type: "ERROR", object: { kind: "Status", code: 410 } });
  });

  it.each([
    ["no JSON", "<html>502 Bad Gateway</html>"],
    ["cut", '{"type":"ADDED","object":{'],
    ["null", "null"],
    ["a number", "9007199254740993"],
    ["an object of another shape", "{}"],
    ["an event without an object", '{"type":"ADDED"}'],
    ["an event whose object is null", '{"type":"ADDED","object":null}'],
    ["of an unknown type", '{"type":"RENAMED","object":{"metadata":{"resourceVersion":"5"}}}'],
    ["without metadata", '{"type":"ADDED","object":{}}'],
    ["without a resourceVersion", '{"type":"MODIFIED","object":{"metadata":{"name":"a"}}}'],
    ["with an empty resourceVersion", '{"type":"DELETED","object":{"metadata":{"resourceVersion":""}}}'],
    ["with a resourceVersion that is a number", '{"type":"ADDED","object":{"metadata":{"resourceVersion":5}}}'],
    ["a bookmark without a resourceVersion", '{"type":"BOOKMARK","object":{"metadata":{}}}'],
    ["an ERROR without a Status", '{"type":"ERROR","object":{"message":"no"}}'],
  ])("that is %s is refused, and shown", (_title, line) => {
    const error = refusalOf(line);
    expect(error.code).toBe("PROTOCOL");
    expect(error.message).toBe(`a line of the watch is not a watch event: ${line}`);
  });

  it("is shown only at its beginning if it is long", () => {
    const message = refusalOf("x".repeat(5000)).message;
    expect(message).toBe(`a line of the watch is not a watch event: ${"x".repeat(80)}… (5000 characters)`);
  });

  it("that is no JSON is quoted nowhere, for it may be a Secret", () => {
    const error = refusalOf(`${"x".repeat(80)} {"data":{"password":"hunter2"}}`);
    expect(`${error.message} ${String(error.cause)}`).not.toContain("hunter2");
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

function refusalOf(line: string): KindredError {
  try {
    parseWatchEvent(line);
  } catch (error) {
    if (error instanceof KindredError) return error;
    throw error;
  }
  throw new Error(`${line} was read`);
}
