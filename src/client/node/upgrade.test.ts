import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { createHash } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { defineKind, type NamespacedObject } from "../../core/index.js";
import type { Middleware } from "../index.js";
import { Client, type ClientSettings } from "./client.js";
import { Authority, base64, clientName, failureOf, Folder, kubeconfig, type Running, serve } from "./harness.mjs";
import { httpProxy, socksProxy } from "./proxies.mjs";
import { closing, success, switched } from "./websocket-server.mjs";

const Pod = defineKind<NamespacedObject<"v1", "Pod">>()({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  scope: "Namespaced",
  subresources: ["exec"],
});

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const authority = new Authority(folder, "ca");
const identity = authority.issue("server", { names: "DNS:api.kindred.test,IP:127.0.0.1" });
const cluster = { "certificate-authority-data": base64(authority.cert) };

/** A TLS server that runs a command that says nothing for whom it accepts; else it answers as it is told. */
async function commandServer(
  answer: (request: IncomingMessage) => string = () => "",
): Promise<Running & { readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer({ ...identity, ca: authority.cert, requestCert: true, rejectUnauthorized: false });
  server.on("upgrade", (request, socket) => {
    seen.push(request);
    const refusal = answer(request);
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    const headers = { "sec-websocket-accept": accept, "sec-websocket-protocol": "v5.channel.k8s.io" };
    if (refusal !== "") socket.end(`HTTP/1.1 ${refusal}\r\ncontent-length: 0\r\n\r\n`);
    else socket.end(Buffer.concat([Buffer.from(switched(headers)), success, closing(1000)]));
  });
  return Object.assign(await serve(server, "https"), { seen });
}

interface Access extends ClientSettings {
  readonly user?: object;
  readonly cluster?: object;
}

async function podsAt(server: string, { user, cluster: more, ...settings }: Access = {}) {
  const text = kubeconfig({ server, ...cluster, ...more }, user);
  const client = await Client.fromKubeconfig({ text, env: { PATH: process.env["PATH"] }, ...settings });
  return client.api(Pod).namespace("ns");
}

async function run(pods: Awaited<ReturnType<typeof podsAt>>): Promise<number> {
  await using execution = await pods.exec("web", { command: ["true"] });
  return (await execution.result).exitCode;
}

describe("a WebSocket goes the way of every request", () => {
  test.each([
    ["an HTTP proxy", () => httpProxy({ login: "u:p" }), "http://u:p@", `api.kindred.test:PORT Basic ${base64("u:p")}`],
    ["a SOCKS5 proxy", () => socksProxy({ login: "u:p" }), "socks5://u:p@", "3 api.kindred.test"],
  ])("through %s", async (_title, start, scheme, asked) => {
    await using server = await commandServer();
    await using proxy = await start();
    const proxyUrl = { "proxy-url": `${scheme}127.0.0.1:${proxy.port}` };
    expect(await run(await podsAt(`https://api.kindred.test:${server.port}`, { cluster: proxyUrl }))).toBe(0);
    expect(proxy.asked).toEqual([asked.replace("PORT", String(server.port))]);
  });

  test("below the path of the server's URL, with the headers of middleware, impersonation and the user agent", async () => {
    await using server = await commandServer();
    const mark: Middleware = (next) => (request) =>
      next({ ...request, headers: { ...request.headers, "x-mark": request.upgrade ?? "none" } });
    const settings = { middleware: [mark], impersonate: { user: "jane" }, userAgent: "tester" };
    expect(await run(await podsAt(`${server.url}/k8s/clusters/c-1/`, settings))).toBe(0);
    expect(server.seen[0]).toMatchObject({
      url: "/k8s/clusters/c-1/api/v1/namespaces/ns/pods/web/exec?stdout=true&stderr=true&command=true",
      headers: { "x-mark": "websocket", "impersonate-user": "jane", "user-agent": "tester", upgrade: "websocket" },
    });
  });

  test("with a client certificate, and the next one without a new client", async () => {
    await using server = await commandServer();
    const [first, second] = [authority.issue("first"), authority.issue("second")];
    const user = {
      "client-certificate": folder.write("client.crt", first.cert),
      "client-key": folder.write("client.key", first.key),
    };
    let now = 0;
    const pods = await podsAt(server.url, { user, now: () => now });
    await run(pods);
    folder.write("client.crt", second.cert);
    folder.write("client.key", second.key);
    now = 3_600_000;
    await run(pods);
    expect(server.seen.map(clientName)).toEqual(["first", "second"]);
  });

  test("with a token that is read again after a 401", async () => {
    const tokenFile = folder.write("token", "old");
    await using server = await commandServer(({ headers }) =>
      headers.authorization === "Bearer new" ? "" : "401 Unauthorized",
    );
    const pods = await podsAt(server.url, { user: { tokenFile } });
    expect(await failureOf(run(pods))).toMatchObject({ code: "API", statusCode: 401 });
    folder.write("token", "new");
    expect(await run(pods)).toBe(0);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer old", "Bearer old", "Bearer new"]);
  });

  test("with a token of a plugin", async () => {
    const script = folder.write(
      "plugin.mjs",
      `console.log(JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status: { token: "abc" } }));`,
    );
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: process.execPath,
      args: [script],
      interactiveMode: "Never",
    };
    await using server = await commandServer();
    await run(await podsAt(server.url, { user: { exec } }));
    expect(server.seen[0]?.headers.authorization).toBe("Bearer abc");
  });

  test.each([
    ["429 Too Many Requests", 2],
    ["503 Service Unavailable", 1],
    ["504 Gateway Timeout", 1],
  ])("and is tried again only if it did nothing: a %s makes %i requests", async (refusal, requests) => {
    await using server = await commandServer(() => (server.seen.length === 1 ? refusal : ""));
    const clock = { now: () => 0, sleep: async () => {}, random: () => 0 };
    const outcome = await run(await podsAt(server.url, { retry: { clock } })).catch(() => "refused");
    expect(outcome).toBe(requests === 2 ? 0 : "refused");
    expect(server.seen).toHaveLength(requests);
  });
});
