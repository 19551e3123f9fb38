import { getEventListeners } from "node:events";
import { createServer } from "node:http";
import { describe, expect, expectTypeOf, test } from "vitest";
import { isServiceUnavailable, isTooManyRequests } from "../../core/index.js";
import { Client as BaseClient } from "../index.js";
import { failureOf, kubeconfig, Note, note, serve, serveHttp } from "./harness.mjs";
import { Client, impersonate } from "./index.js";

async function notesAt(server: string, options: Parameters<typeof Client.fromKubeconfig>[0] = {}) {
  const client = await Client.fromKubeconfig({ text: kubeconfig({ server }), env: {}, ...options });
  return client.api(Note).namespace(client.defaultNamespace);
}

describe("the client retries by default what is safe to retry", () => {
  test("a read that meets an overloaded server, or a connection that breaks, succeeds", async () => {
    let calls = 0;
    await using server = await serveHttp((request, response) => {
      calls += 1;
      if (calls === 1) return response.writeHead(503).end("later");
      if (calls === 2) return request.socket.destroy();
      return response.end(note("a"));
    });
    expect(await (await notesAt(server.url)).get("a")).toMatchObject({ metadata: { name: "a" } });
    expect(calls).toBe(3);
  });

  test("a write that may have happened is sent once", async () => {
    let calls = 0;
    await using server = await serveHttp((request, response) => {
      calls += 1;
      if (calls === 1) return response.writeHead(503).end("later");
      return request.socket.destroy();
    });
    const notes = await notesAt(server.url);
    expect(isServiceUnavailable(await failureOf(notes.create({ metadata: { name: "a" } })))).toBe(true);
    expect(await failureOf(notes.create({ metadata: { name: "a" } }))).toMatchObject({
      code: "CONNECTION",
      sent: true,
    });
    expect(calls).toBe(2);
  });

  test("a write that was refused by 429 is sent again, its body too", async () => {
    const bodies: string[] = [];
    await using server = await serveHttp(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      bodies.push(body);
      if (bodies.length === 1) response.writeHead(429, { "retry-after": "0" });
      response.end(note("a"));
    });
    await (await notesAt(server.url)).create({ metadata: { name: "a" } });
    expect(bodies.length).toBe(2);
    expect(bodies[1]).toBe(bodies[0]);
    expect(bodies[0]).toContain('"name":"a"');
  });

  test("a server that is not there yet is found once it is", async () => {
    const first = await serve(createServer(), "http");
    await first[Symbol.asyncDispose]();
    const late = createServer((_request, response) => response.end(note("a")));
    const notes = await notesAt(first.url, {
      retry: {
        clock: {
          now: () => 0,
          random: () => 0,
          sleep: () =>
            new Promise((resolve) => {
              late.listen(first.port, "127.0.0.1", resolve);
            }),
        },
      },
    });
    await notes.create({ metadata: { name: "a" } });
    late.closeAllConnections();
    late.close();
  });

  test("retry: false tries once", async () => {
    await using server = await serveHttp((_request, response) => response.writeHead(429).end());
    const error = await failureOf((await notesAt(server.url, { retry: false })).get("a"));
    expect(isTooManyRequests(error)).toBe(true);
    expect(server.connections()).toBe(1);
  });
});

describe("middleware", () => {
  test("is around everything, the first outermost, and may authenticate by itself", async () => {
    let seen = "";
    await using server = await serveHttp((request, response) => {
      seen = `${request.headers.authorization} ${String(request.headers["impersonate-user"])}`;
      response.end(note("a"));
    });
    const order: string[] = [];
    const notes = await notesAt(server.url, {
      text: kubeconfig({ server: server.url }, { token: "of-the-kubeconfig" }),
      middleware: [
        (next) => (request) => {
          order.push("first");
          return next({ ...request, headers: { ...request.headers, authorization: "Bearer mine" } });
        },
        (next) => (request) => {
          order.push("second");
          return next(request);
        },
        impersonate({ user: "jane" }),
      ],
    });
    await notes.get("a");
    expect(order).toEqual(["first", "second"]);
    expect(seen).toBe("Bearer mine jane");
  });
});

test("one signal may end many calls, without a warning of Node's, and no listener stays", async () => {
  const warnings: Error[] = [];
  const record = (warning: Error) => warnings.push(warning);
  process.on("warning", record);
  await using server = await serveHttp((_request, response) => response.end(note("a")));
  const notes = await notesAt(server.url);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => notes.get("a", { signal })));
  process.off("warning", record);
  expect(warnings).toEqual([]);
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("the client of this room is the base client with ways to make it", () => {
  expectTypeOf<Client>().toExtend<BaseClient>();
  expectTypeOf(Client.infer).returns.resolves.toEqualTypeOf<Client>();
  expect(Client.prototype).toBeInstanceOf(BaseClient);
});
