/**
 * The API server of kindred/testing/node in a process of its own: started, written to, listed and watched over TLS by a client in this
 * process. Most objects are created within the server, since over TLS the client would be measured too, for minutes.
 */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { node, root } from "../build.mjs";
import { startProgram } from "../process.mjs";
import { Client } from "../../dist/index.js";
import { ConfigMap } from "../../dist/resources/index.js";

/** Until the compiler of Node has seen it all. */
const warmUp = 1000;
const creates = 2000;
const writers = 16;

export const embedded = {
  name: "embedded",
  metrics: {
    startMs: { title: "start of a process with a server that answers", unit: "ms", digits: 0 },
    createCpuUs: { title: "CPU of the server for a create over TLS", unit: "µs", digits: 0 },
    filledPerS: { title: "creates per second without a socket", unit: "", digits: 0, more: true },
    createsPerS: { title: "creates per second over TLS, 16 writers", unit: "", digits: 0, more: true },
    listedPerS: { title: "objects listed per second", unit: "", digits: 0, more: true },
    eventsPerS: { title: "watch events per second", unit: "", digits: 0, more: true },
    residentMb: { title: "memory of the server then", unit: "MB", digits: 0 },
  },
  scenarios: ({ quick }) =>
    existsSync(join(root, "dist", "testing", "node"))
      ? [{ title: `${(quick ? 2000 : 50_000).toLocaleString("en")} objects`, objects: quick ? 2000 : 50_000 }]
      : [],
  around: (_bench, _scenario, use) => use(),
  async measure(_server, contender, { objects }) {
    const dist = builds[contender.name]?.(contender);
    if (dist === undefined) return undefined;
    const program = startProgram([node, join(root, "bench", "contenders", "kindred", "embedded.mjs"), dist]);
    try {
      const { kubeconfig } = await program.next();
      const client = await Client.fromKubeconfig({ text: kubeconfig });
      try {
        const maps = client.api(ConfigMap).namespace("default");
        await maps.page({ limit: 1 });
        const startMs = performance.timeOrigin + performance.now() - program.startedAt;
        await create(maps, 0, warmUp);
        const before = await program.cpuMs();
        const createsPerS = await rate(creates, () => create(maps, warmUp, warmUp + creates));
        const createCpuUs = (((await program.cpuMs()) - before) * 1000) / creates;
        const filledPerS = await rate(objects - warmUp - creates, async () => {
          program.tell({ from: warmUp + creates, to: objects });
          await program.next();
        });
        const listedPerS = await rate(objects, async () => {
          let listed = 0;
          for await (const page of maps.list().pages()) listed += page.items.length;
          if (listed < objects) throw new Error(`listed ${listed} of ${objects} objects`);
        });
        const eventsPerS = await watched(maps, objects);
        const residentMb = await program.residentMb();
        return { startMs, createCpuUs, filledPerS, createsPerS, listedPerS, eventsPerS, residentMb };
      } finally {
        await client[Symbol.asyncDispose]();
      }
    } finally {
      await program.stop();
    }
  },
};

/** The server comes from the build of its contender; the client from this one. */
const builds = { kindred: () => join(root, "dist"), before: ({ version }) => resolve(version) };

async function rate(count, work) {
  const from = performance.now();
  await work();
  return count / ((performance.now() - from) / 1000);
}

async function create(maps, from, to) {
  let next = from;
  const write = async () => {
    while (next < to) {
      const number = next++;
      await maps.create({
        metadata: { name: `map-${number}`, labels: { part: String(number % 10) } },
        data: { number: String(number) },
      });
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}

/** What is there, as the first events of a watch. */
async function watched(maps, objects) {
  return rate(objects, async () => {
    let seen = 0;
    for await (const event of maps.watch({ sendInitialEvents: true })) {
      if (event.type === "ERROR") throw new Error(event.object.message);
      if (event.type === "BOOKMARK") break;
      seen += 1;
    }
    if (seen < objects) throw new Error(`watched ${seen} of ${objects} objects`);
  });
}
