/**
 * The embedded API server without a socket: CPU per request as the number of objects grows.
 * `node bench/experiments/embedded.mjs [../before/dist]`
 */

import { resolve } from "node:path";

const dist = resolve(process.argv[2] ?? new URL("../../dist", import.meta.url).pathname);
const { ApiServer } = await import(`${dist}/testing/cluster/index.js`);
const path = "/api/v1/namespaces/default/configmaps";
const headers = { accept: "application/json", "content-type": "application/json" };

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

async function measure(title, count, work) {
  const from = cpuMs();
  await work();
  console.log(`${title}: ${(((cpuMs() - from) * 1000) / count).toFixed(1)} µs of CPU`);
}

async function ask(method, url, object) {
  const body = object === undefined ? {} : { body: JSON.stringify(object) };
  const response = await server.handle({ method, url, headers, ...body });
  if (response.status >= 300) throw new Error(response.body);
  return JSON.parse(response.body);
}

const create = (name) =>
  ask("POST", path, { metadata: { name, labels: { part: name.slice(-1) } }, data: { number: name } });

await measure("start of a server after the first, each", 100, () => {
  for (let i = 0; i < 101; i += 1) new ApiServer().close();
});
const server = new ApiServer();
let made = 0;
while (made < 2000) await create(`map-${made++}`);
for (const objects of [5000, 10_000, 50_000]) {
  const missing = objects - made;
  await measure(`create, up to ${objects} objects`, missing, async () => {
    while (made < objects) await create(`map-${made++}`);
  });
  await measure(`create and list one, at ${objects} objects`, 200, async () => {
    for (let i = 0; i < 200; i += 1) {
      await create(`other-${objects}-${i}`);
      await ask("GET", `${path}?limit=1`);
    }
  });
  await measure(`list in pages of 500, at ${objects} objects, each`, objects + 200, async () => {
    let token = "";
    do {
      const { metadata } = await ask("GET", `${path}?limit=500&continue=${token}`);
      token = metadata.continue ?? "";
    } while (token !== "");
  });
}
