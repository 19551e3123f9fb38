/** From a request as data to an answer as data: serialises, sends, checks the status, parses. */

import { ApiError, formatJson, KindredError, statusOf } from "../core/index.js";
import { type ApiRequest, formatUrl } from "../core/requests/index.js";
import { parseRetryAfter } from "./retry-after.js";
import {
  type CallOptions,
  type Connection,
  headerOf,
  type Transport,
  type TransportRequest,
  type TransportResponse,
} from "./transport.js";
import { decodeObjects, decodeText } from "./utf8.js";

/** Called with each `Warning` header that the API server sends, such as the use of a deprecated version. */
export type WarningHandler = (warning: string, request: ApiRequest) => void;

/** A response that has been read. */
export interface Answer extends Pick<TransportResponse, "status" | "headers"> {
  readonly value: unknown;
}

/** Sends requests over one transport. */
export interface Exchange {
  /** @returns the JSON value of the response. @throws ApiError, KindredError `CONNECTION` or `PROTOCOL`, or the signal's reason. */
  json(request: ApiRequest, options?: CallOptions): Promise<unknown>;
  /** As `json`, for who needs the headers too. A request with `if-none-match` may be answered by 304, which has no value. */
  answer(request: ApiRequest, options?: CallOptions): Promise<Answer>;
  /** @returns a successful response whose body is still to come. */
  stream(request: ApiRequest, options?: CallOptions & { readonly idleTimeoutMs?: number }): Promise<TransportResponse>;
  /** @returns the response that switched protocols, and its connection. @throws as json does. */
  upgrade(request: ApiRequest, options?: CallOptions): Promise<UpgradedResponse>;
}

/** An answer of 101 Switching Protocols. */
export interface UpgradedResponse extends TransportResponse {
  readonly connection: Connection;
}

/** Options of {@link exchangeOver}. */
export interface ExchangeOptions {
  readonly userAgent: string;
  readonly onWarning?: WarningHandler | undefined;
  /** Milliseconds since 1970. Default: the machine's. */
  readonly now?: (() => number) | undefined;
}

/** An exchange over `transport`. */
export function exchangeOver(transport: Transport, options: ExchangeOptions): Exchange {
  const now = options.now ?? Date.now;
  const send = async (
    request: ApiRequest,
    { signal, ...more }: CallOptions & Pick<TransportRequest, "idleTimeoutMs" | "upgrade">,
  ) => {
    signal?.throwIfAborted();
    const response = await transport({
      method: request.method,
      url: formatUrl(request),
      headers: { "user-agent": options.userAgent, ...request.headers },
      ...(request.body !== undefined && { body: formatJson(request.body) }),
      ...(signal !== undefined && { signal }),
      ...more,
    });
    if (options.onWarning !== undefined) reportWarnings(response, request, options.onWarning);
    return response;
  };
  const stream: Exchange["stream"] = async (request, call = {}) => {
    const response = await send(request, call);
    if (isSuccess(request, response)) return response;
    throw await refusal(request, response, now());
  };
  const upgrade: Exchange["upgrade"] = async (request, { signal } = {}) => {
    const response = await send(request, { signal, upgrade: "websocket", idleTimeoutMs: upgradeTimeoutMs });
    const { connection } = response;
    if (connection !== undefined) return { ...response, connection };
    // The query of an exec is a command line, which may hold a secret.
    if (response.status < 200 || response.status > 299) throw await refusal({ ...request, query: [] }, response, now());
    await response.discard();
    throw new KindredError(
      "PROTOCOL",
      `${request.method} ${request.path}: the server answered ${response.status} and did not switch to WebSocket: does a proxy in between let it through?`,
    );
  };
  const answer: Exchange["answer"] = async (request, call) => {
    const response = await stream(request, call);
    const { status, headers } = response;
    const body = await response.bytes();
    return { status, headers, value: status === notModified ? undefined : parseBody(request, status, body) };
  };
  const json: Exchange["json"] = async (request, call) => (await answer(request, call)).value;
  return { json, answer, stream, upgrade };
}

const notModified = 304;

function isSuccess(request: ApiRequest, { status }: TransportResponse): boolean {
  return (status >= 200 && status <= 299) || (status === notModified && "if-none-match" in request.headers);
}

/** Before it switches, the API server asks admission webhooks, which may take 30 seconds, and dials the kubelet. */
const upgradeTimeoutMs = 60_000;

async function refusal(request: ApiRequest, response: TransportResponse, now: number): Promise<Error> {
  const path = formatUrl(request);
  if (response.status >= 300 && response.status <= 399) {
    await response.discard();
    const location = headerOf(response, "location") ?? "nowhere";
    return new KindredError(
      "PROTOCOL",
      `${request.method} ${path}: the server redirects to ${location} (${response.status}), which API servers do not do: check the server of the kubeconfig's cluster`,
    );
  }
  const retryAfterMs = parseRetryAfter(headerOf(response, "retry-after"), now);
  return new ApiError(statusOf(response.status, parseLeniently(await response.bytes())), {
    method: request.method,
    path,
    retryAfterSeconds: retryAfterMs === undefined ? undefined : retryAfterMs / 1000,
  });
}

function parseBody(request: ApiRequest, status: number, body: Uint8Array): unknown {
  try {
    return decodeObjects(body);
  } catch (cause) {
    const text = decodeText(body);
    // A page of a proxy may be quoted; what begins as JSON may be part of a Secret.
    const shown = /^\s*[{["]/.test(text)
      ? `JSON that breaks off or is garbled, ${text.length} characters`
      : binary.test(text)
        ? `binary data, ${text.length} characters`
        : excerpt(text);
    throw new KindredError(
      "PROTOCOL",
      `${request.method} ${formatUrl(request)}: the server answered ${status} with something that is not JSON: ${shown}`,
      { cause: cause instanceof SyntaxError ? undefined : cause },
    );
  }
}

/** Protobuf for one, whose Secrets are as readable as any. */
// oxlint-disable-next-line no-control-regex -- what makes it binary
const binary = /[\u0000-\u0008]/;

function excerpt(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}… (${text.length} characters)`;
}

function parseLeniently(body: Uint8Array): unknown {
  try {
    return decodeObjects(body);
  } catch {
    return decodeText(body);
  }
}

/** A warning reads `299 - "text"`, quotes and backslashes within escaped; a proxy may have joined several by commas. */
const warning = /(?:^|,\s*)299 \S+ "((?:[^"\\]|\\.)*)"/g;

function reportWarnings(response: TransportResponse, request: ApiRequest, onWarning: WarningHandler): void {
  const header = response.headers["warning"];
  if (header === undefined) return;
  for (const value of typeof header === "string" ? [header] : header) {
    const texts = [...value.matchAll(warning)].map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));
    for (const text of texts.length === 0 ? [value] : texts) onWarning(text, request);
  }
}
