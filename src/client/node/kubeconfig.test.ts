import { mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Client } from "./client.js";
import { failureOf, Folder } from "./harness.mjs";
import { formatKubeconfig, mergeKubeconfigs, parseKubeconfig } from "./kubeconfig.js";
import { decodeFile, loadKubeconfig } from "./kubeconfig-files.js";

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

const sample = `
apiVersion: v1
kind: Config
current-context: dev
preferences: { colors: true }
clusters:
- name: dev
  cluster: { server: "https://dev.example.test:6443", shiny-new-field: [1, { a: null }] }
- name: prod
  cluster: { server: "https://prod.example.test" }
users:
- name: jane
  user: { token: secret-token }
contexts:
- name: dev
  context: { cluster: dev, user: jane, namespace: team }
- name: prod
  context: { cluster: prod, user: jane }
`;

async function errorOf(text: string, options: object = {}): Promise<string> {
  const error = await failureOf(Client.fromKubeconfig({ text, env: {}, ...options }));
  expect(error).toMatchObject({ code: expect.stringMatching(/CONFIG|AUTH/) });
  return error.message;
}

function withUser(user: string): string {
  return sample.replace("user: { token: secret-token }", `user: ${user}`);
}

function withExec(rest: string): string {
  return withUser(`{ exec: { apiVersion: client.authentication.k8s.io/v1, ${rest} } }`);
}

function withCluster(cluster: string): string {
  return sample.replace(/cluster: \{ server: "https:\/\/dev.*$/m, `cluster: ${cluster}`);
}

describe("choosing from a kubeconfig", () => {
  test("the current context names server and namespace", async () => {
    const client = await Client.fromKubeconfig({ text: sample, env: {} });
    expect(client).toMatchObject({ server: "https://dev.example.test:6443", defaultNamespace: "team" });
  });

  test.each([
    [{ context: "prod" }, "https://prod.example.test", "default"],
    [{ cluster: "prod" }, "https://prod.example.test", "team"],
    [{ context: "prod", namespace: "mine" }, "https://prod.example.test", "mine"],
  ])("code overrides it: %j", async (options, server, defaultNamespace) => {
    expect(await Client.fromKubeconfig({ text: sample, env: {}, ...options })).toMatchObject({
      server,
      defaultNamespace,
    });
  });

  test("without a current context, a cluster is enough", async () => {
    const text = sample.replace("current-context: dev", "");
    expect(await Client.fromKubeconfig({ text, env: {}, cluster: "prod", user: "jane" })).toMatchObject({
      server: "https://prod.example.test",
    });
  });

  test("a parsed object will do", async () => {
    const client = await Client.fromKubeconfig({ kubeconfig: await parseKubeconfig(sample), env: {} });
    expect(client.server).toBe("https://dev.example.test:6443");
  });
});

describe("what is wrong with a kubeconfig is said before any request, and without values", () => {
  const both = "{ username: u, password: hunter2, token: secret-token }";
  test.each<readonly [string, string, object, string]>([
    [
      "missing context",
      sample,
      { context: "tset" },
      'the kubeconfig has no context "tset": correct the name or add it; the contexts are "dev", "prod"',
    ],
    [
      "no current context",
      sample.replace("current-context: dev", ""),
      {},
      'has no current-context: set one by kubectl config use-context, or name one in code: { context }; the contexts are "dev", "prod"',
    ],
    [
      "missing cluster",
      sample.replace("cluster: dev,", "cluster: gone,"),
      {},
      'has no cluster "gone", which context "dev" names: correct the name or add it; the clusters are "dev", "prod"',
    ],
    [
      "missing user",
      sample.replace("cluster: dev, user: jane", "cluster: dev, user: joe"),
      {},
      'has no user "joe", which context "dev" names: correct the name or add it; the users are "jane"',
    ],
    ["context without cluster", sample.replace("cluster: dev, ", ""), {}, 'context "dev" names no cluster'],
    ["no server", withCluster("{}"), {}, 'cluster "dev" has no server'],
    [
      "server without scheme",
      withCluster("{ server: 'localhost:8080' }"),
      {},
      "server is no URL of the kind https://host:port",
    ],
    [
      "server with credentials",
      withCluster("{ server: 'https://u:hunter2@host' }"),
      {},
      "server https://host has a user",
    ],
    [
      "CA file that is not there",
      withCluster("{ server: 'https://h', certificate-authority: /no/ca.crt }"),
      {},
      "the certificate-authority /no/ca.crt does not exist",
    ],
    [
      "CA that is none",
      withCluster("{ server: 'https://h', certificate-authority-data: aGVsbG8= }"),
      {},
      "certificate-authority-data cannot be used (no PEM certificate in it)",
    ],
    [
      "bad base64",
      withCluster("{ server: 'https://h', certificate-authority-data: 'not*base64' }"),
      {},
      "certificate-authority-data is not base64",
    ],
    [
      "CA and insecure",
      withCluster("{ server: 'https://h', certificate-authority: /x, insecure-skip-tls-verify: true }"),
      {},
      "both insecure-skip-tls-verify and a certificate-authority",
    ],
    [
      "bad proxy",
      withCluster("{ server: 'https://h', proxy-url: 'ftp://u:hunter2@p' }"),
      {},
      'proxy-url of the kubeconfig\'s cluster has the scheme "ftp"',
    ],
    [
      "certificate without key",
      withUser("{ client-certificate: /x }"),
      {},
      'user "jane" has a client-certificate but no client-key',
    ],
    [
      "key without certificate",
      withUser("{ client-key-data: aGVsbG8= }"),
      {},
      "has a client-key but no client-certificate",
    ],
    [
      "certificate that is none",
      withUser("{ client-certificate-data: aGVsbG8=, client-key-data: aGVsbG8= }"),
      {},
      "they must be PEM, unencrypted, and belong together",
    ],
    [
      "token file that is not there",
      withUser("{ tokenFile: /no/token }"),
      {},
      "the token file /no/token does not exist",
    ],
    [
      "token with a newline in it",
      withUser('{ token: "hunter2\\nhunter2" }'),
      {},
      'user "jane": token has characters that no token has',
    ],
    ["token and password", withUser(both), {}, "has both a token and a username with password"],
    [
      "gcp",
      withUser("{ auth-provider: { name: gcp } }"),
      {},
      'the auth-provider "gcp" is not supported: use the exec plugin gke-gcloud-auth-plugin',
    ],
    ["azure", withUser("{ auth-provider: { name: azure } }"), {}, "use the exec plugin kubelogin"],
    ["oidc without tokens", withUser("{ auth-provider: { name: oidc } }"), {}, "neither id-token nor refresh-token"],
    ["exec without command", withExec("interactiveMode: Never"), {}, "exec has no command"],
    ["exec without mode", withExec("command: x"), {}, "exec has no interactiveMode"],
    [
      "exec of an old version",
      withUser("{ exec: { apiVersion: client.authentication.k8s.io/v1alpha1, command: x } }"),
      {},
      'exec has apiVersion "client.authentication.k8s.io/v1alpha1"',
    ],
    [
      "groups without user",
      withUser("{ as-groups: [a] }"),
      {},
      "impersonates a uid, groups or extra, but no user: set as",
    ],
    ["number for a token", withUser("{ token: 12345 }"), {}, "users[0].user.token must be a string (quote it)"],
    ["clusters as a mapping", "clusters: { a: 1 }", {}, "clusters must be a list"],
    ["entry without a name", "users: [{ user: {} }]", {}, "users[0].name must be a name"],
    ["another kind", "kind: Pod", {}, "kind must be Config"],
    ["no mapping", "hunter2", {}, "a document is no mapping"],
    ["bad YAML", "clusters:\n- name: dev\n  cluster: {\n\tserver: 'hunter2\n", {}, "the kubeconfig: line 4, column"],
    [
      "endless aliases",
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${"*a,".repeat(20)}]\nc: &c [${"*b,".repeat(20)}]\nd: [${"*c,".repeat(20)}]`,
      {},
      "aliases expand without end",
    ],
  ])("%s", async (_title, text, options, message) => {
    const said = await errorOf(text, options);
    expect(said).toContain(message);
    expect(said).not.toMatch(/hunter2|secret-token|aGVsbG8/);
  });

  test("a file that is not there, by its path", async () => {
    const error = await failureOf(Client.fromKubeconfig({ path: "/no/such/kubeconfig", env: {} }));
    expect(error.message).toBe("the kubeconfig /no/such/kubeconfig does not exist: check the path and its permissions");
  });

  test("only one of path, text and kubeconfig", async () => {
    const error = await failureOf(Client.fromKubeconfig({ path: "x", text: "y" }));
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});

describe("finding and merging files", () => {
  test("of KUBECONFIG's files the first wins entry by entry; missing ones and empty parts are skipped", async () => {
    const first = folder.write(
      "first",
      "current-context: one\nclusters: [{name: a, cluster: {server: https://first}}]\nother: 1",
    );
    const second = folder.write(
      "second",
      "current-context: two\nclusters: [{name: a, cluster: {server: https://second, tls-server-name: x}}, {name: b}]\nother: 2\nmore: 3\ncontexts: [{name: two}]",
    );
    const env = { KUBECONFIG: ["", first, "/no/such/file", second, ""].join(delimiter) };
    const { kubeconfig, source } = await loadKubeconfig({ env });
    expect(source).toBe(`${first}, ${second}`);
    expect(kubeconfig).toEqual({
      "current-context": "one",
      clusters: [{ name: "a", cluster: { server: "https://first" } }, { name: "b" }],
      contexts: [{ name: "two" }],
      other: 1,
      more: 3,
    });
  });

  test("without KUBECONFIG it is ~/.kube/config", async () => {
    mkdirSync(join(folder.path, ".kube"), { recursive: true });
    folder.write(".kube/config", sample);
    const client = await Client.infer({ env: { HOME: folder.path } });
    expect(client.server).toBe("https://dev.example.test:6443");
  });

  test("when there is nothing, all three places are named", async () => {
    const error = await failureOf(Client.infer({ env: { HOME: "/no/home" } }));
    expect(error.message).toBe(
      'no cluster is configured. KUBECONFIG and ~/.kube/config: KUBECONFIG is not set, and "/no/home/.kube/config" does not exist. ' +
        "In-cluster: this is no pod: KUBERNETES_SERVICE_HOST is not set: use a kubeconfig outside a cluster",
    );
    const listed = await failureOf(Client.infer({ env: { KUBECONFIG: "/no/file" } }));
    expect(listed.message).toContain('KUBECONFIG names "/no/file", which does not exist');
    const empty = folder.write("empty", "# nothing\n");
    expect((await failureOf(Client.infer({ env: { KUBECONFIG: empty } }))).message).toContain(`${empty} is empty`);
  });

  test("a context asked for by name is not replaced by the pod's own cluster", async () => {
    const env = { KUBECONFIG: "/no/file", KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
    const error = await failureOf(Client.infer({ env, context: "prod" }));
    expect(error.message).toBe(
      '"prod" is to be found in a kubeconfig, but KUBECONFIG names "/no/file", which does not exist: name the file in KUBECONFIG',
    );
  });

  test("a kubeconfig that exists and is wrong is not passed over", async () => {
    const path = folder.write("wrong", "current-context: gone");
    const env = { KUBECONFIG: path, KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
    expect((await failureOf(Client.infer({ env }))).message).toContain(`${path} has no context "gone"`);
  });

  test("relative paths start at the file's folder, except a command without a separator", async () => {
    const path = folder.write(
      "relative",
      `clusters: [{name: a, cluster: {certificate-authority: ./ca.crt}}]
users:
- {name: a, user: {client-certificate: tls/a.crt, client-key: ../a.key, tokenFile: token, exec: {command: ./bin/login}}}
- {name: b, user: {client-certificate: /etc/b.crt, exec: {command: aws}}}`,
    );
    const { kubeconfig } = await loadKubeconfig({ path });
    const at = (...parts: string[]) => join(folder.path, ...parts);
    expect(kubeconfig).toMatchObject({
      clusters: [{ cluster: { "certificate-authority": at("ca.crt") } }],
      users: [
        {
          user: {
            "client-certificate": at("tls", "a.crt"),
            "client-key": at("..", "a.key"),
            tokenFile: at("token"),
            exec: { command: at("bin", "login") },
          },
        },
        { user: { "client-certificate": "/etc/b.crt", exec: { command: "aws" } } },
      ],
    });
  });

  test.each([
    ["UTF-8", Buffer.from(sample)],
    ["UTF-8 with BOM", Buffer.from(`\uFEFF${sample}`)],
    ["UTF-16 LE with BOM", Buffer.from(`\uFEFF${sample}`, "utf16le")],
    ["UTF-16 BE with BOM", Buffer.from(`\uFEFF${sample}`, "utf16le").swap16()],
    ["UTF-16 LE", Buffer.from(sample, "utf16le")],
    ["UTF-16 BE", Buffer.from(sample, "utf16le").swap16()],
  ])("%s is understood", async (name, bytes) => {
    const { kubeconfig } = await loadKubeconfig({ path: folder.write(`encoded ${name}`, bytes) });
    expect(kubeconfig).toEqual(await parseKubeconfig(sample));
  });

  test("other encodings are refused", async () => {
    expect(() => decodeFile(Uint8Array.of(0x61, 0xff, 0x61))).toThrow(TypeError);
    const error = await failureOf(loadKubeconfig({ path: folder.write("latin1", Uint8Array.of(0x61, 0xff, 0x61)) }));
    expect(error.message).toContain("neither UTF-8 nor UTF-16");
  });
});

describe("text and value", () => {
  test("fields that kindred does not know survive reading and writing", async () => {
    const parsed = await parseKubeconfig(sample);
    expect(parsed).toMatchObject({ preferences: { colors: true } });
    expect(parsed.clusters?.[0]?.cluster).toMatchObject({ "shiny-new-field": [1, { a: null }] });
    expect(await parseKubeconfig(await formatKubeconfig(parsed))).toEqual(parsed);
  });

  test("several documents are merged as files are", async () => {
    const parsed = await parseKubeconfig(
      "clusters: [{name: a}]\n---\n---\nclusters: [{name: b}, {name: a, cluster: {server: x}}]\n",
    );
    expect(parsed.clusters).toEqual([{ name: "a" }, { name: "b" }]);
  });

  test("nothing is an empty kubeconfig, and null sections are none", async () => {
    expect(await parseKubeconfig("")).toEqual({});
    expect(await parseKubeconfig("clusters: null\nusers:\n")).toEqual({});
    expect(mergeKubeconfigs([{ "current-context": "" }, { "current-context": "b" }])).toEqual({
      "current-context": "b",
    });
  });
});
