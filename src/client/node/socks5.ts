/**
 * The client's side of SOCKS5 (RFC 1928, RFC 1929). Our own, because undici 7's agent is experimental and says so on standard error,
 * and cannot take other certificates while it runs.
 */

import { isIPv4, isIPv6, type Socket } from "node:net";
import { ConnectFailure } from "./connection-error.js";
import type { Endpoint, Login } from "./proxy.js";

/**
 * Asks the proxy at the other end of `socket` for a connection to `target`; names are resolved by the proxy.
 *
 * @throws ConnectFailure with the proxy's reason.
 */
export async function socks5Handshake(socket: Socket, target: Endpoint, login: Login | undefined): Promise<void> {
  socket.write(Uint8Array.of(version, 1, login === undefined ? noLogin : passwordLogin));
  const [, method] = await read(socket, 2);
  if (method === passwordLogin && login !== undefined) {
    socket.write(Buffer.concat([Uint8Array.of(1), counted(login.username), counted(login.password)]));
    const [, refused] = await read(socket, 2);
    if (refused !== 0) throw new ConnectFailure("the SOCKS5 proxy refused user and password: check those in proxy-url");
  } else if (method !== noLogin) {
    throw new ConnectFailure("the SOCKS5 proxy wants user and password: socks5://user:password@host:port");
  }
  const port = Buffer.alloc(2);
  port.writeUInt16BE(target.port);
  socket.write(Buffer.concat([Uint8Array.of(version, connectCommand, 0), addressOf(target.host), port]));
  const [, reply = -1, , type] = await read(socket, 4);
  if (reply !== 0) {
    const reason = replies[reply] ?? `failure ${reply}`;
    throw new ConnectFailure(`the SOCKS5 proxy cannot reach ${target.host}:${target.port}: ${reason}`);
  }
  // Where the proxy is bound: told, and of no use here.
  const length = type === ipv4Type ? 4 : type === ipv6Type ? 16 : ((await read(socket, 1))[0] ?? 0);
  await read(socket, length + 2);
}

const version = 5;
const noLogin = 0;
const passwordLogin = 2;
const connectCommand = 1;
const ipv4Type = 1;
const nameType = 3;
const ipv6Type = 4;

/** RFC 1928, section 6. */
const replies: readonly string[] = [
  "succeeded",
  "general failure",
  "its rules do not allow it",
  "network unreachable",
  "host unreachable",
  "connection refused",
  "TTL expired",
  "command not supported",
  "address type not supported",
];

function counted(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) throw new ConnectFailure("SOCKS5 has room for 255 bytes of a name, user or password");
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}

function addressOf(host: string): Uint8Array {
  if (isIPv4(host)) return Uint8Array.of(ipv4Type, ...host.split(".").map(Number));
  if (isIPv6(host)) return Buffer.concat([Uint8Array.of(ipv6Type), ipv6Bytes(host)]);
  return Buffer.concat([Uint8Array.of(nameType), counted(host)]);
}

/** The 16 bytes of an IPv6 address, which the URL parser writes without an embedded IPv4 part. */
function ipv6Bytes(host: string): Uint8Array {
  const [head = "", tail] = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const all = [...before, ...zeros.slice(before.length + after.length), ...after];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

const zeros: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0];

function groups(text: string): readonly number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

/** Exactly so many bytes; what comes after them stays in the socket. */
function read(socket: Socket, count: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      socket.off("readable", attempt).off("error", fail).off("close", closed);
      finish();
    };
    const attempt = () => {
      const bytes: unknown = socket.read(count);
      if (bytes instanceof Uint8Array) settle(() => resolve(bytes));
    };
    const fail = (error: Error) => settle(() => reject(error));
    const closed = () => settle(() => reject(new ConnectFailure("the SOCKS5 proxy closed the connection: is it one?")));
    socket.on("readable", attempt).on("error", fail).on("close", closed);
    attempt();
  });
}
