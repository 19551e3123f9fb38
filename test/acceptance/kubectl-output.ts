/** Output of kubectl without what differs between two servers, or two runs, by right. */

import type { Command } from "./kubectl-commands.js";

const replacements: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "UID"],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\b/g, "TIME"],
  // As `describe` prints it.
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\b/g, "TIME"],
  [/(Created on: +).*$/gm, "$1TIME"],
  [/(resourceVersion"?: ?)"?\d+"?/g, "$1VERSION"],
  [/(Resource Version: +)\d+/g, "$1VERSION"],
  [/https:\/\/127\.0\.0\.1:\d+/g, "SERVER"],
  [/\b10\.(0|96)\.\d+\.\d+\b/g, "ADDRESS"],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "TOKEN"],
  [/\b(c-|kube-api-access-)[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, "$1RANDOM"],
  // What kubectl writes to its own log begins with the time and the process.
  [/^[IWE]\d{4} [\d:.]+ +\d+ /gm, ""],
  // diff names its temporary files, with times.
  [/\/tmp\/(LIVE|MERGED)-\d+/g, "$1"],
  [/^(---|\+\+\+) (\S+)\t.*$/gm, "$1 $2"],
  [/\/tmp\/kubectl-edit-\d+\.yaml/g, "EDITED"],
  [/(restartedAt"?: ?)"[^"]*"/g, "$1TIME"],
  // The addresses behind a service come from a controller that our server has not: there are none, and there is no list of them.
  [/^(Endpoints:) *<none>$/gm, "$1"],
  [/ \(<none>\)$/gm, " ()"],
  // Ages, and the width of the columns that they decide.
  [/\b(\d+[smhd]){1,2}\b(?= *$| {2,})/gm, "AGE"],
  [/(Age: +)\S+/g, "$1AGE"],
  [/(?<=\S) {3,}/g, "   "],
  [/ +$/gm, ""],
];

/** What of a run's output must be equal. */
export function comparable(text: string, { hasDescriptions }: Command): string {
  const plain = replacements.reduce((all, [pattern, by]) => all.replaceAll(pattern, by), text);
  return sortCauses(hasDescriptions === true ? withoutDescriptions(plain) : plain);
}

/** The real server tells what is wrong with a custom resource in an order that differs from run to run. */
function sortCauses(text: string): string {
  return text.replaceAll(/(?:^\* .*\n)+/gm, (causes) => `${causes.trimEnd().split("\n").toSorted().join("\n")}\n`);
}

/** `explain` without its prose and lists of allowed values: what stays are the kind, and the names and types of fields. */
function withoutDescriptions(text: string): string {
  const kept = text
    .split("\n")
    .filter((line) => /^[A-Z]+:|^ {2,}\S+\t<.*>|^error|^Error/.test(line) && !/^(DESCRIPTION|ENUM):/.test(line));
  return kept.join("\n");
}
