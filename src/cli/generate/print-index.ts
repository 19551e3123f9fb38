/** The index: each kind in its group's preferred version. */

import type { Module } from "./declaration.js";
import { compareImports, compareText } from "./order.js";
import { printList } from "./print.js";

interface Entry {
  readonly module: string;
  readonly group: string;
  readonly name: string;
  readonly isType: boolean;
  readonly exported: string;
}

/**
 * Prints `index.ts`.
 *
 * A group's kind comes from the version that the server prefers. A name that several groups have belongs to the core group, or else
 * to the first by the alphabet; the others are exported as the first word of their group and the name: `EventsEvent`.
 */
export function printIndex(modules: readonly Module[], mark: string): string {
  const entries = nameEntries(preferredEntries(modules));
  const lines: string[] = [];
  for (const module of modules) {
    for (const isType of [true, false]) {
      const names = entries
        .filter((entry) => entry.module === module.path && entry.isType === isType)
        .map((entry) => (entry.exported === entry.name ? entry.name : `${entry.name} as ${entry.exported}`))
        .toSorted(compareImports);
      if (names.length === 0) continue;
      lines.push(
        printList(names, {
          before: `export ${isType ? "type " : ""}`,
          after: ` from "./${module.path}.js";`,
          indent: 0,
          brackets: "{}",
        }),
      );
    }
  }
  const renamed = entries.filter((entry) => entry.exported !== entry.name);
  const head = [`Every kind in its group's preferred version. ${mark}`];
  if (renamed.length > 0) {
    head.push(
      "",
      "A name that several groups have belongs to the core group, or else to the first by the alphabet; the others carry their group:",
    );
    head.push(...renamed.map((entry) => `\`${entry.exported}\` is the ${entry.name} of ${entry.group}.`));
  }
  const doc =
    head.length === 1
      ? `/** ${head.join("")} */`
      : `/**\n${head.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */`;
  return `${doc}\n\n${lines.length === 0 ? "export {};" : lines.join("\n")}\n`;
}

/** Modules are listed in any order, so each descriptor carries its rank in the server's. */
function preferredEntries(modules: readonly Module[]): readonly Entry[] {
  const all = modules.flatMap((module) => {
    const [group = ""] = module.path.split("/");
    const of = (name: string, isType: boolean, rank: number) => ({
      module: module.path,
      group,
      name,
      isType,
      exported: name,
      rank,
    });
    return [
      ...module.descriptors.map((descriptor) => of(descriptor.name, false, descriptor.rank)),
      ...module.bodies.map((name) => of(name, true, Number.MAX_SAFE_INTEGER)),
    ];
  });
  const ranked = all.toSorted((a, b) => a.rank - b.rank);
  return ranked.filter(
    (entry) => entry === ranked.find((other) => other.group === entry.group && other.name === entry.name),
  );
}

function nameEntries(entries: readonly Entry[]): readonly Entry[] {
  const ordered = entries.toSorted(
    (a, b) =>
      Number(b.group === "core") - Number(a.group === "core") ||
      compareText(a.group, b.group) ||
      compareText(a.name, b.name),
  );
  const taken = new Set<string>();
  const named: Entry[] = [];
  for (const entry of ordered) {
    const words = entry.group
      .split(".")
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1).replaceAll(/\W/g, ""));
    const [first = ""] = words;
    const exported =
      [entry.name, first + entry.name, words.join("") + entry.name].find((name) => !taken.has(name)) ?? entry.name;
    taken.add(exported);
    named.push({ ...entry, exported });
  }
  return named;
}
