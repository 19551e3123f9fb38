/** Ports of 127.0.0.1 for the components to listen on. */

import { createServer } from "node:net";
import { threadId } from "node:worker_threads";
import { ControlPlaneError, hasCode } from "./error.js";

// Below the ranges from which Linux (32768) and macOS (49152) take the ports of outgoing connections. A port in there could be
// taken by any connection while the API server is down, and a client that keeps trying such a port may connect to itself.
const first = 20_000;
const end = 32_768;
// Processes and threads that start together look in different places, so that none takes a port another is about to use.
const stride = 32;

const handedOut = new Set<number>();

/** Ports that nothing listens on. None is handed out twice by this process. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  const start = ((process.pid + threadId * 97) * stride) % (end - first);
  for (let offset = 0; offset < end - first && ports.length < count; offset += 1) {
    const port = first + ((start + offset) % (end - first));
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) ports.push(port);
    else handedOut.delete(port);
  }
  if (ports.length < count) {
    returnPorts(ports);
    throw new ControlPlaneError(
      `cannot find ${count} free ports between ${first} and ${end - 1}: end what listens on them`,
    );
  }
  return ports;
}

/** Gives ports back that {@link freePorts} handed out. */
export function returnPorts(ports: readonly number[]): void {
  for (const port of ports) handedOut.delete(port);
}

/** Whether a server can listen on this port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      if (hasCode(error, "EADDRINUSE") || hasCode(error, "EACCES")) resolve(false);
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
