/** The API server: from a request to its answer, without a socket. */

import { administrator, authenticate, authorize } from "./access.js";
import { initialObjects } from "./bootstrap.js";
import { addBuiltins } from "./builtin/builtins.js";
import type { Formats } from "./body/read-body.js";
import { machineClock, seededClock, type ServerClock } from "./clock.js";
import { Definitions } from "./crd/definitions.js";
import { formatJson, formatPretty } from "./core-json.js";
import { Failure, PlainFailure } from "./failure.js";
import { formatsFor } from "./formats.js";
import { crashed, methodNotAllowed, unknownResource } from "./messages.js";
import { negotiate } from "./negotiate.js";
import { checkTimeout, readOptions, wantsPretty } from "./options.js";
import { answerPath, pageNotFound } from "./paths.js";
import { Registry } from "./registry.js";
import { type ApiRequest, type ApiResponse, parsePath, type RequestInfo, verbOf } from "./request.js";
import type { Resource } from "./resource.js";
import { Store } from "./store/store.js";
import { includeOf, showInWatch, transform } from "./transform.js";
import type { Call, Parts } from "./verbs/call.js";
import { create } from "./verbs/create.js";
import { dispatch } from "./verbs/dispatch.js";
import { watch, type WatchStream } from "./verbs/watch.js";

/** How a server is made. */
export interface ApiServerOptions {
  /** Default: the machine's. */
  readonly clock?: ServerClock | undefined;
  /** Makes names and identities the same in every run. Default: chance. */
  readonly seed?: number | undefined;
  /** The administrator's bearer token. Default: none, and everyone is the administrator. */
  readonly token?: string | undefined;
  /** How long a watch may look back, in milliseconds. Default: five minutes. */
  readonly windowMs?: number | undefined;
  /** Fills the store with what was kept from an earlier run, and keeps what is written from now on. */
  readonly restore?: ((store: Store) => void) | undefined;
}

/**
 * A Kubernetes API server in the process.
 *
 * Guarantees: `handle` never rejects; what goes wrong is a Status. A write is in the store, and every listener of the store has been
 * called, before its answer is given.
 *
 * Caveats: it has no scheduler, kubelet or workload controllers; webhooks are not called, roles are not looked at; rules of custom kinds are not
 * checked for types and cost when they are defined, and a rule that calls a function which is not there is left out, with a warning.
 */
export class ApiServer implements AsyncDisposable {
  /** All objects, and the log of changes. */
  readonly store: Store;
  /** The kinds that are served now. */
  readonly registry = new Registry();
  readonly #clock: ServerClock;
  readonly #token: string | undefined;
  readonly #watches = new Set<WatchStream>();
  readonly #definitions: Definitions;
  #isClosed = false;

  constructor(options: ApiServerOptions = {}) {
    const clock = options.clock ?? machineClock;
    this.#clock = options.seed === undefined ? clock : seededClock(options.seed, clock);
    this.#token = options.token;
    this.store = new Store({ now: () => this.#clock.now(), windowMs: options.windowMs });
    addBuiltins(this.registry);
    options.restore?.(this.store);
    this.#bootstrap();
    this.store.compact();
    this.#definitions = new Definitions(this.#parts({}), (collection) => {
      for (const stream of this.#watches) if (stream.collection === collection) stream.end();
    });
  }

  /** Answers a request. An answer whose body comes in pieces must be read or `return()`ed. */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    const warnings = new Set<string>();
    const [path, search] = split(request.url);
    const query = new URLSearchParams(search);
    const answered = await this.#attempt(() =>
      this.#answer({ request, path, query, warn: (text) => warnings.add(text) }),
    );
    const pretty = typeof answered.body === "string" && wantsPretty(request, query) ? prettier(answered) : answered;
    return {
      ...pretty,
      headers: {
        "audit-id": crypto.randomUUID(),
        "cache-control": "no-cache, private",
        ...(warnings.size === 0 ? {} : { warning: [...warnings].map(warningOf) }),
        ...pretty.headers,
      },
    };
  }

  /** Forgets all changes so far: watches and lists from older versions get 410. */
  compact(): void {
    this.store.compact();
  }

  /** Ends every watch, as a server that goes away does; later requests are answered 503. */
  close(): void {
    this.#isClosed = true;
    this.#definitions[Symbol.dispose]();
    this.#endWatches();
  }

  /** Breaks the connections of watches, all or those of a collection such as `deployments.apps`. @returns how many. */
  dropWatches(collection?: string): number {
    return this.#endWatches(collection);
  }

  /** Whether no watch has anything more to tell. */
  get isIdle(): boolean {
    return [...this.#watches].every(({ isIdle }) => isIdle);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #attempt(answer: () => Promise<ApiResponse>): Promise<ApiResponse> {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof PlainFailure) return text(error.code, error.message);
      const failure = error instanceof Failure ? error : crashed(error);
      return json(failure.code, formatJson(failure.status), failure.headers);
    }
  }

  async #answer({ request, path, query, warn }: Incoming): Promise<ApiResponse> {
    if (this.#isClosed) return text(503, "the server is shutting down\n");
    const user = authenticate(request, this.#token, (key) => this.store.get("serviceaccounts", key));
    const info = parsePath(path);
    const isWatch = info !== undefined && request.method === "GET" && isWatchRequest(info, query);
    authorize(user, wordOf(request.method, info, isWatch), path, info);
    if (!isWatch) checkTimeout(query);
    const plain = await answerPath(request, path, { registry: this.registry, query });
    if (plain !== undefined) return plainResponse(plain);
    if (info === undefined) throw pageNotFound();
    const resource = this.#find(info);
    if (request.method === "HEAD" || request.method === "OPTIONS") throw methodNotAllowed();
    const form = negotiate(request, resource.custom);
    const formats = await formatsFor(request);
    if (resource.deprecation !== undefined) warn(resource.deprecation);
    const { namespace, name, subresource } = info;
    const call: Call = { ...this.#parts(formats), request, query, resource, namespace, name, subresource, warn, user };
    const context = { form, include: includeOf(query), now: this.#clock.now() };
    if (isWatch) return this.#watch(call, context);
    const answer = dispatch(call);
    if (answer.type === "text") return text(200, answer.text);
    const body = transform(answer, context);
    const code = answer.type === "list" ? 200 : answer.code;
    if (form.media !== "application/yaml" || formats.formatYaml === undefined) return json(code, body);
    return { status: code, headers: { "content-type": form.media }, body: formats.formatYaml(JSON.parse(body)) };
  }

  #watch(call: Call, context: Parameters<typeof showInWatch>[1]): ApiResponse {
    if (!call.resource.verbs.includes("watch")) throw methodNotAllowed();
    const options = readOptions(call.query, true);
    const stream = watch(call, options, showInWatch(call.resource, context));
    this.#watches.add(stream);
    stream.onClose(() => this.#watches.delete(stream));
    return { status: 200, headers: { "content-type": "application/json" }, body: stream };
  }

  #find({ group, version, plural, namespace, watchPath }: RequestInfo): Resource {
    const resource = this.registry.find(group, version, plural);
    if (resource === undefined) {
      throw this.registry.isBuiltinGroup(group) ? unknownResource() : pageNotFound();
    }
    const isMisplaced = resource.scope === "Cluster" && namespace !== "" && resource.plural !== "namespaces";
    if (isMisplaced && resource.custom) throw pageNotFound();
    if (isMisplaced || (watchPath && !resource.verbs.includes("watch"))) throw unknownResource();
    return resource;
  }

  #parts(formats: Formats): Parts {
    return { store: this.store, registry: this.registry, clock: this.#clock, formats };
  }

  #endWatches(collection?: string): number {
    const ended = [...this.#watches].filter((stream) => collection === undefined || stream.collection === collection);
    for (const stream of ended) stream.close();
    return ended.length;
  }

  #bootstrap(): void {
    for (const { group, version, plural, namespace, object } of initialObjects) {
      const resource = this.registry.find(group, version, plural);
      if (resource === undefined) throw new Error(`${plural} of ${group}/${version} is not a built-in kind`);
      const name = nameIn(object);
      if (this.store.get(resource.collection, namespace === "" ? name : `${namespace}/${name}`) !== undefined) continue;
      const request = {
        method: "POST",
        url: "",
        headers: { "content-type": "application/json" },
        body: formatJson(object),
      };
      const query = new URLSearchParams({ fieldManager: "kube-apiserver" });
      const place = { namespace: resource.plural === "namespaces" ? "" : namespace, name: "", subresource: "" };
      create({ ...this.#parts({}), ...place, request, query, resource, warn: () => undefined, user: administrator });
    }
  }
}

interface Incoming {
  readonly request: ApiRequest;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly warn: (text: string) => void;
}

function split(url: string): readonly [string, string] {
  const at = url.indexOf("?");
  return at === -1 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}

/** One object's own path is never watched, whatever the query says. */
function isWatchRequest({ watchPath, name, subresource }: RequestInfo, query: URLSearchParams): boolean {
  if (watchPath) return true;
  return name === "" && subresource === "" && query.has("watch") && readOptions(query, false).watch;
}

/** The word for it in messages about rights. */
function wordOf(method: string, info: RequestInfo | undefined, isWatch: boolean): string {
  const verb = info === undefined ? undefined : verbOf(method === "HEAD" ? "GET" : method, info.name, isWatch);
  return verb ?? method.toLowerCase();
}

function plainResponse({
  status,
  body,
  headers,
}: Exclude<Awaited<ReturnType<typeof answerPath>>, undefined>): ApiResponse {
  if (typeof body !== "string") return json(status, formatJson(body), headers);
  return body === ""
    ? { status, headers, body }
    : { ...text(status, body), headers: { ...text(status, body).headers, ...headers } };
}

const json = (status: number, body: string, headers: ApiResponse["headers"] = {}): ApiResponse => ({
  status,
  body: `${body}\n`,
  headers: { "content-type": "application/json", ...headers },
});

const text = (status: number, body: string): ApiResponse => ({
  status,
  body,
  headers: {
    "content-type": "text/plain; charset=utf-8",
    ...(status < 400 ? {} : { "x-content-type-options": "nosniff" }),
  },
});

function prettier(response: ApiResponse): ApiResponse {
  const type = response.headers["content-type"];
  if (typeof response.body !== "string" || type !== "application/json") return response;
  return { ...response, body: formatPretty(JSON.parse(response.body)) };
}

/** A warning as RFC 7234 writes it; what is no plain text is left out. */
function warningOf(message: string): string {
  return `299 - "${message
    .replaceAll(/\p{Cc}/gu, " ")
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')}"`;
}

function nameIn(object: { readonly [key: string]: unknown }): string {
  const { metadata } = object;
  return typeof metadata === "object" && metadata !== null && "name" in metadata ? String(metadata.name) : "";
}
