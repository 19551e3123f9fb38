/**
 * Ways to get 10,000 recorded pods from the bytes of pages of 500 into a Map, each in a process of its own, in turn:
 * `node bench/experiments/pages.mjs [rounds] [way…]`. CPU is that of all threads, the garbage collector's included.
 */

import { join } from "node:path";
import { PerformanceObserver } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { node, recordedFile, root } from "../build.mjs";
import { run } from "../process.mjs";
import { median } from "../statistics.mjs";

const { parseObjects } = await import(join(root, "dist", "core", "index.js"));

const pods = 10_000;
const pageSize = 500;
const separator = Buffer.from('},{"metadata":');
const decoder = new TextDecoder();

const ways = {
  "chunks decoded as they come, one text": (chunks) => JSON.parse(decodeEach(chunks)).items,
  "one buffer, one text": (chunks) => JSON.parse(Buffer.concat(chunks).toString("utf8")).items,
  "one text for each object": parseEach,
  "managedFields deleted after parsing": (chunks) => {
    const { items } = JSON.parse(decodeEach(chunks));
    for (const { metadata } of items) delete metadata.managedFields;
    return items;
  },
  "one buffer, managedFields parsed when they are read (as kindred does)": (chunks) =>
    parseObjects(Buffer.concat(chunks), (utf8) => decoder.decode(utf8)).items,
};

const [first = "3", ...wanted] = process.argv.slice(2);
if (first === "one") await one(ways[wanted[0]]);
else await compare(Number(first), wanted);

async function compare(rounds, some) {
  const names = Object.keys(ways).filter((name) => some.length === 0 || some.some((part) => name.includes(part)));
  const runs = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      runs.get(name).push(JSON.parse(await run([node, fileURLToPath(import.meta.url), "one", name])));
    }
  }
  const figures = (all) =>
    Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]));
  console.table(Object.fromEntries([...runs].map(([name, all]) => [name, figures(all)])));
}

async function one(way) {
  const collections = { minor: 0, major: 0 };
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) collections[detail.kind === 1 ? "minor" : "major"] += 1;
  }).observe({ entryTypes: ["gc"] });
  const { items } = JSON.parse((await recordedFile("pods.list.json")).toString());
  const store = new Map();
  const used = { user: 0, system: 0 };
  for (let from = 0; from < pods; from += pageSize) {
    const chunks = pageOf(items, from);
    const before = process.cpuUsage();
    for (const item of way(chunks)) store.set(item.metadata.name, item);
    const { user, system } = process.cpuUsage(before);
    used.user += user;
    used.system += system;
  }
  const before = process.cpuUsage();
  // The observer hears of collections in a later turn.
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  const { user, system } = process.cpuUsage(before);
  console.log(
    JSON.stringify({
      cpuMs: Math.round((used.user + used.system + user + system) / 1000),
      peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
      ...collections,
    }),
  );
}

/** A page as TLS hands it over: in pieces of 16 KB. */
function pageOf(items, from) {
  const texts = Array.from({ length: pageSize }, (_, index) => {
    const item = items[(from + index) % items.length];
    return JSON.stringify({ ...item, metadata: { ...item.metadata, name: `pod-${from + index}` } });
  });
  const body = Buffer.from(`{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[${texts.join(",")}]}\n`);
  const pieces = Math.ceil(body.length / 16_384);
  return Array.from({ length: pieces }, (_, index) => Buffer.from(body.subarray(index * 16_384, (index + 1) * 16_384)));
}

function decodeEach(chunks) {
  const decoder = new TextDecoder();
  let text = "";
  for (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** Without the proof that a cut is none inside an object, which would come on top. */
function parseEach(chunks) {
  const items = [];
  let rest = Buffer.alloc(0);
  let begun = false;
  for (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    let start = begun ? 0 : bytes.indexOf("[") + 1;
    begun = true;
    const from = Math.max(start, rest.length - separator.length);
    for (let at = bytes.indexOf(separator, from); at !== -1; at = bytes.indexOf(separator, start)) {
      items.push(JSON.parse(bytes.toString("utf8", start, at + 1)));
      start = at + 2;
    }
    rest = bytes.subarray(start);
  }
  items.push(JSON.parse(rest.toString("utf8", 0, rest.lastIndexOf("]"))));
  return items;
}
