/** What can be wrong with the spec of a pod, or of a template that makes pods. */

import type { FieldError } from "../failure.js";
import { at, isObject, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { keyProblems, nameProblems } from "../names.js";
import { type ContainerNames, containerErrors } from "./container-errors.js";
import { duplicate, forbiddenField, idErrors, notOneOf, required, wrong } from "./field-errors.js";
import { affinityErrors, tolerationErrors } from "./placement-errors.js";

/** Checks a pod's spec. */
export function podSpecErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const volumes = listOf(spec["volumes"]).map(objectOf);
  const containers = listOf(spec["containers"]).map(objectOf);
  const initContainers = listOf(spec["initContainers"]).map(objectOf);
  const names: ContainerNames = {
    volumes: new Set(volumes.map((volume) => textOf(volume["name"]))),
    containers: new Set<string>(),
  };
  return [
    ...volumes.flatMap((volume, index) => volumeErrors(volume, `${field}.volumes[${index}]`, volumes.slice(0, index))),
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...containers.flatMap((container, index) => containerErrors(container, `${field}.containers[${index}]`, names)),
    ...initContainers.flatMap((container, index) => initErrors(container, `${field}.initContainers[${index}]`, names)),
    ...notOneOf(`${field}.restartPolicy`, spec["restartPolicy"], ["Always", "OnFailure", "Never"]),
    ...notOneOf(`${field}.dnsPolicy`, spec["dnsPolicy"], [
      "ClusterFirstWithHostNet",
      "ClusterFirst",
      "Default",
      "None",
    ]),
    ...nodeSelectorErrors(spec["nodeSelector"], `${field}.nodeSelector`),
    ...securityErrors(objectOf(spec["securityContext"]), `${field}.securityContext`),
    ...affinityErrors(spec["affinity"], `${field}.affinity`),
    ...dnsErrors(spec, field),
    ...named(`${field}.serviceAccountName`, spec["serviceAccountName"], "subdomain"),
    ...named(`${field}.nodeName`, spec["nodeName"], "subdomain"),
    ...deadlineErrors(spec["activeDeadlineSeconds"], `${field}.activeDeadlineSeconds`),
    ...named(`${field}.hostname`, spec["hostname"], "label"),
    ...named(`${field}.subdomain`, spec["subdomain"], "label"),
    ...tolerationErrors(spec["tolerations"], `${field}.tolerations`),
  ];
}

function volumeErrors(volume: JsonObject, field: string, earlier: readonly JsonObject[]): readonly FieldError[] {
  const name = textOf(volume["name"]);
  const sources = Object.entries(volume).filter(([key, source]) => key !== "name" && isObject(source));
  const isTwice = earlier.some((other) => other["name"] === name);
  return [
    ...sources.slice(1).map(([key]) => forbiddenField(`${field}.${key}`, "may not specify more than 1 volume type")),
    ...(isObject(volume["secret"]) && textOf(at(volume, "secret", "secretName")) === ""
      ? [required(`${field}.secret.secretName`)]
      : []),
    ...(name === ""
      ? [required(`${field}.name`)]
      : nameProblems("label", name).map((problem) => wrong(`${field}.name`, name, problem))),
    ...(isTwice && name !== "" ? [duplicate(`${field}.name`, name)] : []),
  ];
}

/** What runs before the others is not asked how it is, unless it keeps running. */
function initErrors(container: JsonObject, field: string, names: ContainerNames): readonly FieldError[] {
  const isSidecar = container["restartPolicy"] === "Always";
  const probes = isSidecar ? [] : ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];
  return [
    ...containerErrors(container, field, names),
    ...probes
      .filter((probe) => container[probe] !== undefined)
      .map((probe) =>
        forbiddenField(`${field}.${probe}`, "may not be set for init containers without restartPolicy=Always"),
      ),
  ];
}

function named(field: string, value: unknown, rule: "subdomain" | "label"): readonly FieldError[] {
  const name = textOf(value);
  return name === "" ? [] : nameProblems(rule, name).map((problem) => wrong(field, name, problem));
}

function nodeSelectorErrors(selector: unknown, field: string): readonly FieldError[] {
  return Object.keys(objectOf(selector)).flatMap((key) =>
    keyProblems(key).map((problem) => wrong(field, key, problem)),
  );
}

function securityErrors(context: JsonObject, field: string): readonly FieldError[] {
  return [
    ...idErrors(context["fsGroup"], `${field}.fsGroup`),
    ...idErrors(context["runAsUser"], `${field}.runAsUser`),
    ...idErrors(context["runAsGroup"], `${field}.runAsGroup`),
  ];
}

function dnsErrors(spec: JsonObject, field: string): readonly FieldError[] {
  if (spec["dnsPolicy"] !== "None" || spec["dnsConfig"] !== undefined) return [];
  return [required(`${field}.dnsConfig`, "must provide `dnsConfig` when `dnsPolicy` is None")];
}

function deadlineErrors(value: unknown, field: string): readonly FieldError[] {
  if (typeof value !== "number" || value >= 1) return [];
  return [wrong(field, value, "must be between 1 and 2147483647, inclusive")];
}
