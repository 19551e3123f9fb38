/** Which proxy a server is reached through, and a tunnel through it. */

import { BlockList, connect, isIP, isIPv6, type Socket } from "node:net";
import { KindredError } from "../../core/index.js";
import { ConnectFailure } from "./connection-error.js";
import { socks5Handshake } from "./socks5.js";

/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy to open tunnels through. */
export interface Proxy {
  /** The URL without user and password, for messages. */
  readonly name: string;
  /** A socket on which the target's bytes come and go. */
  open(target: Endpoint, timeoutMs: number): Promise<Socket>;
}

/** A host, without brackets, and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/**
 * The URL of the proxy that the environment names for `server`, by Go's rules, which kubectl follows: `HTTPS_PROXY` or
 * `https_proxy` for https servers, `HTTP_PROXY` for http ones, none for localhost and loopback addresses, and none for what
 * `NO_PROXY` lists: names with their subdomains, `.suffixes`, addresses, CIDR blocks, each with an optional port, or `*`.
 */
export function proxyFromEnvironment(server: string, env: Environment): string | undefined {
  const url = new URL(server);
  const found =
    url.protocol === "https:" ? env["HTTPS_PROXY"] || env["https_proxy"] : env["HTTP_PROXY"] || env["http_proxy"];
  if (!found) return undefined;
  const host = unbracket(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  if (host === "localhost" || isLoopback(host)) return undefined;
  const exceptions = (env["NO_PROXY"] || env["no_proxy"] || "").split(",").map((rule) => rule.trim().toLowerCase());
  if (exceptions.some((rule) => rule !== "" && matches(rule, host, port))) return undefined;
  return /^[a-z0-9+]+:\/\//i.test(found) ? found : `http://${found}`;
}

/**
 * A proxy by its URL: `http`, `https`, `socks5` or `socks5h`, with user and password if need be.
 *
 * @throws KindredError `CONFIG` for what is none.
 */
export function parseProxy(text: string, where: string): Proxy {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url?.protocol.slice(0, -1) ?? "";
  const defaultPort = defaultPorts.get(scheme);
  if (url === undefined || url.hostname === "" || defaultPort === undefined) {
    const got = url === undefined ? "is no URL" : `has the scheme ${JSON.stringify(scheme)}`;
    throw new KindredError("CONFIG", `${where} ${got}: write it as http://, https:// or socks5://host:port`);
  }
  const at = { host: unbracket(url.hostname), port: Number(url.port) || defaultPort };
  const username = decodeURIComponent(url.username);
  const login = username === "" ? undefined : { username, password: decodeURIComponent(url.password) };
  const name = `${scheme}://${url.hostname}:${at.port}`;
  return Object.freeze({
    name,
    open: (target: Endpoint, timeoutMs: number) =>
      scheme.startsWith("socks5")
        ? openSocks5({ at, login, target, timeoutMs })
        : openConnect({ at, login, target, timeoutMs, name, secure: scheme === "https" }),
  });
}

/** User and password of a proxy. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

interface Tunnel {
  readonly at: Endpoint;
  readonly login: Login | undefined;
  readonly target: Endpoint;
  readonly timeoutMs: number;
}

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
  ["socks5", 1080],
  ["socks5h", 1080],
]);

async function openSocks5({ at, login, target, timeoutMs }: Tunnel): Promise<Socket> {
  const socket = connect({ host: at.host, port: at.port });
  const timer = setTimeout(() => socket.destroy(timedOut(timeoutMs)), timeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", (error) => reject(unreachable(error)));
    });
    await socks5Handshake(socket, target, login);
    return socket;
  } catch (error) {
    socket.on("error", () => {}).destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function openConnect(tunnel: Tunnel & { readonly name: string; readonly secure: boolean }): Promise<Socket> {
  const { request: send } = tunnel.secure ? await import("node:https") : await import("node:http");
  const { at, login, target, timeoutMs, name } = tunnel;
  const authority = `${isIPv6(target.host) ? `[${target.host}]` : target.host}:${target.port}`;
  const basic = login && Buffer.from(`${login.username}:${login.password}`).toString("base64");
  return new Promise((resolve, reject) => {
    const request = send({
      host: at.host,
      port: at.port,
      method: "CONNECT",
      path: authority,
      agent: false,
      headers: { host: authority, ...(basic !== undefined && { "proxy-authorization": `Basic ${basic}` }) },
    });
    const timer = setTimeout(() => request.destroy(timedOut(timeoutMs)), timeoutMs);
    request.once("error", (error) => {
      clearTimeout(timer);
      reject(unreachable(error));
    });
    request.once("connect", (response, socket, head) => {
      clearTimeout(timer);
      if (response.statusCode === 200) {
        if (head.length > 0) socket.unshift(head);
        return resolve(socket);
      }
      socket.on("error", () => {}).destroy();
      const cure =
        response.statusCode === 407
          ? `it wants ${login === undefined ? "" : "another "}user and password: http://user:password@host:port`
          : "check that it may reach the API server";
      reject(
        new ConnectFailure(`the proxy ${name} answered CONNECT ${authority} with ${response.statusCode}: ${cure}`),
      );
    });
    request.end();
  });
}

function timedOut(timeoutMs: number): Error {
  return new ConnectFailure(`no tunnel within ${timeoutMs / 1000} s: check proxy-url or HTTPS_PROXY`);
}

function unreachable(error: Error): Error {
  if (error instanceof ConnectFailure) return error;
  return new ConnectFailure(`the proxy itself cannot be reached: ${error.message}: check proxy-url or HTTPS_PROXY`, {
    cause: error,
  });
}

/** Whether a NO_PROXY rule, in lower case, covers a host. */
function matches(rule: string, host: string, port: string): boolean {
  if (rule === "*") return true;
  const [, address = "", length] = /^([^/]+)\/(\d+)$/.exec(rule) ?? [];
  if (length !== undefined) return isIP(host) !== 0 && inBlock(host, address, Number(length));
  const [, name = rule, rulePort] = isIPv6(rule) ? [] : (/^(.*?)(?::(\d+))?$/.exec(rule) ?? []);
  if (rulePort !== undefined && rulePort !== port) return false;
  const bare = unbracket(name);
  if (isIP(bare) !== 0) return bare === host;
  const domain = bare.replace(/^\*?\.?/, "");
  const leadingDot = bare.startsWith(".") || bare.startsWith("*.");
  return (host === domain && !leadingDot) || host.endsWith(`.${domain}`);
}

function inBlock(host: string, address: string, length: number): boolean {
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  if (isIP(address) === 0 || length > (family === "ipv6" ? 128 : 32)) return false;
  const block = new BlockList();
  block.addSubnet(address, length, family);
  return block.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}

function isLoopback(host: string): boolean {
  return host === "::1" || inBlock(host, "127.0.0.0", 8);
}

/** The host of a URL without the brackets of an IPv6 address. */
export function unbracket(hostname: string): string {
  return hostname.startsWith("[") && hostname.endsWith("]") ? hostname.slice(1, -1) : hostname;
}
