/** YAML, as Kubernetes reads it. The package is loaded by the first request that speaks it. */

import { yamlOptions } from "../core/yaml.js";
import type { Formats } from "./body/read-body.js";
import { type ParsedJson, parseJsonStrictly, tooDeep } from "./body/parse-json.js";
import { mediaType } from "./body/read-body.js";
import { type ApiRequest, headerOf } from "./request.js";

let loading: Promise<Formats> | undefined;

/** Whether the request is in YAML, or its answer shall be. */
function speaksYaml(request: ApiRequest): boolean {
  return `${mediaType(request)} ${headerOf(request, "accept")}`.includes("yaml");
}

/** The formats that the request speaks. */
export function formatsFor(request: ApiRequest): Promise<Formats> | Formats {
  if (!speaksYaml(request)) return {};
  loading ??= load();
  return loading;
}

async function load(): Promise<Formats> {
  const { isAlias, isCollection, isScalar, LineCounter, parseDocument, stringify, visit } = await import("yaml");
  return {
    formatYaml: (value) =>
      stringify(value, { version: "1.1", lineWidth: 0, sortMapEntries: true, aliasDuplicateObjects: false }),
    parseYaml: (text) => {
      const json = parsedJson(text);
      if (json !== undefined) return json;
      const lineCounter = new LineCounter();
      const document = parseDocument(text, {
        ...yamlOptions,
        uniqueKeys: false,
        lineCounter,
      });
      const [error] = document.errors;
      if (error !== undefined) {
        throw new SyntaxError(`error converting YAML to JSON: yaml: ${error.message.split("\n")[0] ?? ""}`);
      }
      const duplicates: string[] = [];
      visit(document, {
        Scalar: (_key, { value }) => {
          if (typeof value === "number" && !Number.isFinite(value)) {
            throw new SyntaxError(
              `json: unsupported value: ${Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"}`,
            );
          }
        },
        Map: (_key, map) => {
          const seen = new Set<unknown>();
          for (const { key } of map.items) {
            // To write out keys that are maps of maps takes time without end.
            if (isCollection(isAlias(key) ? key.resolve(document) : key))
              throw new SyntaxError("error converting YAML to JSON: yaml: invalid map key");
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
      return { value: document.toJS({ maxAliasCount: 1000 }), duplicates };
    },
  };
}

/** JSON is YAML, and most clients send it as such; it is read many times as fast. What is wrong with it is told in YAML's words. */
function parsedJson(text: string): ParsedJson | undefined {
  try {
    const parsed = parseJsonStrictly(text);
    return parsed.duplicates.length === 0 ? parsed : undefined;
  } catch (error) {
    // The reader of YAML would take long to find the same.
    if (!(error instanceof SyntaxError) || error.message === tooDeep) throw error;
    return undefined;
  }
}
