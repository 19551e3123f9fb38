/** Text as Go writes it: tables, JSON and YAML to the letter as kubectl prints them. */

import { formatJson } from "kindred";
import { Document, Scalar, visit } from "yaml";

/** Prints rows whose columns are three spaces apart, at least six wide, and never narrower than those printed before. */
export function tablePrinter(): (rows: readonly (readonly string[])[]) => void {
  const widths: number[] = [];
  return (rows) => {
    for (const row of rows) {
      for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 6, cell.length + 3);
    }
    for (const row of rows) {
      const cells = row.map((cell, column) => (column < row.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell));
      console.log(cells.join(""));
    }
  };
}

/** Keys by the alphabet, as Go writes them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

/** JSON as Go writes it: safe to stand in a web page. */
export function goJson(value: unknown): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${formatJson(sorted(value), 4).replace(/[<>&\u2028\u2029]/g, escape)}\n`;
}

/** YAML as Go's library writes it: what would be no text is in double quotes, what cannot be plain in single ones. */
export function goYaml(value: unknown): string {
  const document = new Document(sorted(value), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === "string" && looksOtherwise.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return fold(document.toString({ lineWidth: 0, indentSeq: false, singleQuote: true, blockQuote: "literal" }));
}

/** Breaks long texts where Go's library breaks them: at the first space beyond column 80, but not in block texts. */
function fold(yaml: string): string {
  let block = Number.POSITIVE_INFINITY;
  const lines = yaml.split("\n").map((line) => {
    const indent = line.search(/\S/);
    if (indent === -1 || indent > block) return line;
    const [, dashes = "", key = "", value = ""] = keyAndValue.exec(line) ?? [];
    const base = key === "" ? dashes.length - 2 : dashes.length;
    block = /^\|[-+]?\d?$/.test(value) ? base : Number.POSITIVE_INFINITY;
    let column = dashes.length + key.length;
    const words = (value.match(/ +|[^ ]+/g) ?? []).map((word) => {
      const breaks = word === " " && column > 80;
      column = breaks ? base + 2 : column + word.length;
      return breaks ? `\n${" ".repeat(base + 2)}` : word;
    });
    return [dashes, key, ...words].join("");
  });
  return lines.join("\n");
}

const keyAndValue = /^( *(?:- )*)((?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'].*?): )?(.*)$/;

const looksOtherwise =
  /^$|^(?:~|null|true|false|yes|no|on|off|y|n)$|^[-+]?(?:\.?\d[\d_]*\.?\d*(?:e[-+]?\d+)?|0[xob][\da-f_]+)$|^\d{4}-\d\d?-\d\d?(?:$|[t ])|^[-+]?\d+(?::[0-5]?\d)+$/i;
