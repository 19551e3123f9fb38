/** What freezing an object costs before its first reconcile: `node bench/experiments/freeze.mjs`. */

import { join } from "node:path";
import { recordedFile, root } from "../build.mjs";

const { deepFreeze } = await import(join(root, ".build", "js", "runtime", "freeze.js"));

const ways = {
  "by lists of members": function byValues(value) {
    if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
    Object.freeze(value);
    for (const member of Object.values(value)) byValues(member);
  },
  "as kindred does": deepFreeze,
};

const read = async (name) => JSON.parse((await recordedFile(name)).toString());
const samples = { "a ConfigMap": [await read("configmap.json")], "a pod": (await read("pods.list.json")).items };
const figures = {};
for (const [name, objects] of Object.entries(samples)) {
  for (const [way, freeze] of Object.entries(ways)) {
    const copies = Array.from({ length: 8000 }, (_, index) => structuredClone(objects[index % objects.length]));
    const before = process.cpuUsage();
    for (const copy of copies) freeze(copy);
    const { user, system } = process.cpuUsage(before);
    figures[name] = { ...figures[name], [`${way}, µs`]: Number(((user + system) / copies.length).toFixed(1)) };
  }
}
console.table(figures);
