/** The client: a transport, and a typed handle for each kind. */

import { type AnyKind, isNotFound } from "../core/index.js";
import type { ApiRequest } from "../core/requests/index.js";
import type { Api } from "./api.js";
import { Discovery } from "./discovery.js";
import { type Exchange, exchangeOver, type WarningHandler } from "./exchange.js";
import { Handle } from "./handle.js";
import { type FetchOptions, isReferent, type KindSources, locate, type Reference, type Referent } from "./reference.js";
import { type CallOptions, type Middleware, type Transport, withMiddleware } from "./transport.js";

/** What a client is made of. */
export interface ClientOptions {
  readonly transport: Transport;
  /** Where requests go, for messages. */
  readonly server: string;
  /** What to give to `.namespace(client.defaultNamespace)`. Default `default`. */
  readonly defaultNamespace?: string | undefined;
  /** Default `kindred`. The part before the first slash owns the fields of writes that name no manager. */
  readonly userAgent?: string | undefined;
  /** Wrapped around the transport, the first outermost. */
  readonly middleware?: readonly Middleware[] | undefined;
  readonly onWarning?: WarningHandler | undefined;
  /** Milliseconds since 1970, for dates in headers. Default: the machine's. */
  readonly now?: (() => number) | undefined;
  /** Releases what the transport holds. */
  readonly close?: (() => Promise<void>) | undefined;
}

/**
 * A connection to one API server as one user.
 *
 * Guarantees: no I/O before the first request; immutable; safe to share; never prints its credentials.
 */
export class Client implements AsyncDisposable {
  /** The API server's base URL. */
  readonly server: string;
  /** The namespace of the kubeconfig's context, or of the pod that this runs in: for `.namespace(client.defaultNamespace)`. */
  readonly defaultNamespace: string;
  readonly #exchange: Exchange;
  readonly #discovery: Discovery;
  readonly #close: () => Promise<void>;

  constructor(options: ClientOptions) {
    this.server = options.server;
    this.defaultNamespace = options.defaultNamespace ?? "default";
    this.#close = options.close ?? (async () => {});
    this.#exchange = exchangeOver(withMiddleware(options.transport, options.middleware ?? []), {
      userAgent: options.userAgent ?? "kindred",
      onWarning: options.onWarning,
      now: options.now,
    });
    this.#discovery = new Discovery(this.#exchange);
  }

  /**
   * The handle of a kind: its verbs, scopes and subresources are exactly those of the descriptor.
   *
   * @example
   * ```ts
   * const web = await client.api(Pod).namespace("default").get("web");
   * ```
   */
  api<const K extends AnyKind>(kind: K): Api<K> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Api<K> is computed from the descriptor; the Handle serves whatever any descriptor can ask for
    return new Handle(this, this.#exchange, { kind }) as unknown as Api<K>;
  }

  /** The kinds that the API server serves, by the names that kubectl takes: asked for when first needed, and kept. */
  get discovery(): Discovery {
    return this.#discovery;
  }

  /**
   * The object that a reference leads to: of one of `kinds`, which gives its type, or of a kind that `resolve` finds.
   *
   * @returns undefined if it is gone, also where another object has its name by now (the `uid` differs).
   * @throws KindredError `INVALID_ARGUMENT` if the kind is unknown, or a namespace is missing; ApiError.
   * @example
   * ```ts
   * const [owner] = pod.metadata.ownerReferences ?? [];
   * const set = owner && (await client.fetch(owner, { kinds: [ReplicaSet], namespace: pod.metadata.namespace }));
   * ```
   */
  async fetch<const K extends AnyKind = AnyKind>(
    reference: Reference,
    options: KindSources<K> & FetchOptions,
  ): Promise<Referent<K> | undefined> {
    const { kind, namespace, name } = await locate(reference, options, options);
    const { resourceVersion, signal } = options;
    try {
      const object = await new Handle(this, this.#exchange, { kind, namespace }).get(name, { resourceVersion, signal });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what the server sends of a kind is of its type
      return isReferent(object, reference) ? (object as Referent<K>) : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Sends a request of your own and returns its JSON. @throws ApiError. */
  async request(request: ApiRequest, options: CallOptions = {}): Promise<unknown> {
    return this.#exchange.json(request, options);
  }

  /** Closes the client's connections; open watches end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
