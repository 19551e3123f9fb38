/**
 * What a page of 500 recorded pods costs to parse as kindred does, alone and with long digits in it:
 * `node bench/experiments/json.mjs [a folder with another build's dist]`.
 */

import { join, resolve } from "node:path";
import { recordedFile, root } from "../build.mjs";

const list = JSON.parse((await recordedFile("pods.list.json")).toString());
const items = Array.from({ length: 500 }, (_, index) => list.items[index % list.items.length]);
const plain = JSON.stringify({ ...list, items });
const pages = {
  "as recorded": plain,
  "with one integer beyond 2^53": plain.replace('"generation":1', '"generation":9007199254740993'),
  "with a string of 16 digits": plain.replace('"generation":1', '"generation":1,"note":"9007199254740993"'),
};
const repeats = 10;
const figures = {};
for (const build of [join(root, "dist"), ...process.argv.slice(2).map((path) => resolve(path))]) {
  const { parseJson } = await import(join(build, "core", "index.js"));
  for (const [name, text] of Object.entries(pages)) {
    parseJson(text);
    const before = process.cpuUsage();
    for (let index = 0; index < repeats; index += 1) parseJson(text);
    const { user, system } = process.cpuUsage(before);
    figures[name] = { ...figures[name], [`${build}, ms`]: Math.round((user + system) / 1000 / repeats) };
  }
}
console.table(figures);
