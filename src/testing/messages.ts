/** Every refusal of this server, in the API server's own words: the one place where they are spelled. */

import { causesOf, type FieldError, type Failure, failure, joinErrors } from "./failure.js";

/** What messages need to know of a kind. */
export interface Named {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
}

const qualified = (name: string, group: string) => (group === "" ? name : `${name}.${group}`);

/** `configmaps`, or `deployments.apps`. */
export const resourceName = ({ plural, group }: Pick<Named, "plural" | "group">): string => qualified(plural, group);

/** `ConfigMap`, or `Deployment.apps`. */
const kindName = ({ kind, group }: Pick<Named, "kind" | "group">): string => qualified(kind, group);

const detailsOf = ({ group, plural }: Named, name: string) => ({
  ...(name === "" ? {} : { name }),
  ...(group === "" ? {} : { group }),
  kind: plural,
});

export const notFound = (of: Named, name: string): Failure =>
  failure({
    code: 404,
    reason: "NotFound",
    message: `${resourceName(of)} ${JSON.stringify(name)} not found`,
    details: detailsOf(of, name),
  });

export const unknownResource = (): Failure =>
  failure({
    code: 404,
    reason: "NotFound",
    message: "the server could not find the requested resource",
    details: {},
  });

export const alreadyExists = (of: Named, name: string, options: { readonly deleting?: boolean } = {}): Failure =>
  failure({
    code: 409,
    reason: "AlreadyExists",
    message: `${options.deleting === true ? "object is being deleted: " : ""}${resourceName(of)} ${JSON.stringify(name)} already exists`,
    details: detailsOf(of, name),
  });

export const noUniqueName = (of: Named, name: string): Failure =>
  failure({
    code: 409,
    reason: "AlreadyExists",
    message: `${resourceName(of)} ${JSON.stringify(name)} already exists, the server was not able to generate a unique name for the object`,
    details: { ...detailsOf(of, name), retryAfterSeconds: 1 },
  });

/** The text that every conflict begins with. */
const conflictText = (what: string, name: string, why: string) =>
  `Operation cannot be fulfilled on ${what} ${JSON.stringify(name)}: ${why}`;

export const stale = (of: Named, name: string): Failure =>
  failure({
    code: 409,
    reason: "Conflict",
    message: conflictText(
      resourceName(of),
      name,
      "the object has been modified; please apply your changes to the latest version and try again",
    ),
    details: detailsOf(of, name),
  });

export const foreignUid = (of: Named, name: string, why: string): Failure =>
  failure({
    code: 409,
    reason: "Conflict",
    message: conflictText(resourceName(of), name, why),
    details: detailsOf(of, name),
  });

/** A failed precondition of a deletion: told by kind, not by resource. */
export const preconditionFailed = (of: Named, name: string, why: string): Failure =>
  failure({
    code: 409,
    reason: "Conflict",
    message: conflictText(kindName(of), name, why),
    details: { name, ...(of.group === "" ? {} : { group: of.group }), kind: of.kind },
  });

export const uidMismatch = (expected: string, found: string): string =>
  `the UID in the precondition (${expected}) does not match the UID in record (${found}). The object might have been deleted and then recreated`;

export const versionMismatch = (expected: string, found: string): string =>
  `the ResourceVersion in the precondition (${expected}) does not match the ResourceVersion in record (${found}). The object might have been modified`;

export const invalid = (of: Pick<Named, "group" | "kind">, name: string, errors: readonly FieldError[]): Failure =>
  failure({
    code: 422,
    reason: "Invalid",
    message: `${kindName(of)} ${JSON.stringify(name)} is invalid: ${joinErrors(errors)}`,
    details: {
      ...(name === "" ? {} : { name }),
      ...(of.group === "" ? {} : { group: of.group }),
      kind: of.kind,
      causes: causesOf(errors),
    },
  });

/** Options of a request that contradict each other, such as `CreateOptions`. */
export const invalidOptions = (kind: string, errors: readonly FieldError[]): Failure =>
  invalid({ group: "meta.k8s.io", kind }, "", errors);

/** A patch whose result cannot be read as an object of the kind. */
export const invalidPatch = (value: string, why: string): Failure =>
  failure({
    code: 422,
    reason: "Invalid",
    message: ` "" is invalid: ${joinErrors([{ type: "FieldValueInvalid", field: "patch", value, detail: why }])}`,
    details: { causes: causesOf([{ type: "FieldValueInvalid", field: "patch", value, detail: why }]) },
  });

export const mustSpecifyVersion = (of: Named, name: string): Failure =>
  invalid({ group: of.group, kind: of.plural }, name, [
    {
      type: "FieldValueInvalid",
      field: "metadata.resourceVersion",
      value: 0,
      detail: "must be specified for an update",
    },
  ]);

export const badRequest = (message: string): Failure => failure({ code: 400, reason: "BadRequest", message });

export const internalError = (message: string): Failure => failure({ code: 500, reason: "", message });

export const crashed = (error: unknown): Failure =>
  failure({
    code: 500,
    reason: "InternalError",
    message: `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`,
    details: { causes: [{ message: error instanceof Error ? error.message : String(error) }] },
  });

export const forbidden = (
  of: Named,
  name: string,
  why: string,
  cause?: { readonly reason: string; readonly message: string; readonly field: string },
): Failure =>
  failure({
    code: 403,
    reason: "Forbidden",
    message: `${resourceName(of)} ${JSON.stringify(name)} is forbidden: ${why}`,
    details: { ...detailsOf(of, name), ...(cause === undefined ? {} : { causes: [cause] }) },
  });

export const methodNotAllowed = (): Failure =>
  failure({
    code: 405,
    reason: "MethodNotAllowed",
    message: "the server does not allow this method on the requested resource",
    details: {},
  });

export const verbNotSupported = (of: Named, verb: string): Failure =>
  failure({
    code: 405,
    reason: "MethodNotAllowed",
    message: `${verb} is not supported on resources of kind ${JSON.stringify(resourceName(of))}`,
    details: detailsOf(of, ""),
  });

export const notAcceptable = (accepted: readonly string[]): Failure =>
  failure({
    code: 406,
    reason: "NotAcceptable",
    message: `only the following media types are accepted: ${accepted.join(", ")}`,
  });

export const notAcceptableAs = (message: string): Failure => failure({ code: 406, reason: "NotAcceptable", message });

export const unsupportedMediaType = (accepted: readonly string[]): Failure =>
  failure({
    code: 415,
    reason: "UnsupportedMediaType",
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  });

/** What the list or watch of too old a version is told. */
export const expired = (message: string, next?: string): Failure =>
  failure({ code: 410, reason: "Expired", message, ...(next === undefined ? {} : { continue: next }) });

export const continueExpiredText =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

export const listVersionExpiredText = "The resourceVersion for the provided list is too old.";

export const tooLarge = (limit: number): Failure =>
  failure({ code: 413, reason: "RequestEntityTooLarge", message: `Request entity too large: limit is ${limit}` });

export const tooManyOperations = (count: number): Failure =>
  failure({
    code: 413,
    reason: "RequestEntityTooLarge",
    message: `Request entity too large: The allowed maximum operations in a JSON patch is 10000, got ${count}`,
  });

export const rejectedPatch = (): Failure =>
  failure({
    code: 422,
    reason: "Invalid",
    message: "the server rejected our request due to an error in our request",
    details: {},
  });

export const tooLargeVersion = (asked: string, current: string): Failure =>
  failure({
    code: 504,
    reason: "Timeout",
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });

/** A field manager, as a conflict names it. */
export interface Conflict {
  readonly manager: string;
  readonly path: string;
}

export const applyConflict = (conflicts: readonly Conflict[]): Failure => {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${manager}`,
    field: path,
  }));
  return failure({
    code: 409,
    reason: "Conflict",
    message: `Apply failed with ${conflicts.length} conflict${conflicts.length === 1 ? "" : "s"}: ${listConflicts(conflicts)}`,
    details: { causes },
  });
};

function listConflicts(conflicts: readonly Conflict[]): string {
  const byManager = new Map<string, string[]>();
  for (const { manager, path } of conflicts) byManager.set(manager, [...(byManager.get(manager) ?? []), path]);
  return [...byManager]
    .map(([manager, paths]) =>
      conflicts.length === 1
        ? `conflict with ${manager}: ${paths.join("")}`
        : `conflicts with ${manager}:\n${paths.map((path) => `- ${path}`).join("\n")}`,
    )
    .join("\n");
}
