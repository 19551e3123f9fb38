/** Requests that write: create, replace, patch, delete. */

import { invalidArgument } from "../errors.js";
import { apiVersionOf } from "../kind.js";
import type { ApplyOptions, DeleteOptions, DeletionOptions, SelectorOptions, WriteOptions } from "../options.js";
import { checkJsonPatch, type Patch } from "../patch.js";
import { checkWellFormed } from "../well-formed.js";
import { collectionPath, objectPath, requireNamespace, type Target } from "./path.js";
import { accept, pairs, selectorPairs } from "./read.js";
import type { ApiRequest, Method } from "./request.js";

/** What every written object must have told apart from its kind. */
export interface WrittenObject {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata?:
    | {
        readonly name?: string | undefined;
        readonly generateName?: string | undefined;
        readonly namespace?: string | undefined;
      }
    | undefined;
}

/** A new object; `apiVersion` and `kind` are filled in. */
export function createRequest(target: Target, object: WrittenObject, options: WriteOptions = {}): ApiRequest {
  requireNamespace(target);
  const { name, generateName } = object.metadata ?? {};
  // What cannot be read is not kept, and needs no name: a review.
  if (!name && !generateName && target.kind.verbs.includes("get")) {
    throw invalidArgument(`a new ${target.kind.kind} needs metadata.name or metadata.generateName, and has neither`);
  }
  return send("POST", collectionPath(target), target, { body: complete(target, object), options });
}

/** A request to a subresource that is created on an object: `eviction`, `binding`, `token`. */
export function createSubresourceRequest(
  target: Target,
  name: string,
  options: { readonly body: unknown } & WriteOptions,
): ApiRequest {
  const { body, ...write } = options;
  return send("POST", objectPath(target, name), target, { body, options: write });
}

/** The whole object, or with `target.subresource` that part of it, as it is to be. */
export function replaceRequest(target: Target, object: WrittenObject, options: WriteOptions = {}): ApiRequest {
  return send("PUT", objectPath(target, object.metadata?.name ?? ""), target, {
    body: complete(target, object),
    options,
  });
}

/** A change, in one of the four kinds of patch. */
export function patchRequest(
  target: Target,
  name: string,
  options: { readonly patch: Patch } & WriteOptions & Pick<Partial<ApplyOptions>, "force">,
): ApiRequest {
  const { patch, force, ...write } = options;
  if (force === true && patch.type !== "apply") {
    throw invalidArgument(
      `a ${patch.type} patch of ${target.kind.plural} ${JSON.stringify(name)}: force is for apply only, leave it out`,
    );
  }
  if (patch.type === "apply" && !write.manager) {
    throw invalidArgument(
      `an apply of ${target.kind.plural} ${JSON.stringify(name)} needs a manager, who will own the fields: { manager: "my-controller" }`,
    );
  }
  const path = objectPath(target, name);
  if (patch.type === "json")
    checkJsonPatch(patch.body, `a json patch of ${target.kind.plural} ${JSON.stringify(name)}`);
  return send("PATCH", path, target, {
    body: patch.body,
    contentType: patchTypes[patch.type],
    options: write,
    force,
  });
}

/** Server-side apply: the fields that `manager` wants to own, created if there is no such object. */
export function applyRequest(target: Target, object: WrittenObject, options: ApplyOptions): ApiRequest {
  const body = complete(target, object);
  return patchRequest(target, object.metadata?.name ?? "", { patch: { type: "apply", body }, ...options });
}

/** One object. The options travel in the body. */
export function deleteRequest(target: Target, name: string, options: DeleteOptions = {}): ApiRequest {
  return deletion(objectPath(target, name), target, { options });
}

/** Every object of a collection that a selector selects. */
export function deleteCollectionRequest(target: Target, options: DeletionOptions & SelectorOptions = {}): ApiRequest {
  requireNamespace(target);
  return deletion(collectionPath(target), target, { options, selectors: options });
}

/** `apply` is YAML to the server, and JSON is YAML. */
const patchTypes = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const satisfies Record<Patch["type"], string>;

interface Write {
  readonly body: unknown;
  readonly contentType?: string;
  readonly options: WriteOptions;
  readonly force?: boolean | undefined;
}

function send(method: Method, path: string, target: Target, write: Write): ApiRequest {
  const { dryRun, manager, fieldValidation } = write.options;
  validateManager(manager);
  return Object.freeze({
    method,
    path,
    query: pairs([
      ["dryRun", dryRun === true ? "All" : undefined],
      ["force", write.force === true ? true : undefined],
      ["fieldManager", manager],
      ["fieldValidation", fieldValidation],
    ]),
    headers: Object.freeze({
      ...accept(target.representation, "one"),
      "content-type": write.contentType ?? "application/json",
    }),
    body: write.body,
  });
}

function deletion(
  path: string,
  target: Target,
  from: { readonly options: DeleteOptions; readonly selectors?: SelectorOptions },
): ApiRequest {
  return Object.freeze({
    method: "DELETE",
    path,
    query: pairs(from.selectors === undefined ? [] : selectorPairs(from.selectors)),
    headers: Object.freeze({
      ...accept(target.representation, from.selectors === undefined ? "one" : "many"),
      "content-type": "application/json",
    }),
    body: deleteOptionsBody(from.options),
  });
}

/** A DeleteOptions of the API. */
export function deleteOptionsBody(options: DeleteOptions): object {
  const { gracePeriodSeconds, propagationPolicy, preconditions, dryRun } = options;
  const { ignoreStoreReadErrorWithClusterBreakingPotential: unsafe } = options;
  return Object.freeze({
    ...(dryRun === true && { dryRun: ["All"] }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    ...(preconditions !== undefined && { preconditions }),
    ...(unsafe === true && { ignoreStoreReadErrorWithClusterBreakingPotential: true }),
  });
}

/** The object with the `apiVersion` and `kind` that the target takes, and no namespace but the target's. */
function complete(target: Target, object: WrittenObject): unknown {
  const { apiVersion, kind } = typeOf(target);
  if ((object.apiVersion ?? apiVersion) !== apiVersion || (object.kind ?? kind) !== kind) {
    throw invalidArgument(
      `this handle writes ${apiVersion} ${kind}, but the object is ${object.apiVersion ?? apiVersion} ${object.kind ?? kind}: use the handle of its kind`,
    );
  }
  checkNamespace(target, object.metadata?.namespace);
  return { ...object, apiVersion, kind };
}

/** Every kind that has a scale takes the same Scale. */
function typeOf({ kind, subresource }: Target): { readonly apiVersion: string; readonly kind: string } {
  return subresource === "scale"
    ? { apiVersion: "autoscaling/v1", kind: "Scale" }
    : { apiVersion: apiVersionOf(kind), kind: kind.kind };
}

function checkNamespace({ kind, namespace }: Target, named: string | undefined): void {
  if (named === undefined || named === "") return;
  if (kind.scope === "Cluster") {
    throw invalidArgument(
      `${kind.kind} is cluster scoped, but the object names namespace ${JSON.stringify(named)}: leave metadata.namespace out`,
    );
  }
  if (named !== namespace) {
    throw invalidArgument(
      `this handle writes into namespace ${JSON.stringify(namespace)}, but the ${kind.kind} names ${JSON.stringify(named)}: use .namespace(${JSON.stringify(named)})`,
    );
  }
}

/** The API server's limit on a field manager, in bytes of UTF-8. */
const managerLimit = 128;

function validateManager(manager: string | undefined): void {
  if (manager === undefined) return;
  checkWellFormed(manager, "a manager");
  const bytes = encodeURIComponent(manager).replace(/%[0-9A-F]{2}/g, "x").length;
  if (bytes > managerLimit) {
    throw invalidArgument(`a manager may have ${managerLimit} bytes, but ${JSON.stringify(manager)} has ${bytes}`);
  }
}
