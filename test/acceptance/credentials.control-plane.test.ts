/** Every kind of credential before a real API server with RBAC on: whom it takes the client for, and what it lets that one do. */

import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ApiError, Client, isForbidden, isUnauthorized } from "kindred";
import { ClusterRole, ClusterRoleBinding, ConfigMap } from "kindred/resources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority, base64, failureOf, Folder } from "../../src/client/node/harness.mjs";
import { Plugin } from "./credential-plugin.js";
import { whoAmI, World } from "./credentials-world.js";
import { Issuer } from "./oidc-issuer.js";

const issuerFolder = new Folder();
const issuerAuthority = new Authority(issuerFolder, "issuer-ca");
const issuerCa = issuerFolder.write("issuer.crt", issuerAuthority.cert);
let issuer: Issuer;
let world: World;

beforeAll(async () => {
  issuer = await Issuer.start(issuerAuthority.issue("issuer", { names: "IP:127.0.0.1" }));
  world = await World.start({ apiServerFlags: issuer.apiServerFlags(issuerCa) });
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  issuerFolder[Symbol.dispose]();
});

/** How many requests the API server has refused to authenticate. */
async function refusals(): Promise<number> {
  const metrics = await world.controlPlane.kubectl.ok(["get", "--raw", "/metrics"]);
  const counts = metrics.matchAll(/^authentication_attempts\{result="(?:error|failure)"\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

test.each([
  { context: undefined, username: "admin", mayCreate: true },
  { context: "admin-certificate", username: "certificate-admin", mayCreate: true },
  { context: "powerless", username: "powerless", mayCreate: false },
])(
  "the file in KUBECONFIG, in its context $context, makes the user $username",
  async ({ context, username, mayCreate }) => {
    const env = { KUBECONFIG: world.controlPlane.kubeconfig };
    await using client = await Client.infer({ env, context });
    expect((await whoAmI(client)).username).toBe(username);
    const create = client
      .api(ConfigMap)
      .namespace("default")
      .create({ metadata: { name: "tried" } }, { dryRun: true });
    if (mayCreate) await create;
    else expect(isForbidden(await failureOf(create))).toBe(true);
  },
);

describe("client certificates", () => {
  test("identify user and groups, from files and from data", async () => {
    const { cert, key } = await world.certificate("alice", "staff", "readers");
    const files = {
      "client-certificate": world.folder.write("alice.crt", cert),
      "client-key": world.folder.write("alice.key", key),
    };
    const data = { "client-certificate-data": base64(cert), "client-key-data": base64(key) };
    for (const user of [files, data]) {
      const { username, groups } = await whoAmI(await world.client(user));
      expect([username, groups]).toEqual([
        "alice",
        expect.arrayContaining(["staff", "readers", "system:authenticated"]),
      ]);
    }
  });

  test("of another authority are refused, with what to do", async () => {
    const { cert, key } = new Authority(world.folder, "stranger").issue("system:admin");
    const user = { "client-certificate-data": base64(cert), "client-key-data": base64(key) };
    const error = await failureOf(whoAmI(await world.client(user)));
    expect(isUnauthorized(error)).toBe(true);
    expect(error.message).toContain(
      "401 Unauthorized: Unauthorized (the credentials were not accepted: check the user",
    );
  });
});

describe("tokens and passwords", () => {
  test("a token identifies its user, from the kubeconfig and from a file", async () => {
    const username = await world.account("static");
    const { token } = await world.token("static");
    const users = [{ token }, { tokenFile: world.folder.write("static.token", `${token}\n`) }];
    for (const user of users) expect((await whoAmI(await world.client(user))).username).toBe(username);
  });

  test("a wrong token is refused after one request, with what to do and without the token", async () => {
    const client = await world.client({ token: "wrong-token" });
    const before = await refusals();
    const error = await failureOf(whoAmI(client));
    expect(isUnauthorized(error)).toBe(true);
    expect(error.message).toContain("check the user of the kubeconfig's current context, or log in again");
    expect(error.message).not.toContain("wrong-token");
    expect((await refusals()) - before).toBe(1);
  });

  test("a password makes nobody of its user where that is allowed, and the 403 says so", async () => {
    const client = await world.client({ username: "alice", password: "pass-word" });
    const error = await failureOf(client.api(ConfigMap).namespace("default").get("any"));
    expect(isForbidden(error)).toBe(true);
    expect(error.message).toContain('User "system:anonymous" cannot get resource "configmaps"');
    expect(error.message).toContain("the server saw no credentials that it knows");
    expect(error.message).not.toContain("pass-word");
  });
});

test("what RBAC forbids is an ApiError with the server's words", async () => {
  const username = await world.account("limited");
  await world.letRead(username);
  const limited = await world.client({ token: (await world.token("limited")).token });
  const maps = limited.api(ConfigMap).namespace("default");
  expect((await maps.page()).items.length).toBeGreaterThan(0);
  const error = await failureOf(maps.create({ metadata: { name: "forbidden" } }));
  expect(error).toBeInstanceOf(ApiError);
  const words = `configmaps is forbidden: User "${username}" cannot create resource "configmaps" in API group "" in the namespace "default"`;
  expect(error).toMatchObject({ code: "API", statusCode: 403, reason: "Forbidden", status: { message: words } });
  expect(error.message).toContain(words);
});

describe("exec plugins", () => {
  test("a plugin's token serves many calls at once after one run, which is told of the cluster", async () => {
    const username = await world.account("plugin");
    const { token } = await world.token("plugin");
    const plugin = new Plugin(world.folder, "token", [{ token }], { provideClusterInfo: true });
    const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { audience: "kindred" } }];
    const client = await world.client(plugin.user, { cluster: { extensions, "tls-server-name": "kubernetes" } });
    expect(plugin.runs).toEqual([]);
    const all = await Promise.all(Array.from({ length: 20 }, () => whoAmI(client)));
    expect(new Set(all.map((one) => one.username))).toEqual(new Set([username]));
    const [run, ...more] = plugin.runs;
    expect(more).toEqual([]);
    expect(run?.spec).toEqual({
      interactive: false,
      cluster: {
        server: world.controlPlane.server,
        "tls-server-name": "kubernetes",
        "certificate-authority-data": base64(await readFile(world.controlPlane.ca, "utf8")),
        config: { audience: "kindred" },
      },
    });
  });

  test("a plugin's client certificate identifies its user", async () => {
    const { cert, key } = await world.certificate("plugged", "staff");
    const credentials = [{ clientCertificateData: cert, clientKeyData: key }];
    const { username, groups } = await whoAmI(
      await world.client(new Plugin(world.folder, "certificate", credentials).user),
    );
    expect([username, groups]).toEqual(["plugged", ["staff", "system:authenticated"]]);
  });

  test("a 401 runs the plugin once more, and the request is sent once more", async () => {
    const username = await world.account("refreshed");
    const { token } = await world.token("refreshed");
    const plugin = new Plugin(world.folder, "refreshed", [{ token: "stale" }, { token }]);
    const client = await world.client(plugin.user);
    const before = await refusals();
    expect((await whoAmI(client)).username).toBe(username);
    expect([plugin.runs.length, (await refusals()) - before]).toEqual([2, 1]);
    await whoAmI(client);
    expect(plugin.runs.length).toBe(2);
  });

  test("a second 401 is the answer, though the plugin would print yet another token", async () => {
    const credentials = [{ token: "stale-1" }, { token: "stale-2" }, { token: "stale-3" }];
    const plugin = new Plugin(world.folder, "stale", credentials);
    const client = await world.client(plugin.user);
    const before = await refusals();
    expect(isUnauthorized(await failureOf(whoAmI(client)))).toBe(true);
    expect([plugin.runs.length, (await refusals()) - before]).toEqual([2, 2]);
  });
});

describe("impersonation", () => {
  const as = { user: "bob", groups: ["devs", "ops"], uid: "u-1", extra: { "example.dev/scope": ["view", "edit"] } };

  beforeAll(async () => {
    const username = await world.account("impersonator");
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "impersonates-bob" };
    await world.admin.api(ClusterRole).create({
      metadata: { name: roleRef.name },
      rules: [
        { apiGroups: [""], resources: ["users"], verbs: ["impersonate"], resourceNames: ["bob"] },
        { apiGroups: [""], resources: ["groups"], verbs: ["impersonate"], resourceNames: ["devs", "ops"] },
        { apiGroups: ["authentication.k8s.io"], resources: ["uids"], verbs: ["impersonate"], resourceNames: ["u-1"] },
        { apiGroups: ["authentication.k8s.io"], resources: ["userextras/example.dev/scope"], verbs: ["impersonate"] },
      ],
    });
    await world.admin.api(ClusterRoleBinding).create({
      metadata: { name: roleRef.name },
      roleRef,
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: username }],
    });
    await world.letRead("bob");
  });

  test("acts as user, groups, uid and extra, from code and from the kubeconfig, with the rights of that user alone", async () => {
    const { token } = await world.token("impersonator");
    const inFile = { as: as.user, "as-groups": as.groups, "as-uid": as.uid, "as-user-extra": as.extra };
    const both = [await world.client({ token }, { impersonate: as }), await world.client({ token, ...inFile })];
    for (const client of both) {
      expect(await whoAmI(client)).toMatchObject({
        username: "bob",
        uid: "u-1",
        groups: ["devs", "ops", "system:authenticated"],
        extra: { "example.dev/scope": ["view", "edit"] },
      });
      const maps = client.api(ConfigMap).namespace("default");
      await maps.page();
      expect((await failureOf(maps.delete("any"))).message).toContain('User "bob" cannot delete resource "configmaps"');
    }
    const itself = (await world.client({ token })).api(ConfigMap).namespace("default");
    expect(isForbidden(await failureOf(itself.page()))).toBe(true);
  });

  test.each([
    { other: { user: "root" }, words: 'cannot impersonate resource "users"' },
    { other: { user: "bob", groups: ["system:masters"] }, words: 'cannot impersonate resource "groups"' },
    { other: { user: "bob", uid: "u-2" }, words: 'cannot impersonate resource "uids"' },
    { other: { user: "bob", extra: { secret: ["x"] } }, words: 'cannot impersonate resource "userextras/secret"' },
  ])("is refused where RBAC does not allow it: $words", async ({ other, words }) => {
    const { token } = await world.token("impersonator");
    const error = await failureOf(whoAmI(await world.client({ token }, { impersonate: other })));
    expect(isForbidden(error)).toBe(true);
    expect(error.message).toContain(words);
  });
});

describe("OIDC, with an issuer that the API server asks over TLS", () => {
  test("an id token is used as it is, and refreshed once for many calls when it has expired", async () => {
    const good = await whoAmI(await world.client(issuer.user(issuer.idToken("carol"), issuerCa)));
    expect([good.username, good.groups]).toEqual(["oidc:carol", ["oidc-staff", "system:authenticated"]]);
    expect(issuer.asked).toEqual([]);
    const expired = await world.client(issuer.user(issuer.idToken("carol", { seconds: -5 }), issuerCa));
    const all = await Promise.all(Array.from({ length: 10 }, () => whoAmI(expired)));
    expect(new Set(all.map(({ username }) => username))).toEqual(new Set(["oidc:refreshed"]));
    expect(issuer.asked.splice(0)).toEqual(["refresh"]);
  });

  test("an id token that the API server refuses is refreshed, and the request sent once more", async () => {
    const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const client = await world.client(issuer.user(issuer.idToken("carol", { key }), issuerCa));
    const before = await refusals();
    expect((await whoAmI(client)).username).toBe("oidc:refreshed");
    expect([issuer.asked.splice(0), (await refusals()) - before]).toEqual([["refresh"], 1]);
  });
});
