import { describe, expect, it } from "vitest";
import { type Answer, ScriptedTransport } from "../../test/support/scripted-transport.js";
import { type WatchItem, watchStream } from "./watch-stream.js";

const line = (type: string, name: string) =>
  `${JSON.stringify({ type, object: { metadata: { name, resourceVersion: "5" } } })}\n`;
const added = (name: string): WatchItem<unknown> => ({
  type: "event",
  event: { type: "ADDED", object: { metadata: { name, resourceVersion: "5" } } },
});

/** What comes out of an answer, and how it ends. */
async function read(answer: Answer) {
  const script = new ScriptedTransport(answer);
  const response = await script.transport({ method: "GET", url: "/", headers: {} });
  const items: WatchItem<unknown>[] = [];
  try {
    for await (const item of watchStream<unknown>(response)) items.push(item);
  } catch (error) {
    return { items, error };
  }
  return { items, error: undefined };
}

describe("a watch stream", () => {
  it("gives the events of lines, however they are cut, and ends with the response", async () => {
    const bytes = new TextEncoder().encode(line("ADDED", "ß") + line("ADDED", "😀"));
    for (let at = 0; at <= bytes.length; at++) {
      const result = await read({ chunks: [bytes.subarray(0, at), bytes.subarray(at)] });
      expect(result, `cut at ${at}`).toEqual({ items: [added("ß"), added("😀")], error: undefined });
    }
  });

  it("of nothing gives nothing", async () => {
    expect(await read({ chunks: [] })).toEqual({ items: [], error: undefined });
  });

  it("keeps fields that no type knows, long integers, and managedFields", async () => {
    const object =
      '{"metadata":{"managedFields":[{"manager":"me","n":9007199254740993}],"resourceVersion":"5"},"x":null,"n":9007199254740993}';
    const { items } = await read({ chunks: [`{"type":"ADDED","object":${object}}\r\n`] });
    expect(items).toEqual([
      {
        type: "event",
        event: {
          type: "ADDED",
          object: {
            metadata: { managedFields: [{ manager: "me", n: 9007199254740993n }], resourceVersion: "5" },
            x: null,
            n: 9007199254740993n,
          },
        },
      },
    ]);
  });

  it.each([
    ["no JSON", "<html>502 Bad Gateway</html>", "<html>502 Bad Gateway</html>"],
    ["JSON that breaks off", '{"type":"ADDED","object":{', '{"type":"ADDED","object":{'],
    ["JSON of something else", '{"type":"ADDED"}', '{"type":"ADDED"}'],
    ["long", "x".repeat(5000), `${"x".repeat(80)}… (5000 characters)`],
    ["what may be a Secret", `${"x".repeat(80)} {"password":"hunter2"}`, `${"x".repeat(80)}… (103 characters)`],
  ])("shows of a line that is %s no more than its beginning", async (_title, text, shown) => {
    const { items } = await read({ chunks: [`${text}\n`] });
    expect(items).toMatchObject([
      { type: "bad-line", error: { message: `a line of the watch is not a watch event: ${shown}` } },
    ]);
    expect(items[0]?.type === "bad-line" && String(items[0].error.cause)).toBe("undefined");
  });

  it("reports a line that is no event, and goes on", async () => {
    const { items, error } = await read({ chunks: [line("ADDED", "a"), "garbage\n", line("ADDED", "b")] });
    expect(items).toEqual([
      added("a"),
      {
        type: "bad-line",
        error: expect.objectContaining({ code: "PROTOCOL", message: expect.stringMatching(/garbage/) }),
      },
      added("b"),
    ]);
    expect(error).toBeUndefined();
  });

  it("reports bytes that are not UTF-8 as they can be shown, and goes on", async () => {
    const { items } = await read({ chunks: [new Uint8Array([0xff, 0x0a]), line("ADDED", "b")] });
    expect(items).toMatchObject([{ type: "bad-line" }, { type: "event" }]);
  });

  it("that is cut in the middle of a line fails, and says where", async () => {
    const { items, error } = await read({ chunks: [line("ADDED", "a"), '{"type":"ADDED","obj'] });
    expect(items).toEqual([added("a")]);
    expect(error).toMatchObject({
      code: "PROTOCOL",
      message: 'the watch was cut in the middle of a line, after 20 bytes: {"type":"ADDED","obj',
    });
  });

  it("that breaks fails with the transport's error, after what came before", async () => {
    const breaks = new Error("reset");
    expect(await read({ chunks: [line("ADDED", "a")], breaks })).toEqual({ items: [added("a")], error: breaks });
  });

  it("closes the connection when the loop is left", async () => {
    const script = new ScriptedTransport({ chunks: [line("ADDED", "a"), line("ADDED", "b")] });
    const response = await script.transport({ method: "GET", url: "/", headers: {} });
    for await (const item of watchStream(response)) {
      expect(item).toEqual(added("a"));
      break;
    }
    expect(script.closed).toBe(1);
  });
});
