/** The contract over the real API server: the one that is right. */

import { readFile } from "node:fs/promises";
import { env } from "node:process";
import { startControlPlane } from "../control-plane/control-plane.js";
import { contract } from "./cases/index.js";
import { contractSuite, type Target } from "./suite.js";
import { httpWire } from "./wire.js";

contractSuite("the real API server", { start, cases: contract });

/** A control plane of our own, or the server that CONTRACT_URL, CONTRACT_TOKEN and CONTRACT_CA (a file) name. */
async function start(): Promise<Target> {
  const url = env["CONTRACT_URL"];
  if (url !== undefined) {
    const ca = env["CONTRACT_CA"];
    const wire = httpWire({ url, ca: ca === undefined ? undefined : await readFile(ca, "utf8") });
    return target(wire, env["CONTRACT_TOKEN"] ?? "", async () => undefined);
  }
  const controlPlane = await startControlPlane();
  const wire = httpWire({ url: controlPlane.server, ca: await readFile(controlPlane.ca, "utf8") });
  return target(wire, controlPlane.token, () => controlPlane.stop());
}

function target(wire: ReturnType<typeof httpWire>, token: string, stop: () => Promise<void>): Target {
  return {
    wire,
    token,
    async [Symbol.asyncDispose]() {
      wire[Symbol.dispose]();
      await stop();
    },
  };
}
