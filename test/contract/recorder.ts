/** Writes down what a server answered, without what differs from run to run, so that two servers can be compared by `diff`. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { env } from "node:process";
import type { Exchange } from "./exchange.js";

const replacements: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME"],
  [/"resourceVersion":"[1-9]\d*"/g, '"resourceVersion":"RV"'],
  [/resourceVersion=[1-9]\d*/g, "resourceVersion=RV"],
  [/"continue":"[^"]+"/g, '"continue":"TOKEN"'],
  [/continue=[\w%-]+/g, "continue=TOKEN"],
  [/\b(suite|group)-[0-9a-f]{8}\b/g, "$1-RANDOM"],
  [/kube-api-access-[a-z0-9]{5}/g, "kube-api-access-RANDOM"],
  [/\b(g-|x{58})[a-z0-9]{5}\b/g, "$1RANDOM"],
  [/\b[0-9A-F]{128}\b/g, "HASH"],
  [/\b10\.0\.0\.\d+\b/g, "IP"],
  [/(resource version: )\d+(, current: )\d+/g, "$1RV$2RV"],
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, "JWT"],
];

const headersThatVary = new Set(["audit-id", "date", "etag", "content-length", "transfer-encoding", "expires"]);

/** Writes each case's exchanges into a file of its own: `<directory>/<server>/<id>.txt`. */
export class Recorder {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Into the directory that the environment variable CONTRACT_RECORD names, if it does. */
  static fromEnvironment(server: string): Recorder | undefined {
    const directory = env["CONTRACT_RECORD"];
    return directory ? new Recorder(join(directory, server.replaceAll(/\W+/g, "-"))) : undefined;
  }

  async write(id: string, exchanges: readonly Exchange[]): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    await writeFile(join(this.#directory, `${id}.txt`), exchanges.map(recorded).join("\n"));
  }
}

function recorded({ method, target, status, headers, answer }: Exchange): string {
  const lines = [...headers]
    .filter(([name]) => !headersThatVary.has(name) && !name.startsWith("x-kubernetes-pf-"))
    .flatMap(([name, values]) => values.map((value) => `${name}: ${value}`))
    .toSorted();
  return replacements.reduce(
    (text, [pattern, by]) => text.replaceAll(pattern, by),
    `> ${method} ${target}\n< ${status}\n${lines.join("\n")}\n\n${answer}\n`,
  );
}
