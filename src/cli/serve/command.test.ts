/** `kindred serve`, with a server on a socket of this machine and files in memory. */

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { world } from "../../../test/support/command-world.js";
import { Client } from "../../client/node/index.js";
import { parseJson } from "../../core/index.js";
import { ConfigMap } from "../../resources/core/v1.js";
import { type ServedCluster, serveCluster, type ServeOptions } from "../../testing/node/index.js";
import type { Io } from "../io.js";
import { nodeIo } from "../node-io.js";
import { run } from "../run.js";

/** A world in which the command runs until `use` is done with what it serves. */
function servedWorld(
  files: { readonly [path: string]: string },
  use: (cluster: ServedCluster) => Promise<void> = async () => {},
) {
  const interrupt = new AbortController();
  let served: ServedCluster | undefined;
  const serve: Io["serve"] = async (options: ServeOptions) => {
    served = await serveCluster(options);
    return served;
  };
  const made = world(files, {
    serve,
    // Asked for before the server starts; the command is at its end when it waits for it.
    interrupted: () => interrupt.signal,
    readStdin: async () => files["-"] ?? "",
  });
  const call = async (...args: readonly string[]) => {
    const result = made.call("serve", ...args);
    const ready = (async () => {
      while (!made.errors().includes("Ctrl-C ends it.")) {
        if (
          await Promise.race([result.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))])
        )
          return;
      }
      if (served !== undefined) await use(served);
    })();
    await ready.finally(() => interrupt.abort());
    return result;
  };
  return { ...made, call };
}

const configMap = (name: string, extra = "") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n${extra}`;

const crd = JSON.stringify({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "notes.example.dev" },
  spec: {
    group: "example.dev",
    scope: "Namespaced",
    names: { plural: "notes", singular: "note", kind: "Note", listKind: "NoteList" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
});

describe("kindred serve", () => {
  it("prints a kubeconfig that a client can use, and ends when it is interrupted", async () => {
    let found: readonly string[] = [];
    const { call } = servedWorld({}, async ({ kubeconfig }) => {
      await using client = await Client.fromKubeconfig({ text: kubeconfig });
      await client
        .api(ConfigMap)
        .namespace("default")
        .create({ metadata: { name: "a" } });
      found = (await client.api(ConfigMap).namespace("default").page()).items.map(({ metadata }) => metadata.name);
    });
    const { status, out, err } = await call();
    expect(status).toBe(0);
    expect(found).toContain("a");
    expect(parse(out)).toMatchObject({ kind: "Config", "current-context": "kindred" });
    expect(err).toMatch(
      /^kindred serve: Kubernetes v1\.37\.2 at https:\/\/127\.0\.0\.1:\d+\nCtrl-C ends it\.\nkindred serve: stopped\n$/,
    );
  });

  it("applies manifests before anybody connects: definitions first, lists and folders too", async () => {
    let kinds: readonly string[] = [];
    const files = {
      "samples/note.json": JSON.stringify({
        apiVersion: "example.dev/v1",
        kind: "Note",
        metadata: { name: "n", namespace: "made" },
      }),
      "samples/more.yaml": `${configMap("one")}---\n${configMap("two", "data: { a: b }\n")}`,
      "samples/README.md": "not a manifest",
      "list.yaml": `apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: Namespace, metadata: { name: made } }\n`,
      "crd.json": crd,
    };
    const { call } = servedWorld(files, async ({ handle }) => {
      const { body } = await handle({ method: "GET", url: "/apis/example.dev/v1/notes", headers: {} });
      kinds = JSON.parse(typeof body === "string" ? body : "").items.map((item: { kind: string }) => item.kind);
    });
    const { status, err } = await call("samples/", "list.yaml", "crd.json");
    expect(err).toContain(
      "applied CustomResourceDefinition notes.example.dev\napplied Namespace made\napplied Note made/n\napplied ConfigMap one\napplied ConfigMap two\n",
    );
    expect(status).toBe(0);
    expect(kinds).toEqual(["Note"]);
  });

  it("says of an empty folder that it has no manifest", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kindred-empty-"));
    try {
      const err: string[] = [];
      expect(await run(["serve", folder], { ...nodeIo(), err: (text) => void err.push(text) })).toBe(2);
      expect(err).toEqual([`kindred serve: the folder ${folder} has no .yaml, .yml or .json file\n`]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("reads manifests as kubectl does: as YAML 1.1, with separators in block texts, and integers as they are", async () => {
    let maps: unknown;
    const text = `%YAML 1.1
---
${configMap("text", "immutable: yes\ndata:\n  k: |\n    ---\n    ...\n")}...
${crd.replace('"type":"object"', '"type":"object","properties":{"count":{"type":"integer","format":"int64"}}')}
--- { apiVersion: example.dev/v1, kind: NoteList, items: [{ metadata: { name: big }, count: 9223372036854775807 }] }
`;
    const { call } = servedWorld({ "a.yaml": text }, async ({ handle }) => {
      const paths = ["/api/v1/namespaces/default/configmaps/text", "/apis/example.dev/v1/namespaces/default/notes/big"];
      const answers = await Promise.all(paths.map((url) => handle({ method: "GET", url, headers: {} })));
      maps = answers.map(({ body }) => parseJson(typeof body === "string" ? body : ""));
    });
    expect((await call("a.yaml")).err).toContain("applied Note big\n");
    expect(maps).toMatchObject([{ immutable: true, data: { k: "---\n...\n" } }, { count: 9223372036854775807n }]);
  });

  it("reads manifests from standard input", async () => {
    const { call } = servedWorld({ "-": configMap("piped") });
    expect((await call("-")).err).toContain("applied ConfigMap piped\n");
  });

  it.each([
    ["a file that is not there", {}, ["nothing.yaml"], "cannot read the manifest nothing.yaml: no such file"],
    [
      "a folder without manifests",
      { "docs/README.md": "" },
      ["docs"],
      "the folder docs has no .yaml, .yml or .json file",
    ],
    [
      "what is no YAML",
      { "a.yaml": "a: [" },
      ["a.yaml"],
      "kindred serve: a.yaml, document 1, line 1, column 5: this is not YAML (BAD_INDENT): indented too little",
    ],
    [
      "a text",
      { "a.yaml": "hello" },
      ["a.yaml"],
      "kindred serve: a.yaml, document 1, line 1: this is no object, but a list or a single value",
    ],
    [
      "an object without a kind",
      { "a.yaml": "---\n# one\n---\nmetadata: { name: a }" },
      ["a.yaml"],
      "a.yaml, document 2, line 4: apiVersion is missing",
    ],
    [
      "an object without a name",
      { "-": "apiVersion: v1\nkind: Secret" },
      ["-"],
      "standard input, document 1, line 1: this Secret has no metadata.name",
    ],
    [
      "a kind that nobody defines",
      { "a.yaml": configMap("a").replace("v1", "example.dev/v1") },
      ["a.yaml"],
      'a.yaml: ConfigMap a: no such kind is served: is "example.dev/v1" right, and its CustomResourceDefinition among the manifests?',
    ],
    [
      "what the server refuses",
      { "a.yaml": `${configMap("a", "data: { a: 1 }\n")}---\n${configMap("Bad")}` },
      ["a.yaml"],
      /not everything can be loaded:\na\.yaml: ConfigMap a: .*data.*\na\.yaml: ConfigMap Bad: .*RFC 1123/,
    ],
  ])("refuses %s, and says what to do", async (_what, files, args, message) => {
    const { status, out, err } = await servedWorld(files).call(...args);
    expect(err).toMatch(message);
    expect({ status, out }).toEqual({ status: 2, out: "" });
  });

  it("writes the kubeconfig to a file, and again over its own", async () => {
    const { call, disk } = servedWorld({});
    expect((await call("--kubeconfig", "dev")).err).toContain("try: kubectl --kubeconfig dev get namespaces\n");
    const first = disk.get("dev");
    expect((await call("--kubeconfig", "dev")).status).toBe(0);
    expect(disk.get("dev")).not.toBe(first);
  });

  it("leaves a kubeconfig of others as it is", async () => {
    const others = "clusters: [{ name: mine }]\nusers: [{ name: me }]\ncontexts: [{ name: work }]\n";
    const { call, disk } = servedWorld({ mine: others });
    const { status, err } = await call("--kubeconfig", "mine");
    expect(status).toBe(2);
    expect(err).toContain("mine exists and is not of kindred serve: name another file, or remove it");
    expect(disk.get("mine")).toBe(others);
  });

  it("tells every request with --log requests", async () => {
    const { call } = servedWorld({}, async ({ url }) => {
      const outgoing = request(`${url}/version`, {
        rejectUnauthorized: false,
        headers: { "user-agent": "kubectl/v1.37 x" },
      }).end();
      const [incoming] = await once(outgoing, "response");
      await once(incoming.resume(), "end");
    });
    expect((await call("--log", "requests")).err).toMatch(
      /^\d\d:\d\d:\d\d 200 GET {4}\/version {2}\d+ ms {2}kubectl$/m,
    );
  });

  it("serves plain HTTP with --http, where nobody needs a token", async () => {
    let status = 0;
    const { call } = servedWorld({}, async ({ url }) => {
      status = (await fetch(`${url}/api/v1/namespaces`)).status;
    });
    const { out } = await call("--http");
    expect(status).toBe(200);
    expect(parse(out).clusters[0].cluster.server).toMatch(/^http:/);
    expect(out).not.toContain("token");
  });

  it("without --http asks for the token", async () => {
    const answers: unknown[] = [];
    const { call } = servedWorld({}, async ({ url }) => {
      for (const headers of [{}, { authorization: "Bearer wrong" }]) {
        const outgoing = request(`${url}/api/v1/namespaces`, { rejectUnauthorized: false, headers }).end();
        const [incoming] = await once(outgoing, "response");
        incoming.resume();
        answers.push(incoming.statusCode);
      }
    });
    await call();
    expect(answers).toEqual([403, 401]);
  });

  it.each([
    [["--port", "http"], '--port takes a number from 0 to 65535, not "http"'],
    [["--port", "70000"], '--port takes a number from 0 to 65535, not "70000"'],
    [["--log", "all"], '--log takes requests, not "all"'],
    [["--fsync"], "--fsync is of use with --data only"],
    [["--http", "--host", "0.0.0.0"], "--http lets everybody in who can reach 0.0.0.0"],
    [["-", "-"], "standard input can be read only once"],
    [["--nothing"], "Unknown option '--nothing'"],
  ])("refuses %j", async (args, message) => {
    const { status, err } = await world({}).call("serve", ...args);
    expect(err).toContain(message);
    expect(err).toContain("(see kindred serve --help)");
    expect(status).toBe(2);
  });

  it("has help", async () => {
    const { status, out } = await world({}).call("serve", "--help");
    expect(status).toBe(0);
    expect(out).toMatch(/^Usage: kindred serve \[MANIFEST\.\.\.\] \[OPTION\.\.\.\]\n/);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(128);
  });

  it("fails as a command does when the port is taken", async () => {
    await using cluster = await serveCluster();
    const port = new URL(cluster.url).port;
    const { status, err } = await servedWorld({}).call("--port", port);
    expect(status).toBe(1);
    expect(err).toMatch(/^cannot listen on 127\.0\.0\.1:\d+: .*: choose another port\n$/);
  });
});
