/** Texts of YAML and JSON, read as kubectl reads them: values and where each is. */

import type { Document, isNode, isScalar, visit } from "yaml";
import { invalidArgument } from "../core/index.js";
import { yamlOptions } from "../core/yaml.js";

/** How to read a text. */
export interface ReadOptions {
  /** What to call the text in errors: its path. Default `the manifest`. */
  readonly source?: string;
}

/** The value of a document. */
export interface PlacedValue {
  /** What to say of it in an error: source, document and line. */
  readonly where: string;
  readonly value: unknown;
}

/**
 * Reads the values of a text: YAML of any number of documents, or JSON objects one after the other. Empty documents are skipped.
 *
 * @throws KindredError `INVALID_ARGUMENT` that names the document, the line and what is wrong there, and quotes no value.
 */
export async function readDocuments(
  text: string,
  { source = "the manifest" }: ReadOptions = {},
): Promise<readonly PlacedValue[]> {
  // oxlint-disable-next-line no-restricted-imports -- loaded when needed: it is half of what importing kindred would cost
  const yaml = await import("yaml");
  const values: PlacedValue[] = [];
  let number = 0;
  for (const part of jsonObjects(text.replace(/^\uFEFF/, ""))) {
    const lines = new yaml.LineCounter();
    const documents = yaml.parseAllDocuments(part.text, {
      ...yamlOptions,
      lineCounter: lines,
      prettyErrors: false,
    });
    for (const document of "empty" in documents ? [] : documents) {
      number += 1;
      const lineAt = (offset: number) =>
        `${source}, document ${number}, line ${part.line + lines.linePos(offset).line}`;
      assertPlain(yaml, document, (offset) => {
        const { line, col } = lines.linePos(offset);
        return `${lineAt(offset)}, column ${line === 1 ? part.column + col : col}`;
      });
      const where = lineAt(document.contents?.range[0] ?? document.range[0]);
      const value = valueOf(document, where);
      if (value !== null) values.push({ where, value });
    }
  }
  return values;
}

type At = (offset: number) => string;

/** What of the library is needed once it is loaded. */
interface Yaml {
  readonly isNode: typeof isNode;
  readonly isScalar: typeof isScalar;
  readonly visit: typeof visit;
}

/** Throws for the first thing that is no YAML, or that JSON cannot say. */
function assertPlain(yaml: Yaml, document: Document.Parsed, at: At): void {
  const [problem] = [...document.errors, ...document.warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (problem !== undefined) throw invalidArgument(`${at(problem.pos[0])}: ${describe(problem.code)}`);
  yaml.visit(document, {
    Pair(_key, { key }) {
      if (!yaml.isScalar(key) || key.value === null) {
        const offset = yaml.isNode(key) ? key.range?.[0] : undefined;
        throw invalidArgument(`${at(offset ?? document.range[0])}: a key must be a text, a number or a boolean`);
      }
    },
    Alias(_key, alias) {
      if (alias.resolve(document) === undefined) {
        throw invalidArgument(`${at(alias.range?.[0] ?? document.range[0])}: an alias has no anchor before it`);
      }
    },
    Scalar(_key, { value, range }) {
      if (typeof value === "number" && !Number.isFinite(value)) {
        throw invalidArgument(`${at(range?.[0] ?? document.range[0])}: a number must be finite`);
      }
    },
  });
}

/** The library's messages quote the text, which may be a secret. */
function describe(code: string): string {
  switch (code) {
    case "RESOURCE_EXHAUSTION":
      return "nested too deeply: flatten it";
    case "DUPLICATE_KEY":
      return "a key is given twice: remove one";
    case "TAB_AS_INDENT":
      return "a tab indents: use spaces";
    case "TAG_RESOLVE_FAILED":
      return "a tag means nothing to Kubernetes, or does not fit its value: remove it";
    case "BAD_INDENT":
      return `${notYaml(code)}: indented too little or too much, or within a bracket that is not closed`;
    case "MISSING_CHAR":
      return `${notYaml(code)}: a closing quote or bracket, a comma, a colon or a space is missing`;
    case "MULTILINE_IMPLICIT_KEY":
      return `${notYaml(code)}: a colon is missing after a key, or a "---" does not stand alone`;
    case "BLOCK_AS_IMPLICIT_KEY":
    case "BLOCK_IN_FLOW":
      return `${notYaml(code)}: a second colon on a line, or indented lines within brackets: quote the text`;
    case "BAD_SCALAR_START":
      return `${notYaml(code)}: no text begins with this character: quote it`;
    case "BAD_DQ_ESCAPE":
      return `${notYaml(code)}: a backslash in double quotes escapes nothing: double it`;
    default:
      return notYaml(code);
  }
}

function notYaml(code: string): string {
  return `this is not YAML (${code})`;
}

/** Generous, and still an end to aliases of aliases of aliases. */
const maxAliasCount = 10_000;

function valueOf(document: Document.Parsed, where: string): unknown {
  try {
    return document.toJS({ maxAliasCount });
  } catch {
    throw invalidArgument(`${where}: aliases expand without end: write the values out`);
  }
}

interface Part {
  readonly text: string;
  /** How many lines are before it. */
  readonly line: number;
  /** How many characters are before it on its first line. */
  readonly column: number;
}

/** The parts of a text that is one JSON object after another; other texts are one part. */
function jsonObjects(text: string): readonly Part[] {
  if (!/^\s*\{/.test(text)) return [{ text, line: 0, column: 0 }];
  const cuts = [0];
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === "{" && depth === 0 && /\}\s*$/.test(text.slice(cuts.at(-1), index))) cuts.push(index);
    depth += token === "{" ? 1 : token === "}" ? -1 : 0;
  }
  let [line, column] = [0, 0];
  return cuts.map((cut, index) => {
    const part = { text: text.slice(cut, cuts[index + 1]), line, column };
    const lines = part.text.split("\n");
    column = (lines.length === 1 ? column : 0) + (lines.at(-1)?.length ?? 0);
    line += lines.length - 1;
    return part;
  });
}
