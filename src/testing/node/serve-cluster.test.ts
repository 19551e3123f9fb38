/** A served cluster on disk: what it remembers, and what it does when the disk takes no more. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { TempFolder } from "../../../test/support/temp-folder.js";
import { serveCluster, type ServedCluster } from "./serve-cluster.js";

let temp: TempFolder;

beforeEach(async () => {
  temp = await TempFolder.create();
});

afterEach(() => temp.remove());

const path = "/api/v1/namespaces/default/configmaps";

function create({ handle }: ServedCluster, name: string, size = 1) {
  const body = JSON.stringify({ metadata: { name }, data: { a: "x".repeat(size) } });
  return handle({ method: "POST", url: path, headers: { "content-type": "application/json" }, body });
}

test("objects are served again, by the same token and authority", async () => {
  const data = { folder: temp.path };
  let kubeconfig: string;
  {
    await using first = await serveCluster({ data });
    expect((await create(first, "a")).status).toBe(201);
    kubeconfig = first.kubeconfig;
  }
  await using again = await serveCluster({ data });
  expect(again.restored).toMatchObject({ tornBytes: 0 });
  const ofServer = (text: string) => text.replace(/server: .*/, "");
  expect(ofServer(again.kubeconfig)).toBe(ofServer(kubeconfig));
  expect((await again.handle({ method: "GET", url: `${path}/a`, headers: {} })).status).toBe(200);
});

test("when the disk takes no more, the write fails, everything after it fails, and the owner is told", async () => {
  await using cluster = await serveCluster({ data: { folder: temp.path, compactAfterBytes: 1 } });
  // The file that the journal wants to write anew.
  mkdirSync(join(temp.path, "state.jsonl.new"));
  const failing = (async () => {
    for (let i = 0; i < 100; i++) await create(cluster, `c${i}`, 10_000);
  })();
  await expect(failing).rejects.toThrow("nothing is acknowledged from here on");
  await expect(cluster.failure).rejects.toMatchObject({ code: "CONFIG" });
  await expect(cluster.handle({ method: "GET", url: path, headers: {} })).rejects.toThrow("nothing is acknowledged");
});
