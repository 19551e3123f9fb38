/** A proxy between clients and a real API server that ends TLS on both sides and breaks what it passes on, each client by its own plan. */

import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { halfOpen, passBody, passWatch, reset, statusOf } from "./broken-body.js";
import type { FaultPlan } from "./fault-plan.js";

/** The API server, as `ControlPlane` tells of it. */
export interface Upstream {
  readonly server: string;
  /** The path of its certificate authority; its certificate and key lie beside. */
  readonly ca: string;
}

/** The API server as one client sees it. */
export interface FaultyServer {
  readonly url: string;
  /** Breaks every connection of this client. */
  drop(): void;
}

export interface FaultProxy extends AsyncDisposable {
  /**
   * The base URL of a client whose requests go by `plan`.
   *
   * @param options.unknown parameters of the query that this server does not know, as an older one does not.
   */
  serve(name: string, plan: FaultPlan, options?: { readonly unknown?: readonly string[] }): FaultyServer;
}

interface Tenant {
  readonly plan: FaultPlan;
  readonly open: Set<ServerResponse>;
  readonly unknown: readonly string[];
}

/** Starts the proxy. Who names itself first in the path of its URLs is served by the plan of that name. */
export async function startFaultProxy(upstream: Upstream): Promise<FaultProxy> {
  const folder = dirname(upstream.ca);
  const [ca, cert, key] = await Promise.all(
    [upstream.ca, join(folder, "server.crt"), join(folder, "server.key")].map((path) => readFile(path)),
  );
  const agent = new Agent({ ca, keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const tenants = new Map<string, Tenant>();

  const handle = async (incoming: IncomingMessage, out: ServerResponse) => {
    const [, name = "", path = ""] = /^\/([^/]+)(\/.*)$/.exec(incoming.url ?? "") ?? [];
    const tenant = tenants.get(name);
    if (tenant === undefined) return void out.writeHead(404).end();
    const { plan, open, unknown } = tenant;
    open.add(out);
    out.once("close", () => open.delete(out));
    if (plan.partitioned) return halfOpen();
    const url = new URL(path, upstream.server);
    // The same for every namespace: what a plan draws follows from its seed alone.
    const collection = url.pathname.replace(/\/namespaces\/[^/]+/, "");
    if (await refuse(plan, collection, out)) return;
    for (const parameter of unknown) url.searchParams.delete(parameter);
    const answer = await forward(url, { incoming, out, agent });
    if (plan.partitioned) return halfOpen();
    const { "content-type": type = "application/json", "retry-after": retryAfter } = answer.headers;
    out.writeHead(answer.statusCode ?? 502, {
      "content-type": type,
      ...(retryAfter !== undefined && { "retry-after": retryAfter }),
    });
    // A watch on which nothing has happened yet has begun all the same.
    out.flushHeaders();
    const isWatch = path.includes("watch=true") && answer.statusCode === 200;
    await (isWatch ? passWatch : passBody)(plan, { path: collection, body: answer }, out);
  };

  const server = createServer({ cert, key }, (incoming, out) => {
    // Whatever fails here is one more broken connection.
    handle(incoming, out).catch(() => out.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    serve(name, plan, { unknown = [] } = {}) {
      const open = new Set<ServerResponse>();
      tenants.set(name, { plan, open, unknown });
      const drop = () => {
        for (const out of open) out.destroy();
      };
      return { url: `https://127.0.0.1:${port}/${name}`, drop };
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

/** @returns whether the request goes no further. */
async function refuse(plan: FaultPlan, path: string, out: ServerResponse): Promise<boolean> {
  const fault = plan.request(path);
  if (fault !== "none") plan.struck(fault);
  switch (fault) {
    case "none":
      return false;
    case "delayed":
      await wait(plan.random.below(300));
      return false;
    case "reset":
      reset(out);
      return true;
    case "never answered":
      halfOpen();
      return true;
    case "503 of a load balancer":
      out.writeHead(503, { "content-type": "text/html" }).end("<html>no healthy upstream</html>");
      return true;
    case "410":
      return answerStatus(out, 410, "Expired");
    case "429":
      return answerStatus(out, 429, "TooManyRequests");
    case "500":
      return answerStatus(out, 500, "InternalError");
    case "503":
      return answerStatus(out, 503, "ServiceUnavailable");
    default:
      throw new TypeError(`unknown fault ${JSON.stringify(fault satisfies never)}`);
  }
}

function answerStatus(out: ServerResponse, code: number, reason: string): true {
  const headers = { "content-type": "application/json", ...(code === 429 && { "retry-after": "1" }) };
  out.writeHead(code, headers).end(JSON.stringify(statusOf(code, reason)));
  return true;
}

/** Sends the request on; it ends when its client's does. */
function forward(
  url: URL,
  ends: { readonly incoming: IncomingMessage; readonly out: ServerResponse; readonly agent: Agent },
): Promise<IncomingMessage> {
  const { incoming, out, agent } = ends;
  return new Promise((resolve, reject) => {
    const { host: _host, connection: _connection, ...headers } = incoming.headers;
    const sent = httpsRequest(url, { method: incoming.method, headers, agent });
    sent.once("response", (answer) => {
      answer.on("error", () => out.destroy());
      resolve(answer);
    });
    sent.once("error", reject);
    out.once("close", () => sent.destroy());
    incoming.pipe(sent);
  });
}
