/** Comparing what two schemas of one place demand of a value besides its type. */

import { isEqual, type JsonObject, objectsAt, textAt } from "../generate/json.js";
import type { ChangeLog } from "./change.js";
import { show } from "./show.js";

interface Place {
  readonly path: string;
  readonly log: ChangeLog;
}

/** Notes what became narrower (breaking) or wider (safe). */
export function compareConstraints(before: JsonObject, after: JsonObject, place: Place): void {
  compareNull(before, after, place);
  compareEnum(before, after, place);
  compareFormat(before, after, place);
  for (const [keyword, isNarrower] of Object.entries(bounds)) {
    compareBound(keyword, { before, after, isNarrower }, place);
  }
  compareExclusive(before, after, place);
  for (const keyword of ["pattern", "allOf", "anyOf", "oneOf", "not"])
    compareCondition(keyword, { before, after }, place);
  compareRules(before, after, place);
  compareMerge(before, after, place);
  if (!isEqual(before["default"], after["default"])) {
    place.log.safe(
      place.path,
      "changed",
      `the default is ${show(after["default"])}, it was ${show(before["default"])}`,
    );
  }
}

function compareNull(before: JsonObject, after: JsonObject, { path, log }: Place): void {
  const [old, now] = [before["nullable"] === true, after["nullable"] === true];
  if (old && !now)
    log.breaking(path, "changed", "null is no longer allowed: stored objects that hold it lose it, or are refused");
  else if (!old && now) log.safe(path, "changed", "null is allowed");
}

function compareEnum(before: JsonObject, after: JsonObject, { path, log }: Place): void {
  const [old, now] = [before["enum"], after["enum"]];
  if (isEqual(old, now)) return;
  if (!Array.isArray(now)) log.safe(path, "changed", `may be more than ${show(old)}`);
  else if (!Array.isArray(old))
    log.breaking(path, "changed", `may only be one of ${show(now)}: other stored values are refused`);
  else {
    const gone: readonly unknown[] = old.filter((value: unknown) => !now.some((one: unknown) => isEqual(one, value)));
    const added: readonly unknown[] = now.filter((value: unknown) => !old.some((one: unknown) => isEqual(one, value)));
    if (gone.length > 0)
      log.breaking(path, "changed", `may no longer be ${list(gone)}: stored objects that hold it are refused`);
    if (added.length > 0) log.safe(path, "changed", `may also be ${list(added)}`);
  }
}

function compareFormat(before: JsonObject, after: JsonObject, { path, log }: Place): void {
  const [old, now] = [textAt(before, "format"), textAt(after, "format")];
  if (old === now) return;
  const message = `the format is ${now || "free"}, it was ${old || "free"}`;
  // Numbers without a format are 64 bits wide in any case.
  const isWider = now === "" || now === "int64" || now === "double" || (now === "float" && old !== "double");
  if (isWider) log.safe(path, "changed", message);
  else log.breaking(path, "changed", `${message}: stored values of another form are refused`);
}

type Narrower = (before: number, after: number) => boolean;

const grew: Narrower = (before, after) => after > before;
const shrank: Narrower = (before, after) => after < before;

/** Whether a bound that changed refuses values that passed; one that is new always may. */
const bounds: { readonly [keyword: string]: Narrower } = {
  minimum: grew,
  maximum: shrank,
  multipleOf: (before, after) => before % after !== 0,
  minLength: grew,
  maxLength: shrank,
  minItems: grew,
  maxItems: shrank,
  minProperties: grew,
  maxProperties: shrank,
};

function compareBound(
  keyword: string,
  {
    before,
    after,
    isNarrower,
  }: { readonly before: JsonObject; readonly after: JsonObject; readonly isNarrower: Narrower },
  { path, log }: Place,
): void {
  const [old, now] = [numberAt(before, keyword), numberAt(after, keyword)];
  if (old === now) return;
  const message = `${keyword} is ${now ?? "none"}, it was ${old ?? "none"}`;
  if (now !== undefined && (old === undefined || isNarrower(old, now))) {
    log.breaking(path, "changed", `${message}: stored values outside are refused`);
  } else log.safe(path, "changed", message);
}

function compareExclusive(before: JsonObject, after: JsonObject, { path, log }: Place): void {
  for (const [keyword, bound] of Object.entries({ exclusiveMinimum: "minimum", exclusiveMaximum: "maximum" })) {
    const [old, now] = [before[keyword] === true, after[keyword] === true];
    // Where the bound itself moved, that says more.
    if (old === now || numberAt(before, bound) !== numberAt(after, bound)) continue;
    if (now)
      log.breaking(
        path,
        "changed",
        `${bound} ${show(after[bound])} itself is excluded: stored objects that hold it are refused`,
      );
    else log.safe(path, "changed", `${bound} ${show(after[bound])} itself is included`);
  }
}

function compareCondition(
  keyword: string,
  { before, after }: { readonly before: JsonObject; readonly after: JsonObject },
  { path, log }: Place,
): void {
  const [old, now] = [before[keyword], after[keyword]];
  if (isEqual(old, now)) return;
  if (now === undefined) log.safe(path, "changed", `${keyword} is gone, it was ${show(old)}`);
  else {
    const message = `${keyword} is ${show(now)}${old === undefined ? "" : `, it was ${show(old)}`}`;
    log.breaking(path, "changed", `${message}: stored values that do not match are refused`);
  }
}

function compareRules(before: JsonObject, after: JsonObject, { path, log }: Place): void {
  const [old, now] = [rulesOf(before), rulesOf(after)];
  for (const [rule, facts] of now) {
    if (old.has(rule)) {
      if (!isEqual(old.get(rule), facts)) log.safe(path, "changed", `the rule ${show(rule)} fails in other words`);
    } else if (/\boldSelf\b/.test(rule) && facts["optionalOldSelf"] !== true) {
      // It judges changes, which nothing stored is.
      log.safe(path, "added", `the transition rule ${show(rule)}`);
    } else log.breaking(path, "added", `the rule ${show(rule)}: stored objects that fail it are refused`);
  }
  for (const rule of old.keys()) if (!now.has(rule)) log.safe(path, "removed", `the rule ${show(rule)}`);
}

function rulesOf(schema: JsonObject): ReadonlyMap<string, JsonObject> {
  return new Map(objectsAt(schema, "x-kubernetes-validations").map((rule) => [textAt(rule, "rule"), rule]));
}

function compareMerge(before: JsonObject, after: JsonObject, { path, log }: Place): void {
  const [old, now] = [textAt(before, "x-kubernetes-list-type"), textAt(after, "x-kubernetes-list-type")].map(
    (type) => type || "atomic",
  );
  const keys = [before, after].map((schema) => schema["x-kubernetes-list-map-keys"] ?? []);
  if (old !== now) {
    const message = `the list type is ${now}, it was ${old}`;
    if (now === "atomic") log.safe(path, "changed", message);
    else log.breaking(path, "changed", `${message}: stored lists with the same element twice are refused`);
  } else if (!isEqual(keys[0], keys[1])) {
    log.breaking(
      path,
      "changed",
      `the list's keys are ${show(keys[1])}, they were ${show(keys[0])}: stored lists with the same keys twice are refused`,
    );
  }
  const [oldMap, nowMap] = [textAt(before, "x-kubernetes-map-type"), textAt(after, "x-kubernetes-map-type")].map(
    (type) => type || "granular",
  );
  if (oldMap !== nowMap) log.safe(path, "changed", `the map type is ${nowMap}, it was ${oldMap}`);
  const embedded = "x-kubernetes-embedded-resource";
  if (before[embedded] !== true && after[embedded] === true) {
    log.breaking(path, "changed", "is a whole object: stored values without apiVersion, kind and metadata are refused");
  } else if (before[embedded] === true && after[embedded] !== true) {
    log.safe(path, "changed", "is no longer checked to be a whole object");
  }
}

function numberAt(schema: JsonObject, keyword: string): number | undefined {
  const value = schema[keyword];
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

function list(values: readonly unknown[]): string {
  return values.map(show).join(", ");
}
