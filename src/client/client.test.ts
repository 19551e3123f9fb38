import { expect, it } from "vitest";
import { ScriptedTransport } from "../../test/support/scripted-transport.js";
import { defineKind, type KubernetesObject } from "../core/index.js";
import { Client } from "./client.js";
import { headerOf, type Middleware } from "./transport.js";

const Node = defineKind<KubernetesObject<"v1", "Node">>()({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  scope: "Cluster",
});
const server = "https://test";

it("a client says where it goes, and has defaults for the rest", async () => {
  const script = new ScriptedTransport({});
  const client = new Client({ transport: script.transport, server });
  expect(client).toMatchObject({ server, defaultNamespace: "default" });
  await client.api(Node).get("a");
  expect(script.requests[0]?.headers["user-agent"]).toBe("kindred");
});

it("a client does nothing before its first request", () => {
  const script = new ScriptedTransport();
  const client = new Client({ transport: script.transport, server });
  client.api(Node).list();
  client.api(Node).watch();
  expect(script.requests).toEqual([]);
});

it("middleware wraps the transport, the first outermost", async () => {
  const order: string[] = [];
  const named =
    (name: string): Middleware =>
    (next) =>
    async (request) => {
      order.push(`${name} in`);
      const response = await next({ ...request, headers: { ...request.headers, [name]: "1" } });
      order.push(`${name} out`);
      return response;
    };
  const script = new ScriptedTransport({});
  const middleware = [named("a"), named("b")];
  await new Client({ transport: script.transport, server, middleware }).api(Node).get("n");
  expect(order).toEqual(["a in", "b in", "b out", "a out"]);
  expect(script.requests[0]?.headers).toMatchObject({ a: "1", b: "1" });
});

it("a request of one's own is sent and checked like any other", async () => {
  const script = new ScriptedTransport({ body: { major: "1" } }, { status: 404, body: "404 page not found" });
  const client = new Client({ transport: script.transport, server, userAgent: "me/1" });
  const request = { method: "GET", path: "/version", query: [], headers: {} } as const;
  expect(await client.request(request)).toEqual({ major: "1" });
  expect(script.requests[0]).toEqual({ method: "GET", url: "/version", headers: { "user-agent": "me/1" } });
  await expect(client.request(request)).rejects.toMatchObject({ code: "API", path: "/version", statusCode: 404 });
});

it("a warning reaches its handler with the request that it is about", async () => {
  const script = new ScriptedTransport({ headers: { warning: '299 - "deprecated"' } });
  const warnings: string[] = [];
  const onWarning = (text: string, request: { readonly path: string }) => void warnings.push(`${request.path} ${text}`);
  await new Client({ transport: script.transport, server, onWarning }).api(Node).get("n");
  expect(warnings).toEqual(["/api/v1/nodes/n deprecated"]);
});

it("a client that is disposed of releases what its transport holds", async () => {
  let closes = 0;
  const { transport } = new ScriptedTransport();
  const client: AsyncDisposable = new Client({ transport, server, close: async () => void closes++ });
  await client[Symbol.asyncDispose]();
  expect(closes).toBe(1);
  await new Client({ transport, server })[Symbol.asyncDispose]();
});

it.each([
  [{ a: "1" }, "1"],
  [{ a: ["1", "2"] }, "1"],
  [{ a: [] }, undefined],
  [{}, undefined],
])("the first value of a header in %j is %s", (headers, value) => {
  expect(headerOf({ headers }, "a")).toBe(value);
});

it("nothing of the transport shows when a client is printed", () => {
  const secret = "hunter2";
  const transport = Object.assign(new ScriptedTransport().transport, { secret });
  const client = new Client({ transport, server });
  expect(JSON.stringify(client)).not.toContain(secret);
  expect(Object.keys(client)).toEqual(["server", "defaultNamespace"]);
});
