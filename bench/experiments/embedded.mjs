/**
 * The embedded API server without a socket: CPU per request, and memory, as the number of objects grows.
 * `node --expose-gc bench/experiments/embedded.mjs [../before/dist [objects …]]`
 */

import { resolve } from "node:path";

const dist = resolve(process.argv[2] ?? new URL("../../dist", import.meta.url).pathname);
const sizes = process.argv.length > 3 ? process.argv.slice(3).map(Number) : [1000, 10_000, 50_000];
const { ApiServer } = await import(`${dist}/testing/cluster/index.js`);
const server = new ApiServer();
const rounds = 200;

const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Prints the CPU of each of `count` pieces of work. */
async function measure(title, count, work) {
  const from = cpuUs();
  await work();
  console.log(`${title.padEnd(52)} ${((cpuUs() - from) / count).toFixed(1).padStart(9)} µs`);
}

const repeat = (title, work) =>
  measure(title, rounds, async () => {
    for (let i = 0; i < rounds; i += 1) await work(i);
  });

async function ask(method, url, object, type = "application/json") {
  const headers = { accept: "application/json", "content-type": type };
  const body = object === undefined ? {} : { body: JSON.stringify(object) };
  const response = await server.handle({ method, url, headers, ...body });
  if (response.status >= 300) throw new Error(response.body);
  return response.body;
}

const all = "/api/v1/configmaps";
const maps = (namespace) => `/api/v1/namespaces/${namespace}/configmaps`;
const configMap = (name, number) => ({
  metadata: { name, labels: { part: String(number % 10), rare: String(number % 1000) } },
  data: { number: String(number) },
});
const create = (namespace, name, number) => ask("POST", maps(namespace), configMap(name, number));

/** The events of a watch until `count` of them have come. */
async function open(url) {
  const { body } = await server.handle({ method: "GET", url, headers: { accept: "application/json" } });
  return body;
}

async function take(stream, count) {
  for (let i = 0; i < count; i += 1) await stream.next();
}

for (const name of ["many", "few"]) await ask("POST", "/api/v1/namespaces", { metadata: { name } });
let made = 0;
for (; made < 10; made += 1) await create("few", `few-${made}`, made);
// The first thousand are for the compiler.
for (; made < 1000; made += 1) await create("many", `map-${made}`, made);
let extra = 0;
const createOne = () => create("many", `other-${extra++}`, 1);

for (const size of sizes) {
  console.log(`\n${size} objects`);
  const missing = Math.max(0, size - made);
  if (missing > 0) {
    await measure("create", missing, async () => {
      for (; made < size; made += 1) await create("many", `map-${made}`, made);
    });
  }
  await repeat("create, once more", createOne);
  await repeat("get", (i) => ask("GET", `${maps("many")}/map-${100 + i}`));
  await repeat("create, then list one", async () => {
    await createOne();
    await ask("GET", `${all}?limit=1`);
  });
  await repeat("create, then list a namespace of 10", async () => {
    await createOne();
    await ask("GET", maps("few"));
  });
  await repeat("create, then list one name", async () => {
    await createOne();
    await ask("GET", `${maps("many")}?fieldSelector=metadata.name%3Dmap-100`);
  });
  await repeat("create, then watch a namespace of 10 from the start", async () => {
    await createOne();
    const stream = await open(`${maps("few")}?watch=true`);
    await take(stream, 10);
    await stream.return();
  });
  const first = JSON.parse(await ask("GET", `${all}?limit=1`)).metadata.continue;
  await repeat("create, then the next page of 1 of an older version", async () => {
    await createOne();
    await ask("GET", `${all}?limit=1&continue=${first}`);
  });
  const pages = async () => {
    let token = "";
    do {
      ({ continue: token = "" } = JSON.parse(await ask("GET", `${all}?limit=500&continue=${token}`)).metadata);
    } while (token !== "");
  };
  await measure("list in pages of 500, the first time, an object", size, pages);
  await measure("list in pages of 500, again, an object", size, pages);
  await measure("list whole, an object", size, () => ask("GET", all));
  await measure("list by a label that 1 of 1000 has, an object", size, () =>
    ask("GET", `${all}?labelSelector=rare%3D7`),
  );
  await repeat("update", (i) => ask("PUT", `${maps("many")}/map-${100 + i}`, configMap(`map-${100 + i}`, size + i)));
  const apply = (value) => (i) =>
    ask(
      "PATCH",
      `${maps("many")}/map-${100 + i}?fieldManager=me&force=true`,
      { apiVersion: "v1", kind: "ConfigMap", ...configMap(`map-${100 + i}`, value) },
      "application/apply-patch+yaml",
    );
  await repeat("apply", apply(1));
  await repeat("apply again, with a change", apply(2));
  await repeat("apply again, without a change", apply(2));
  for (const watchers of [1, 10, 100]) {
    const version = String(server.store.revision);
    const streams = [];
    for (let i = 0; i < watchers; i += 1) streams.push(await open(`${all}?watch=true&resourceVersion=${version}`));
    for (let i = 0; i < rounds; i += 1) await createOne();
    await measure(`event, for ${watchers} watches, each`, rounds * watchers, () =>
      Promise.all(streams.map((stream) => take(stream, rounds))),
    );
    const deleted = extra - rounds;
    for (let i = 0; i < rounds; i += 1) await ask("DELETE", `${maps("many")}/other-${deleted + i}`);
    await measure(`event of a deletion, for ${watchers} watches, each`, rounds * watchers, () =>
      Promise.all(streams.map((stream) => take(stream, rounds))),
    );
    for (const stream of streams) await stream.return();
  }
  await repeat("delete", (i) => ask("DELETE", `${maps("many")}/other-${i + extra - 4 * rounds}`));
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  console.log(`memory: ${(rss / 1e6).toFixed(0)} MB resident, ${(heapUsed / 1e6).toFixed(0)} MB of heap`);
}
