/** Ranges of limits, and quotas. */

import { compareQuantities } from "../../core/index.js";
import type { FieldError } from "../failure.js";
import { at, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { keyProblems } from "../names.js";
import type { Hooks } from "../resource.js";
import { duplicate, forbiddenField, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapItems } from "./pod-defaults.js";

export const limitRange: Hooks = {
  defaults: inSpec((spec) =>
    mapItems(spec, "limits", (limit) => {
      if (limit["type"] !== "Container") return limit;
      const fallback = { ...objectOf(limit["max"]), ...objectOf(limit["default"]) };
      const request = { ...objectOf(limit["min"]), ...fallback, ...objectOf(limit["defaultRequest"]) };
      const given = (value: JsonObject) => (Object.keys(value).length === 0 ? undefined : value);
      return defaultsTo(
        { ...limit, ...optional("default", given(fallback)) },
        optional("defaultRequest", given(request)),
      );
    }),
  ),
  validate: (object) => {
    const limits = listOf(at(object, "spec", "limits")).map(objectOf);
    return limits.flatMap((limit, index) => limitErrors(limit, `spec.limits[${index}]`, limits.slice(0, index)));
  },
};

const countable: ReadonlySet<string> = new Set([
  "configmaps",
  "persistentvolumeclaims",
  "pods",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "services",
  "services.loadbalancers",
  "services.nodeports",
]);

const scopes: ReadonlySet<string> = new Set([
  "BestEffort",
  "CrossNamespacePodAffinity",
  "NotBestEffort",
  "NotTerminating",
  "PriorityClass",
  "Terminating",
  "VolumeAttributesClass",
]);

export const resourceQuota: Hooks = {
  validate: (object) => {
    const spec = objectOf(object["spec"]);
    const isKnown = listOf(spec["scopes"]).every((scope) => scopes.has(textOf(scope)));
    return [
      ...Object.entries(objectOf(spec["hard"])).flatMap(([name, value]) => quotaErrors(name, textOf(value))),
      ...(isKnown ? [] : [wrong("spec.scopes", spec["scopes"], "unsupported scope")]),
    ];
  },
};

function quotaErrors(name: string, quantity: string): readonly FieldError[] {
  const field = `spec.hard[${name}]`;
  const isWhole = /^-?\d+(?:[kMGTPE]i?)?$/.test(quantity);
  return [
    ...keyProblems(name).map((problem) => wrong(field, name, problem)),
    ...(quantity.startsWith("-") ? [wrong(field, quantity, "must be greater than or equal to 0")] : []),
    ...((countable.has(name) || name.startsWith("count/")) && !isWhole
      ? [wrong(field, quantity, "must be an integer")]
      : []),
  ];
}

function optional(field: string, value: unknown): JsonObject {
  return value === undefined ? {} : { [field]: value };
}

function limitErrors(limit: JsonObject, field: string, earlier: readonly JsonObject[]): readonly FieldError[] {
  if (earlier.some(({ type }) => type === limit["type"])) return [duplicate(`${field}.type`, limit["type"])];
  const names = new Set(
    ["max", "min", "default", "defaultRequest"].flatMap((part) => Object.keys(objectOf(limit[part]))),
  );
  const onlyContainers = ["default", "defaultRequest"].filter(
    (part) => limit["type"] === "Pod" && limit[part] !== undefined,
  );
  return [
    ...onlyContainers.map((part) => forbiddenField(`${field}.${part}`, "may not be specified when `type` is 'Pod'")),
    ...(onlyContainers.length > 0 ? [] : [...names].flatMap((name) => orderErrors(limit, field, name))),
  ];
}

/** No limit may be below another that it must not be below. Upstream faults a default in the name of the least. */
function orderErrors(limit: JsonObject, field: string, name: string): readonly FieldError[] {
  const [max, min] = [at(limit, "max", name), at(limit, "min", name)];
  const [fallback, request] = [at(limit, "default", name), at(limit, "defaultRequest", name)];
  const exceeds = (a: unknown, b: unknown) =>
    typeof a === "string" && typeof b === "string" && compareQuantities(a, b) > 0;
  const problem = (part: string, shown: unknown, text: string) => wrong(`${field}.${part}[${name}]`, shown, text);
  return [
    ...(exceeds(min, max)
      ? [problem("min", min, `min value ${String(min)} is greater than max value ${String(max)}`)]
      : []),
    ...(exceeds(min, request)
      ? [
          problem(
            "defaultRequest",
            request,
            `min value ${String(min)} is greater than default request value ${String(request)}`,
          ),
        ]
      : []),
    ...(exceeds(request, max)
      ? [
          problem(
            "defaultRequest",
            request,
            `default request value ${String(request)} is greater than max value ${String(max)}`,
          ),
        ]
      : []),
    ...(exceeds(request, fallback)
      ? [
          problem(
            "defaultRequest",
            request,
            `default request value ${String(request)} is greater than default limit value ${String(fallback)}`,
          ),
        ]
      : []),
    ...(exceeds(min, fallback)
      ? [problem("default", min, `min value ${String(min)} is greater than default value ${String(fallback)}`)]
      : []),
    ...(exceeds(fallback, max)
      ? [problem("default", fallback, `default value ${String(fallback)} is greater than max value ${String(max)}`)]
      : []),
  ];
}
