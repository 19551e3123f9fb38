import { describe, expect, it } from "vitest";
import { formatJson, parseJson } from "./json.js";

describe("JSON without loss", () => {
  it.each([
    ["the last safe integer", "9007199254740991", 9007199254740991],
    ["2^53", "9007199254740992", 9007199254740992n],
    ["beyond 2^53", "9007199254740993", 9007199254740993n],
    ["beyond 2^53, negative", "-9007199254740993", -9007199254740993n],
    ["the last int64", "9223372036854775807", 9223372036854775807n],
    ["the first int64", "-9223372036854775808", -9223372036854775808n],
    ["beyond int64", "123456789012345678901234567890", 123456789012345678901234567890n],
    ["a long fraction", "0.30000000000000004", 0.30000000000000004],
    ["a long fraction, negative", "-1.1234567890123457", -1.1234567890123457],
    ["an integer with a fraction", "9007199254740993.5", 9007199254740994],
    ["an exponent", "12000000000000000000e3", 1.2e22],
    ["a negative exponent", "1200000000000000000E-3", 1.2e15],
  ])("reads %s", (_title, text, value) => {
    expect(parseJson(text)).toBe(value);
    expect(parseJson(`{"a":[${text},1]}`)).toEqual({ a: [value, 1] });
  });

  it.each([
    ["next to a string that looks like it", '{"a":9007199254740993,"b":"9007199254740993"}'],
    ["next to a string with escaped quotes", '{"a":"\\"9007199254740993\\"","b":9007199254740993}'],
    ["after a string that ends in a backslash", '{"a":"\\\\","b":9007199254740993,"c":"\\\\\\""}'],
    ["under a key that looks like it", '{"x9007199254740993":-9007199254740993}'],
    ["in nested arrays", "[[9007199254740993,[-9007199254740993]],0.30000000000000004]"],
    ["next to the tag", '{"a":"bigint:5","b":9007199254740993,"bigint:6":"~bigint:7"}'],
    ["next to text that is nearly the tag", '{"a":"bigint:x","b":9007199254740993,"c":"say \\"bigint:8\\""}'],
    ["next to null, true and an empty object", '{"a":null,"b":[true,{}],"c":9007199254740993}'],
    ["nowhere, only in strings", '{"a":"90071992547409931234","b":0.30000000000000004}'],
  ])("writes what it read: a long integer %s", (_title, text) => {
    expect(formatJson(parseJson(text))).toBe(text);
  });

  it("finds a long integer wherever it stands", () => {
    for (let before = 0; before < 40; before += 1) {
      const text = `{"${"x".repeat(before)}":9007199254740993,"y":[-9007199254740993]}`;
      expect(formatJson(parseJson(text))).toBe(text);
    }
  });

  it("does not mistake an escaped spelling of its tag for a number", () => {
    expect(parseJson('{"a":"\\u0062igint:5","b":9007199254740993}')).toEqual({ a: "bigint:5", b: 9007199254740993n });
  });

  it("keeps every field of an object that is read and written back, those it does not know included", () => {
    const read =
      '{"kind":"Widget","metadata":{"name":"a"},"spec":{"size":9223372036854775807,"new":{"x":null}},"z":null}';
    const object = parseJson(read);
    expect(formatJson(object)).toBe(read);
    expect(object).toMatchObject({ z: null, spec: { size: 9223372036854775807n, new: { x: null } } });
  });

  it("is indented if asked for, whatever the numbers", () => {
    expect(formatJson({ a: [1] }, 2)).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(formatJson({ a: [2n ** 60n] }, 2)).toBe('{\n  "a": [\n    1152921504606846976\n  ]\n}');
  });

  it("leaves out undefined and keeps null", () => {
    expect(formatJson({ a: undefined, b: null, c: 1n })).toBe('{"b":null,"c":1}');
  });

  it.each(["", "{", "9007199254740993 x", '"9007199254740993', "09007199254740993", "<html>1234567890123456</html>"])(
    "refuses %j as JSON.parse does",
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );

  it("refuses a cycle as JSON.stringify does", () => {
    const cycle: { self?: unknown; n: bigint } = { n: 1n };
    cycle.self = cycle;
    expect(() => formatJson(cycle)).toThrow(TypeError);
  });

  it("gives back any value that JSON can hold", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const value = randomValue(mulberry32(seed), 4);
      const text = formatJson(value);
      expect(parseJson(text), `seed ${seed}: ${text}`).toEqual(value);
      expect(formatJson(parseJson(text)), `seed ${seed}`).toBe(text);
    }
  });
});

const pieces = [
  "bigint:",
  "~",
  "9007199254740993",
  '"',
  "\\",
  "ß",
  "😀",
  "\n",
  "1",
  ":",
  "\u2028",
  "{",
  "-",
  "e5",
  "\\u0062",
];

function randomValue(random: () => number, depth: number): unknown {
  const pick = Math.floor(random() * (depth === 0 ? 7 : 9));
  switch (pick) {
    case 0:
      return null;
    case 1:
      return random() < 0.5;
    case 2:
      return Math.floor((random() - 0.5) * 2 ** 40);
    case 3:
      return (random() - 0.5) * 10 ** Math.floor(random() * 30 - 15);
    case 4:
      return (random() < 0.5 ? -1n : 1n) * (2n ** 53n + BigInt(Math.floor(random() * 2 ** 50)) * 1000n);
    case 5:
    case 6:
      return randomText(random);
    case 7:
      return Array.from({ length: Math.floor(random() * 4) }, () => randomValue(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: Math.floor(random() * 4) }, () => [randomText(random), randomValue(random, depth - 1)]),
      );
  }
}

function randomText(random: () => number): string {
  return Array.from({ length: Math.floor(random() * 4) }, () => pieces[Math.floor(random() * pieces.length)]).join("");
}

/** A small seeded generator, so that a failing seed reproduces. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
