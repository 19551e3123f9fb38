/** Ownership of fields: what every write records, and server-side apply. */

import { decodeAs, DecodeError, fill } from "../body/decode.js";
import { failure } from "../failure.js";
import { at, isEqual, type JsonObject, objectOf, withAt } from "../json.js";
import { applyConflict, badRequest, type Conflict } from "../messages.js";
import { namespaceOf, nameOf } from "../request.js";
import { groupVersionOf, type Resource } from "../resource.js";
import {
  difference,
  fieldStep,
  type FieldTree,
  formatPath,
  intersection,
  isEmptyTree,
  noFields,
  pathsOf,
  treeOf,
  union,
  withoutBelow,
} from "./field-tree.js";
import { ItemError } from "./items.js";
import { fieldsStillApplied, lastApplied, withLastApplied } from "./last-applied.js";
import { isReset, joinOldest, type Owner, ownerKey, ownersOf, withOwners, withoutOwnerless } from "./managers.js";
import {
  addBack,
  compare,
  type Comparison,
  fieldsOf,
  merge,
  withNamedFields,
  withoutFields,
  withoutIgnored,
} from "./typed.js";

/** Who writes, where, and when. */
export interface Writer {
  readonly resource: Resource;
  readonly manager: string;
  /** The subresource that is written; empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339. */
  readonly now: string;
}

/**
 * Records what create, replace and patch change: changed fields become the writer's, without conflict. Of an object whose lists cannot
 * be told apart item by item nothing is recorded: its validation will say why.
 */
export function recordUpdate(writer: Writer, live: JsonObject | undefined, next: JsonObject): JsonObject {
  try {
    return record(writer, live, next);
  } catch (error) {
    if (error instanceof ItemError) return next;
    throw error;
  }
}

function record(writer: Writer, live: JsonObject | undefined, next: JsonObject): JsonObject {
  const before = live ?? emptyObject(writer.resource);
  const known = isReset(next) ? [] : ownersOf(next).length > 0 ? ownersOf(next) : ownersOf(before);
  const bare = withAt(next, ["metadata", "managedFields"], undefined);
  const comparison = comparisonOf(writer, before, bare);
  const self = findOwner(known, { ...identityOf(writer), operation: "Update" });
  const others = takeFrom(known, self, comparison);
  const changed = union(comparison.modified, comparison.added);
  const fields = union(difference(self.fields, comparison.removed), changed);
  const time = isEmptyTree(changed) ? self.time : writer.now;
  return withOwners(bare, joinOldest([...others, { ...self, fields, time }]));
}

/**
 * Server-side apply as kubectl wants it: what the same user applied before from the client, without server-side apply, is no conflict,
 * and the note that kubectl keeps of that is renewed. Any other manager's apply is the one below.
 *
 * @throws Failure 409 if another manager owns a field that would change, unless `force`.
 */
export function applyObject(
  writer: Writer,
  live: JsonObject | undefined,
  applied: JsonObject,
  options: { readonly force: boolean },
): JsonObject {
  const last = live === undefined || writer.manager !== "kubectl" ? undefined : lastApplied(live);
  if (live === undefined || last === undefined) return applyFields(writer, live, applied, options);
  const untouched = fieldsStillApplied(writer.resource, last, live);
  const result = applyFields(writer, live, applied, { ...options, allowed: untouched });
  return withLastApplied(result, applied);
}

/**
 * Server-side apply: merges what a manager wants into what is there, removes what it no longer wants, and records it.
 *
 * @throws Failure 409 if another manager owns a field that would change, unless `force`.
 */
function applyFields(
  writer: Writer,
  live: JsonObject | undefined,
  applied: JsonObject,
  options: { readonly force: boolean; readonly allowed?: FieldTree },
): JsonObject {
  const { resource, now } = writer;
  const { shape } = resource;
  checkApplied(resource, applied);
  const before = live ?? emptyObject(resource);
  const known = withFirstOwner(writer, live, before);
  const self = findOwner(known, { ...identityOf(writer), operation: "Apply" });
  const applicable = ignoredBy(writer);
  try {
    const all = fieldsOf(shape, applied);
    const wanted = applicable(withoutOwnerless(all));
    // With the name, which nobody owns: the metadata must not go with the last field that somebody owned in it.
    const owners = [...known.filter((owner) => ownerKey(owner) !== ownerKey(self)), { ...self, fields: all }];
    const bare = withAt(before, ["metadata", "managedFields"], undefined);
    const merged = merge(shape, bare, applied);
    const next = objectOf(prune(resource, merged, { last: self.fields, owners }));
    const comparison = comparisonOf(writer, before, next);
    const conflicts = conflictsOf(known, self, comparison, options.allowed ?? noFields);
    if (conflicts.length > 0 && !options.force) throw applyConflict(conflicts);
    const others = takeFrom(known, self, comparison);
    // What changes nothing but ownership has no time of its own.
    const time = live !== undefined && isEqual(next, bare) ? self.time : now;
    return withOwners(next, [...others, { ...self, fields: wanted, time }]);
  } catch (error) {
    if (error instanceof ItemError) throw untyped(resource, applied, error.message);
    throw error;
  }
}

/** What an object of the kind is before anything is written into it. */
export function emptyObject(resource: Resource): JsonObject {
  const { kind } = resource;
  const apiVersion = groupVersionOf(resource);
  return resource.custom ? { apiVersion, kind, metadata: {} } : fill(resource.shape, { kind, apiVersion });
}

function identityOf({ resource, manager, subresource }: Writer): Pick<Owner, "manager" | "apiVersion" | "subresource"> {
  return { manager: manager === "" ? "unknown" : manager, apiVersion: groupVersionOf(resource), subresource };
}

function findOwner(owners: readonly Owner[], identity: Omit<Owner, "fields" | "time">): Owner {
  const key = ownerKey(identity);
  const found = owners.find((owner) => ownerKey(owner) === key);
  return found === undefined
    ? { ...identity, time: "", fields: noFields }
    : { ...found, apiVersion: identity.apiVersion };
}

/** An object from before anyone was recorded belongs to a manager of that name. */
function withFirstOwner(writer: Writer, live: JsonObject | undefined, before: JsonObject): readonly Owner[] {
  const owners = ownersOf(before);
  if (live === undefined || owners.length > 0) return owners;
  const fields = comparisonOf(writer, emptyObject(writer.resource), live).added;
  return [{ ...identityOf(writer), manager: "before-first-apply", operation: "Update", time: writer.now, fields }];
}

/** Which fields an endpoint cannot give anyone: the status at the object, and the rest at its status. */
function ignoredBy({ resource, subresource }: Writer): (fields: FieldTree) => FieldTree {
  if (subresource === "status") {
    const ignored = union(treeOf([fieldStep("spec")]), treeOf([fieldStep("metadata")]));
    return (fields) => withoutBelow(fields, ignored);
  }
  if (!resource.hasStatus || subresource !== "") return (fields) => fields;
  const ignored = treeOf([fieldStep("status")]);
  return (fields) => withoutBelow(fields, ignored);
}

function comparisonOf(writer: Writer, before: JsonObject, after: JsonObject): Comparison {
  const found = compare(writer.resource.shape, before, after);
  const ignore = ignoredBy(writer);
  return withoutIgnored(found, (fields) => ignore(withoutOwnerless(fields)));
}

/** The other owners, without what the writer took over or removed. Losing fields does not renew their time. */
function takeFrom(owners: readonly Owner[], self: Owner, comparison: Comparison): readonly Owner[] {
  const gone = union(comparison.removed, union(comparison.modified, comparison.added));
  return owners
    .filter((owner) => ownerKey(owner) !== ownerKey(self))
    .map((owner) => ({ ...owner, fields: difference(owner.fields, gone) }));
}

function conflictsOf(
  owners: readonly Owner[],
  self: Owner,
  comparison: Comparison,
  allowed: FieldTree,
): readonly Conflict[] {
  const changed = difference(union(comparison.modified, comparison.added), allowed);
  return owners
    .filter((owner) => ownerKey(owner) !== ownerKey(self))
    .flatMap((owner) =>
      [...pathsOf(intersection(owner.fields, changed))].map((path) => ({
        manager: describeOwner(owner),
        path: formatPath(path),
      })),
    );
}

function describeOwner({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = JSON.stringify(manager) + (subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === "Update" ? `${name} using ${apiVersion}` : name;
}

/** Removes what the manager applied last time and no longer does, unless somebody else owns it too. */
function prune(
  { shape }: Resource,
  merged: unknown,
  { last, owners }: { readonly last: FieldTree; readonly owners: readonly Owner[] },
): unknown {
  if (isEmptyTree(last)) return merged;
  const lastNamed = withNamedFields(shape, last);
  const owned = withNamedFields(
    shape,
    owners.reduce<FieldTree>((sum, { fields }) => union(sum, fields), noFields),
  );
  const pruned = withoutFields(shape, merged, lastNamed);
  const withOwned = addBack(shape, merged, pruned, (lost) => difference(lost, owned));
  return addBack(shape, merged, withOwned, (lost) => intersection(lost, lastNamed));
}

function checkApplied(resource: Resource, applied: JsonObject): void {
  if (at(applied, "metadata", "managedFields") !== undefined) throw badRequest("metadata.managedFields must be nil");
  try {
    const { unknown } = resource.custom ? resource.decode(applied) : decodeAs(resource.shape, applied);
    const [first] = unknown;
    if (first !== undefined) throw untyped(resource, applied, `.${first}: field not declared in schema`);
  } catch (error) {
    if (error instanceof DecodeError) throw untyped(resource, applied, error.message);
    throw error;
  }
}

function untyped(resource: Resource, applied: JsonObject, why: string): Error {
  const name = [namespaceOf(applied), nameOf(applied)].join("/");
  return failure({
    code: 500,
    reason: "",
    message: `failed to create typed patch object (${name}; ${groupVersionOf(resource)}, Kind=${resource.kind}): ${why}`,
  });
}
