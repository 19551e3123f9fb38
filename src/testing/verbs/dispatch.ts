/** From method and path to the verb that answers. */

import { methodNotAllowed, notFound, unknownResource, verbNotSupported, badRequest } from "../messages.js";
import { pageNotFound } from "../paths.js";
import type { Resource } from "../resource.js";
import type { Answer, Call } from "./call.js";
import { create } from "./create.js";
import { deleteCollection, deleteOne } from "./delete.js";
import { patch } from "./patch.js";
import { getOne, list } from "./read.js";
import { scale } from "./scale.js";
import { bind, evict, finalize, issueToken, notServed, withoutBackend } from "./special.js";
import { replace } from "./update.js";

/** Answers a request that is no watch. */
export function dispatch(call: Call): Answer {
  if (call.subresource !== "") return dispatchSubresource(call);
  const { method } = call.request;
  return call.name === "" ? dispatchCollection(call, method) : dispatchObject(call, method);
}

function dispatchCollection(call: Call, method: string): Answer {
  const { resource } = call;
  const isWhole = resource.scope === "Namespaced" && call.namespace === "";
  switch (method) {
    case "GET":
      require(resource, "list", "list");
      return list(call);
    case "POST":
      if (isWhole) throw refusalOfWhole(resource);
      require(resource, "create", "create");
      return create(call);
    case "DELETE":
      if (isWhole) throw refusalOfWhole(resource);
      require(resource, "deletecollection", "deletecollection");
      return deleteCollection(call);
    case "PUT":
    case "PATCH":
      if (resource.custom) throw badRequest("name must be provided");
      throw refusal(resource, method.toLowerCase());
    default:
      throw refusal(resource, method.toLowerCase());
  }
}

function dispatchObject(call: Call, method: string): Answer {
  const { resource } = call;
  if (resource.scope === "Namespaced" && call.namespace === "") throw unknownResource();
  switch (method) {
    case "GET":
      require(resource, "get", "get");
      return getOne(call);
    case "PUT":
      require(resource, "update", "update");
      return replace(call);
    case "PATCH":
      require(resource, "patch", "patch");
      return patch(call);
    case "DELETE":
      require(resource, "delete", "delete");
      return deleteOne(call);
    case "POST":
      if (resource.custom) return create(call);
      throw refusal(resource, "create");
    default:
      throw refusal(resource, method.toLowerCase());
  }
}

function require(resource: Resource, verb: Resource["verbs"][number], word: string): void {
  if (!resource.verbs.includes(verb)) throw refusal(resource, word);
}

/** All namespaces at once can only be read. */
function refusalOfWhole({ custom }: Resource): Error {
  return custom ? pageNotFound() : methodNotAllowed();
}

function refusal(resource: Resource, verb: string): Error {
  return resource.custom ? verbNotSupported(resource, verb) : methodNotAllowed();
}

const verbOf: Readonly<Record<string, string>> = {
  GET: "get",
  PUT: "update",
  PATCH: "patch",
  POST: "create",
  DELETE: "delete",
};

function dispatchSubresource(call: Call): Answer {
  const { resource, subresource, request } = call;
  const served = resource.subresources.find(({ name }) => name === subresource);
  if (served === undefined) throw resource.custom ? notFound(resource, call.name) : unknownResource();
  const verb = verbOf[request.method] ?? "";
  if (!served.verbs.includes(verb)) throw refusal(resource, verb);
  switch (subresource) {
    case "scale":
      return verb === "get" || verb === "update" || verb === "patch" ? scale(call, verb) : notServed();
    case "finalize":
      return finalize(call);
    case "binding":
      return bind(call);
    case "eviction":
      return evict(call);
    case "token":
      return issueToken(call);
    case "log":
    case "attach":
    case "exec":
    case "portforward":
    case "proxy":
      return withoutBackend(call);
    default:
      return verb === "get" ? getOne(call) : verb === "patch" ? patch(call) : replace(call);
  }
}
