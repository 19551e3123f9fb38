/** YAML, as Kubernetes reads it: YAML 1.1 without dates, which stay texts. The package is loaded by the first request that speaks it. */

import type { Formats } from "./body/read-body.js";
import { type ParsedJson, parseJsonStrictly, tooDeep } from "./body/parse-json.js";
import { mediaType } from "./body/read-body.js";
import { fromEntries, isObject } from "./json.js";
import { type ApiRequest, headerOf } from "./request.js";

let loading: Promise<Formats> | undefined;

/** Whether the request is in YAML, or its answer shall be. */
export function speaksYaml(request: ApiRequest): boolean {
  return `${mediaType(request)} ${headerOf(request, "accept")}`.includes("yaml");
}

/** The formats that the request speaks. */
export function formatsFor(request: ApiRequest): Promise<Formats> | Formats {
  if (!speaksYaml(request)) return {};
  loading ??= load();
  return loading;
}

// Of YAML 1.1, what Go's reader makes no JSON value of.
const foreignTags: ReadonlySet<string> = new Set(
  ["binary", "omap", "pairs", "set", "timestamp"].map((name) => `tag:yaml.org,2002:${name}`),
);

async function load(): Promise<Formats> {
  const { isScalar, LineCounter, parseDocument, stringify, visit } = await import("yaml");
  return {
    formatYaml: (value) =>
      stringify(value, { version: "1.1", lineWidth: 0, sortMapEntries: true, aliasDuplicateObjects: false }),
    parseYaml: (text) => {
      const json = parsedJson(text);
      if (json !== undefined) return json;
      const lineCounter = new LineCounter();
      const document = parseDocument(text, {
        version: "1.1",
        merge: true,
        uniqueKeys: false,
        intAsBigInt: true,
        lineCounter,
        logLevel: "error",
        customTags: (tags) => tags.filter((tag) => typeof tag === "string" || !foreignTags.has(tag.tag)),
      });
      const [error] = document.errors;
      if (error !== undefined) {
        throw new SyntaxError(`error converting YAML to JSON: yaml: ${error.message.split("\n")[0] ?? ""}`);
      }
      const duplicates: string[] = [];
      visit(document, {
        Map: (_key, map) => {
          const seen = new Set<unknown>();
          for (const { key } of map.items) {
            if (!isScalar(key)) continue;
            if (seen.has(key.value)) {
              const { line } = lineCounter.linePos(key.range?.[0] ?? 0);
              duplicates.push(`line ${line}: key ${JSON.stringify(String(key.value))} already set in map`);
            }
            seen.add(key.value);
          }
        },
      });
      // An alias may stand for more aliases: a small body must not become a huge one.
      return { value: exact(document.toJS({ maxAliasCount: 1000 })), duplicates };
    },
  };
}

/** JSON is YAML, and most clients send it as such; it is read many times as fast. What is wrong with it is told in YAML's words. */
function parsedJson(text: string): ParsedJson | undefined {
  try {
    const parsed = parseJsonStrictly(text);
    return parsed.duplicates.length === 0 ? parsed : undefined;
  } catch (error) {
    // The reader of YAML would run out of stack, which can end the process.
    if (!(error instanceof SyntaxError) || error.message === tooDeep) throw error;
    return undefined;
  }
}

/** Numbers where they are exact. */
function exact(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(exact);
  return isObject(value) ? fromEntries(Object.entries(value).map(([key, inner]) => [key, exact(inner)])) : value;
}
