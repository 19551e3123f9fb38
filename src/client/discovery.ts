/** The kinds that an API server serves: asked for once, kept, and asked for again when a name is not among them. */

import {
  ApiError,
  type DiscoveredKind,
  type GroupVersion,
  apiVersionOf,
  invalidArgument,
  isNotFound,
  joinServedApis,
  kindOfObject,
  kindsNamed,
  kindsOfCategory,
  KindredError,
  nearestNames,
  parseAggregatedDiscovery,
  parseGroupVersions,
  parseResourceList,
  resourceNameOf,
  type ServedApis,
} from "../core/index.js";
import type { ApiRequest } from "../core/requests/index.js";
import type { Exchange } from "./exchange.js";
import { sharedRun } from "./shared-run.js";
import { type CallOptions, headerOf } from "./transport.js";

/** Options of {@link Discovery.resolve}. */
export interface ResolveOptions extends CallOptions {
  /** Refuse a name that kinds of several groups have. Default false: the group that the server prefers, as kubectl. */
  readonly unique?: boolean | undefined;
}

/**
 * What `client.discovery` knows: every kind of the API server, by the names that kubectl takes.
 *
 * Guarantees: no request before the first question, then two (about 30 to servers before Kubernetes 1.27). The answer is kept; a name
 * that is not in it asks again, at most every two seconds. Questions at the same time share one request. An API whose own server does
 * not answer leaves the others as they are.
 *
 * Caveats: what the server stops serving is known until the next {@link refresh}.
 *
 * @example
 * ```ts
 * const deployments = client.api(await client.discovery.resolve("deploy"));
 * ```
 */
export class Discovery {
  readonly #exchange: Exchange;
  readonly #now: () => number;
  readonly #load: (signal?: AbortSignal) => Promise<ServedApis>;
  readonly #documents = new Map<string, Tagged>();
  #known: { readonly apis: ServedApis; readonly askedAt: number } | undefined;

  /** @param options.now milliseconds since 1970, for tests. */
  constructor(exchange: Exchange, { now = Date.now }: { readonly now?: () => number } = {}) {
    this.#exchange = exchange;
    this.#now = now;
    this.#load = sharedRun(async (signal) => {
      const askedAt = this.#now();
      const apis = joinServedApis(await Promise.all([this.#root("/api", signal), this.#root("/apis", signal)]));
      this.#known = { apis, askedAt };
      return apis;
    });
  }

  /** Every kind, and every API that is unavailable; asks only the first time. */
  async apis({ signal }: CallOptions = {}): Promise<ServedApis> {
    signal?.throwIfAborted();
    return this.#known?.apis ?? this.refresh({ signal });
  }

  /** Asks the server again; what it says has not changed is not sent again. Joins a request that is under way. */
  async refresh({ signal }: CallOptions = {}): Promise<ServedApis> {
    // A signal of our own for each question: Node warns of the eleventh listener on one.
    return this.#load(signal === undefined ? undefined : AbortSignal.any([signal]));
  }

  /**
   * The kind that a name stands for, as kubectl reads it: plural, singular, short name or kind, alone, with a group or its beginning,
   * or with version and group: `deploy`, `deployments.apps`, `Deployment.v1.apps`.
   *
   * @throws KindredError `UNKNOWN_KIND` that lists the nearest names, or with `unique` the candidates; ApiError.
   */
  async resolve(name: string, { signal, unique = false }: ResolveOptions = {}): Promise<DiscoveredKind> {
    const { apis, found } = await this.#ask(({ kinds }) => kindsNamed(kinds, name), signal);
    const [kind, ...others] = found;
    if (kind === undefined) throw unknownName(name, apis);
    if (!unique || others.length === 0) return kind;
    throw new KindredError(
      "UNKNOWN_KIND",
      `${JSON.stringify(name)} may be ${found.map(resourceNameOf).join(" or ")}: name the group`,
    );
  }

  /**
   * The kinds of several names, separated by commas, each of which may be a category: `all`, `deploy,svc`.
   *
   * @throws KindredError `UNKNOWN_KIND` for the first name that stands for nothing; ApiError.
   */
  async resolveAll(names: string, { signal }: CallOptions = {}): Promise<readonly DiscoveredKind[]> {
    const kinds = new Map<string, DiscoveredKind>();
    for (const name of names.split(",")) {
      if (name === "") throw invalidArgument(`${JSON.stringify(names)} has an empty name: separate names by one comma`);
      const { apis, found } = await this.#ask((served) => categoryOrKind(served, name), signal);
      if (found.length === 0) throw unknownName(name, apis);
      for (const kind of found) kinds.set(resourceNameOf(kind), kind);
    }
    return [...kinds.values()];
  }

  /**
   * The kind of an object, of a manifest, or of what an owner reference names.
   *
   * @throws KindredError `UNKNOWN_KIND` that lists the versions in which there is such a kind, or the nearest names; ApiError.
   */
  async kindOf(
    object: { readonly apiVersion: string; readonly kind: string },
    { signal }: CallOptions = {},
  ): Promise<DiscoveredKind> {
    const { apis, found } = await this.#ask(({ kinds }) => asList(kindOfObject(kinds, object)), signal);
    const [kind] = found;
    if (kind !== undefined) return kind;
    const elsewhere = apis.kinds.filter((one) => one.kind === object.kind).map(apiVersionOf);
    const hint = elsewhere.length === 0 ? nearest(object.kind, apis) : `it is in ${elsewhere.join(" and ")}`;
    throw new KindredError(
      "UNKNOWN_KIND",
      `the API server serves no ${object.kind} in ${object.apiVersion}: ${hint}${missing(apis)}`,
    );
  }

  async #ask(
    look: (apis: ServedApis) => readonly DiscoveredKind[],
    signal: AbortSignal | undefined,
  ): Promise<{ readonly apis: ServedApis; readonly found: readonly DiscoveredKind[] }> {
    const known = this.#known;
    const apis = await this.apis({ signal });
    const found = look(apis);
    if (found.length > 0 || known === undefined) return { apis, found };
    if (this.#now() - known.askedAt < leastAgeMs) return { apis, found };
    const fresh = await this.refresh({ signal });
    return { apis: fresh, found: look(fresh) };
  }

  /** One of the two documents that name everything below them; a server may have only one of them. */
  async #root(path: "/api" | "/apis", signal: AbortSignal): Promise<ServedApis> {
    const before = this.#documents.get(path);
    const tag = before === undefined ? {} : { "if-none-match": before.etag };
    const request = get(path, { accept: aggregatedForm, ...tag });
    let answer: Awaited<ReturnType<Exchange["answer"]>>;
    try {
      answer = await this.#exchange.answer(request, { signal });
    } catch (error) {
      if (isNotFound(error)) return nothing;
      throw error;
    }
    if (before !== undefined && answer.value === undefined) return before.apis;
    const apis = parseAggregatedDiscovery(answer.value);
    if (apis === undefined) return this.#versions(path, parsed(request, parseGroupVersions(answer.value)), signal);
    const etag = headerOf(answer, "etag");
    if (etag !== undefined) this.#documents.set(path, { etag, apis });
    return apis;
  }

  async #versions(path: string, versions: readonly GroupVersion[], signal: AbortSignal): Promise<ServedApis> {
    return joinServedApis(await Promise.all(versions.map((version) => this.#version(path, version, signal))));
  }

  /** A group whose server does not answer is told, and fails no other. */
  async #version(path: string, version: GroupVersion, signal: AbortSignal): Promise<ServedApis> {
    const request = get(`${path}/${apiVersionOf(version)}`, { accept: "application/json" });
    try {
      return parsed(request, parseResourceList(await this.#exchange.json(request, { signal }), version));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { kinds: [], unavailable: [Object.freeze({ ...version, message: error.message })] };
    }
  }
}

/** The form of servers since Kubernetes 1.30, that since 1.27, and the one before. */
const aggregatedForm = [
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
  "application/json",
].join(",");

/** How old an answer must be before a name that is not in it asks again. */
const leastAgeMs = 2000;

const nothing: ServedApis = Object.freeze({ kinds: [], unavailable: [] });

/** A document and the tag by which the server knows whether it has changed. */
interface Tagged {
  readonly etag: string;
  readonly apis: ServedApis;
}

function get(path: string, headers: Readonly<Record<string, string>>): ApiRequest {
  return Object.freeze({ method: "GET", path, query: [], headers: Object.freeze(headers) });
}

function parsed<T>(request: ApiRequest, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new KindredError("PROTOCOL", `GET ${request.path}: the server answered with something that is not discovery`);
}

function categoryOrKind({ kinds }: ServedApis, name: string): readonly DiscoveredKind[] {
  const category = kindsOfCategory(kinds, name);
  return category.length > 0 ? category : kindsNamed(kinds, name).slice(0, 1);
}

function asList<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

function unknownName(name: string, apis: ServedApis): Error {
  return new KindredError(
    "UNKNOWN_KIND",
    `the API server serves no kind named ${JSON.stringify(name)}: ${nearest(name, apis)}${missing(apis)}`,
  );
}

function nearest(name: string, { kinds }: ServedApis): string {
  const names = nearestNames(kinds, name);
  return names.length === 0 ? "is its CustomResourceDefinition installed?" : `is it ${names.join(" or ")}?`;
}

/** What cannot be told now may be what was asked for. */
function missing({ unavailable }: ServedApis): string {
  if (unavailable.length === 0) return "";
  return ` (unavailable, and so unknown: ${unavailable.map(apiVersionOf).join(", ")})`;
}
