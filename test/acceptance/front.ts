/** Doors of 127.0.0.1 to a real API server, which pass bytes on and whose connections a test cuts. */

import { readFile } from "node:fs/promises";
import { connect as connectTcp, createServer as createTcp, type Socket } from "node:net";
import { connect as connectTls, createServer as createTls } from "node:tls";
import { type Issued, type Running, serve } from "../../src/client/node/harness.mjs";
import type { ControlPlane } from "../control-plane/control-plane.js";

/** A door; its URL is https. */
export interface Front extends Running {
  /** Breaks every connection. */
  cut(): void;
}

/** A door that ends TLS itself, so that its certificate can be another one from the next connection on. */
export interface TlsFront extends Front {
  present(issued: Issued): void;
}

/** Passes TLS on as it is: client and API server see each other's certificates. */
export async function tcpFront({ server }: Pick<ControlPlane, "server">): Promise<Front> {
  const port = Number(new URL(server).port);
  return front(
    await serve(
      createTcp((socket) => join(socket, connectTcp(port, "127.0.0.1"))),
      "https",
    ),
  );
}

/** Shows a certificate of the test's own, and speaks TLS to the API server behind. */
export async function tlsFront({ server, ca }: Pick<ControlPlane, "server" | "ca">, issued: Issued): Promise<TlsFront> {
  const upstream = { host: "127.0.0.1", port: Number(new URL(server).port), ca: await readFile(ca) };
  const tls = createTls({ cert: issued.cert, key: issued.key }, (socket) => join(socket, connectTls(upstream)));
  tls.on("tlsClientError", () => {});
  return Object.assign(front(await serve(tls, "https")), {
    present: ({ cert, key }: Issued) => tls.setSecureContext({ cert, key }),
  });
}

function front(running: Running): Front {
  return Object.assign(running, {
    cut: () => {
      for (const socket of running.sockets) socket.destroy();
    },
  });
}

/** Pipes both ways; one side's end is the other's. */
function join(client: Socket, upstream: Socket): void {
  client.on("error", () => {}).on("close", () => upstream.destroy());
  upstream.on("error", () => {}).on("close", () => client.destroy());
  client.pipe(upstream).pipe(client);
}
