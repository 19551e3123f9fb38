/** Requests to the subresources that are created on an object: eviction, binding, token. */

import { invalidArgument } from "../errors.js";
import type { WriteOptions } from "../options.js";
import type { BindingOptions, EvictionOptions, TokenRequestSpec } from "../subresource.js";
import type { Target } from "./path.js";
import type { ApiRequest } from "./request.js";
import { createSubresourceRequest, deleteOptionsBody } from "./write.js";

/** Asks for a pod to go, if its disruption budgets allow it. */
export function evictRequest(target: Target, name: string, options: EvictionOptions = {}): ApiRequest {
  const { namespace } = target;
  return createSubresourceRequest({ ...target, subresource: "eviction" }, name, {
    body: {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name, namespace },
      deleteOptions: deleteOptionsBody(options),
    },
  });
}

/** Puts a pod that has no node onto one, as a scheduler does. @throws KindredError `INVALID_ARGUMENT` for an empty node. */
export function bindRequest(
  target: Target,
  name: string,
  { node, preconditions, annotations, ...options }: { readonly node: string } & BindingOptions,
): ApiRequest {
  if (node === "") throw invalidArgument(`binding ${target.kind.plural} ${JSON.stringify(name)}: name a node`);
  const metadata = {
    name,
    namespace: target.namespace,
    ...preconditions,
    ...(annotations !== undefined && { annotations }),
  };
  return createSubresourceRequest({ ...target, subresource: "binding" }, name, {
    body: { apiVersion: "v1", kind: "Binding", metadata, target: { apiVersion: "v1", kind: "Node", name: node } },
    ...options,
  });
}

/** Asks for a token of a service account. */
export function tokenRequest(
  target: Target,
  name: string,
  { spec, ...options }: { readonly spec: TokenRequestSpec } & WriteOptions,
): ApiRequest {
  return createSubresourceRequest({ ...target, subresource: "token" }, name, {
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", metadata: {}, spec },
    ...options,
  });
}
