/** What every namespace has from the start: the default ServiceAccount, and the certificate to trust the API server by. */

import { ApiError, isAlreadyExists, isNotFound } from "../../../core/index.js";
import type { Client } from "../../../client/index.js";
import { ConfigMap, ServiceAccount } from "../../../resources/core/v1.js";
import { type Clock, type SharedWatch, sharedWatch } from "../../../runtime/index.js";

/** The name of the ConfigMap that the certificate is in. */
const rootCaName = "kube-root-ca.crt";
const accountName = "default";
const descriptionKey = "kubernetes.io/description";
/** Ours: whoever reads it shall know what the certificate is good for. */
const description = "The certificate that this API server's own is to be verified by.";

/** Keeps the furniture of namespaces in place. */
export class NamespaceFurniture {
  readonly accounts: SharedWatch<ServiceAccount>;
  readonly maps: SharedWatch<ConfigMap>;
  readonly #client: Client;
  readonly #rootCa: string;

  constructor({ client, clock, rootCa }: { readonly client: Client; readonly clock: Clock; readonly rootCa: string }) {
    const only = (name: string) => ({ clock, strategy: "streaming", fields: { "metadata.name": name } }) as const;
    this.accounts = sharedWatch(client.api(ServiceAccount), only(accountName));
    this.maps = sharedWatch(client.api(ConfigMap), only(rootCaName));
    this.#client = client;
    this.#rootCa = rootCa;
  }

  /** Makes what is missing, and restores what was changed. A namespace that goes meanwhile needs nothing. */
  async ensure(namespace: string): Promise<void> {
    try {
      if (this.accounts.store.get({ namespace, name: accountName }) === undefined)
        await this.#client
          .api(ServiceAccount)
          .namespace(namespace)
          .create({ metadata: { name: accountName } });
      await this.#ensureRootCa(namespace);
    } catch (error) {
      if (!isNotFound(error) && !isAlreadyExists(error) && !isTerminating(error)) throw error;
    }
  }

  async #ensureRootCa(namespace: string): Promise<void> {
    const maps = this.#client.api(ConfigMap).namespace(namespace);
    const data = { "ca.crt": this.#rootCa };
    const annotations = { [descriptionKey]: description };
    const found = this.maps.store.get({ namespace, name: rootCaName });
    if (found === undefined) {
      await maps.create({ metadata: { name: rootCaName, annotations }, data });
      return;
    }
    const isIntact =
      Object.keys(found.data ?? {}).length === 1 &&
      found.data?.["ca.crt"] === this.#rootCa &&
      (found.metadata.annotations?.[descriptionKey] ?? "") !== "";
    if (isIntact) return;
    const { name, resourceVersion, uid } = found.metadata;
    await maps.replace({
      metadata: {
        ...found.metadata,
        name,
        uid,
        resourceVersion,
        annotations: { ...found.metadata.annotations, ...annotations },
      },
      data,
    });
  }
}

/** The API server admits nothing new to a namespace that is on its way out. */
function isTerminating(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.status.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true
  );
}
