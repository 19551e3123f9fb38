/** Certificates, tokens and authorities replaced under a running watch of a real API server, without a new client. */

import { mkdirSync } from "node:fs";
import { Client } from "kindred";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Authority, failureOf, type Issued } from "../../src/client/node/harness.mjs";
import { until } from "../support/child.js";
import { Plugin } from "./credential-plugin.js";
import { whoAmI, World } from "./credentials-world.js";
import { tcpFront, tlsFront } from "./front.js";
import { Watching } from "./watching.js";

let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

/** Which token a client came with. */
async function credentialId(client: Client): Promise<string | undefined> {
  return (await whoAmI(client)).extra?.["authentication.kubernetes.io/credential-id"]?.[0];
}

test("a token file: the watch goes on, a 401 reads it at once, and the watch comes back with the new token", async () => {
  const username = await world.account("rotating");
  await world.letRead(username);
  await using front = await tcpFront(world.controlPlane);
  const first = await world.token("rotating");
  const tokenFile = world.folder.write("rotating.token", first.token);
  // A clock that stands still: nothing is read because a minute has passed.
  let now = 0;
  const client = await world.client({ tokenFile }, { cluster: { server: front.url }, now: () => now });
  await using watch = await Watching.start(client, "token");
  const id = await credentialId(client);

  const second = await world.token("rotating");
  world.folder.write("rotating.token", second.token);
  await first.revoke();
  await world.shows(watch, "token-while-revoked");
  const newId = await credentialId(client);
  expect(newId).not.toBe(id);
  expect(watch.errors).toEqual([]);

  front.cut();
  await world.shows(watch, "token-after-a-cut");
  expect(watch.lists).toBe(1);

  world.folder.write("rotating.token", (await world.token("rotating")).token);
  expect(await credentialId(client)).toBe(newId);
  now = 60_000;
  expect(await credentialId(client)).not.toBe(newId);
});

/** Shows that a watch opened as one user goes on, and comes back as another, when `replace` has put that one's certificate in place. */
async function followsCertificates(
  label: string,
  start: (
    first: Issued,
    server: string,
    now: () => number,
  ) => Promise<{ client: Client; replace(second: Issued): void }>,
): Promise<void> {
  const [old, next] = [`${label}-old`, `${label}-next`];
  const [forbid] = [await world.letRead(old), await world.letRead(next)];
  const [first, second] = [await world.certificate(old), await world.certificate(next)];
  await using front = await tcpFront(world.controlPlane);
  let now = Date.now();
  const { client, replace } = await start(first, front.url, () => now);
  await using watch = await Watching.start(client, label);
  expect((await whoAmI(client)).username).toBe(old);

  replace(second);
  now += 3_600_000;
  expect((await whoAmI(client)).username).toBe(next);
  await world.shows(watch, `${label}-over-the-old-connection`);
  expect(watch.errors).toEqual([]);

  await forbid();
  front.cut();
  await world.shows(watch, `${label}-after-a-cut`);
  expect(watch.lists).toBe(1);
  expect(watch.errors.join()).not.toContain("forbidden");
}

test("client certificate files: the watch goes on over the old one, and comes back with the new one", () =>
  followsCertificates("files", async (first, server, now) => {
    const write = ({ cert, key }: Issued) => ({
      "client-certificate": world.folder.write("rotating.crt", cert),
      "client-key": world.folder.write("rotating.key", key),
    });
    const client = await world.client(write(first), { cluster: { server }, now });
    return { client, replace: write };
  }));

test("an exec plugin's client certificate that expires: the watch goes on, and comes back with the next one", () =>
  followsCertificates("plugin", async (first, server, now) => {
    const expirationTimestamp = new Date(now() + 3_600_000).toISOString();
    const status = ({ cert, key }: Issued) => ({ clientCertificateData: cert, clientKeyData: key });
    const plugin = new Plugin(world.folder, "rotating", [{ ...status(first), expirationTimestamp }]);
    const client = await world.client(plugin.user, { cluster: { server }, now });
    const replace = (second: Issued) => {
      expect(plugin.runs).toHaveLength(1);
      plugin.prints([status(second)]);
    };
    return { client, replace };
  }));

test("the authority in a file: a server with a certificate of another one is refused until the file has it, then the watch goes on", async () => {
  const [old, next] = [new Authority(world.folder, "old-ca"), new Authority(world.folder, "next-ca")];
  const names = { names: "IP:127.0.0.1" };
  await using front = await tlsFront(world.controlPlane, old.issue("server", names));
  const ca = world.folder.write("rotating-ca.crt", old.cert);
  const { token } = world.controlPlane;
  const cluster = { server: front.url, "certificate-authority": ca };
  const client = await world.client({ token }, { cluster, now: () => 0 });
  await using watch = await Watching.start(client, "authority");

  front.present(next.issue("server", names));
  await world.shows(watch, "authority-over-the-old-connection");
  expect(watch.errors).toEqual([]);
  front.cut();
  const untrusted = `the certificate of 127.0.0.1:${front.port} is signed by an authority that is not trusted: set certificate-authority`;
  expect((await failureOf(whoAmI(client))).message).toContain(untrusted);
  await until("the watch is refused too", () => watch.errors.some((error) => error.includes(untrusted)));

  world.folder.write("rotating-ca.crt", next.cert);
  await world.shows(watch, "authority-after-its-file");
  expect((await whoAmI(client)).username).toBe("admin");
  expect(watch.lists).toBe(1);
});

test("in a pod: token and authority of the service account are replaced under a running watch", async () => {
  const username = await world.account("in-pod");
  await world.letRead(username);
  const [old, next] = [new Authority(world.folder, "old-pod-ca"), new Authority(world.folder, "next-pod-ca")];
  const names = { names: "IP:127.0.0.1" };
  await using front = await tlsFront(world.controlPlane, old.issue("pod-server", names));
  const serviceAccountFolder = `${world.folder.path}/service-account`;
  mkdirSync(serviceAccountFolder);
  const mount = (ca: string, token: string) => {
    world.folder.write("service-account/ca.crt", ca);
    world.folder.write("service-account/token", token);
    world.folder.write("service-account/namespace", "default");
  };
  const first = await world.token("in-pod");
  mount(old.cert, first.token);
  const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(front.port) };
  await using client = await Client.inCluster({ env, serviceAccountFolder, now: () => 0, retry: false });
  expect(client.defaultNamespace).toBe("default");
  expect((await whoAmI(client)).username).toBe(username);
  await using watch = await Watching.start(client, "pod");

  mount(next.cert, (await world.token("in-pod")).token);
  front.present(next.issue("pod-server", names));
  await first.revoke();
  await world.shows(watch, "pod-over-the-old-connection");
  expect(watch.errors).toEqual([]);
  front.cut();
  await world.shows(watch, "pod-after-a-cut");
  expect((await whoAmI(client)).username).toBe(username);
  expect(watch.lists).toBe(1);
});
