import { describe, expect, it } from "vitest";
import { emptyLine, joinLine, splitLines } from "./lines.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** What comes out of a stream that arrives in these chunks. */
function read(chunks: readonly Uint8Array[]): { readonly lines: readonly string[]; readonly rest: string } {
  const lines: string[] = [];
  let rest = emptyLine;
  for (const chunk of chunks) {
    const split = splitLines(rest, chunk);
    lines.push(...split.lines.map((line) => decoder.decode(line)));
    rest = split.rest;
  }
  return { lines, rest: decoder.decode(joinLine(rest)) };
}

/** Cuts bytes at the given positions. */
function cut(bytes: Uint8Array, positions: readonly number[]): readonly Uint8Array[] {
  const edges = [0, ...positions.toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

describe("lines over arbitrary chunk boundaries", () => {
  const text = '{"a":"ß"}\n{"b":"😀"}\n\n{"c":"日本"}\n{"d":';
  const bytes = encoder.encode(text);
  const expected = { lines: ['{"a":"ß"}', '{"b":"😀"}', '{"c":"日本"}'], rest: '{"d":' };

  it("are the same however the bytes are cut in two or three", () => {
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        expect(read(cut(bytes, [first, second])), `cut at ${first} and ${second}`).toEqual(expected);
      }
    }
  });

  it("are the same in chunks of any one size", () => {
    for (let size = 1; size <= bytes.length; size++) {
      const positions = Array.from({ length: Math.floor((bytes.length - 1) / size) }, (_, index) => (index + 1) * size);
      expect(read(cut(bytes, positions)), `chunks of ${size}`).toEqual(expected);
    }
  });

  it("may be longer than a megabyte and come in many chunks", () => {
    const long = `"${"ü".repeat(700_000)}"`;
    const all = encoder.encode(`${long}\n1\n`);
    const positions = Array.from({ length: Math.floor(all.length / 1009) }, (_, index) => (index + 1) * 1009);
    const { lines, rest } = read(cut(all, positions));
    expect(lines.map((line) => line.length)).toEqual([long.length, 1]);
    expect(lines[0] === long).toBe(true);
    expect(rest).toBe("");
  });

  it.each([
    ["nothing", "", [], ""],
    ["one newline", "\n", [], ""],
    ["empty lines", "\n\na\n\n\nb\n\n", ["a", "b"], ""],
    ["no newline at the end", "a\nb", ["a"], "b"],
    ["only an unfinished line", "ab", [], "ab"],
    ["CRLF: the carriage return stays, which JSON takes for white space", '{"a":1}\r\n2\r\n', ['{"a":1}\r', "2\r"], ""],
  ])("of %s", (_title, input, lines, rest) => {
    expect(read([encoder.encode(input)])).toEqual({ lines, rest });
    expect(read(cut(encoder.encode(input), [1]))).toEqual({ lines, rest });
  });

  it("are read from a state that is never changed", () => {
    const { rest } = splitLines(emptyLine, encoder.encode("ab"));
    splitLines(rest, encoder.encode("c\n"));
    expect(decoder.decode(joinLine(rest))).toBe("ab");
    expect(emptyLine.length).toBe(0);
  });
});
