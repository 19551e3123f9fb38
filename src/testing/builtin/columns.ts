/** The columns of `kubectl get` for the built-in kinds: namespaces, workloads and what they are made of. */

import { parseTime } from "../clock.js";
import { at, type JsonObject, listOf, objectOf, textOf, plainText } from "../json.js";
import type { Column } from "../resource.js";
import { age, createdAt, formatAge, formatLabels, nameColumn, number, text, workloadWide } from "./column.js";
import { configurationColumns } from "./configuration-columns.js";

export { ageOf } from "./column.js";

const ready = (object: JsonObject) =>
  `${Number(at(object, "status", "readyReplicas") ?? 0)}/${Number(at(object, "spec", "replicas") ?? 0)}`;

function podReady(object: JsonObject): string {
  const states = listOf(at(object, "status", "containerStatuses"));
  const isReady = states.filter((state) => at(state, "ready") === true).length;
  return `${isReady}/${listOf(at(object, "spec", "containers")).length}`;
}

function podStatus(object: JsonObject): string {
  if (at(object, "metadata", "deletionTimestamp") !== undefined) return "Terminating";
  const waiting = listOf(at(object, "status", "containerStatuses"))
    .map((state) => textOf(at(state, "state", "waiting", "reason")))
    .find((reason) => reason !== "");
  return waiting ?? (textOf(at(object, "status", "reason")) || textOf(at(object, "status", "phase")));
}

const restarts = (object: JsonObject) =>
  String(
    listOf(at(object, "status", "containerStatuses")).reduce<number>(
      (sum, state) => sum + Number(at(state, "restartCount") ?? 0),
      0,
    ),
  );

function servicePorts(object: JsonObject): string {
  const ports = listOf(at(object, "spec", "ports")).map((port) => {
    const node = at(port, "nodePort");
    return `${String(at(port, "port"))}${typeof node === "number" && node > 0 ? `:${node}` : ""}/${textOf(at(port, "protocol"))}`;
  });
  return ports.length === 0 ? "<none>" : ports.join(",");
}

const dataCount = (...fields: readonly string[]): Column => ({
  name: "Data",
  type: fields.length > 1 ? "string" : "string",
  value: (object) => fields.reduce((sum, field) => sum + Object.keys(objectOf(object[field])).length, 0),
});

const nodeStatus = (object: JsonObject) => {
  const condition = listOf(at(object, "status", "conditions")).find((found) => at(found, "type") === "Ready");
  const state = condition === undefined ? "Unknown" : at(condition, "status") === "True" ? "Ready" : "NotReady";
  return at(object, "spec", "unschedulable") === true ? `${state},SchedulingDisabled` : state;
};

function eventObject(object: JsonObject): string {
  const { kind, name } = objectOf(object["involvedObject"]);
  return `${textOf(kind).toLowerCase()}/${textOf(name)}`;
}

const table: Readonly<Record<string, readonly Column[]>> = {
  configmaps: [nameColumn, dataCount("data", "binaryData"), age],
  "cronjobs.batch": [
    nameColumn,
    text("Schedule", (object) => at(object, "spec", "schedule")),
    text("Timezone", (object) => at(object, "spec", "timeZone") ?? "<none>"),
    {
      name: "Suspend",
      type: "boolean",
      value: (object) => (at(object, "spec", "suspend") === true ? "True" : "False"),
    },
    { name: "Active", type: "integer", value: (object) => listOf(at(object, "status", "active")).length },
    text("Last Schedule", (object) => at(object, "status", "lastScheduleTime") ?? "<none>"),
    age,
    ...workloadWide.map(
      (column): Column => ({
        ...column,
        value: (object, now) => column.value(objectOf(at(object, "spec", "jobTemplate")), now),
      }),
    ),
  ],
  "customresourcedefinitions.apiextensions.k8s.io": [nameColumn, createdAt],
  "daemonsets.apps": [
    nameColumn,
    number("Desired", "status", "desiredNumberScheduled"),
    number("Current", "status", "currentNumberScheduled"),
    number("Ready", "status", "numberReady"),
    number("Up-to-date", "status", "updatedNumberScheduled"),
    number("Available", "status", "numberAvailable"),
    text("Node Selector", (object) => formatLabels(at(object, "spec", "template", "spec", "nodeSelector"))),
    age,
    ...workloadWide,
  ],
  "deployments.apps": [
    nameColumn,
    text("Ready", ready),
    number("Up-to-date", "status", "updatedReplicas"),
    number("Available", "status", "availableReplicas"),
    age,
    ...workloadWide,
  ],
  events: [
    text("Last Seen", (object) => at(object, "lastTimestamp") ?? at(object, "eventTime") ?? "<unknown>"),
    text("Type", (object) => object["type"]),
    text("Reason", (object) => object["reason"]),
    text("Object", eventObject),
    text("Message", (object) => object["message"]),
    { ...nameColumn, priority: 1 },
  ],
  "jobs.batch": [
    nameColumn,
    text("Status", (object) => (Number(at(object, "status", "succeeded") ?? 0) > 0 ? "Complete" : "Running")),
    text(
      "Completions",
      (object) => `${Number(at(object, "status", "succeeded") ?? 0)}/${Number(at(object, "spec", "completions") ?? 1)}`,
    ),
    text("Duration", () => ""),
    age,
    ...workloadWide,
  ],
  "leases.coordination.k8s.io": [nameColumn, text("Holder", (object) => at(object, "spec", "holderIdentity")), age],
  namespaces: [nameColumn, text("Status", (object) => at(object, "status", "phase")), age],
  nodes: [
    nameColumn,
    text("Status", nodeStatus),
    text("Roles", () => "<none>"),
    age,
    text("Version", (object) => at(object, "status", "nodeInfo", "kubeletVersion")),
  ],
  pods: [
    nameColumn,
    text("Ready", podReady),
    text("Status", podStatus),
    text("Restarts", restarts),
    age,
    text("IP", (object) => at(object, "status", "podIP") ?? "<none>", 1),
    text("Node", (object) => at(object, "spec", "nodeName") ?? "<none>", 1),
    text("Nominated Node", () => "<none>", 1),
    text("Readiness Gates", () => "<none>", 1),
  ],
  "replicasets.apps": [
    nameColumn,
    number("Desired", "spec", "replicas"),
    number("Current", "status", "replicas"),
    number("Ready", "status", "readyReplicas"),
    age,
    ...workloadWide,
  ],
  secrets: [nameColumn, text("Type", (object) => object["type"]), dataCount("data"), age],
  serviceaccounts: [nameColumn, age],
  services: [
    nameColumn,
    text("Type", (object) => at(object, "spec", "type")),
    text("Cluster-IP", (object) => at(object, "spec", "clusterIP") ?? "<none>"),
    text("External-IP", (object) => at(object, "spec", "externalName") ?? "<none>"),
    text("Port(s)", servicePorts),
    age,
    text("Selector", (object) => formatLabels(at(object, "spec", "selector")), 1),
  ],
  "statefulsets.apps": [nameColumn, text("Ready", ready), age, ...workloadWide.slice(0, 2)],
};

/** The columns of a kind. */
export function columnsOf(name: string): readonly Column[] {
  return table[name] ?? configurationColumns[name] ?? [nameColumn, createdAt];
}

/** A cell for a value of a custom column. */
export function cellOf(value: unknown, type: string, now: number): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case "date": {
      const time = parseTime(value);
      return time === undefined ? "<invalid>" : formatAge(now - time);
    }
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    default:
      return plainText(value);
  }
}
