/** Comparing two CustomResourceDefinitions of one kind: what changes for the objects that are stored. Pure. */

import { isEqual, isObject, type JsonObject, objectAt, objectsAt, textAt } from "../generate/json.js";
import { type ChangeLog, type CrdChange, logTo } from "./change.js";
import { compareSchemas } from "./compare-schemas.js";
import { show } from "./show.js";

/**
 * What is different in `after`: the definition, then version by version, fields by name. What the API server adds by itself (status, defaults, labels and
 * annotations of others) is no difference.
 *
 * Caveats: a stored object is judged by the schema alone. Whether a pattern, a rule or a combination (`anyOf`) that changed refuses
 * more than before cannot be known, and counts as breaking. The API server tolerates values that were invalid before and are not
 * touched by an update, which does not count.
 */
export function compareCrds(before: JsonObject, after: JsonObject): readonly CrdChange[] {
  const changes: CrdChange[] = [];
  const log = logTo(changes);
  compareMetadata(objectAt(before, "metadata"), objectAt(after, "metadata"), log);
  compareFacts(objectAt(before, "spec"), objectAt(after, "spec"), log);
  compareVersions(before, after, log);
  return Object.freeze(changes);
}

function compareMetadata(before: JsonObject, after: JsonObject, log: ChangeLog): void {
  for (const field of ["labels", "annotations"]) {
    const old = objectAt(before, field);
    for (const [key, value] of Object.entries(objectAt(after, field))) {
      if (isEqual(old[key], value)) continue;
      const change = old[key] === undefined ? "added" : "changed";
      log.safe(`metadata.${field}["${key}"]`, change, fromTo(old[key], value));
    }
  }
}

/** What the API server refuses to change: another kind, in its eyes. */
const identity = ["group", "scope", "names.kind", "names.plural"];

function compareFacts(before: JsonObject, after: JsonObject, log: ChangeLog): void {
  for (const path of identity) {
    const [old, now] = [valueAt(before, path), valueAt(after, path)];
    if (isEqual(old, now)) continue;
    const message = `${fromTo(old, now)}: to the API server this is another kind, and stored objects are not of it`;
    log.breaking(`spec.${path}`, "changed", message);
  }
  const names = { before: objectAt(before, "names"), after: objectAt(after, "names") };
  const kind = textAt(names.before, "kind");
  const defaults: JsonObject = {
    listKind: `${kind}List`,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
  };
  for (const [field, absent] of Object.entries(defaults)) {
    const [old, now] = [names.before[field] ?? absent, names.after[field] ?? absent];
    if (!isEqual(old, now)) log.safe(`spec.names.${field}`, "changed", fromTo(old, now));
  }
  const none = { strategy: "None" };
  const [old, now] = [before["conversion"] ?? none, after["conversion"] ?? none];
  if (!isEqual(old, now)) log.safe("spec.conversion", "changed", fromTo(strategyOf(before), strategyOf(after)));
  if (before["preserveUnknownFields"] === true && after["preserveUnknownFields"] !== true) {
    const message = "unknown fields are no longer kept: the API server drops them from stored objects";
    log.breaking("spec.preserveUnknownFields", "removed", message);
  }
}

function compareVersions(before: JsonObject, after: JsonObject, log: ChangeLog): void {
  const [old, now] = [versionsOf(before), versionsOf(after)];
  const storedNames = objectAt(before, "status")["storedVersions"];
  for (const [name, version] of old) {
    const other = now.get(name);
    if (other !== undefined) compareVersion(name, version, { after: other, log });
    else {
      const isStored = version["storage"] === true || (Array.isArray(storedNames) && storedNames.includes(name));
      log.breaking(
        name,
        "removed",
        isStored
          ? "the version is removed, and objects are stored in it: rewrite them in another one, and take this one out of status.storedVersions, first"
          : "the version is removed: clients that use it find nothing",
      );
    }
  }
  for (const name of now.keys()) if (!old.has(name)) log.safe(name, "added", "a new version");
  compareStorage(old, now, { log, converts: strategyOf(objectAt(after, "spec")) === "Webhook" });
}

function compareStorage(
  before: ReadonlyMap<string, JsonObject>,
  after: ReadonlyMap<string, JsonObject>,
  { log, converts }: { readonly log: ChangeLog; readonly converts: boolean },
): void {
  const [old, now] = [storedOf(before), storedOf(after)];
  if (now === undefined) {
    log.breaking("spec.versions", "changed", "no version is stored: the API server refuses the definition");
    return;
  }
  if (old === undefined || old.name === now.name) return;
  log.safe("spec.versions", "changed", `the stored version is ${now.name}, it was ${old.name}`);
  // Without a webhook, what is stored in the old version is read with the schema of the new one.
  if (converts) return;
  compareSchemas(schemaOf(old.version), schemaOf(now.version), {
    path: "",
    log: {
      safe: () => undefined,
      breaking: (path, change, message) => log.breaking(`${old.name} read as ${now.name} ${path}`, change, message),
    },
  });
}

function compareVersion(
  name: string,
  before: JsonObject,
  { after, log }: { readonly after: JsonObject; readonly log: ChangeLog },
): void {
  if (before["served"] !== false && after["served"] === false) {
    const what = after["storage"] === true ? "the stored version" : "the version";
    log.breaking(name, "changed", `${what} is no longer served: clients that use it find nothing`);
  } else if (before["served"] === false && after["served"] !== false) log.safe(name, "changed", "is served now");
  const [wasDeprecated, isDeprecated] = [before["deprecated"] === true, after["deprecated"] === true];
  if (wasDeprecated !== isDeprecated) {
    log.safe(name, "changed", isDeprecated ? "is deprecated now" : "is no longer deprecated");
  } else if (before["deprecationWarning"] !== after["deprecationWarning"]) {
    log.safe(name, "changed", "the text of the deprecation is another");
  }
  compareSubresources(name, objectAt(before, "subresources"), { after: objectAt(after, "subresources"), log });
  const columns = "additionalPrinterColumns";
  if (!isEqual(before[columns] ?? [], after[columns] ?? [])) log.safe(`${name} ${columns}`, "changed", "other columns");
  const [old, now] = [selectableOf(before), selectableOf(after)];
  for (const path of old.filter((one) => !now.includes(one))) {
    log.breaking(`${name} selectableFields`, "removed", `${path}: field selectors that use it are refused`);
  }
  for (const path of now.filter((one) => !old.includes(one))) log.safe(`${name} selectableFields`, "added", path);
  compareSchemas(schemaOf(before), schemaOf(after), {
    path: "",
    log: {
      safe: (path, change, message) => log.safe(`${name} ${path}`, change, message),
      breaking: (path, change, message) => log.breaking(`${name} ${path}`, change, message),
    },
  });
}

function compareSubresources(
  version: string,
  before: JsonObject,
  { after, log }: { readonly after: JsonObject; readonly log: ChangeLog },
): void {
  for (const name of ["status", "scale"]) {
    const [old, now] = [before[name], after[name]];
    const path = `${version} subresources.${name}`;
    if (isObject(old) && !isObject(now)) log.breaking(path, "removed", `clients that use /${name} find nothing`);
    else if (!isObject(old) && isObject(now)) log.safe(path, "added", `/${name} is served`);
    else if (!isEqual(old, now)) log.safe(path, "changed", fromTo(old, now));
  }
}

function versionsOf(crd: JsonObject): ReadonlyMap<string, JsonObject> {
  return new Map(objectsAt(objectAt(crd, "spec"), "versions").map((version) => [textAt(version, "name"), version]));
}

function storedOf(versions: ReadonlyMap<string, JsonObject>) {
  const found = [...versions].find(([, version]) => version["storage"] === true);
  return found === undefined ? undefined : { name: found[0], version: found[1] };
}

function schemaOf(version: JsonObject): JsonObject {
  return objectAt(objectAt(version, "schema"), "openAPIV3Schema");
}

function selectableOf(version: JsonObject): readonly string[] {
  return objectsAt(version, "selectableFields").map((field) => textAt(field, "jsonPath"));
}

function strategyOf(spec: JsonObject): string {
  return textAt(objectAt(spec, "conversion"), "strategy") || "None";
}

function valueAt(object: JsonObject, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), object);
}

function fromTo(before: unknown, after: unknown): string {
  return before === undefined ? show(after) : `${show(after)}, it was ${show(before)}`;
}
