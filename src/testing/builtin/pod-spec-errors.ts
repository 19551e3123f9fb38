/** What can be wrong with the spec of a pod, or of a template that makes pods. */

import { compareQuantities } from "../../core/index.js";
import type { FieldError } from "../failure.js";
import { at, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { nameProblems } from "../names.js";
import { badPort, duplicate, missing, notFoundField, notOneOf, required, wrong } from "./field-errors.js";

/** Checks a pod's spec. */
export function podSpecErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const volumes = listOf(spec["volumes"]).map(objectOf);
  const containers = listOf(spec["containers"]).map(objectOf);
  const initContainers = listOf(spec["initContainers"]).map(objectOf);
  const context = { volumes: new Set(volumes.map((volume) => textOf(volume["name"]))), names: new Set<string>() };
  return [
    ...volumes.flatMap((volume, index) => volumeErrors(volume, `${field}.volumes[${index}]`)),
    ...repeated(volumes, `${field}.volumes`),
    ...(containers.length === 0 ? [required(`${field}.containers`)] : []),
    ...containers.flatMap((container, index) => containerErrors(container, `${field}.containers[${index}]`, context)),
    ...initContainers.flatMap((container, index) =>
      containerErrors(container, `${field}.initContainers[${index}]`, context),
    ),
    ...notOneOf(`${field}.restartPolicy`, spec["restartPolicy"], ["Always", "OnFailure", "Never"]),
    ...notOneOf(`${field}.dnsPolicy`, spec["dnsPolicy"], [
      "ClusterFirstWithHostNet",
      "ClusterFirst",
      "Default",
      "None",
    ]),
    ...named(`${field}.serviceAccountName`, spec["serviceAccountName"], "subdomain"),
    ...named(`${field}.nodeName`, spec["nodeName"], "subdomain"),
    ...(typeof spec["activeDeadlineSeconds"] === "number" && spec["activeDeadlineSeconds"] < 1
      ? [
          wrong(
            `${field}.activeDeadlineSeconds`,
            spec["activeDeadlineSeconds"],
            "must be between 1 and 2147483647, inclusive",
          ),
        ]
      : []),
  ];
}

interface Names {
  /** Of the volumes that there are. */
  readonly volumes: ReadonlySet<string>;
  /** Of the containers seen so far. */
  readonly names: Set<string>;
}

function volumeErrors(volume: JsonObject, field: string): readonly FieldError[] {
  const name = textOf(volume["name"]);
  if (name === "") return [required(`${field}.name`)];
  return nameProblems("label", name).map((problem) => wrong(`${field}.name`, name, problem));
}

function repeated(items: readonly JsonObject[], field: string): readonly FieldError[] {
  const names = items.map((item) => textOf(item["name"]));
  return names.flatMap((name, index) =>
    name !== "" && names.indexOf(name) < index ? [duplicate(`${field}[${index}].name`, name)] : [],
  );
}

function named(field: string, value: unknown, rule: "subdomain" | "label"): readonly FieldError[] {
  const name = textOf(value);
  return name === "" ? [] : nameProblems(rule, name).map((problem) => wrong(field, name, problem));
}

function containerErrors(container: JsonObject, field: string, { volumes, names }: Names): readonly FieldError[] {
  const name = textOf(container["name"]);
  const isTwice = names.has(name);
  if (name !== "") names.add(name);
  const items = (list: string, errors: (item: JsonObject, at: string) => readonly FieldError[]) =>
    listOf(container[list]).flatMap((item, index) => errors(objectOf(item), `${field}.${list}[${index}]`));
  return [
    ...(name === ""
      ? [required(`${field}.name`)]
      : nameProblems("label", name).map((problem) => wrong(`${field}.name`, name, problem))),
    ...(isTwice ? [duplicate(`${field}.name`, name)] : []),
    ...missing(`${field}.image`, container["image"]),
    ...items("ports", portErrors),
    ...items("env", envErrors),
    ...items("volumeMounts", (mount, place) => mountErrors(mount, place, volumes)),
    ...notOneOf(`${field}.imagePullPolicy`, container["imagePullPolicy"], ["Always", "IfNotPresent", "Never"]),
    ...resourceErrors(objectOf(container["resources"]), `${field}.resources`),
    ...["livenessProbe", "readinessProbe", "startupProbe"].flatMap((probe) =>
      probeErrors(container[probe], `${field}.${probe}`),
    ),
  ];
}

function portErrors(port: JsonObject, field: string): readonly FieldError[] {
  const number = port["containerPort"];
  return [
    ...(number === 0 || number === undefined
      ? [required(`${field}.containerPort`)]
      : badPort(`${field}.containerPort`, number)),
    ...(port["hostPort"] === undefined || port["hostPort"] === 0 ? [] : badPort(`${field}.hostPort`, port["hostPort"])),
    ...notOneOf(`${field}.protocol`, port["protocol"], ["SCTP", "TCP", "UDP"]),
  ];
}

function envErrors(variable: JsonObject, field: string): readonly FieldError[] {
  const value = textOf(variable["value"]);
  return [
    ...missing(`${field}.name`, variable["name"]),
    ...(value !== "" && variable["valueFrom"] !== undefined
      ? [wrong(`${field}.valueFrom`, "", "may not be specified when `value` is not empty")]
      : []),
  ];
}

function mountErrors(mount: JsonObject, field: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  const name = textOf(mount["name"]);
  return [
    ...(name === "" ? [required(`${field}.name`)] : volumes.has(name) ? [] : [notFoundField(`${field}.name`, name)]),
    ...missing(`${field}.mountPath`, mount["mountPath"]),
  ];
}

function resourceErrors({ limits, requests }: JsonObject, field: string): readonly FieldError[] {
  return Object.entries(objectOf(requests)).flatMap(([name, request]) => {
    const limit = at(limits, name);
    if (typeof limit !== "string" || typeof request !== "string" || compareQuantities(request, limit) <= 0) return [];
    return [wrong(`${field}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)];
  });
}

function probeErrors(probe: unknown, field: string): readonly FieldError[] {
  if (probe === undefined) return [];
  const actions = ["exec", "httpGet", "tcpSocket", "grpc"].filter((action) => at(probe, action) !== undefined);
  if (actions.length === 0) return [required(field, "must specify a handler type")];
  return actions.slice(1).map((action) => ({
    type: "FieldValueForbidden",
    field: `${field}.${action}`,
    detail: "may not specify more than 1 handler type",
  }));
}
