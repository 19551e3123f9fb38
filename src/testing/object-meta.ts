/** The rules of metadata, the same for every kind. */

import type { FieldError } from "./failure.js";
import { at, isEqual, isObject, type JsonObject, listOf, objectOf, textOf, textsOf, withAt, without } from "./json.js";
import { keyProblems, labelValueProblems, nameProblems } from "./names.js";
import type { Resource } from "./resource.js";

/** Fields of metadata that only the server sets; what a client sends on creation is dropped. */
const systemFields = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"];

const bad = (field: string, value: unknown, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  value,
  detail,
});

/** Drops what a client must not set on a new object. */
export function wipeSystemFields(object: JsonObject): JsonObject {
  const metadata = systemFields.reduce<JsonObject>((left, field) => without(left, field), objectOf(object["metadata"]));
  return { ...object, metadata };
}

/** What is wrong with the metadata of an object. */
export function metadataErrors(resource: Resource, object: JsonObject): readonly FieldError[] {
  const metadata = objectOf(object["metadata"]);
  return [
    ...prefixErrors(resource, metadata),
    ...nameErrors(resource, metadata),
    ...generationErrors(metadata),
    ...labelErrors(metadata["labels"]),
    ...annotationErrors(metadata["annotations"]),
    ...ownerErrors(metadata["ownerReferences"]),
    ...finalizerErrors(metadata["finalizers"]),
  ];
}

function nameErrors({ nameRule }: Resource, metadata: JsonObject): readonly FieldError[] {
  const name = textOf(metadata["name"]);
  const prefix = textOf(metadata["generateName"]);
  if (name === "") {
    if (prefix !== "") return [];
    return [{ type: "FieldValueRequired", field: "metadata.name", detail: "name or generateName is required" }];
  }
  return nameProblems(nameRule, name).map((problem) => bad("metadata.name", name, problem));
}

/** A prefix may end as a name may not: something follows. */
function prefixErrors({ nameRule }: Resource, metadata: JsonObject): readonly FieldError[] {
  const prefix = textOf(metadata["generateName"]);
  if (prefix === "") return [];
  const whole = prefix.endsWith("-") ? `${prefix.slice(0, -1)}a` : prefix;
  return nameProblems(nameRule, whole).map((problem) => bad("metadata.generateName", prefix, problem));
}

function generationErrors({ generation }: JsonObject): readonly FieldError[] {
  return typeof generation === "number" && generation < 0
    ? [bad("metadata.generation", generation, "must be greater than or equal to 0")]
    : [];
}

/** What is wrong with labels. */
export function labelErrors(labels: unknown, field = "metadata.labels"): readonly FieldError[] {
  return Object.entries(objectOf(labels)).flatMap(([key, value]) => [
    ...keyProblems(key).map((problem) => bad(field, key, problem)),
    ...labelValueProblems(textOf(value)).map((problem) => bad(field, value, problem)),
  ]);
}

const maxAnnotations = 256 * 1024;

/** What is wrong with annotations. */
export function annotationErrors(annotations: unknown, field = "metadata.annotations"): readonly FieldError[] {
  const entries = Object.entries(objectOf(annotations));
  const size = entries.reduce((sum, [key, value]) => sum + key.length + textOf(value).length, 0);
  return [
    ...entries.flatMap(([key]) => keyProblems(key.toLowerCase()).map((problem) => bad(field, key, problem))),
    ...(size > maxAnnotations
      ? [
          {
            type: "FieldValueTooLong",
            field,
            detail: `may not be more than ${maxAnnotations} bytes`,
          } as const,
        ]
      : []),
  ];
}

function ownerErrors(owners: unknown): readonly FieldError[] {
  const errors: FieldError[] = [];
  const controllers: string[] = [];
  for (const [index, owner] of listOf(owners).map(objectOf).entries()) {
    const path = `metadata.ownerReferences[${index}]`;
    if (textOf(owner["apiVersion"]) === "") errors.push(bad(`${path}.apiVersion`, "", "version must not be empty"));
    for (const field of ["kind", "name", "uid"]) {
      if (textOf(owner[field]) === "") {
        errors.push({ type: "FieldValueRequired", field: `${path}.${field}`, detail: "must not be empty" });
      }
    }
    if (owner["controller"] === true) controllers.push(`${textOf(owner["kind"])}/${textOf(owner["name"])}`);
  }
  if (controllers.length > 1) {
    errors.push(
      bad(
        "metadata.ownerReferences",
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${controllers.slice(0, 2).join(" and ")}`,
      ),
    );
  }
  return errors;
}

/** Finalizers that need no domain. */
const standardFinalizers = new Set(["orphan", "foregroundDeletion", "kubernetes"]);

function finalizerErrors(finalizers: unknown): readonly FieldError[] {
  return textsOf(finalizers).flatMap((name) =>
    keyProblems(name).map((problem) => bad("metadata.finalizers", name, problem)),
  );
}

/** Built-in kinds insist on a domain in the names of finalizers; custom kinds are only warned. */
export function unqualifiedFinalizers(
  object: JsonObject,
): readonly { readonly index: number; readonly name: string }[] {
  return textsOf(at(object, "metadata", "finalizers"))
    .map((name, index) => ({ index, name }))
    .filter(({ name }) => !name.includes("/") && !standardFinalizers.has(name));
}

/** What must not change, and what may not be added while an object is being deleted. */
export function metadataUpdateErrors(next: JsonObject, previous: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const now = objectOf(next["metadata"]);
  const before = objectOf(previous["metadata"]);
  if (before["deletionTimestamp"] !== undefined) {
    const known = new Set(textsOf(before["finalizers"]));
    const added = textsOf(now["finalizers"]).filter((name) => !known.has(name));
    if (added.length > 0) {
      errors.push({
        type: "FieldValueForbidden",
        field: "metadata.finalizers",
        detail: `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(", ")}}`,
      });
    }
  }
  for (const field of ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp"]) {
    if (!isEqual(now[field], before[field])) {
      errors.push(bad(`metadata.${field}`, now[field] ?? "", "field is immutable"));
    }
  }
  return errors;
}

/** Carries over what a replacement cannot change, and keeps silent about it. */
export function keepSystemFields(next: JsonObject, previous: JsonObject): JsonObject {
  const before = objectOf(previous["metadata"]);
  let kept = next;
  for (const field of ["creationTimestamp", "deletionTimestamp", "generation", "selfLink"]) {
    kept = withAt(kept, ["metadata", field], before[field]);
  }
  for (const field of ["uid", "deletionGracePeriodSeconds"]) {
    if (at(kept, "metadata", field) === undefined) kept = withAt(kept, ["metadata", field], before[field]);
  }
  return kept;
}

/** Drops owner references that are there twice. */
export function withoutDuplicateOwners(object: JsonObject, warn: (text: string) => void): JsonObject {
  const owners = listOf(at(object, "metadata", "ownerReferences"));
  const seen = new Set<unknown>();
  const kept = owners.filter((owner) => {
    const uid = isObject(owner) ? owner["uid"] : owner;
    if (seen.has(uid)) return false;
    seen.add(uid);
    return true;
  });
  if (kept.length === owners.length) return object;
  warn(
    ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: " +
      [...new Set(owners.map((owner) => textOf(objectOf(owner)["uid"])))].join(", "),
  );
  return withAt(object, ["metadata", "ownerReferences"], kept);
}
