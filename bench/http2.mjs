/**
 * HTTP/1.1 against HTTP/2 for the client's traffic, on a real API server: `npm run build && node bench/http2.mjs`.
 * Each contender runs in a process of its own, in turn and several times; the figures are medians.
 */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Agent, request } from "undici";
import { startControlPlane } from "../.build/test/control-plane/control-plane.js";

const gets = 3000;
const parallel = 64;
/** Below the API server's limit of streams per connection. */
const watches = 80;
const rounds = 3;

if (process.argv[2] === "run") await run(JSON.parse(process.argv[3]));
else await compare();

async function compare() {
  const controlPlane = await startControlPlane();
  try {
    await controlPlane.kubectl.ok(["create", "configmap", "small", "--from-literal=a=b"]);
    const results = { "HTTP/1.1": [], "HTTP/2": [] };
    for (let round = 0; round < rounds; round++) {
      for (const [name, allowH2] of [
        ["HTTP/1.1", false],
        ["HTTP/2", true],
      ]) {
        const options = { server: controlPlane.server, ca: controlPlane.ca, token: controlPlane.token, allowH2 };
        const { stdout } = await promisify(execFile)(
          process.execPath,
          [fileURLToPath(import.meta.url), "run", JSON.stringify(options)],
          { timeout: 60_000 },
        );
        results[name].push(JSON.parse(stdout));
      }
    }
    const rows = Object.entries(results).map(([name, runs]) => ({ name, ...medians(runs) }));
    console.table(Object.fromEntries(rows.map(({ name, ...figures }) => [name, figures])));
    const [one, two] = rows;
    console.log(
      "HTTP/2 ÷ HTTP/1.1:",
      Object.fromEntries(
        Object.keys(one)
          .filter((key) => key !== "name")
          .map((key) => [key, (two[key] / one[key]).toFixed(2)]),
      ),
    );
  } finally {
    await controlPlane.stop();
  }
}

function medians(runs) {
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  return Object.fromEntries(
    Object.keys(runs[0]).map((key) => [key, Number(median(runs.map((run) => run[key])).toFixed(1))]),
  );
}

/** 64 at a time, small gets; then idle watches. */
async function run({ server, ca, token, allowH2 }) {
  const dispatcher = new Agent({
    allowH2,
    connect: { ca: readFileSync(ca, "utf8") },
    pipelining: allowH2 ? 250 : 1,
    connections: allowH2 ? 1 : null,
  });
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  const get = async (path, signal) => request(`${server}${path}`, { dispatcher, headers, signal });
  await (await get("/version")).body.text();
  const before = process.cpuUsage();
  let left = gets;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left-- > 0) JSON.parse(await (await get("/api/v1/namespaces/default/configmaps/small")).body.text());
    }),
  );
  const used = process.cpuUsage(before);
  const memory = process.memoryUsage().rss;
  const abort = new AbortController();
  const open = [];
  for (let index = 0; index < watches; index++) {
    const response = await get(
      "/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=1&timeoutSeconds=60".replace(
        "resourceVersion=1&",
        "",
      ),
      abort.signal,
    );
    response.body.on("error", () => {}).resume();
    open.push(response);
  }
  const watching = process.memoryUsage().rss;
  const sockets = process
    .getActiveResourcesInfo()
    .filter((name) => name === "TCPSocketWrap" || name === "TLSWrap").length;
  console.log(
    JSON.stringify({
      cpuMsPerThousandGets: (used.user + used.system) / gets,
      mbForWatches: (watching - memory) / 1e6,
      sockets,
    }),
  );
  abort.abort();
  process.exit(0);
}
