/** Services and their addresses. */

import type { FieldError } from "../failure.js";
import { at, type JsonObject, listOf, objectOf, textOf, withAt } from "../json.js";
import { nameProblems } from "../names.js";
import type { HookContext, Hooks } from "../resource.js";
import { badPort, duplicate, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapItems } from "./pod-defaults.js";

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

export const service: Hooks = {
  defaults: inSpec((spec) => {
    const ports = mapItems(spec, "ports", (port) =>
      defaultsTo(defaultsTo(port, { protocol: "TCP" }), { targetPort: port["port"] }),
    );
    const typed = defaultsTo(ports, { sessionAffinity: "None", type: "ClusterIP" });
    if (typed["type"] === "ExternalName") return typed;
    const isOutside = typed["type"] === "LoadBalancer" || typed["type"] === "NodePort";
    return defaultsTo(typed, {
      internalTrafficPolicy: "Cluster",
      ...(isOutside ? { externalTrafficPolicy: "Cluster" } : {}),
      ...(typed["type"] === "LoadBalancer" ? { allocateLoadBalancerNodePorts: true } : {}),
    });
  }),
  prepareCreate: withAddress,
  prepareUpdate: (next, previous, context) => withAddress(keepAddress(next, previous), context),
  validate: (object, previous, context) => {
    const spec = objectOf(object["spec"]);
    const needsPorts = spec["type"] !== "ExternalName" && spec["clusterIP"] !== "None";
    return [
      ...(needsPorts && listOf(spec["ports"]).length === 0 ? [required("spec.ports")] : []),
      ...portErrors(listOf(spec["ports"]).map(objectOf)),
      ...(types.includes(textOf(spec["type"])) ? [] : notOneOf("spec.type", spec["type"], types)),
      ...(spec["type"] === "ExternalName" && textOf(spec["externalName"]) === ""
        ? [required("spec.externalName")]
        : []),
      ...notOneOf("spec.sessionAffinity", spec["sessionAffinity"], ["ClientIP", "None"]),
      ...(previous === undefined ? [] : addressErrors(spec, objectOf(previous["spec"]))),
      ...takenPortErrors(object, context),
    ];
  },
};

/** A port of every node is one service's. */
function takenPortErrors(object: JsonObject, { list }: HookContext): readonly FieldError[] {
  const uid = at(object, "metadata", "uid");
  const others = list("services").filter((other) => at(other, "metadata", "uid") !== uid);
  const taken = new Set(others.flatMap(nodePortsOf));
  return nodePortsOf(object).flatMap((port, index) =>
    port !== undefined && taken.has(port)
      ? [wrong(`spec.ports[${index}].nodePort`, port, "provided port is already allocated")]
      : [],
  );
}

function nodePortsOf(service: JsonObject): readonly unknown[] {
  return listOf(at(service, "spec", "ports")).map((port) => at(port, "nodePort") ?? undefined);
}

function portErrors(ports: readonly JsonObject[]): readonly FieldError[] {
  const names = ports.map((port) => textOf(port["name"]));
  const places = ports.map((port) => `${textOf(port["protocol"])} ${String(port["port"])}`);
  return ports.flatMap((port, index) => {
    const field = `spec.ports[${index}]`;
    const name = names[index] ?? "";
    const target = port["targetPort"];
    return [
      ...(name === "" && ports.length > 1 ? [required(`${field}.name`)] : []),
      ...(name === "" ? [] : nameProblems("label", name).map((problem) => wrong(`${field}.name`, name, problem))),
      ...(name !== "" && names.indexOf(name) < index ? [duplicate(`${field}.name`, name)] : []),
      ...badPort(`${field}.port`, port["port"]),
      ...notOneOf(`${field}.protocol`, port["protocol"], ["SCTP", "TCP", "UDP"]),
      ...(typeof target === "number" ? badPort(`${field}.targetPort`, target) : []),
      ...(places.indexOf(places[index] ?? "") < index
        ? [duplicate(field, { port: port["port"], protocol: port["protocol"] })]
        : []),
    ];
  });
}

function addressErrors(spec: JsonObject, before: JsonObject): readonly FieldError[] {
  const isKept = before["clusterIP"] === undefined || before["clusterIP"] === spec["clusterIP"];
  if (isKept || spec["type"] === "ExternalName" || before["type"] === "ExternalName") return [];
  return [wrong("spec.clusterIPs[0]", listOf(spec["clusterIPs"]), "may not change once set")];
}

/** What the server decided stays, unless the update says otherwise. */
function keepAddress(next: JsonObject, previous: JsonObject): JsonObject {
  if (at(next, "spec", "type") === "ExternalName") return next;
  return ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"].reduce(
    (left, field) =>
      at(left, "spec", field) === undefined ? withAt(left, ["spec", field], at(previous, "spec", field)) : left,
    next,
  );
}

const firstNodePort = 30_000;
const lastNodePort = 32_767;

/** What a Service gets that is not stored. */
const noAddress = "10.0.0.0";

/** Gives a Service its address in 10.0.0.0/24, and ports of the nodes if it wants them. */
function withAddress(object: JsonObject, context: HookContext): JsonObject {
  const spec = objectOf(object["spec"]);
  const status = defaultsTo(objectOf(object["status"]), { loadBalancer: {} });
  if (spec["type"] === "ExternalName") return { ...object, status };
  const others = context.list("services");
  const given = textOf(spec["clusterIP"]);
  const address = given !== "" ? given : context.dryRun ? noAddress : freeAddress(others);
  const families =
    given === "None" && spec["selector"] === undefined ? {} : { ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" };
  const addressed = defaultsTo({ ...spec, clusterIP: address }, { clusterIPs: [address], ...families });
  return { ...object, spec: withNodePorts(addressed, others), status };
}

function freeAddress(others: readonly JsonObject[]): string {
  const taken = new Set(others.map((other) => at(other, "spec", "clusterIP")));
  return (
    Array.from({ length: 244 }, (_, i) => `10.0.0.${i + 10}`).find((address) => !taken.has(address)) ?? "10.0.0.254"
  );
}

function withNodePorts(spec: JsonObject, others: readonly JsonObject[]): JsonObject {
  const isOutside = spec["type"] === "NodePort" || spec["type"] === "LoadBalancer";
  if (!isOutside || spec["allocateLoadBalancerNodePorts"] === false) return spec;
  const taken = new Set(
    [...others, { spec }].flatMap((other) => listOf(at(other, "spec", "ports")).map((port) => at(port, "nodePort"))),
  );
  return mapItems(spec, "ports", (port) => {
    if (typeof port["nodePort"] === "number" && port["nodePort"] !== 0) return port;
    let free = firstNodePort;
    while (taken.has(free) && free < lastNodePort) free++;
    taken.add(free);
    return { ...port, nodePort: free };
  });
}
