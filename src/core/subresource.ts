/** What is sent to subresources that are no part of the object: who is bound where, which token is wanted. */

import type { DeletionOptions, WriteOptions } from "./options.js";
import type { Time } from "./meta.js";

/** Options of an eviction: those of the deletion that it becomes. */
export interface EvictionOptions extends DeletionOptions {}

/** Options of a binding. */
export interface BindingOptions extends WriteOptions {
  /** Bind only that very pod, or that very version of it. */
  readonly preconditions?: DeletionOptions["preconditions"];
  /** Set on the pod along with its node. */
  readonly annotations?: { readonly [key: string]: string } | undefined;
}

/** Which token of a service account is wanted. */
export interface TokenRequestSpec {
  /** Who will accept the token. Default: the API server. */
  audiences?: readonly string[];
  /** At least 600; the server may shorten it. Default 3600. */
  expirationSeconds?: number;
  /** The token ends with this object: a Pod, Secret or Node. */
  boundObjectRef?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly name?: string;
    readonly uid?: string;
  };
}

/** A token of a service account. Its `status.token` is a secret. */
export interface TokenRequest {
  apiVersion: "authentication.k8s.io/v1";
  kind: "TokenRequest";
  metadata: { name?: string; namespace?: string; creationTimestamp?: Time | null };
  spec: TokenRequestSpec;
  status: { token: string; expirationTimestamp: Time };
}
