/** The difference of two texts, as `diff -u` shows it. */

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
}

/**
 * Compares two texts line by line.
 *
 * @returns hunks with three lines around each change, under the two names; `""` if the texts are equal.
 */
export function unifiedDiff(
  before: string,
  after: string,
  names: { readonly before: string; readonly after: string },
): string {
  if (before === after) return "";
  const lines = compare(splitLines(before), splitLines(after));
  return `--- ${names.before}\n+++ ${names.after}\n${hunksOf(lines).join("")}`;
}

const context = 3;
/** Beyond so many comparisons the changed middle is shown as replaced as a whole. */
const effort = 4_000_000;

function splitLines(text: string): readonly string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  return [
    ...before.slice(0, start).map(keep),
    ...compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(keep),
  ];
}

/** By the longest common subsequence. */
function compareMiddle(before: readonly string[], after: readonly string[]): readonly Line[] {
  if (before.length * after.length > effort) return [...before.map(remove), ...after.map(add)];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: Line[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const old = before[row];
    const fresh = after[column];
    if (old !== undefined && old === fresh) {
      lines.push(keep(old));
      row += 1;
      column += 1;
    } else if (old !== undefined && (fresh === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push(remove(old));
      row += 1;
    } else if (fresh !== undefined) {
      lines.push(add(fresh));
      column += 1;
    }
  }
  return lines;
}

function hunksOf(lines: readonly Line[]): readonly string[] {
  const hunks: string[] = [];
  let index = 0;
  while (index < lines.length) {
    const change = lines.findIndex((line, position) => position >= index && line.mark !== " ");
    if (change === -1) break;
    const start = Math.max(index, change - context);
    let end = change + 1;
    for (let position = end; position < lines.length && position <= end + 2 * context; position += 1) {
      if (lines[position]?.mark !== " ") end = position + 1;
    }
    end = Math.min(lines.length, end + context);
    hunks.push(hunk(lines, start, end));
    index = end;
  }
  return hunks;
}

function hunk(lines: readonly Line[], start: number, end: number): string {
  const before = lines.slice(0, start);
  const shown = lines.slice(start, end);
  const range = (without: "-" | "+") => {
    const length = shown.filter((line) => line.mark !== without).length;
    const first = before.filter((line) => line.mark !== without).length + (length === 0 ? 0 : 1);
    return `${first},${length}`;
  };
  return `@@ -${range("+")} +${range("-")} @@\n${shown.map((line) => `${line.mark}${line.text}\n`).join("")}`;
}

function keep(text: string): Line {
  return { mark: " ", text };
}

function remove(text: string): Line {
  return { mark: "-", text };
}

function add(text: string): Line {
  return { mark: "+", text };
}
