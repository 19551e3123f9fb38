import { isUnauthorized } from "../../core/index.js";
import { TLSSocket } from "node:tls";
import { createServer } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { Client } from "./client.js";
import { ConnectionError } from "./connection-error.js";
import {
  Authority,
  base64,
  clientName,
  failureOf,
  Folder,
  kubeconfig,
  Note,
  note,
  selfSigned,
  serve,
  serveHttp,
  serveHttps,
} from "./harness.mjs";

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const authority = new Authority(folder, "ca");
const other = new Authority(folder, "other");
const localhost = authority.issue("server", { names: "IP:127.0.0.1" });
const data = { "certificate-authority-data": base64(authority.cert) };

async function clientOf(cluster: object, user: object = {}): Promise<Client> {
  return Client.fromKubeconfig({ text: kubeconfig(cluster, user), env: {}, retry: false });
}

async function getFrom(cluster: object, user: object = {}): Promise<unknown> {
  await using client = await clientOf(cluster, user);
  return await client.api(Note).namespace(client.defaultNamespace).get("a");
}

test("one TLS connection serves twenty requests", async () => {
  await using server = await serveHttps(localhost, (_request, response) => response.end(note("a")));
  await using client = await clientOf({ server: server.url, ...data });
  for (let index = 0; index < 20; index += 1) await client.api(Note).namespace(client.defaultNamespace).get("a");
  expect(server.connections()).toBe(1);
});

test("a path in the server's URL is kept before that of each request", async () => {
  await using server = await serveHttps(localhost, (request, response) => {
    response.end(request.url === "/k8s/c1/apis/example.dev/v1/namespaces/default/notes/a" ? note("a") : "{}");
  });
  expect(await getFrom({ server: `${server.url}/k8s/c1/`, ...data })).toMatchObject({ metadata: { name: "a" } });
});

test("tls-server-name is the name that the certificate is checked for, and the one that is sent", async () => {
  const named = authority.issue("named", { names: "DNS:api.example.test" });
  let sent: unknown;
  await using server = await serveHttps(named, (request, response) => {
    sent = request.socket instanceof TLSSocket && request.socket.servername;
    response.end(note("a"));
  });
  await getFrom({ server: server.url, ...data, "tls-server-name": "api.example.test" });
  expect(sent).toBe("api.example.test");
  const error = await failureOf(getFrom({ server: server.url, ...data }));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error.message).toContain(
    `GET /apis/example.dev/v1/namespaces/default/notes/a at ${server.url}: the certificate of 127.0.0.1:${server.port} is for api.example.test`,
  );
  expect(error.message).toContain("set tls-server-name: api.example.test");
});

test("tls-server-name may be an address, which is verified but not sent", async () => {
  const named = authority.issue("addressed", { names: "IP:10.0.0.1" });
  let sent: unknown;
  await using server = await serveHttps(named, (request, response) => {
    sent = request.socket instanceof TLSSocket && request.socket.servername;
    response.end(note("a"));
  });
  await getFrom({ server: server.url, ...data, "tls-server-name": "10.0.0.1" });
  expect(sent).toBe(false);
  const error = await failureOf(getFrom({ server: server.url, ...data, "tls-server-name": "10.0.0.2" }));
  expect(error.message).toContain("is for 10.0.0.1");
});

test("insecure-skip-tls-verify trusts any certificate", async () => {
  await using server = await serveHttps(other.issue("any"), (_request, response) => response.end(note("a")));
  await getFrom({ server: server.url, "insecure-skip-tls-verify": true });
});

describe("a certificate that cannot be trusted is explained", () => {
  const cases = [
    ["another authority", () => other.issue("foreign", { names: "IP:127.0.0.1" }), data, "set certificate-authority"],
    ["no authority given", () => localhost, {}, "set certificate-authority"],
    ["self-signed", () => selfSigned(folder, "self", "subjectAltName=IP:127.0.0.1"), data, "is self-signed"],
    ["expired", () => authority.issue("old", { names: "IP:127.0.0.1", expired: true }), data, "has expired"],
  ] as const;
  test.each(cases)("%s", async (_title, pair, cluster, message) => {
    await using server = await serveHttps(pair(), (_request, response) => response.end(note("a")));
    const error = await failureOf(getFrom({ server: server.url, ...cluster }));
    expect(error).toMatchObject({ code: "CONNECTION", sent: false, temporary: false });
    expect(error.message).toContain(message);
    expect(error.message).toContain(`GET /apis/example.dev/v1/namespaces/default/notes/a at ${server.url}`);
    expect(error.cause).toBeInstanceOf(Error);
  });
});

test("a server that does not speak TLS is called so", async () => {
  await using server = await serveHttp((_request, response) => response.end(note("a")));
  const error = await failureOf(getFrom({ server: server.url.replace("http:", "https:"), ...data }));
  expect(error.message).toContain(`127.0.0.1:${server.port} does not speak TLS`);
});

test("a server that hangs up during the handshake is named", async () => {
  await using server = await serve(createServer((socket) => socket.destroy()));
  const error = await failureOf(getFrom({ server: `https://127.0.0.1:${server.port}`, ...data }));
  expect(error.message).toContain("cut the connection before it was established");
});

test("a server that says nothing during the handshake is given up after the connect timeout", async () => {
  await using server = await serve(createServer(() => {}));
  await using client = await Client.fromKubeconfig({
    text: kubeconfig({ server: `https://127.0.0.1:${server.port}`, ...data }),
    timeouts: { connectMs: 200 },
    retry: false,
    env: {},
  });
  const error = await failureOf(client.api(Note).namespace(client.defaultNamespace).get("a"));
  expect(error.message).toContain(`no connection to 127.0.0.1:${server.port} within 0.2 s`);
});

test("a client certificate identifies the user, from data and from files", async () => {
  const pair = authority.issue("jane");
  await using server = await serveHttps(
    { ...localhost, ca: authority.cert, requestCert: true },
    (request, response) => {
      response.end(note(clientName(request)));
    },
  );
  const cluster = { server: server.url, "certificate-authority": folder.write("ca.crt", authority.cert) };
  const fromData = { "client-certificate-data": base64(pair.cert), "client-key-data": base64(pair.key) };
  expect(await getFrom(cluster, fromData)).toMatchObject({ metadata: { name: "jane" } });
  const fromFiles = {
    "client-certificate": folder.write("jane.crt", pair.cert),
    "client-key": folder.write("jane.key", pair.key),
  };
  expect(await getFrom(cluster, fromFiles)).toMatchObject({ metadata: { name: "jane" } });
});

test("a client certificate replaced on disk serves the next request after a 401, and a running watch goes on", async () => {
  const [first, second] = [authority.issue("first"), authority.issue("second")];
  const cert = folder.write("rotating.crt", first.cert);
  const key = folder.write("rotating.key", first.key);
  let refused = "";
  let closeWatch: (() => unknown) | undefined;
  await using server = await serveHttps(
    { ...localhost, ca: authority.cert, requestCert: true },
    (request, response) => {
      const name = clientName(request);
      if (request.url?.includes("watch=") === true) {
        response.write(`{"type":"ADDED","object":${note("before")}}\n`);
        closeWatch = () => response.end(`{"type":"ADDED","object":${note("after")}}\n`);
        return;
      }
      if (name === refused) response.writeHead(401);
      response.end(note(name));
    },
  );
  await using client = await clientOf(
    { server: server.url, ...data },
    { "client-certificate": cert, "client-key": key },
  );
  const notes = client.api(Note).namespace(client.defaultNamespace);
  const watch = notes.watch()[Symbol.asyncIterator]();
  expect((await watch.next()).value).toMatchObject({ object: { metadata: { name: "before" } } });
  expect(await notes.get("a")).toMatchObject({ metadata: { name: "first" } });
  refused = "first";
  expect(isUnauthorized(await failureOf(notes.get("a")))).toBe(true);
  folder.write("rotating.crt", second.cert); // half replaced: not taken
  expect(isUnauthorized(await failureOf(notes.get("a")))).toBe(true);
  folder.write("rotating.key", second.key);
  expect(await notes.get("a")).toMatchObject({ metadata: { name: "second" } });
  closeWatch?.();
  expect((await watch.next()).value).toMatchObject({ object: { metadata: { name: "after" } } });
  expect((await watch.next()).done).toBe(true);
});

test("a CA replaced on disk is used when the old one does not do", async () => {
  const path = folder.write("rotating-ca.crt", other.cert);
  await using server = await serveHttps(localhost, (_request, response) => response.end(note("a")));
  await using client = await clientOf({ server: server.url, "certificate-authority": path });
  expect((await failureOf(client.api(Note).namespace(client.defaultNamespace).get("a"))).message).toContain(
    "set certificate-authority",
  );
  folder.write("rotating-ca.crt", authority.cert);
  await client.api(Note).namespace(client.defaultNamespace).get("a");
});

test("a CA replaced on disk is read again after ten seconds, and a client trusts no longer what it trusted", async () => {
  const path = folder.write("aging-ca.crt", authority.cert);
  let now = 0;
  await using server = await serveHttps(localhost, (_request, response) => response.end(note("a")));
  await using client = await Client.fromKubeconfig({
    text: kubeconfig({ server: server.url, "certificate-authority": path }),
    now: () => now,
    retry: false,
    env: {},
  });
  await client.api(Note).namespace(client.defaultNamespace).get("a");
  folder.write("aging-ca.crt", other.cert);
  now = 9_999;
  await client.api(Note).namespace(client.defaultNamespace).get("a");
  now = 10_000;
  expect((await failureOf(client.api(Note).namespace(client.defaultNamespace).get("a"))).message).toContain(
    "set certificate-authority",
  );
});
