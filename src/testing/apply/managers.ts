/** `metadata.managedFields`: who owns which fields, as it is stored and as the rules of ownership use it. */

import { compareText, isObject, type JsonObject, listOf, objectOf, textOf, withAt } from "../json.js";
import {
  fieldStep,
  type FieldTree,
  fromFieldsV1,
  isEmptyTree,
  toFieldsV1,
  treeOf,
  union,
  withoutBelow,
} from "./field-tree.js";

/** One owner. Manager, operation and subresource tell owners apart; for updates the version does too. */
export interface Owner {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339; empty if the owner has not changed a value yet. */
  readonly time: string;
  readonly fields: FieldTree;
}

/** What tells an owner from others. */
export function ownerKey({ manager, operation, apiVersion, subresource }: Omit<Owner, "fields" | "time">): string {
  return JSON.stringify([manager, operation, subresource, operation === "Update" ? apiVersion : ""]);
}

/** The owners that an object lists; those that cannot be read are ignored. */
export function ownersOf(object: JsonObject): readonly Owner[] {
  return listOf(objectOf(object["metadata"])["managedFields"]).flatMap((entry) => {
    const fields = isObject(entry) ? fromFieldsV1(entry["fieldsV1"]) : undefined;
    if (!isObject(entry) || fields === undefined) return [];
    const operation = entry["operation"];
    if (operation !== "Apply" && operation !== "Update") return [];
    return [
      {
        manager: textOf(entry["manager"]),
        operation,
        apiVersion: textOf(entry["apiVersion"]),
        subresource: textOf(entry["subresource"]),
        time: textOf(entry["time"]),
        fields,
      },
    ];
  });
}

/** Whether a client wrote `managedFields` so as to forget all owners: an empty list, or one empty entry. */
export function isReset(object: JsonObject): boolean {
  const entries = objectOf(object["metadata"])["managedFields"];
  if (!Array.isArray(entries)) return false;
  return entries.length === 0 || (entries.length === 1 && isObject(entries[0]) && Object.keys(entries[0]).length === 0);
}

/** The object with these owners written down, in the order that the API server gives them. */
export function withOwners(object: JsonObject, owners: readonly Owner[]): JsonObject {
  const entries = owners
    .filter(({ fields }) => !isEmptyTree(fields))
    .toSorted(
      (a, b) =>
        compareText(a.operation, b.operation) ||
        compareText(a.time, b.time) ||
        compareText(a.manager, b.manager) ||
        compareText(a.apiVersion, b.apiVersion) ||
        compareText(a.subresource, b.subresource),
    )
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === "" ? {} : { time }),
      fieldsType: "FieldsV1",
      fieldsV1: toFieldsV1(fields),
      ...(subresource === "" ? {} : { subresource }),
    }));
  return withAt(object, ["metadata", "managedFields"], entries.length === 0 ? undefined : entries);
}

/** The most owners by update that are told apart. */
const maxUpdaters = 10;

/** Joins the oldest owners by update into one, when there are too many. */
export function joinOldest(owners: readonly Owner[]): readonly Owner[] {
  const updaters = owners
    .filter(({ operation, subresource }) => operation === "Update" && subresource === "")
    .toSorted((a, b) => compareText(a.time, b.time));
  if (updaters.length <= maxUpdaters) return owners;
  const ancient = updaters.slice(0, updaters.length - maxUpdaters + 1);
  const [first] = ancient;
  if (first === undefined) return owners;
  const joined: Owner = {
    ...first,
    manager: "ancient-changes",
    fields: ancient.reduce<FieldTree>((sum, { fields }) => union(sum, fields), first.fields),
    time: ancient.at(-1)?.time ?? first.time,
  };
  return [...owners.filter((owner) => !ancient.includes(owner)), joined];
}

const metadataPath = fieldStep("metadata");

/** Fields that nobody owns: what identifies an object, and what the server alone sets. */
const ownerless: FieldTree = [
  [fieldStep("apiVersion")],
  [fieldStep("kind")],
  ...[
    "name",
    "namespace",
    "uid",
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
  ].map((field) => [metadataPath, fieldStep(field)]),
]
  .map(treeOf)
  .reduce(union);

/** The fields without those that nobody owns. */
export function withoutOwnerless(fields: FieldTree): FieldTree {
  const left = withoutBelow(fields, ownerless);
  const metadata = left.children.get(metadataPath);
  if (metadata?.own !== true) return left;
  const bare = { own: false, children: metadata.children };
  const others = [...left.children].filter(([step]) => step !== metadataPath);
  return { own: false, children: new Map(isEmptyTree(bare) ? others : [...others, [metadataPath, bare]]) };
}
