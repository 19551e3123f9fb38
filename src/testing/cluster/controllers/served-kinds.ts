/** Which kinds the API server serves, asked for when needed and remembered until something is missing. */

import {
  apiVersionOf,
  defineKind,
  type DynamicObject,
  isNotFound,
  type Kind,
  type Scope,
  type Verb,
} from "../../../core/index.js";
import type { Client } from "../../../client/index.js";

/** A kind that discovery reported. */
export type ServedKind = Kind<DynamicObject, ServedKindFacts>;

/** What discovery reports of a kind. */
export interface ServedKindFacts {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: Scope;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly string[];
}

/** The entries of an APIResourceList that matter here. */
interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
}

/** The kinds of one API server. */
export class ServedKinds {
  readonly #client: Client;
  readonly #versions = new Map<string, readonly ServedKind[]>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** The kind that is called so, as owner references call it; undefined if there is none. */
  async byKind(apiVersion: string, kind: string): Promise<ServedKind | undefined> {
    const slash = apiVersion.indexOf("/");
    const group = slash === -1 ? "" : apiVersion.slice(0, slash);
    return this.#find({ group, version: apiVersion.slice(slash + 1) }, (one) => one.kind === kind);
  }

  /** The kind at a URL; undefined if there is none. */
  async byPlural(group: string, version: string, plural: string): Promise<ServedKind | undefined> {
    return this.#find({ group, version }, (one) => one.plural === plural);
  }

  /** Asks anew for what is wanted next. */
  forget(): void {
    this.#versions.clear();
  }

  /** Every kind as of now, in the version that its group prefers. */
  async all(): Promise<readonly ServedKind[]> {
    this.forget();
    const groups = await this.#get("/apis");
    const preferred = groupsOf(groups).map(({ name, version }) => this.#list({ group: name, version }));
    return (await Promise.all([this.#list({ group: "", version: "v1" }), ...preferred])).flat();
  }

  async #find(
    version: { readonly group: string; readonly version: string },
    isMeant: (kind: ServedKind) => boolean,
  ): Promise<ServedKind | undefined> {
    const known = this.#versions.get(apiVersionOf(version))?.find(isMeant);
    return known ?? (await this.#list(version)).find(isMeant);
  }

  async #list(of: { readonly group: string; readonly version: string }): Promise<readonly ServedKind[]> {
    const apiVersion = apiVersionOf(of);
    const list = await this.#get(of.group === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`);
    const resources = resourcesOf(list);
    // Subresources are in the same list, as `pods/status`.
    const subresourcesOf = (plural: string) =>
      resources.filter(({ name }) => name.startsWith(`${plural}/`)).map(({ name }) => name.slice(plural.length + 1));
    const kinds = resources.flatMap(({ name, kind, namespaced, verbs }): ServedKind[] => {
      if (name.includes("/")) return [];
      const scope = namespaced ? "Namespaced" : "Cluster";
      const facts = { ...of, kind, plural: name, verbs, scope, subresources: subresourcesOf(name) } as const;
      return [defineKind<DynamicObject>()<ServedKindFacts>(facts)];
    });
    this.#versions.set(apiVersion, kinds);
    return kinds;
  }

  /** A group whose last kind has gone is not there at all. */
  async #get(path: string): Promise<unknown> {
    try {
      return await this.#client.request({ method: "GET", path, query: [], headers: { accept: "application/json" } });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function groupsOf(list: unknown): readonly { readonly name: string; readonly version: string }[] {
  return arrayAt(list, "groups").flatMap((group) => {
    const name = fieldOf(group, "name");
    const version = fieldOf(fieldOf(group, "preferredVersion"), "version");
    return typeof name === "string" && typeof version === "string" ? [{ name, version }] : [];
  });
}

function resourcesOf(list: unknown): readonly ApiResource[] {
  return arrayAt(list, "resources").filter(isResource);
}

function isResource(value: unknown): value is ApiResource {
  return typeof fieldOf(value, "name") === "string" && Array.isArray(fieldOf(value, "verbs"));
}

function arrayAt(value: unknown, field: string): readonly unknown[] {
  const found = fieldOf(value, field);
  return Array.isArray(found) ? found : [];
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, field) : undefined;
}
