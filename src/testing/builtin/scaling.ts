/** Autoscalers, and budgets of disruption. */

import type { FieldError } from "../failure.js";
import { at, isEqual, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import type { Hooks } from "../resource.js";
import { changed, missing, negative, required, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapAt } from "./pod-defaults.js";
import { labelSelectorErrors } from "./selectors.js";

const percent = { type: "Percent", value: 100, periodSeconds: 15 };
const scaleUp = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, percent],
};
const scaleDown = { selectPolicy: "Max", policies: [percent] };
const cpu = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } };

/** `autoscaling/v2`. */
export const autoscaler: Hooks = {
  defaults: inSpec((spec) => {
    const counted = defaultsTo(spec, { minReplicas: 1 });
    const measured = listOf(counted["metrics"]).length > 0 ? counted : { ...counted, metrics: [cpu] };
    return mapAt(measured, ["behavior"], (behavior) => ({
      scaleUp: defaultsTo(objectOf(behavior["scaleUp"]), scaleUp),
      scaleDown: defaultsTo(objectOf(behavior["scaleDown"]), scaleDown),
    }));
  }),
  validate: (object) => {
    const spec = objectOf(object["spec"]);
    const { minReplicas, maxReplicas } = spec;
    return [
      ...targetErrors(objectOf(spec["scaleTargetRef"]), "spec.scaleTargetRef"),
      ...negative("spec.minReplicas", minReplicas),
      ...maximumErrors(minReplicas, maxReplicas),
    ];
  },
};

function targetErrors(target: JsonObject, field: string): readonly FieldError[] {
  const apiVersion = textOf(target["apiVersion"]);
  const hasGroup = apiVersion.includes("/") || apiVersion === "v1";
  return [
    ...missing(`${field}.kind`, target["kind"]),
    ...missing(`${field}.name`, target["name"]),
    ...(hasGroup ? [] : [wrong(`${field}.apiVersion`, apiVersion, "apiVersion must specify API group")]),
  ];
}

function maximumErrors(min: unknown, max: unknown): readonly FieldError[] {
  if (max === undefined || max === 0) return [required("spec.maxReplicas")];
  if (typeof max !== "number") return [];
  if (max < 1) return [wrong("spec.maxReplicas", max, "must be greater than 0")];
  return typeof min === "number" && max < min
    ? [wrong("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`")]
    : [];
}

export const disruptionBudget: Hooks = {
  validate: (object, previous) => {
    const spec = objectOf(object["spec"]);
    const { minAvailable, maxUnavailable } = spec;
    const isBoth = minAvailable !== undefined && maxUnavailable !== undefined;
    return [
      ...(isBoth ? [wrong("spec", goSpec(spec), "minAvailable and maxUnavailable cannot be both set")] : []),
      ...boundErrors("spec.minAvailable", minAvailable),
      ...boundErrors("spec.maxUnavailable", maxUnavailable),
      ...labelSelectorErrors(spec["selector"], "spec.selector"),
      ...(previous === undefined || isEqual(at(previous, "spec", "selector"), spec["selector"])
        ? []
        : changed("spec.selector", spec["selector"], at(previous, "spec", "selector"))),
    ];
  },
};

/** The spec as Go prints it: upstream has it without the names of JSON. */
function goSpec({ minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy }: JsonObject): JsonObject {
  return {
    MinAvailable: minAvailable ?? null,
    Selector: selector ?? null,
    MaxUnavailable: maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null,
  };
}

function boundErrors(field: string, value: unknown): readonly FieldError[] {
  if (typeof value === "number") return negative(field, value);
  if (typeof value !== "string") return [];
  return /^(?:\d|[1-9]\d|100)%$/.test(value)
    ? []
    : [
        wrong(
          field,
          value,
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        ),
      ];
}
