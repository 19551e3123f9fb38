import { createServer as createTcp } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { Client, type ClientSettings } from "./client.js";
import {
  Authority,
  base64,
  failureOf,
  Folder,
  kubeconfig,
  Note,
  note,
  serve,
  serveHttp,
  serveHttps,
} from "./harness.mjs";
import { httpProxy, type Seen, socksProxy } from "./proxies.mjs";
import { parseProxy, proxyFromEnvironment } from "./proxy.js";

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const authority = new Authority(folder, "ca");
const named = authority.issue("server", { names: "DNS:api.kindred.test,IP:127.0.0.1" });
const cluster = { "certificate-authority-data": base64(authority.cert) };

async function get(server: string, settings: ClientSettings & { proxyUrl?: string }): Promise<unknown> {
  const { proxyUrl, ...rest } = settings;
  await using client = await Client.fromKubeconfig({
    text: kubeconfig({ server, ...(server.startsWith("https") ? cluster : {}), "proxy-url": proxyUrl ?? null }),
    env: {},
    retry: false,
    ...rest,
  });
  await client.api(Note).namespace(client.defaultNamespace).get("a");
  return await client.api(Note).namespace(client.defaultNamespace).get("b");
}

describe("requests go through a proxy, which resolves the name, over one tunnel", () => {
  test.each<readonly [string, () => Promise<Seen>, (proxy: Seen) => ClientSettings & { proxyUrl?: string }, string]>([
    ["proxy-url http", () => httpProxy(), ({ url }) => ({ proxyUrl: url }), "api.kindred.test:PORT -"],
    [
      "proxy-url http with a login",
      () => httpProxy({ login: "u:p@ss" }),
      ({ port }) => ({ proxyUrl: `http://u:p%40ss@127.0.0.1:${port}` }),
      `api.kindred.test:PORT Basic ${base64("u:p@ss")}`,
    ],
    ["HTTPS_PROXY", () => httpProxy(), ({ url }) => ({ env: { HTTPS_PROXY: url } }), "api.kindred.test:PORT -"],
    [
      "the option proxy, before proxy-url",
      () => httpProxy(),
      ({ url }) => ({ proxy: url, proxyUrl: "http://127.0.0.1:1" }),
      "api.kindred.test:PORT -",
    ],
    ["SOCKS5", () => socksProxy(), ({ url }) => ({ proxyUrl: url }), "3 api.kindred.test"],
    [
      "SOCKS5 with a login",
      () => socksProxy({ login: "u:p@ss" }),
      ({ port }) => ({ proxyUrl: `socks5h://u:p%40ss@127.0.0.1:${port}` }),
      "3 api.kindred.test",
    ],
  ])("%s", async (_title, start, settings, asked) => {
    await using server = await serveHttps(named, (_request, response) => response.end(note("a")));
    await using proxy = await start();
    await get(`https://api.kindred.test:${server.port}`, settings(proxy));
    expect(proxy.asked).toEqual([asked.replace("PORT", String(server.port))]);
    expect(proxy.connections()).toBe(1);
  });

  test("a server without TLS is tunnelled too, and addresses are sent as addresses", async () => {
    await using server = await serveHttp((_request, response) => response.end(note("a")));
    await using http = await httpProxy();
    await get(server.url, { proxyUrl: http.url });
    expect(http.asked).toEqual([`127.0.0.1:${server.port} -`]);
    await using socks = await socksProxy();
    await get(server.url, { proxyUrl: socks.url });
    await get(`http://[2001:db8::1:7f00]:${server.port}`, { proxyUrl: socks.url });
    expect(socks.asked).toEqual(["1 7f000001", "4 20010db8000000000000000000017f00"]);
  });

  test("proxy: false ignores them all", async () => {
    await using server = await serveHttp((_request, response) => response.end(note("a")));
    await get(server.url, { proxy: false, proxyUrl: "http://127.0.0.1:1" });
  });
});

test("a proxy that speaks TLS itself is spoken to in TLS, and must be trusted", async () => {
  await using proxy = await httpProxy({ tls: named });
  const error = await failureOf(get("https://api.kindred.test:1", { proxyUrl: proxy.url }));
  expect(error.message).toMatch(/the proxy itself cannot be reached: .*certificate.*check proxy-url or HTTPS_PROXY/);
  expect(error.message).toContain(`through the proxy https://127.0.0.1:${proxy.port}`);
});

describe("a proxy that does not serve is named, with the cure and without its password", () => {
  test.each<readonly [string, () => Promise<Seen>, string, string]>([
    [
      "HTTP wants a login",
      () => httpProxy({ login: "u:p" }),
      "",
      "wants user and password: http://user:password@host:port",
    ],
    [
      "HTTP refuses the login",
      () => httpProxy({ login: "u:p" }),
      "u:hunter2@",
      "answered CONNECT api.kindred.test:1 with 407: it wants another user and password",
    ],
    ["SOCKS5 wants a login", () => socksProxy({ login: "u:p" }), "", "the SOCKS5 proxy wants user and password"],
    [
      "SOCKS5 refuses the login",
      () => socksProxy({ login: "u:p" }),
      "u:hunter2@",
      "the SOCKS5 proxy refused user and password",
    ],
    [
      "SOCKS5 refuses the target",
      () => socksProxy({ reply: 2 }),
      "",
      "cannot reach api.kindred.test:1: its rules do not allow it",
    ],
    [
      "SOCKS5 hangs up",
      async () =>
        Object.assign(
          await serve(
            createTcp((socket) => socket.destroy()),
            "socks5",
          ),
          { asked: [] },
        ),
      "",
      "the SOCKS5 proxy closed the connection|ECONNRESET",
    ],
    [
      "HTTP hangs up",
      async () =>
        Object.assign(
          await serve(
            createTcp((socket) => socket.destroy()),
            "http",
          ),
          { asked: [] },
        ),
      "",
      "the proxy itself cannot be reached",
    ],
    [
      "nothing comes",
      async () =>
        Object.assign(
          await serve(
            createTcp(() => {}),
            "http",
          ),
          { asked: [] },
        ),
      "",
      "no tunnel within 0.2 s",
    ],
    [
      "nothing comes from SOCKS5",
      async () =>
        Object.assign(
          await serve(
            createTcp(() => {}),
            "socks5",
          ),
          { asked: [] },
        ),
      "",
      "no tunnel within 0.2 s",
    ],
  ])("%s", async (_title, start, login, message) => {
    await using proxy = await start();
    const proxyUrl = proxy.url.replace("://", `://${login}`);
    const error = await failureOf(get("https://api.kindred.test:1", { proxyUrl, timeouts: { connectMs: 200 } }));
    expect(error).toMatchObject({ code: "CONNECTION", sent: false });
    expect(error.message).toMatch(new RegExp(message));
    expect(error.message).toContain(`(through the proxy ${proxy.url})`);
    expect(error.message).not.toContain("hunter2");
  });

  test("nobody listens", async () => {
    const proxy = await httpProxy();
    await proxy[Symbol.asyncDispose]();
    const error = await failureOf(get("https://api.kindred.test:1", { proxyUrl: proxy.url }));
    expect(error.message).toContain("the proxy itself cannot be reached: connect ECONNREFUSED");
  });
});

describe("the proxy of the environment", () => {
  const env = { HTTPS_PROXY: "http://s:1", HTTP_PROXY: "p:2" };
  test.each<readonly [string, Record<string, string>, string | undefined]>([
    ["https://a.test", env, "http://s:1"],
    ["http://a.test", env, "http://p:2"],
    ["https://a.test", { https_proxy: "socks5://l:3" }, "socks5://l:3"],
    ["http://a.test", { HTTPS_PROXY: "http://s:1" }, undefined],
    ["https://a.test", { HTTP_PROXY: "http://p:2" }, undefined],
    ["https://localhost:6443", env, undefined],
    ["https://127.8.0.1:6443", env, undefined],
    ["https://[::1]:6443", env, undefined],
    ["https://10.1.2.3", env, "http://s:1"],
    ["https://a.test", { ...env, NO_PROXY: "*" }, undefined],
    ["https://a.test", { ...env, NO_PROXY: "b.test, a.test" }, undefined],
    ["https://A.test", { ...env, no_proxy: "A.TEST" }, undefined],
    ["https://x.a.test", { ...env, NO_PROXY: "a.test" }, undefined],
    ["https://xa.test", { ...env, NO_PROXY: "a.test" }, "http://s:1"],
    ["https://x.a.test", { ...env, NO_PROXY: ".a.test" }, undefined],
    ["https://a.test", { ...env, NO_PROXY: ".a.test" }, "http://s:1"],
    ["https://x.a.test", { ...env, NO_PROXY: "*.a.test" }, undefined],
    ["https://a.test:6443", { ...env, NO_PROXY: "a.test:6443" }, undefined],
    ["https://a.test:6444", { ...env, NO_PROXY: "a.test:6443" }, "http://s:1"],
    ["https://a.test", { ...env, NO_PROXY: "a.test:443" }, undefined],
    ["https://10.1.2.3", { ...env, NO_PROXY: "10.0.0.0/8" }, undefined],
    ["https://11.1.2.3", { ...env, NO_PROXY: "10.0.0.0/8" }, "http://s:1"],
    ["https://10.1.2.3", { ...env, NO_PROXY: "10.1.2.3" }, undefined],
    ["https://110.1.2.3", { ...env, NO_PROXY: "10.1.2.3" }, "http://s:1"],
    ["https://[fd00::1]:1", { ...env, NO_PROXY: "fd00::/8" }, undefined],
    ["https://[fd00::1]:1", { ...env, NO_PROXY: "fd00::1" }, undefined],
    ["https://[fd00::1]:1", { ...env, NO_PROXY: "[fd00::1]:1" }, undefined],
    ["https://a.test", { ...env, NO_PROXY: "10.0.0.0/99,," }, "http://s:1"],
  ])("%s with %j: %s", (server, variables, proxy) => {
    expect(proxyFromEnvironment(server, variables)).toBe(proxy);
  });
});

test.each([
  ["ftp://p", 'has the scheme "ftp"'],
  ["p:8080", 'has the scheme "p"'],
  ["//p", "is no URL"],
])("a proxy must be a URL of a kind that is known: %s", (text, message) => {
  expect(() => parseProxy(text, "proxy-url")).toThrow(message);
});
