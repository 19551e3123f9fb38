/** Proxies for tests, which resolve every name to 127.0.0.1. Not published. */

import { createServer as createHttp, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import { connect, createServer as createTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { base64, type Issued, type Running, serve } from "./harness.mjs";

/** A proxy, and what it was asked for. */
export type Seen = Running & { readonly asked: string[] };

const refuse: RequestListener = (_request, response) => response.writeHead(405).end();

/** An HTTP proxy that resolves every name to 127.0.0.1. */
export async function httpProxy(options: { readonly login?: string; readonly tls?: Issued } = {}): Promise<Seen> {
  const asked: string[] = [];
  const server = options.tls !== undefined ? createHttps(options.tls, refuse) : createHttp(refuse);
  server.on("connect", (request, client: Duplex) => {
    const login = request.headers["proxy-authorization"];
    asked.push(`${request.url} ${login ?? "-"}`);
    if (options.login !== undefined && login !== `Basic ${base64(options.login)}`) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    pipe(client, Number(request.url?.split(":").at(-1)), () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
  });
  return Object.assign(await serve(server, options.tls !== undefined ? "https" : "http"), { asked });
}

/** A SOCKS5 proxy that resolves every name to 127.0.0.1, and answers byte by byte. */
export async function socksProxy(options: { readonly login?: string; readonly reply?: number } = {}): Promise<Seen> {
  const asked: string[] = [];
  const server = createTcp((socket) => {
    const slowly = (...bytes: number[]) => bytes.forEach((byte) => socket.write(Uint8Array.of(byte)));
    const greeted = (hello: Buffer) => {
      const wants = options.login === undefined ? 0 : 2;
      if (!hello.subarray(2).includes(wants)) return socket.end(Uint8Array.of(5, 0xff));
      slowly(5, wants);
      return socket.once("data", wants === 0 ? connected : loggedIn);
    };
    const loggedIn = (login: Buffer) => {
      const user = login.subarray(2, 2 + (login[1] ?? 0)).toString();
      const password = login.subarray(3 + (login[1] ?? 0)).toString();
      const right = `${user}:${password}` === options.login;
      slowly(1, right ? 0 : 1);
      if (right) socket.once("data", connected);
    };
    const connected = (command: Buffer) => {
      const type = command[3];
      const end = type === 3 ? 5 + (command[4] ?? 0) : type === 1 ? 8 : 20;
      asked.push(
        `${type} ${type === 3 ? command.subarray(5, end).toString() : command.subarray(4, end).toString("hex")}`,
      );
      if (options.reply !== undefined) return slowly(5, options.reply, 0, 1, 0, 0, 0, 0, 0, 0);
      return pipe(socket, command.readUInt16BE(end), () => slowly(5, 0, 0, 1, 127, 0, 0, 1, 0, 80));
    };
    socket.once("data", greeted);
  });
  return Object.assign(await serve(server, "socks5"), { asked });
}

function pipe(client: Duplex, port: number, ready: () => void): void {
  const upstream: Socket = connect(port, "127.0.0.1", () => {
    ready();
    client.pipe(upstream).pipe(client);
  });
  upstream.on("error", () => client.destroy());
  client.on("error", () => upstream.destroy());
}
