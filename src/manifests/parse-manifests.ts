/** Manifests: YAML and JSON texts of one or many objects, read as kubectl reads them. */

import type { Document, isNode, isScalar, ScalarTag, visit } from "yaml";
import { invalidArgument, type Manifest } from "../core/index.js";
import { isObject } from "../core/json-fields.js";

/**
 * Reads the objects of a text: YAML of any number of documents, or JSON objects one after the other.
 *
 * Lists are replaced by their items, and empty documents skipped. `yes`, `on` and their kin are booleans and `017` is 15, as in
 * YAML 1.1; dates are texts; integers beyond 2^53 are `bigint`. What kubectl passes over is refused: a key given twice, and a tag that
 * only some other program understands.
 *
 * @param options.source what to call the text in errors: its path. Default `the manifest`.
 * @throws KindredError `INVALID_ARGUMENT` that names the document, the line and what is wrong there, and quotes no value.
 */
export async function parseManifests(
  text: string,
  { source = "the manifest" }: { readonly source?: string } = {},
): Promise<readonly Manifest[]> {
  // Loaded when needed: it is half of what importing kindred would cost.
  const yaml = await import("yaml");
  const manifests: Manifest[] = [];
  let number = 0;
  for (const part of jsonObjects(text.replace(/^\uFEFF/, ""))) {
    const lines = new yaml.LineCounter();
    const documents = yaml.parseAllDocuments(part.text, {
      schema: "failsafe",
      resolveKnownTags: false,
      merge: true,
      customTags: tags,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "error",
    });
    for (const document of "empty" in documents ? [] : documents) {
      number += 1;
      const at = (offset: number) => `${source}, document ${number}, line ${part.line + lines.linePos(offset).line}`;
      assertPlain(yaml, document, at);
      const where = at(document.contents?.range[0] ?? document.range[0]);
      const value = valueOf(document, where);
      if (value !== null) manifests.push(...flatten(value, where));
    }
  }
  return manifests;
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
    case "DUPLICATE_KEY":
      return "a key is given twice: remove one";
    case "TAB_AS_INDENT":
      return "a tab indents: use spaces";
    case "TAG_RESOLVE_FAILED":
      return "a tag means nothing to Kubernetes, or does not fit its value: remove it";
    default:
      return `this is not YAML (${code})`;
  }
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

function flatten(value: unknown, where: string): readonly Manifest[] {
  if (!isObject(value)) throw invalidArgument(`${where}: this is no object, but a list or a single value`);
  const { apiVersion, kind, metadata, items } = value;
  if (typeof apiVersion !== "string" || apiVersion === "")
    throw invalidArgument(`${where}: ${lack("apiVersion", apiVersion)}`);
  if (typeof kind !== "string" || kind === "") throw invalidArgument(`${where}: ${lack("kind", kind)}`);
  if (metadata !== undefined && !isMetadata(metadata)) {
    throw invalidArgument(`${where}: metadata must be a mapping, and its name and namespace texts: quote them`);
  }
  if (!kind.endsWith("List") || !Array.isArray(items))
    return [{ ...value, apiVersion, kind, ...(metadata && { metadata }) }];
  // The items of a ConfigMapList need not say that they are ConfigMaps; those of a List must.
  const implied = kind === "List" ? {} : { apiVersion, kind: kind.slice(0, -"List".length) };
  return items.flatMap((item: unknown, index) =>
    flatten(isObject(item) ? { ...implied, ...item } : item, `${where}, item ${index + 1}`),
  );
}

function lack(field: string, value: unknown): string {
  return value === undefined || value === "" || value === null
    ? `${field} is missing`
    : `${field} must be a text: quote it`;
}

function isMetadata(value: unknown): value is NonNullable<Manifest["metadata"]> {
  return (
    isObject(value) &&
    [value["name"], value["namespace"]].every((name) => ["string", "undefined"].includes(typeof name))
  );
}

/** The parts of a text that is one JSON object after another, and the number of lines before each; other texts are one part. */
function jsonObjects(text: string): readonly { readonly text: string; readonly line: number }[] {
  if (!/^\s*\{/.test(text)) return [{ text, line: 0 }];
  const cuts = [0];
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === "{" && depth === 0 && /\}\s*$/.test(text.slice(cuts.at(-1), index))) cuts.push(index);
    depth += token === "{" ? 1 : token === "}" ? -1 : 0;
  }
  return cuts.map((cut, index) => ({
    text: text.slice(cut, cuts[index + 1]),
    line: text.slice(0, cut).split("\n").length - 1,
  }));
}

/** How plain scalars are read by the YAML library of kubectl, which is YAML 1.1 without its numbers to the base of 60. */
const tags: ScalarTag[] = [
  {
    tag: "tag:yaml.org,2002:null",
    default: true,
    test: /^(?:~|null|Null|NULL|)$/,
    resolve: () => null,
  },
  {
    tag: "tag:yaml.org,2002:bool",
    default: true,
    test: /^(?:[yYnN]|[yY]es|YES|[nN]o|NO|[tT]rue|TRUE|[fF]alse|FALSE|[oO]n|ON|[oO]ff|OFF)$/,
    resolve: (text) => /^(?:y|t|on)/i.test(text),
  },
  ...["int", "float"].map(
    (name): ScalarTag => ({
      tag: `tag:yaml.org,2002:${name}`,
      default: true,
      test: /^[-+.0-9]/,
      resolve: numberOf,
    }),
  ),
];

/** The number that a text is, or the text. */
function numberOf(text: string): number | bigint | string {
  if (/^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN;
  const plain = text.startsWith(".") ? text : text.replaceAll("_", "");
  const [, sign, digits = ""] = /^([-+]?)(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|[1-9][0-9]*|0)$/.exec(plain) ?? [];
  if (digits !== "") {
    const magnitude = BigInt(digits.replace(/^0(?=[0-7])/, "0o"));
    const value = sign === "-" ? -magnitude : magnitude;
    if (value >= -(2n ** 63n) && value < 2n ** 64n) return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  const number = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain) ? Number(plain) : Infinity;
  return Number.isFinite(number) ? number : text;
}
