/** YAML, for clients that send or want it. Loaded by the first request that does. */

import type { Formats } from "./body/read-body.js";
import { mediaType } from "./body/read-body.js";
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

async function load(): Promise<Formats> {
  const { parseDocument, stringify } = await import("yaml");
  return {
    formatYaml: (value) => stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false }),
    parseYaml: (text) => {
      const document = parseDocument(text, { version: "1.1", uniqueKeys: false, intAsBigInt: false, merge: true });
      const [error] = document.errors;
      if (error !== undefined) throw new SyntaxError(`error converting YAML to JSON: yaml: ${error.message.split("\n")[0] ?? ""}`);
      return { value: document.toJS({ maxAliasCount: 100 }), duplicates: duplicatesIn(text, parseDocument(text, { version: "1.1" }).errors) };
    },
  };
}

interface YamlError {
  readonly code: string;
  readonly pos: readonly [number, number];
}

/** Keys that come twice in a map, as the API server tells of them. */
function duplicatesIn(text: string, errors: readonly YamlError[]): readonly string[] {
  return errors
    .filter(({ code }) => code === "DUPLICATE_KEY")
    .map(({ pos: [start] }) => {
      const line = text.slice(0, start).split("\n").length;
      const key = /^[^:\s]+/.exec(text.slice(start))?.[0] ?? "";
      return `line ${line}: key ${JSON.stringify(key)} already set in map`;
    });
}
