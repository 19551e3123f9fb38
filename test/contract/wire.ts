/** The wire as the suite sees it: a request's bytes in, an answer's bytes out. Node's own HTTP client, nothing of kindred's. */

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** The path with its query, as in `/api/v1/namespaces?limit=1`. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** Breaks the connection, before or after the answer's head. */
  readonly signal: AbortSignal;
}

/** An answer as it comes over the wire. The body is not decoded: asked for gzip, it is gzip. */
export interface WireAnswer {
  readonly status: number;
  /** By lower-case name; a header that is repeated has several values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** How the suite reaches a server: over a socket ({@link httpWire}), or in the process. */
export type Wire = (request: WireRequest) => Promise<WireAnswer>;

/** A server's address, and the certificate authority that vouches for it. */
export interface HttpWireOptions {
  /** As in `https://127.0.0.1:6443`. */
  readonly url: string;
  /** PEM. For `https:` only. */
  readonly ca?: string | undefined;
}

/** A wire over HTTP/1.1, or TLS. */
export function httpWire({ url, ca }: HttpWireOptions): Wire & Disposable {
  const base = new URL(url);
  const secure = base.protocol === "https:";
  const agent = secure ? new HttpsAgent({ keepAlive: true, ca }) : new HttpAgent({ keepAlive: true });
  const wire = ({ method, target, headers, body, signal }: WireRequest) =>
    new Promise<WireAnswer>((resolve, reject) => {
      const send = secure ? httpsRequest : httpRequest;
      // The path is given apart from the URL, which would normalise it.
      const request = send({ hostname: base.hostname, port: base.port, path: target, method, headers, agent, signal });
      // A server that refuses a body answers before it has read it: the answer counts, not the broken pipe after it.
      request.on("error", reject);
      request.once("response", (response) => resolve(answerOf(response)));
      request.end(body);
    });
  return Object.assign(wire, { [Symbol.dispose]: () => agent.destroy() });
}

function answerOf(response: IncomingMessage): WireAnswer {
  const headers = new Map<string, string[]>();
  const raw = response.rawHeaders;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), raw[index + 1] ?? ""]);
  }
  return { status: response.statusCode ?? 0, headers, body: response };
}
