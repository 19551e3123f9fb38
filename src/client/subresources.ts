/** The types of subresources, and of helpers that only some kinds have. */

import type {
  ApplyObject,
  ApplyOptions,
  ApplyStatus,
  BindingOptions,
  EvictionOptions,
  GetOptions,
  PatchOf,
  ReplaceObject,
  Scale,
  Status,
  TokenRequest,
  TokenRequestSpec,
  WriteOptions,
} from "../core/index.js";
import type { RestartOptions } from "./helpers.js";
import type { CallOptions } from "./transport.js";

/** A part of the object under a path of its own: `A` is what apply takes. */
export interface PartOfObject<T, A> {
  get(name: string, options?: GetOptions & CallOptions): Promise<T>;
  replace(object: ReplaceObject<T>, options?: WriteOptions & CallOptions): Promise<T>;
  patch(name: string, patch: PatchOf<T>, options?: WriteOptions & CallOptions): Promise<T>;
  /** Server-side apply of this part. */
  apply(object: A, options: ApplyOptions & CallOptions): Promise<T>;
}

/** The subresources that kinds may serve. */
export interface Subresources<T> {
  /** What the controller reports; the rest of the object is untouched. */
  readonly status: PartOfObject<T, ApplyStatus<T>>;
  /** The number of replicas, the same for every kind that has one. */
  readonly scale: PartOfObject<Scale, ApplyObject<Scale>>;
  /** Whether a certificate is granted: the conditions `Approved` and `Denied`; the rest of the object is untouched. */
  readonly approval: PartOfObject<T, ApplyStatus<T>>;
  /** The containers that were added to a running pod; the rest of the object is untouched. They cannot be removed. */
  readonly ephemeralContainers: PartOfObject<T, ApplyObject<T>>;
  /** The resources of a running pod's containers; the rest of the object is untouched. */
  readonly resize: PartOfObject<T, ApplyObject<T>>;
  /** Overwrites `spec.finalizers` of a namespace: what is left of it is deleted with the last one. */
  finalize(object: ReplaceObject<T>, options?: WriteOptions & CallOptions): Promise<T>;
  /**
   * Deletes a pod, unless its disruption budgets forbid it now.
   *
   * @throws ApiError, for one `isTooManyRequests` with the budget's message and, where the server knows, when to ask again. It is not
   * repeated by itself.
   */
  evict(name: string, options?: EvictionOptions & CallOptions): Promise<Status>;
  /** Puts a pod that has no node onto one, as a scheduler does. */
  bind(name: string, node: string, options?: BindingOptions & CallOptions): Promise<Status>;
  /** A new token of a service account. */
  createToken(name: string, spec?: TokenRequestSpec, options?: WriteOptions & CallOptions): Promise<TokenRequest>;
}

/** The methods that a subresource stands for, by its name in the descriptor. */
export interface SubresourceMethods {
  status: "status";
  scale: "scale";
  approval: "approval";
  ephemeralcontainers: "ephemeralContainers";
  resize: "resize";
  finalize: "finalize";
  eviction: "evict";
  binding: "bind";
  token: "createToken";
}

/** What kubectl does with some kinds alone. */
export interface Helpers<T> {
  /**
   * Replaces all pods step by step, as `kubectl rollout restart` does.
   *
   * @throws KindredError `INVALID_ARGUMENT` for a deployment that is paused, ApiError.
   */
  restart(name: string, options?: RestartOptions & CallOptions): Promise<T>;
  /** No new pods for this node. */
  cordon(name: string, options?: WriteOptions & CallOptions): Promise<T>;
  /** New pods for this node again. */
  uncordon(name: string, options?: WriteOptions & CallOptions): Promise<T>;
}

/** Which helpers a kind has, by `apiVersion` and `kind`. */
export interface HelperMethods {
  "apps/v1 DaemonSet": "restart";
  "apps/v1 Deployment": "restart";
  "apps/v1 StatefulSet": "restart";
  "v1 Node": "cordon" | "uncordon";
}

/** The helpers of the kind whose objects are `T`; all of them if that is not known. */
export type HelpersOf<T> = T extends { apiVersion: infer A extends string; kind: infer K extends string }
  ? string extends A | K
    ? keyof Helpers<T>
    : `${A} ${K}` extends keyof HelperMethods
      ? HelperMethods[`${A} ${K}`]
      : never
  : unknown extends T
    ? keyof Helpers<T>
    : never;
