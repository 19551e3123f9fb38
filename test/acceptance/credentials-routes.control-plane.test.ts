/** Every way to a real API server that lets nobody in unknown: through proxies, under another name, and to one that cannot be trusted. */

import { isUnauthorized } from "kindred";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority, failureOf } from "../../src/client/node/harness.mjs";
import { httpProxy, type Seen, socksProxy } from "../../src/client/node/proxies.mjs";
import { type As, whoAmI, World } from "./credentials-world.js";
import { Watching } from "./watching.js";

let world: World;
let port: string;
/** Its certificate has this name, which only the proxies resolve. */
const name = "kubernetes.default.svc";

beforeAll(async () => {
  world = await World.start({ apiServerFlags: ["--anonymous-auth=false"] });
  ({ port } = new URL(world.controlPlane.server));
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

const admin = async (as: As) => world.client({ token: world.controlPlane.token }, as);

describe("requests and a running watch go through a proxy, and the watch comes back when the tunnel breaks", () => {
  const named = () => ({ server: `https://${name}:${port}` });
  test.each<{ title: string; start: () => Promise<Seen>; as: (proxy: Seen) => As; asked: () => string }>([
    {
      title: "proxy-url http",
      start: () => httpProxy({ login: "u:p" }),
      as: (proxy) => ({ cluster: { ...named(), "proxy-url": `http://u:p@127.0.0.1:${proxy.port}` } }),
      asked: () => `${name}:${port} Basic dTpw`,
    },
    {
      title: "proxy-url http, for an address",
      start: () => httpProxy(),
      as: ({ url }) => ({ cluster: { "proxy-url": url } }),
      asked: () => `127.0.0.1:${port} -`,
    },
    {
      title: "proxy-url socks5",
      start: () => socksProxy({ login: "u:p" }),
      as: (proxy) => ({ cluster: { ...named(), "proxy-url": `socks5://u:p@127.0.0.1:${proxy.port}` } }),
      asked: () => `3 ${name}`,
    },
    {
      title: "HTTPS_PROXY",
      start: () => httpProxy(),
      as: ({ url }) => ({ cluster: named(), env: { HTTPS_PROXY: url, NO_PROXY: "example.dev,10.0.0.0/8" } }),
      asked: () => `${name}:${port} -`,
    },
  ])("$title", async ({ title, start, as, asked }) => {
    await using proxy = await start();
    const client = await admin(as(proxy));
    const label = title.replaceAll(/[^A-Za-z0-9]+/g, "-").toLowerCase();
    await using watch = await Watching.start(client, label);
    await world.shows(watch, `${label}-through-the-tunnel`);
    expect((await whoAmI(client)).username).toBe("admin");
    expect(watch.errors).toEqual([]);
    const before = proxy.connections();
    for (const socket of proxy.sockets) socket.destroy();
    await world.shows(watch, `${label}-through-another-tunnel`);
    expect(proxy.connections()).toBeGreaterThan(before);
    expect(new Set(proxy.asked)).toEqual(new Set([asked()]));
    expect(watch.lists).toBe(1);
  });
});

test.each([
  { what: "NO_PROXY names", server: () => `https://${name}:${port}`, noProxy: ".svc", reaches: false },
  { what: "are on this machine", server: () => `https://localhost:${port}`, noProxy: "", reaches: true },
])("HTTPS_PROXY is not asked for servers that $what", async ({ server, noProxy, reaches }) => {
  await using proxy = await httpProxy();
  const client = await admin({ cluster: { server: server() }, env: { HTTPS_PROXY: proxy.url, NO_PROXY: noProxy } });
  if (reaches) expect((await whoAmI(client)).username).toBe("admin");
  else expect((await failureOf(whoAmI(client))).message).toContain(`the host ${name}:${port} is unknown`);
  expect(proxy.asked).toEqual([]);
});

describe("tls-server-name", () => {
  test.each(["kubernetes", "10.0.0.1"])(
    "%s is in the server's certificate, where the host of its URL is not",
    async (serverName) => {
      await using proxy = await httpProxy();
      const elsewhere = { server: `https://api.example.dev:${port}`, "proxy-url": proxy.url };
      const client = await admin({ cluster: { ...elsewhere, "tls-server-name": serverName } });
      expect((await whoAmI(client)).username).toBe("admin");
      const error = await failureOf(whoAmI(await admin({ cluster: elsewhere })));
      expect(error.message).toContain(`the certificate of api.example.dev:${port} is for localhost, kubernetes,`);
    },
  );

  test("another name is refused, and those of the certificate are listed", async () => {
    const error = await failureOf(whoAmI(await admin({ cluster: { "tls-server-name": "api.example.dev" } })));
    expect(error.message).toContain(
      `the certificate of 127.0.0.1:${port} is for localhost, kubernetes, kubernetes.default, ${name}, 127.0.0.1, 10.0.0.1`,
    );
  });
});

test("a server of another authority gets no credentials but an explanation, unless insecure-skip-tls-verify is set", async () => {
  const stranger = world.folder.write("stranger.crt", new Authority(world.folder, "stranger").cert);
  const error = await failureOf(whoAmI(await admin({ cluster: { "certificate-authority": stranger } })));
  expect(error).toMatchObject({ code: "CONNECTION", sent: false, temporary: false });
  expect(error.message).toContain(
    `the certificate of 127.0.0.1:${port} is signed by an authority that is not trusted: set certificate-authority or certificate-authority-data of the kubeconfig's cluster`,
  );
  const insecure = { "certificate-authority": "", "insecure-skip-tls-verify": true };
  expect((await whoAmI(await admin({ cluster: insecure }))).username).toBe("admin");
});

test("a password is refused with 401 where nobody may be anonymous, which says what to do", async () => {
  const error = await failureOf(whoAmI(await world.client({ username: "alice", password: "pass-word" })));
  expect(isUnauthorized(error)).toBe(true);
  expect(error.message).toContain(
    "the credentials were not accepted: check the user of the kubeconfig's current context",
  );
  expect(error.message).not.toContain("pass-word");
});
