import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { kubeconfig } from "./harness.mjs";
import { Client } from "./index.js";

function undiciIsLoaded(): boolean {
  return Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("/undici/"));
}

/** How many sockets keep this process alive. */
function liveSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
}

test("undici is loaded by the first request, and an idle client does not keep the process alive", async () => {
  // In a thread of its own, so that the server's sockets are not this one's.
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     const server = require("node:http").createServer((request, response) => response.end("{}"));
     server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`,
    { eval: true },
  );
  try {
    const port = await new Promise<number>((resolve) => {
      worker.once("message", resolve);
    });
    const before = liveSockets();
    const client = await Client.fromKubeconfig({ text: kubeconfig({ server: `http://127.0.0.1:${port}` }), env: {} });
    expect(undiciIsLoaded()).toBe(false);
    await client.request({ method: "GET", path: "/", query: [], headers: {} });
    expect(undiciIsLoaded()).toBe(true);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(liveSockets()).toBe(before);
    await client[Symbol.asyncDispose]();
  } finally {
    await worker.terminate();
  }
});

test("importing kindred loads neither HTTP nor TLS, which cost more than all of it", () => {
  const built = new URL("../../../dist/index.js", import.meta.url).href;
  const script = `await import(${JSON.stringify(built)}); console.log(process.moduleLoadList.join("\\n"));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  const loaded = output.split("\n").map((line) => line.replace("NativeModule ", ""));
  expect(loaded).toContain("net");
  expect(loaded.filter((name) => ["http", "https", "tls", "zlib", "child_process"].includes(name))).toEqual([]);
});
