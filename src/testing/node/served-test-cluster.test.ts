/** A cluster for tests, for programs of their own: its clock and its faults are theirs too. */

import { expect, test } from "vitest";
import { TestCluster } from "../cluster/index.js";
import { listen } from "./index.js";

test("a test cluster can be listened to, with its faults and its record of requests", async () => {
  await using cluster = await TestCluster.start();
  await using listener = await listen(cluster.handle);
  const get = async (path: string) => {
    const response = await fetch(listener.url + path);
    return { status: response.status, body: (await response.json()) as { readonly kind: string } };
  };
  expect(await get("/api/v1/namespaces")).toMatchObject({ status: 200, body: { kind: "NamespaceList" } });
  using _fault = cluster.inject({ fault: "too-many-requests", verbs: ["list"] });
  expect(await get("/api/v1/namespaces")).toMatchObject({ status: 429, body: { kind: "Status" } });
  expect(cluster.requests.all).toHaveLength(2);
});
