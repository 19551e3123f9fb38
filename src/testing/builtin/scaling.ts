/** Autoscalers, and budgets of disruption. */

import type { FieldError } from "../failure.js";
import { at, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { nameProblems } from "../names.js";
import type { Hooks } from "../resource.js";
import { countErrors, forbiddenField, missing, negative, notOneOf, required, wrong } from "./field-errors.js";
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
    const isBelow = typeof minReplicas === "number" && typeof maxReplicas === "number" && maxReplicas < minReplicas;
    return [
      ...(isBelow ? [wrong("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`")] : []),
      ...targetErrors(objectOf(spec["scaleTargetRef"]), "spec.scaleTargetRef"),
      ...negative("spec.minReplicas", minReplicas),
      ...metricsErrors(spec, "spec.metrics"),
      ...directionErrors(at(spec, "behavior", "scaleUp"), "spec.behavior.scaleUp"),
      ...directionErrors(at(spec, "behavior", "scaleDown"), "spec.behavior.scaleDown"),
      ...maximumErrors(maxReplicas),
    ];
  },
};

function targetErrors(target: JsonObject, field: string): readonly FieldError[] {
  const apiVersion = textOf(target["apiVersion"]);
  const hasGroup = apiVersion.includes("/") || apiVersion === "v1";
  const segment = (name: string) => {
    const text = textOf(target[name]);
    if (text === "") return [required(`${field}.${name}`)];
    return nameProblems("path", text).map((problem) => wrong(`${field}.${name}`, text, problem));
  };
  return [
    ...segment("kind"),
    ...segment("name"),
    ...(hasGroup ? [] : [wrong(`${field}.apiVersion`, apiVersion, "apiVersion must specify API group")]),
  ];
}

function maximumErrors(max: unknown): readonly FieldError[] {
  if (max === undefined || max === 0) return [required("spec.maxReplicas")];
  return typeof max === "number" && max < 1
    ? [wrong("spec.maxReplicas", max, "must be greater than or equal to 1")]
    : [];
}

const metricTypes = ["ContainerResource", "External", "Object", "Pods", "Resource"];

function metricsErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const metrics = listOf(spec["metrics"]).map(objectOf);
  const canBeNone = metrics.some(({ type }) => type === "Object" || type === "External");
  const isNone = spec["minReplicas"] === 0 && !canBeNone;
  const detail = "must specify at least one Object or External metric to support scaling to zero replicas";
  return [
    ...metrics.flatMap((metric, index) => metricErrors(metric, `${field}[${index}]`)),
    ...(isNone ? [forbiddenField(field, detail)] : []),
  ];
}

function metricErrors(metric: JsonObject, field: string): readonly FieldError[] {
  const type = textOf(metric["type"]);
  const unknown = notOneOf(`${field}.type`, type, metricTypes);
  if (unknown.length > 0) return unknown;
  const source = type.charAt(0).toLowerCase() + type.slice(1);
  if (metric[source] === undefined) {
    return [required(`${field}.${source}`, "must populate information for the given metric source")];
  }
  return type === "Resource" ? resourceErrors(objectOf(metric["resource"]), `${field}.resource`) : [];
}

function resourceErrors({ name, target }: JsonObject, field: string): readonly FieldError[] {
  const share = at(target, "averageUtilization");
  const hasNone = share === undefined && at(target, "averageValue") === undefined && at(target, "value") === undefined;
  const place = `${field}.target.averageUtilization`;
  return [
    ...missing(`${field}.name`, name, "must specify a resource name"),
    ...(typeof share === "number" && share < 1 ? [wrong(place, share, "must be greater than 0")] : []),
    ...(hasNone ? [required(place, "must set either a target raw value or a target utilization")] : []),
  ];
}

function directionErrors(direction: unknown, field: string): readonly FieldError[] {
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies } = objectOf(direction);
  return [
    ...(typeof seconds === "number" && seconds < 0
      ? [wrong(`${field}.stabilizationWindowSeconds`, seconds, "must be greater than or equal to zero")]
      : []),
    ...(selectPolicy === undefined ? [] : notOneOf(`${field}.selectPolicy`, selectPolicy, ["Disabled", "Max", "Min"])),
    ...listOf(policies).flatMap((policy, index) => {
      const place = `${field}.policies[${index}]`;
      const positive = (name: string) => {
        const value = at(policy, name);
        return typeof value === "number" && value > 0
          ? []
          : [wrong(`${place}.${name}`, value ?? 0, "must be greater than zero")];
      };
      return [
        ...notOneOf(`${place}.type`, at(policy, "type"), ["Percent", "Pods"]),
        ...positive("value"),
        ...positive("periodSeconds"),
      ];
    }),
  ];
}

const evictionPolicies = ["AlwaysAllow", "IfHealthyBudget"];

export const disruptionBudget: Hooks = {
  validate: (object) => {
    const spec = objectOf(object["spec"]);
    const { minAvailable, maxUnavailable } = spec;
    const isBoth = minAvailable !== undefined && maxUnavailable !== undefined;
    return [
      ...(isBoth ? [wrong("spec", goSpec(spec), "minAvailable and maxUnavailable cannot be both set")] : []),
      ...countErrors("spec.minAvailable", minAvailable),
      ...countErrors("spec.maxUnavailable", maxUnavailable),
      ...labelSelectorErrors(spec["selector"], "spec.selector"),
      ...(spec["unhealthyPodEvictionPolicy"] === undefined
        ? []
        : notOneOf("spec.unhealthyPodEvictionPolicy", spec["unhealthyPodEvictionPolicy"], evictionPolicies)),
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
