/**
 * What else could bring 10,000 pods in pages of 500, or changes of 1,000 pods, from bytes into a Map: protobuf, and a worker. Each way in a
 * process of its own, in turn: `node bench/experiments/formats.mjs [rounds] [way…]`. CPU is that of all threads.
 */

import { deepStrictEqual, notDeepStrictEqual } from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort, Worker } from "node:worker_threads";
import { node, root } from "../build.mjs";
import { run } from "../process.mjs";
import { median } from "../statistics.mjs";
import { compile, contentsOf, decode, shareTexts } from "./protobuf-decoder.mjs";
import { another, pagesOf, recorded } from "./recorded-pods.mjs";

const { parseObjects } = await import(join(root, "dist", "core", "index.js"));

const file = fileURLToPath(import.meta.url);
const pods = { list: 10_000, watch: 1000 };
const pageSize = 500;
const changes = 20_000;
const text = new TextDecoder();
const json = (bytes) => parseObjects(bytes, (utf8) => text.decode(utf8));
const pod = compile("core/v1.Pod");
const podList = compile("PodList", "metadata=1&meta/v1.ListMeta items=2?[]&core/v1.Pod");

const protobuf = { ending: "pb", list: (page) => decode(podList, page).items, event: podOfEvent };
const metadata = {
  json: (bytes) => JSON.parse(text.decode(bytes)).metadata,
  pb: (bytes) => decode(pod, bytes).metadata,
};
const typeMeta = compile("TypeMeta", "apiVersion=1s kind=2s");

const ways = {
  "JSON, as kindred has it": { ending: "json", list: (page) => json(page).items, event: (line) => json(line).object },
  "JSON, managedFields parsed": {
    ending: "json",
    list: (page) => JSON.parse(text.decode(page)).items,
    event: (line) => JSON.parse(text.decode(line)).object,
  },
  protobuf,
  "protobuf, each text made anew": { ...protobuf, shared: 0 },
  "JSON in a worker": { ending: "json", list: inWorker },
};

let worker;

const [mode, ...rest] = process.argv.slice(2);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has none
if (parentPort !== null) parentPort.on("message", (page) => parentPort.postMessage(parsed(page)));
else if (mode === "list") await measureList(ways[rest[0]]);
else if (mode === "watch") await measureWatch(ways[rest[0]]);
else await compare(Number(mode ?? 3), rest);

async function compare(rounds, chosen) {
  await check();
  const names = Object.keys(ways).filter((name) => chosen.length === 0 || chosen.includes(name));
  const figures = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const all = {};
      for (const what of ways[name].event === undefined ? ["list"] : ["list", "watch"]) {
        Object.assign(all, JSON.parse(await run([node, file, what, name])));
      }
      figures.get(name).push(all);
    }
  }
  const medians = (all) =>
    Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]));
  console.table(Object.fromEntries([...figures].map(([name, all]) => [name, medians(all)])));
}

/** Whether protobuf makes the objects that JSON makes, managedFields included. */
async function check() {
  const [fromJson, fromProtobuf] = [await recorded("json", "list"), await recorded("pb", "list")];
  for (const [index, bytes] of fromJson.entries()) {
    const expected = JSON.parse(text.decode(bytes));
    const found = decode(pod, fromProtobuf[index]);
    deepStrictEqual(found, expected);
    found.metadata.managedFields[0].fieldsV1 = {};
    notDeepStrictEqual(found, expected);
  }
  const lines = await recorded("json", "watch");
  for (const [index, event] of (await recorded("pb", "watch")).entries()) {
    deepStrictEqual(podOfEvent(event), JSON.parse(text.decode(lines[index])).object);
  }
}

async function measureList({ ending, list, shared = 32 }) {
  shareTexts(shared);
  const items = await recorded(ending, "list");
  const page = pagesOf(items, { ending, size: pageSize, metadataOf: metadata[ending] });
  const store = new Map();
  const all = { user: 0, system: 0 };
  const main = { user: 0, system: 0 };
  for (let from = 0; from < pods.list; from += pageSize) {
    const bytes = page(from);
    const [before, mainBefore] = [process.cpuUsage(), process.threadCpuUsage()];
    for (const object of await list(bytes)) store.set(object.metadata.name, object);
    add(all, process.cpuUsage(before));
    add(main, process.threadCpuUsage(mainBefore));
  }
  if (store.size !== pods.list) throw new Error(`${store.size} pods instead of ${pods.list}`);
  worker?.terminate();
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(JSON.stringify({ "list, ms": ms(all), "of it the main thread": ms(main), "peak MB": peak }));
}

async function measureWatch({ ending, event, shared = 32 }) {
  shareTexts(shared);
  const recordedEvents = await recorded(ending, "watch");
  const events = Array.from({ length: 3 * pods.watch }, (_, index) => {
    const change = recordedEvents[(index % pods.watch) % recordedEvents.length];
    return another(change, event(change).metadata, index % pods.watch);
  });
  const store = new Map();
  const take = (index) => store.set(index % pods.watch, event(events[index % events.length]));
  for (let index = 0; index < 2 * pods.watch; index += 1) take(index);
  const before = process.cpuUsage();
  for (let index = 0; index < changes; index += 1) take(index);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ "event, µs": Number(((user + system) / changes).toFixed(1)) }));
}

function add(sum, { user, system }) {
  sum.user += user;
  sum.system += system;
}

function ms({ user, system }) {
  return Math.round((user + system) / 1000);
}

/** The object is in an envelope, in a field of the event. */
function podOfEvent(event) {
  const raw = contentsOf(event, 1, contentsOf(event, 2, { start: 0, end: event.length }));
  const envelope = { start: raw.start + 4, end: raw.end };
  const type = decode(typeMeta, event, contentsOf(event, 1, envelope));
  const object = decode(pod, event, contentsOf(event, 2, envelope));
  object.apiVersion = type.apiVersion;
  object.kind = type.kind;
  return object;
}

/** To the worker without a copy, and back with one. */
async function inWorker(page) {
  worker ??= new Worker(file);
  const answer = once(worker, "message");
  worker.postMessage(page, [page.buffer]);
  const [{ items, lists }] = await answer;
  for (const [index, { metadata }] of items.entries()) metadata.managedFields = lists[index];
  return items;
}

/** In the worker: managedFields stay text, because to clone them costs more than to parse them. Here every object has such. */
function parsed(page) {
  const lists = [];
  const short = text
    .decode(page)
    .replace(/"managedFields":(\[[^\]]*\])/g, (_, list) => `"managedFields":${lists.push(list)}`);
  return { items: JSON.parse(short).items, lists };
}
