/**
 * What a recorded change of a pod costs between the bytes of its line and a Map of 1,000 pods, with as little as possible in between, each
 * way in a process of its own, in turn: `node bench/experiments/events.mjs [rounds] [way…]`. CPU is that of all threads.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { node, recordedFile, root } from "../build.mjs";
import { run } from "../process.mjs";
import { median } from "../statistics.mjs";

const { parseObjects } = await import(join(root, "dist", "core", "index.js"));

const pods = 1000;
const changes = 20_000;
const decoder = new TextDecoder();

/** From a line, and the object that is known, to the object to keep: undefined keeps nothing. */
const ways = {
  "decoded, not parsed": (line) => void decoder.decode(line),
  "parsed, not kept": (line) => void parse(line),
  "parsed and kept": parse,
  "kept, what did not change shared with the object before": (line, before) => shared(before, parse(line)),
  "kept, managedFields parsed when they are read, as kindred has it": (line) =>
    parseObjects(line, (utf8) => decoder.decode(utf8)).object,
};

const [mode, ...rest] = process.argv.slice(2);
if (mode === "--one") await measure(rest[0]);
else await compare(Number(mode ?? 3), rest);

async function compare(rounds, chosen) {
  const figures = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const way of Object.keys(ways).filter((name) => chosen.length === 0 || chosen.includes(name))) {
      const output = await run([node, fileURLToPath(import.meta.url), "--one", way]);
      figures.set(way, [...(figures.get(way) ?? []), Number(output)]);
    }
  }
  console.table(Object.fromEntries([...figures].map(([way, all]) => [way, { "CPU per event, µs": median(all) }])));
}

async function measure(name) {
  const lines = await recordedChanges();
  const objects = new Map();
  const take = (index) => {
    const object = ways[name](lines[index % lines.length], objects.get(index % pods));
    if (object !== undefined) objects.set(index % pods, object);
  };
  for (let index = 0; index < 2 * pods; index += 1) take(index);
  const before = process.cpuUsage();
  for (let index = 0; index < changes; index += 1) take(index);
  const { user, system } = process.cpuUsage(before);
  console.log(((user + system) / changes).toFixed(1));
}

/** As the replay server sends them: each has another version than the one before it of the same pod. */
async function recordedChanges() {
  const recorded = (await recordedFile("pods.watch.json"))
    .toString()
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith('{"type":"BOOKMARK"'));
  return Array.from({ length: 3 * pods }, (_, index) =>
    Buffer.from(
      recorded[(index % pods) % recorded.length].replace(
        /"resourceVersion":"\d+"/,
        `"resourceVersion":"${100_000_000 + index}"`,
      ),
    ),
  );
}

function parse(line) {
  return JSON.parse(decoder.decode(line)).object;
}

function shared(before, now) {
  if (before === now || typeof before !== "object" || typeof now !== "object") return now;
  if (before === null || now === null || Array.isArray(before) !== Array.isArray(now)) return now;
  return Array.isArray(now) ? sharedItems(before, now) : sharedMembers(before, now);
}

function sharedItems(before, now) {
  let same = before.length === now.length;
  let result;
  for (let index = 0; index < now.length; index += 1) {
    const kept = shared(before[index], now[index]);
    if (kept !== now[index]) (result ??= now.slice())[index] = kept;
    if (kept !== before[index]) same = false;
  }
  return same ? before : (result ?? now);
}

/** Object.keys would make lists: half as fast. */
function sharedMembers(before, now) {
  let more = 0;
  let same = true;
  let result;
  for (const name in now) {
    more += 1;
    const kept = shared(before[name], now[name]);
    if (kept !== now[name]) (result ??= { ...now })[name] = kept;
    if (kept !== before[name]) same = false;
  }
  if (same) for (const _name in before) more -= 1;
  return same && more === 0 ? before : (result ?? now);
}
