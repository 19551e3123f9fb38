/** Newline-delimited JSON, cut into lines before it is decoded, so that a character split between two chunks is whole again. */

/** What is left of a line whose end has not come yet. */
export interface PartialLine {
  readonly chunks: readonly Uint8Array[];
  readonly length: number;
}

/** Nothing read yet. */
export const emptyLine: PartialLine = Object.freeze({ chunks: [], length: 0 });

/** The lines that a chunk completed, without their newline, and what it began. */
export interface SplitLines {
  readonly lines: readonly Uint8Array[];
  readonly rest: PartialLine;
}

/**
 * Takes one more chunk. Empty lines are dropped. In UTF-8 no character but the newline contains the byte 0x0A, so a complete line
 * decodes on its own.
 *
 * A line that grows over many chunks costs its length once: chunks are joined only when the newline comes.
 */
export function splitLines(rest: PartialLine, chunk: Uint8Array): SplitLines {
  const lines: Uint8Array[] = [];
  let start = 0;
  let pending = rest;
  for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
    const line = join(pending, chunk.subarray(start, end));
    if (line.length > 0) lines.push(line);
    pending = emptyLine;
    start = end + 1;
  }
  return { lines, rest: start === chunk.length ? pending : append(pending, chunk.subarray(start)) };
}

/** The bytes of an unfinished line: not empty after the last chunk means that the stream was cut. */
export function joinLine(rest: PartialLine): Uint8Array {
  return join(rest, new Uint8Array(0));
}

const newline = 0x0a;

function append(rest: PartialLine, bytes: Uint8Array): PartialLine {
  return { chunks: [...rest.chunks, bytes], length: rest.length + bytes.length };
}

function join(rest: PartialLine, last: Uint8Array): Uint8Array {
  if (rest.length === 0) return last;
  const line = new Uint8Array(rest.length + last.length);
  let offset = 0;
  for (const chunk of rest.chunks) {
    line.set(chunk, offset);
    offset += chunk.length;
  }
  line.set(last, offset);
  return line;
}
