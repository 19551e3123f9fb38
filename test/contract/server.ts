/** The server under test, as a case sees it: requests of every method, watches, and a namespace of its own. */

import { randomBytes } from "node:crypto";
import { describeExchange, type Exchange } from "./exchange.js";
import { type ApiObject, objectOf } from "./json.js";
import { openWatch, type Watch } from "./watch.js";
import type { Wire } from "./wire.js";

/** What a case may change about a request. */
export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Added to the usual ones (admin's authorization, `user-agent: suite/1.0`, JSON). An empty value takes one away. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A request. */
export interface ServerRequest extends RequestOptions {
  readonly method: string;
  readonly path: string;
  /** Text and bytes are sent as they are, everything else as JSON. */
  readonly body?: unknown;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Undefined if the text is not JSON. */
  readonly json: unknown;
  /** The `Warning` headers. */
  readonly warnings: readonly string[];
  /** A header's first value. */
  header(name: string): string | undefined;
}

/** How to apply. */
export interface ApplyOptions extends RequestOptions {
  readonly manager?: string | undefined;
  readonly force?: boolean | undefined;
}

/** The media types of patches. */
export const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

// Ends a case whose server never answers. The longest honest wait is a client's own timeout of a few seconds.
const deadlineMs = 20_000;

/** The server under test during one case. */
export class Server implements AsyncDisposable {
  readonly exchanges: Exchange[] = [];
  /** Those that cases have created for themselves. */
  readonly namespaces: string[] = [];
  readonly #wire: Wire;
  readonly #token: string;
  readonly #end = new AbortController();
  readonly #cleanUps: (() => Promise<unknown>)[] = [];

  constructor(wire: Wire, token: string) {
    this.#wire = wire;
    this.#token = token;
  }

  async request(request: ServerRequest): Promise<Answer> {
    const { method, body } = request;
    const target = targetOf(request);
    const bytes = bytesOf(body);
    const answer = await this.#wire({
      method,
      target,
      headers: this.#headersOf(request, bytes),
      body: bytes,
      signal: AbortSignal.any([this.#end.signal, AbortSignal.timeout(deadlineMs)]),
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of answer.body) chunks.push(chunk);
    const read = Buffer.concat(chunks);
    const text = read.toString("utf8");
    this.exchanges.push({ method, target, body, status: answer.status, headers: answer.headers, answer: text });
    return {
      status: answer.status,
      headers: answer.headers,
      bytes: read,
      text,
      json: parse(text),
      warnings: answer.headers.get("warning") ?? [],
      header: (name) => answer.headers.get(name.toLowerCase())?.[0],
    };
  }

  get(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.request({ ...options, method: "GET", path });
  }

  post(path: string, body: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.request({ ...options, method: "POST", path, body });
  }

  put(path: string, body: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.request({ ...options, method: "PUT", path, body });
  }

  delete(path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.request({ ...options, method: "DELETE", path, body });
  }

  /** PATCH with a JSON merge patch. */
  merge(path: string, body: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.#patch("merge", path, { ...options, body });
  }

  /** PATCH with a JSON patch. */
  jsonPatch(path: string, body: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.#patch("json", path, { ...options, body });
  }

  /** PATCH with a strategic merge patch. */
  strategic(path: string, body: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.#patch("strategic", path, { ...options, body });
  }

  /** Server-side apply. */
  apply(path: string, body: unknown, { manager, force, query, headers }: ApplyOptions = {}): Promise<Answer> {
    return this.#patch("apply", path, {
      body,
      headers,
      query: {
        ...query,
        ...(manager === undefined ? {} : { fieldManager: manager }),
        ...(force === undefined ? {} : { force }),
      },
    });
  }

  /** POSTs what the case needs to be there, and returns what the server made of it. */
  async create(path: string, body: unknown, options: RequestOptions = {}): Promise<ApiObject> {
    return objectOf(this.#wanted(201, await this.post(path, body, options)));
  }

  /** GETs an object that must be there. */
  async read(path: string, options: RequestOptions = {}): Promise<ApiObject> {
    return objectOf(this.#wanted(200, await this.get(path, options)));
  }

  /** GETs a list that must be there. */
  async list(path: string, query: RequestOptions["query"] = {}): Promise<unknown> {
    return this.#wanted(200, await this.get(path, { query }));
  }

  /** Opens a watch. It ends with the case, if not before. */
  async watch(path: string, query: RequestOptions["query"] = {}, options: RequestOptions = {}): Promise<Watch> {
    const request = { ...options, method: "GET", path, query: { watch: true, ...query } };
    const target = targetOf(request);
    const closed = new AbortController();
    const answer = await this.#wire({
      method: "GET",
      target,
      headers: this.#headersOf(request, undefined),
      signal: AbortSignal.any([this.#end.signal, closed.signal, AbortSignal.timeout(deadlineMs)]),
    });
    const exchange: Exchange = {
      method: "GET",
      target,
      body: undefined,
      status: answer.status,
      headers: answer.headers,
      answer: "",
    };
    this.exchanges.push(exchange);
    return openWatch(answer, {
      close: () => closed.abort(),
      onLine: (line) => (exchange.answer += `${line}\n`),
    });
  }

  /** Creates a namespace for this case alone, and returns its name. It is deleted when the suite ends, so that its controllers have time for the cases. */
  async namespace(): Promise<string> {
    const name = randomName("suite");
    await this.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    this.namespaces.push(name);
    return name;
  }

  /** Undoes something when the case ends, however it ends. */
  onEnd(undo: () => Promise<unknown>): void {
    this.#cleanUps.push(undo);
  }

  /** The last exchanges, for a reader of a failure. */
  describe(): string {
    return this.exchanges.slice(-4).map(describeExchange).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const undo of this.#cleanUps.splice(0).toReversed()) await undo();
    this.#end.abort(new Error("the case has ended"));
  }

  #patch(type: keyof typeof patchTypes, path: string, options: RequestOptions & { readonly body: unknown }) {
    const headers = { "content-type": patchTypes[type], ...options.headers };
    return this.request({ ...options, method: "PATCH", path, headers });
  }

  #wanted(status: number, answer: Answer): unknown {
    if (answer.status === status) return answer.json;
    throw new Error(
      `cannot prepare the case: the answer is ${answer.status}, not ${status}: ${answer.text.slice(0, 500)}`,
    );
  }

  #headersOf({ headers = {} }: RequestOptions, body: Uint8Array | undefined): Record<string, string> {
    const all = {
      accept: "application/json",
      authorization: `Bearer ${this.#token}`,
      "user-agent": "suite/1.0",
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": String(body.length) }),
      ...headers,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
  }
}

/** A name that nothing else has. */
export function randomName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString("hex")}`;
}

function targetOf({ path, query = {} }: ServerRequest): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? path : `${path}${path.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function parse(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return json;
  } catch {
    return undefined;
  }
}
