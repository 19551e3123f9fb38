/** Kinds whose CustomResourceDefinitions have just been written: when the API server serves them. */

import { type DiscoveredKind, KindredError, type KubernetesObject, type Manifest } from "../core/index.js";
import { isObject, objectAt, objectsAt, textAt } from "../core/json-fields.js";
import type { Client } from "./client.js";
import type { RetryClock } from "./clock.js";
import type { CallOptions } from "./transport.js";

/** Whether a manifest defines a kind. */
export function isDefinition({ apiVersion, kind }: Manifest): boolean {
  return kind === "CustomResourceDefinition" && apiVersion.startsWith("apiextensions.k8s.io/");
}

/** The definitions that one run has written, until somebody has waited for their kinds. */
export class NewKinds {
  readonly #client: Client;
  readonly #clock: Pick<RetryClock, "now" | "sleep">;
  /** Kind and group, to the definition's name. */
  readonly #definitions = new Map<string, { readonly name: string; readonly kind: DiscoveredKind }>();

  constructor(client: Client, clock: Pick<RetryClock, "now" | "sleep">) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Takes note of a definition that was written. */
  add(definition: Manifest, { name, kind }: { readonly name: string; readonly kind: DiscoveredKind }): void {
    const spec = objectAt(definition, "spec");
    this.#definitions.set(`${textAt(objectAt(spec, "names"), "kind")}.${textAt(spec, "group")}`, { name, kind });
  }

  /**
   * The kind of a manifest, once the server serves it: at once, unless its definition has just been written.
   *
   * @throws KindredError `UNKNOWN_KIND`; `TIMEOUT` for a definition that is not established in 30 seconds, with the server's reason.
   */
  async kindOf(manifest: Manifest, { signal }: CallOptions): Promise<DiscoveredKind> {
    const [, group = ""] = /^(.*)\//.exec(manifest.apiVersion) ?? [];
    const key = `${manifest.kind}.${group}`;
    const definition = this.#definitions.get(key);
    if (definition === undefined) return this.#client.discovery.kindOf(manifest, { signal });
    const deadline = this.#clock.now() + patienceMs;
    for (;;) {
      const crd = await this.#client.api(definition.kind).get(definition.name, { signal });
      if (hasCondition(crd, "Established", "True")) {
        // The documents of discovery follow a moment later.
        await this.#client.discovery.refresh({ signal });
        const kind = await this.#served(manifest, signal);
        if (kind !== undefined) {
          this.#definitions.delete(key);
          return kind;
        }
      }
      if (this.#clock.now() >= deadline) throw notEstablished(definition.name, crd);
      await this.#clock.sleep(pauseMs, signal);
    }
  }

  async #served(manifest: Manifest, signal: AbortSignal | undefined): Promise<DiscoveredKind | undefined> {
    try {
      return await this.#client.discovery.kindOf(manifest, { signal });
    } catch (error) {
      if (error instanceof KindredError && error.code === "UNKNOWN_KIND") return undefined;
      throw error;
    }
  }
}

/** An API server establishes a definition within milliseconds, or refuses its names. */
const patienceMs = 30_000;
const pauseMs = 100;

function hasCondition(crd: KubernetesObject, type: string, status: string): boolean {
  return conditionsOf(crd).some((condition) => condition["type"] === type && condition["status"] === status);
}

function conditionsOf(crd: object): ReturnType<typeof objectsAt> {
  return isObject(crd) ? objectsAt(objectAt(crd, "status"), "conditions") : [];
}

function notEstablished(name: string, crd: KubernetesObject): Error {
  const refused = conditionsOf(crd).find((condition) => condition["status"] === "False");
  const reason = refused === undefined ? "" : `: ${textAt(refused, "message")}`;
  return new KindredError(
    "TIMEOUT",
    `the CustomResourceDefinition ${name} is not served after ${patienceMs / 1000} seconds${reason}`,
  );
}
