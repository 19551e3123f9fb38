import { existsSync, readFileSync } from "node:fs";
import { createServer as createTcp } from "node:net";
import { inspect } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { isUnauthorized } from "../../core/index.js";
import { Client, type ClientSettings } from "./client.js";
import {
  Authority,
  base64,
  clientName,
  failureOf,
  Folder,
  kubeconfig,
  Note,
  note,
  type Running,
  serve,
  serveHttp,
  serveHttps,
} from "./harness.mjs";
import { impersonationHeaders } from "./impersonation.js";

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

/** A server that accepts the given token, and answers with a note named after the user. */
async function guarded(accepted: () => string): Promise<Running & { readonly seen: string[] }> {
  const seen: string[] = [];
  const server = await serveHttp((request, response) => {
    const header = request.headers.authorization ?? "none";
    seen.push(header);
    if (header !== accepted()) response.writeHead(401);
    response.end(note("a"));
  });
  return Object.assign(server, { seen });
}

async function notesAs(server: string, user: object, settings: ClientSettings & { cluster?: object } = {}) {
  const { cluster, ...rest } = settings;
  const client = await Client.fromKubeconfig({
    text: kubeconfig({ server, ...cluster }, user),
    env: { PATH: process.env["PATH"] },
    retry: false,
    ...rest,
  });
  return client.api(Note).namespace(client.defaultNamespace);
}

describe("tokens and passwords", () => {
  test("a token is sent as a bearer, user and password as basic", async () => {
    await using server = await guarded(() => "");
    await failureOf((await notesAs(server.url, { token: " abc\n" })).get("a"));
    await failureOf((await notesAs(server.url, { username: "u", password: "pässword" })).get("a"));
    expect(server.seen).toEqual(["Bearer abc", `Basic ${base64("u:pässword")}`]);
  });

  test("a 401 without anything newer is one request and one error", async () => {
    await using server = await guarded(() => "Bearer other");
    expect(isUnauthorized(await failureOf((await notesAs(server.url, { token: "abc" })).get("a")))).toBe(true);
    expect(server.seen.length).toBe(1);
  });

  test("a token file is trimmed, and read again once a minute", async () => {
    const path = folder.write("token", "first\n");
    let now = 0;
    await using server = await guarded(() => server.seen.at(-1) ?? "");
    const notes = await notesAs(server.url, { tokenFile: path }, { now: () => now });
    await notes.get("a");
    folder.write("token", "second\n");
    now = 59_999;
    await notes.get("a");
    now = 60_000;
    await notes.get("a");
    expect(server.seen).toEqual(["Bearer first", "Bearer first", "Bearer second"]);
  });

  test("a 401 reads the token file again at once, and the request succeeds", async () => {
    const path = folder.write("rotated", "old");
    let accepted = "Bearer old";
    await using server = await guarded(() => accepted);
    const notes = await notesAs(server.url, { tokenFile: path });
    await notes.get("a");
    folder.write("rotated", "new");
    accepted = "Bearer new";
    await Promise.all([notes.get("a"), notes.get("b"), notes.create({ metadata: { name: "c" } })]);
    expect(server.seen.filter((header) => header === "Bearer new").length).toBe(3);
  });

  test("a token file that vanished for a moment leaves the old token in use", async () => {
    const path = folder.write("vanishing", "kept");
    let now = 0;
    await using server = await guarded(() => "Bearer kept");
    const notes = await notesAs(server.url, { tokenFile: path }, { now: () => now });
    folder.write("vanishing", "");
    now = 60_000;
    await notes.get("a");
  });
});

/** A plugin that appends what it was given to a log, and then runs `body`. */
function plugin(name: string, body: string, more: object = {}) {
  const log = `${folder.path}/${name}.log`;
  const script = folder.write(
    `${name}.mjs`,
    `import { appendFileSync, readFileSync } from "node:fs";
     const info = process.env.KUBERNETES_EXEC_INFO;
     appendFileSync(${JSON.stringify(log)}, JSON.stringify({ info: JSON.parse(info), args: process.argv.slice(2), extra: process.env.EXTRA ?? null }) + "\\n");
     const print = (status, apiVersion = "client.authentication.k8s.io/v1") =>
       console.log(JSON.stringify({ apiVersion, kind: "ExecCredential", status }));
     ${body}`,
  );
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    interactiveMode: "Never",
    command: process.execPath,
    args: [script],
    ...more,
  };
  const runs = (): Record<string, unknown>[] =>
    existsSync(log)
      ? readFileSync(log, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Record<string, unknown>)
      : [];
  return { user: { exec }, runs };
}

describe("exec plugins", () => {
  test("the plugin runs at the first request, once for ten parallel ones, and not again", async () => {
    const { user, runs } = plugin("once", `print({ token: "abc" });`);
    await using server = await guarded(() => "Bearer abc");
    const notes = await notesAs(server.url, user);
    expect(runs()).toEqual([]);
    await Promise.all(Array.from({ length: 10 }, () => notes.get("a")));
    await notes.get("a");
    expect(runs().length).toBe(1);
    expect(server.seen.every((header) => header === "Bearer abc")).toBe(true);
  });

  test("the plugin is told about the cluster if it wants, and given its arguments and environment", async () => {
    const { user, runs } = plugin("told", `print({ token: "abc" });`, { provideClusterInfo: true });
    user.exec.args.push("--region", "x");
    Object.assign(user.exec, { env: [{ name: "EXTRA", value: "1" }] });
    await using server = await guarded(() => "Bearer abc");
    const cluster = {
      "tls-server-name": "api.test",
      extensions: [{ name: "client.authentication.k8s.io/exec", extension: { audience: "y" } }],
    };
    await (await notesAs(server.url, user, { cluster })).get("a");
    expect(runs()).toEqual([
      {
        args: ["--region", "x"],
        extra: "1",
        info: {
          apiVersion: "client.authentication.k8s.io/v1",
          kind: "ExecCredential",
          spec: {
            interactive: false,
            cluster: { server: server.url, "tls-server-name": "api.test", config: { audience: "y" } },
          },
        },
      },
    ]);
    expect(process.env["EXTRA"]).toBeUndefined();
  });

  test("v1beta1 is spoken too, and YAML understood", async () => {
    const version = "client.authentication.k8s.io/v1beta1";
    const yaml = `console.log("apiVersion: ${version}\\nkind: ExecCredential\\nstatus: { token: abc }");`;
    const { user, runs } = plugin("beta", yaml, { apiVersion: version, interactiveMode: "Never" });
    await using server = await guarded(() => "Bearer abc");
    await (await notesAs(server.url, user)).get("a");
    expect(runs()[0]?.["info"]).toEqual({ apiVersion: version, kind: "ExecCredential", spec: { interactive: false } });
  });

  test("a credential that expires is replaced a minute before, and kept if that fails", async () => {
    const start = Date.parse("2026-01-01T00:00:00Z");
    const state = folder.write("expiring.state", "first");
    const { user, runs } = plugin(
      "expiring",
      `const token = readFileSync(${JSON.stringify(state)}, "utf8");
       if (token === "broken") process.exit(1);
       print({ token, expirationTimestamp: token === "first" ? "2026-01-01T01:00:00Z" : "2026-01-01T02:00:00Z" });`,
    );
    let now = start;
    await using server = await guarded(() => server.seen.at(-1) ?? "");
    const notes = await notesAs(server.url, user, { now: () => now });
    await notes.get("a");
    folder.write("expiring.state", "broken");
    now = start + 59 * 60_000 - 1;
    await notes.get("a");
    expect(runs().length).toBe(1);
    now = start + 59 * 60_000;
    await notes.get("a");
    expect(runs().length).toBe(2);
    folder.write("expiring.state", "second");
    now = start + 59 * 60_000 + 10_000;
    await notes.get("a");
    expect(server.seen).toEqual(["Bearer first", "Bearer first", "Bearer first", "Bearer second"]);
  });

  test("a plugin that prints what has expired already runs once a second at most", async () => {
    const { user, runs } = plugin("late", `print({ token: "abc", expirationTimestamp: "2026-01-01T00:00:00Z" });`);
    let now = Date.parse("2026-01-02T00:00:00Z");
    await using server = await guarded(() => "Bearer abc");
    const notes = await notesAs(server.url, user, { now: () => now });
    await notes.get("a");
    await notes.get("a");
    expect(runs().length).toBe(1);
    now += 1000;
    await notes.get("a");
    expect(runs().length).toBe(2);
  });

  test("a 401 runs the plugin again, once for many requests, and repeats each", async () => {
    const state = folder.write("refused.state", "first");
    const { user, runs } = plugin("refused", `print({ token: readFileSync(${JSON.stringify(state)}, "utf8") });`);
    let accepted = "Bearer first";
    await using server = await guarded(() => accepted);
    const notes = await notesAs(server.url, user);
    await notes.get("a");
    folder.write("refused.state", "second");
    accepted = "Bearer second";
    await Promise.all(Array.from({ length: 5 }, () => notes.get("a")));
    expect(runs().length).toBe(2);
  });

  test("a certificate that the plugin prints is used, and the next one without a new client", async () => {
    const authority = new Authority(folder, "exec-ca");
    const pairs = [authority.issue("first"), authority.issue("second")];
    const file = folder.write("pairs.json", JSON.stringify(pairs));
    const state = folder.write("pairs.state", "0");
    const { user, runs } = plugin(
      "pairs",
      `const { cert, key } = JSON.parse(readFileSync(${JSON.stringify(file)}, "utf8"))[readFileSync(${JSON.stringify(state)}, "utf8")];
       print({ clientCertificateData: cert, clientKeyData: key, expirationTimestamp: "2026-01-01T01:00:00Z" });`,
    );
    const tls = { ...authority.issue("server", { names: "IP:127.0.0.1" }), ca: authority.cert, requestCert: true };
    await using server = await serveHttps(tls, (request, response) => {
      response.end(note(clientName(request)));
    });
    let now = Date.parse("2026-01-01T00:00:00Z");
    const cluster = { "certificate-authority-data": base64(authority.cert) };
    const notes = await notesAs(server.url, user, { cluster, now: () => now });
    expect(await notes.get("a")).toMatchObject({ metadata: { name: "first" } });
    folder.write("pairs.state", "1");
    expect(await notes.get("a")).toMatchObject({ metadata: { name: "first" } });
    now += 3_600_000;
    expect(await notes.get("a")).toMatchObject({ metadata: { name: "second" } });
    expect(runs().length).toBe(2);
    expect(server.connections()).toBe(2);
  });

  test("aborting one call leaves the plugin running for another, and aborting all ends it", async () => {
    const { user } = plugin("slow", `setTimeout(() => print({ token: "abc" }), 150);`);
    await using server = await guarded(() => "Bearer abc");
    const notes = await notesAs(server.url, user);
    const [one, reason] = [new AbortController(), new Error("enough")];
    const [first, second] = [failureOf(notes.get("a", { signal: one.signal })), notes.get("b")];
    one.abort(reason);
    expect(await first).toBe(reason);
    await second;
    const hanging = await notesAs(server.url, plugin("hanging", "setInterval(() => {}, 1000);").user);
    const signal = AbortSignal.timeout(100);
    expect(await failureOf(hanging.get("a", { signal }))).toMatchObject({ name: "TimeoutError" });
  });

  test.each<readonly [string, string, object, string]>([
    [
      "not-there",
      "",
      { command: "no-such-plugin", installHint: "Install it from example.test" },
      'user "test": the exec plugin no-such-plugin is not installed, or not in PATH. Install it from example.test',
    ],
    ["exit", `console.error("run: login first"); process.exit(3);`, {}, "failed with exit code 3: run: login first"],
    ["garbage", `console.log('{"token": "hunter2');`, {}, "neither JSON nor YAML of an object"],
    ["other-kind", `console.log('{"kind":"Pod"}');`, {}, "an object of another kind"],
    [
      "other-version",
      `print({ token: "hunter2" }, "client.authentication.k8s.io/v1beta1");`,
      {},
      'printed the apiVersion "client.authentication.k8s.io/v1beta1": it must print an ExecCredential of client.authentication.k8s.io/v1',
    ],
    ["no-status", `print(undefined);`, {}, "printed no status"],
    ["nothing", `print({});`, {}, "neither a token nor a client certificate"],
    ["half", `print({ clientKeyData: "hunter2" });`, {}, "half a client certificate"],
    ["bad-pair", `print({ clientCertificateData: "hunter2", clientKeyData: "hunter2" });`, {}, "belong together"],
    ["bad-token", `print({ token: "hunter2 hunter2" });`, {}, "has characters that no token has"],
    [
      "bad-time",
      `print({ token: "hunter2", expirationTimestamp: "soon" });`,
      {},
      "expirationTimestamp that is no time",
    ],
    [
      "flood",
      `for (let i = 0; i < 1200; i += 1) process.stdout.write("x".repeat(1024)); setInterval(() => {}, 1000);`,
      {},
      "printed more than 1048576 characters",
    ],
  ])("a plugin that fails is explained: %s", async (name, body, more, message) => {
    await using server = await guarded(() => "");
    const { user } = plugin(name, body, more);
    user.exec.args.push("--secret=hunter2");
    const error = await failureOf((await notesAs(server.url, user)).get("a"));
    expect(error.message).toContain(message);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("hunter2");
    expect(server.connections()).toBe(0);
  });

  test("a plugin that must talk to a user says so where there is no terminal", async () => {
    const { user } = plugin("talking", "", { interactiveMode: "Always" });
    const error = await failureOf((await notesAs("http://127.0.0.1:1", user)).get("a"));
    // Under a terminal the plugin runs, and prints nothing.
    expect(error).toMatchObject({ code: "AUTH" });
  });
});

describe("impersonation", () => {
  test("user, groups, uid and extra are sent, each value in a header of its own", async () => {
    let raw: string[] = [];
    await using server = await serveHttp((request, response) => {
      raw = request.rawHeaders;
      response.end(note("a"));
    });
    const user = {
      as: "jane",
      "as-uid": "42",
      "as-groups": ["dev", "ops"],
      "as-user-extra": { "Example.dev/Träger": ["a", "b"] },
    };
    await (await notesAs(server.url, user)).get("a");
    const sent = raw.flatMap((name, index) => (name.startsWith("impersonate") ? [[name, raw[index + 1]]] : []));
    expect(sent).toEqual([
      ["impersonate-user", "jane"],
      ["impersonate-group", "dev"],
      ["impersonate-group", "ops"],
      ["impersonate-uid", "42"],
      ["impersonate-extra-example.dev%2Ftr%C3%A4ger", "a"],
      ["impersonate-extra-example.dev%2Ftr%C3%A4ger", "b"],
    ]);
    await (await notesAs(server.url, user, { impersonate: { user: "joe" } })).get("a");
    expect(raw.filter((name) => name.startsWith("impersonate"))).toEqual(["impersonate-user"]);
  });

  test.each([
    [{ user: "" }, "needs a user"],
    [{ user: "a\r\nx: y" }, "cannot be in a header"],
    [{ user: "a", extra: { "": ["x"] } }, "a key of extra is empty"],
  ])("what cannot be sent is refused: %j", (as, message) => {
    expect(() => impersonationHeaders(as)).toThrow(message);
  });
});

function pod(token: string, ca: string) {
  folder.write("ca.crt", ca);
  folder.write("token", token);
  folder.write("namespace", "team\n");
  return { serviceAccountFolder: folder.path, retry: false as const };
}

describe("in a pod", () => {
  test("the service account is used, and a rotated token followed", async () => {
    const authority = new Authority(folder, "pod-ca");
    let accepted = "Bearer first";
    const tls = authority.issue("server", { names: "IP:127.0.0.1" });
    await using server = await serveHttps(tls, (request, response) => {
      if (request.headers.authorization !== accepted) response.writeHead(401);
      response.end(note("a"));
    });
    const env = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(server.port) };
    const settings = pod("first\n", authority.cert);
    await using client = await Client.inCluster({ ...settings, env });
    expect(client).toMatchObject({ server: server.url, defaultNamespace: "team" });
    await client.api(Note).namespace(client.defaultNamespace).get("a");
    folder.write("token", "second\n");
    accepted = "Bearer second";
    await client.api(Note).namespace(client.defaultNamespace).get("a");
    await using inferred = await Client.inCluster({ ...settings, env, namespace: "other" });
    expect(inferred.defaultNamespace).toBe("other");
  });

  test("an IPv6 address is bracketed", async () => {
    const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
    const client = await Client.inCluster({ ...pod("t", new Authority(folder, "v6").cert), env });
    expect(client.server).toBe("https://[fd00::1]:443");
  });

  test("a pod without a service account is told so", async () => {
    const env = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
    const error = await failureOf(Client.inCluster({ env, serviceAccountFolder: "/no/account" }));
    expect(error.message).toMatch(/no usable service account: the .* does not exist.*automountServiceAccountToken/);
  });
});

const secrets = /hunter2|aHVudGVyMg/;
function shows(value: unknown): string {
  return [
    inspect(value),
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true }),
    JSON.stringify(value) ?? "",
    value instanceof Error ? `${value.stack} ${inspect(value.cause, { depth: 10, showHidden: true })}` : "",
  ].join("\n");
}

describe("secrets never print", () => {
  test.each<readonly [string, object, object]>([
    ["token", { token: "hunter2" }, {}],
    ["password", { username: "u", password: "hunter2" }, {}],
    ["proxy", {}, { "proxy-url": "http://u:hunter2@127.0.0.1:1" }],
    ["socks", {}, { "proxy-url": "socks5://u:hunter2@127.0.0.1:1" }],
  ])("of a client with a %s, and of its errors", async (_title, user, cluster) => {
    const hostile = createTcp((socket) => socket.once("data", () => socket.end("HTTP/1.1 hunter2 what\r\n\r\n")));
    await using broken = await serve(hostile, "http");
    for (const server of [broken.url, "http://127.0.0.1:1", "https://127.0.0.1:1"]) {
      const notes = await notesAs(server, user, { cluster });
      expect(shows(notes.client)).not.toMatch(secrets);
      expect(shows(notes)).not.toMatch(secrets);
      expect(shows(await failureOf(notes.get("a")))).not.toMatch(secrets);
    }
    await using refusing = await guarded(() => "");
    expect(shows(await failureOf((await notesAs(refusing.url, user)).get("a")))).not.toMatch(secrets);
  });

  test("middleware of the user does not see credentials", async () => {
    const seen: unknown[] = [];
    await using server = await guarded(() => "Bearer hunter2");
    const settings: ClientSettings = { middleware: [(next) => (request) => (seen.push(request), next(request))] };
    await (await notesAs(server.url, { token: "hunter2" }, settings)).get("a");
    expect(seen.length).toBe(1);
    expect(shows(seen)).not.toMatch(secrets);
  });
});

test("the User-Agent is kindred and its version, or the caller's", async () => {
  const agents: unknown[] = [];
  await using server = await serveHttp((request, response) => {
    agents.push(request.headers["user-agent"]);
    response.end(note("a"));
  });
  await (await notesAs(server.url, {})).get("a");
  await (await notesAs(server.url, {}, { userAgent: "mine/2" })).get("a");
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(agents).toEqual([`kindred/${version}`, "mine/2"]);
});
