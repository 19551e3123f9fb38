/** What can be wrong with a container. */

import { compareQuantities } from "../../core/index.js";
import type { FieldError } from "../failure.js";
import { at, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { keyProblems, nameProblems } from "../names.js";
import {
  badPort,
  duplicate,
  forbiddenField,
  idErrors,
  missing,
  negative,
  notFoundField,
  notOneOf,
  required,
  wrong,
} from "./field-errors.js";

/** Names that a container may refer to, or must not have. */
export interface ContainerNames {
  /** Of the volumes that there are. */
  readonly volumes: ReadonlySet<string>;
  /** Of the containers seen so far; each that is checked is added. */
  readonly containers: Set<string>;
}

/** Checks a container. */
export function containerErrors(container: JsonObject, field: string, names: ContainerNames): readonly FieldError[] {
  const name = textOf(container["name"]);
  const isTwice = names.containers.has(name);
  if (name !== "") names.containers.add(name);
  const items = (list: string, errors: (item: JsonObject, place: string, index: number) => readonly FieldError[]) =>
    listOf(container[list]).flatMap((item, index) => errors(objectOf(item), `${field}.${list}[${index}]`, index));
  const ports = listOf(container["ports"]).map(objectOf);
  const mounts = listOf(container["volumeMounts"]).map(objectOf);
  return [
    ...(name === ""
      ? [required(`${field}.name`)]
      : nameProblems("label", name).map((problem) => wrong(`${field}.name`, name, problem))),
    ...(isTwice ? [duplicate(`${field}.name`, name)] : []),
    ...missing(`${field}.image`, container["image"]),
    ...notOneOf(`${field}.terminationMessagePolicy`, container["terminationMessagePolicy"], [
      "File",
      "FallbackToLogsOnError",
    ]),
    ...items("ports", (port, place, index) => portErrors(port, place, ports.slice(0, index))),
    ...items("env", envErrors),
    ...items("volumeMounts", (mount, place, index) =>
      mountErrors(mount, place, { volumes: names.volumes, earlier: mounts.slice(0, index) }),
    ),
    ...notOneOf(`${field}.imagePullPolicy`, container["imagePullPolicy"], ["Always", "IfNotPresent", "Never"]),
    ...resourceErrors(objectOf(container["resources"]), `${field}.resources`),
    ...["livenessProbe", "readinessProbe", "startupProbe"].flatMap((probe) =>
      probeErrors(container[probe], `${field}.${probe}`, probe === "readinessProbe" ? undefined : 1),
    ),
    ...securityErrors(objectOf(container["securityContext"]), `${field}.securityContext`),
  ];
}

/** What is wrong with the name of a port. */
export function portNameProblems(name: string): readonly string[] {
  return [
    ...(name.length > 15 ? ["must be no more than 15 characters"] : []),
    ...(/^[-a-z0-9]+$/.test(name) ? [] : ["must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"]),
    ...(/[a-z]/.test(name) ? [] : ["must contain at least one letter (a-z)"]),
    ...(name.includes("--") ? ["must not contain consecutive hyphens"] : []),
    ...(/^-|-$/.test(name) ? ["must not begin or end with a hyphen"] : []),
  ];
}

function portErrors(port: JsonObject, field: string, earlier: readonly JsonObject[]): readonly FieldError[] {
  const number = port["containerPort"];
  const name = textOf(port["name"]);
  const problems = name === "" ? [] : portNameProblems(name);
  const isTwice = name !== "" && earlier.some((other) => other["name"] === name);
  return [
    ...problems.map((problem) => wrong(`${field}.name`, name, problem)),
    ...(isTwice && problems.length === 0 ? [duplicate(`${field}.name`, name)] : []),
    ...(number === 0 || number === undefined
      ? [required(`${field}.containerPort`)]
      : badPort(`${field}.containerPort`, number)),
    ...(port["hostPort"] === undefined || port["hostPort"] === 0 ? [] : badPort(`${field}.hostPort`, port["hostPort"])),
    ...notOneOf(`${field}.protocol`, port["protocol"], ["SCTP", "TCP", "UDP"]),
  ];
}

const sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

function envErrors(variable: JsonObject, field: string): readonly FieldError[] {
  const name = textOf(variable["name"]);
  return [
    ...missing(`${field}.name`, name),
    ...(name === "" || /^[ -<>-~]+$/.test(name)
      ? []
      : [
          wrong(
            `${field}.name`,
            name,
            "a valid environment variable name must consist only of printable ASCII characters other than '='",
          ),
        ]),
    ...(variable["valueFrom"] === undefined ? [] : sourceErrors(variable, `${field}.valueFrom`)),
  ];
}

function sourceErrors(variable: JsonObject, field: string): readonly FieldError[] {
  const from = objectOf(variable["valueFrom"]);
  const given = sources.filter((source) => from[source] !== undefined);
  const path = textOf(at(from, "fieldRef", "fieldPath"));
  const keyed = ["configMapKeyRef", "secretKeyRef"].filter((source) => from[source] !== undefined);
  return [
    ...(from["fieldRef"] === undefined ? [] : fieldPathErrors(path, `${field}.fieldRef.fieldPath`)),
    ...keyed.flatMap((source) => missing(`${field}.${source}.key`, at(from, source, "key"))),
    ...(given.length === 0
      ? [
          wrong(
            field,
            "",
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`",
          ),
        ]
      : textOf(variable["value"]) === ""
        ? []
        : [wrong(field, "", "may not be specified when `value` is not empty")]),
  ];
}

const fieldPaths =
  /^(?:metadata\.(?:name|namespace|uid)|metadata\.(?:labels|annotations)\[.+\]|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?))$/;

function fieldPathErrors(path: string, field: string): readonly FieldError[] {
  if (path === "") return [required(field)];
  if (fieldPaths.test(path)) return [];
  return [wrong(field, path, `error converting fieldPath: field label not supported: ${path}`)];
}

function mountErrors(
  mount: JsonObject,
  field: string,
  { volumes, earlier }: { readonly volumes: ReadonlySet<string>; readonly earlier: readonly JsonObject[] },
): readonly FieldError[] {
  const name = textOf(mount["name"]);
  const path = textOf(mount["mountPath"]);
  const isTwice = path !== "" && earlier.some((other) => other["mountPath"] === path);
  return [
    ...(name === "" ? [required(`${field}.name`)] : volumes.has(name) ? [] : [notFoundField(`${field}.name`, name)]),
    ...missing(`${field}.mountPath`, path),
    ...(isTwice ? [wrong(`${field}.mountPath`, path, "must be unique")] : []),
    ...(textOf(mount["subPath"]).startsWith("/")
      ? [wrong(`${field.replace(/\[\d+\]$/, "")}.subPath`, mount["subPath"], "must be a relative path")]
      : []),
  ];
}

const standardResources = /^(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** Quantities of what a container may have. */
function resourceErrors({ limits, requests }: JsonObject, field: string): readonly FieldError[] {
  const check = (list: unknown, place: string) =>
    Object.entries(objectOf(list)).flatMap(([name, quantity]) => {
      const here = `${place}[${name}]`;
      const isStandard = name.includes("/") || standardResources.test(name);
      return [
        ...keyProblems(name).map((problem) => wrong(here, name, problem)),
        ...(isStandard ? [] : [wrong(here, name, "must be a standard resource for containers")]),
        ...(typeof quantity === "string" && quantity.startsWith("-")
          ? [wrong(here, quantity, "must be greater than or equal to 0")]
          : []),
      ];
    });
  return [
    ...check(limits, `${field}.limits`),
    ...check(requests, `${field}.requests`),
    ...Object.entries(objectOf(requests)).flatMap(([name, request]) => {
      const limit = at(limits, name);
      if (typeof limit !== "string" || typeof request !== "string" || compareQuantities(request, limit) <= 0) return [];
      return [wrong(`${field}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)];
    }),
  ];
}

/** @param threshold how often a probe must succeed, where that is not free. */
function probeErrors(value: unknown, field: string, threshold: number | undefined): readonly FieldError[] {
  if (value === undefined) return [];
  const probe = objectOf(value);
  const actions = ["exec", "httpGet", "tcpSocket", "grpc"].filter((action) => probe[action] !== undefined);
  const counts = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];
  const isOften =
    threshold !== undefined && typeof probe["successThreshold"] === "number" && probe["successThreshold"] !== threshold;
  return [
    ...(actions.length === 0 ? [required(field, "must specify a handler type")] : []),
    ...actions.flatMap((action, index) =>
      index === 0
        ? actionErrors(objectOf(probe[action]), action, `${field}.${action}`)
        : [forbiddenField(`${field}.${action}`, "may not specify more than 1 handler type")],
    ),
    ...counts.flatMap((count) => negative(`${field}.${count}`, probe[count])),
    ...(isOften ? [wrong(`${field}.successThreshold`, probe["successThreshold"], `must be ${threshold}`)] : []),
  ];
}

function actionErrors(action: JsonObject, kind: string, field: string): readonly FieldError[] {
  if (kind === "exec") return listOf(action["command"]).length > 0 ? [] : [required(`${field}.command`)];
  const { port } = action;
  if (typeof port === "string" && kind !== "grpc") {
    return portNameProblems(port).map((problem) => wrong(`${field}.port`, port, problem));
  }
  return badPort(`${field}.port`, port);
}

function securityErrors(context: JsonObject, field: string): readonly FieldError[] {
  const isBoth = context["privileged"] === true && context["allowPrivilegeEscalation"] === false;
  return [
    ...idErrors(context["runAsUser"], `${field}.runAsUser`),
    ...idErrors(context["runAsGroup"], `${field}.runAsGroup`),
    ...(isBoth
      ? [wrong(field, goContext(context), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")]
      : []),
  ];
}

/** A security context as Go prints it: without the names of JSON. */
function goContext(context: JsonObject): JsonObject {
  const names = [
    "capabilities",
    "privileged",
    "seLinuxOptions",
    "windowsOptions",
    "runAsUser",
    "runAsGroup",
    "runAsNonRoot",
    "readOnlyRootFilesystem",
    "allowPrivilegeEscalation",
    "procMount",
    "seccompProfile",
    "appArmorProfile",
  ];
  const go = (name: string) =>
    name === "seLinuxOptions" ? "SELinuxOptions" : name.charAt(0).toUpperCase() + name.slice(1);
  return Object.fromEntries(names.map((name) => [go(name), context[name] ?? null]));
}
