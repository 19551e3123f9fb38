/** A server's identity, made once and kept. */

import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { TempFolder } from "../../../test/support/temp-folder.js";
import { accessOf, kubeconfigOf } from "./access.js";

let temp: TempFolder;
let folder: string;

beforeEach(async () => {
  temp = await TempFolder.create();
  folder = join(temp.path, "data");
});

afterEach(() => temp.remove());

test("a folder has one identity, for its owner's eyes", () => {
  const made = accessOf(folder, Date.now());
  expect(made.token).toMatch(/^[0-9a-f]{48}$/);
  expect(accessOf(folder, Date.now())).toEqual(made);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
});

test("an identity of which a part is missing is not made anew: old kubeconfigs would fail for no reason", () => {
  accessOf(folder, Date.now());
  rmSync(join(folder, "ca.key"));
  expect(() => accessOf(folder, Date.now())).toThrow(
    `${folder} has some of token, ca.crt, ca.key, but not all: put back or remove them together`,
  );
});

test("a kubeconfig names the server, its authority and the administrator", () => {
  const text = kubeconfigOf({ url: "https://127.0.0.1:1234", certificate: "PEM", token: "secret" });
  expect(parse(text)).toEqual({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "kindred", cluster: { server: "https://127.0.0.1:1234", "certificate-authority-data": "UEVN" } },
    ],
    users: [{ name: "kindred", user: { token: "secret" } }],
    contexts: [{ name: "kindred", context: { cluster: "kindred", user: "kindred" } }],
    "current-context": "kindred",
  });
});

test("a kubeconfig for plain HTTP has no credentials, which kubectl would not send", () => {
  const text = kubeconfigOf({ url: "http://127.0.0.1:1234", certificate: undefined, token: undefined });
  expect(parse(text)).toMatchObject({
    clusters: [{ cluster: { server: "http://127.0.0.1:1234" } }],
    users: [{ name: "kindred", user: {} }],
  });
});
