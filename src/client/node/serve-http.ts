/** A small HTTP server for probes and metrics. */

import { KindredError } from "../../core/index.js";

/** What to answer to a path; undefined is a 404. */
export type HttpAnswer = (
  path: string,
) => { readonly status: number; readonly contentType: string; readonly body: string } | undefined;

/** A server that listens. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Serves GET requests until it is disposed.
 *
 * @param options.port 0 takes a free one.
 * @param options.host default all addresses, for the kubelet to reach it.
 * @throws KindredError `CONNECTION` if the port cannot be had.
 */
export async function serveHttp(
  answer: HttpAnswer,
  options: { readonly port: number; readonly host?: string | undefined },
): Promise<HttpServer> {
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    const [path = "/"] = (request.url ?? "/").split("?");
    const { status, contentType, body } = (request.method === "GET" ? answer(path) : undefined) ?? notFound;
    response.writeHead(status, { "content-type": contentType }).end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(unavailable(options, cause)));
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

const notFound = { status: 404, contentType: "text/plain", body: "not found\n" };

function unavailable(
  { port, host }: { readonly port: number; readonly host?: string | undefined },
  cause: Error,
): Error {
  return new KindredError(
    "CONNECTION",
    `cannot listen on ${host ?? "*"}:${port}: ${cause.message}: choose another port`,
    { cause },
  );
}
