/** Services and their addresses. */

import type { FieldError } from "../failure.js";
import { at, type JsonObject, listOf, objectOf, textOf, withAt } from "../json.js";
import { isAddress, nameProblems } from "../names.js";
import { labelErrors } from "../object-meta.js";
import type { HookContext, Hooks } from "../resource.js";
import { portNameProblems } from "./container-errors.js";
import { badPort, duplicate, forbiddenField, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapItems } from "./pod-defaults.js";

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

export const service: Hooks = {
  defaults: inSpec((spec) => {
    const ports = mapItems(spec, "ports", (port) =>
      defaultsTo(defaultsTo(port, { protocol: "TCP" }), { targetPort: port["port"] }),
    );
    const typed = defaultsTo(ports, { sessionAffinity: "None", type: "ClusterIP" });
    if (typed["type"] === "ExternalName") return typed;
    return defaultsTo(typed, {
      internalTrafficPolicy: "Cluster",
      ...(isOutside(typed) ? { externalTrafficPolicy: "Cluster" } : {}),
      ...(typed["type"] === "LoadBalancer" ? { allocateLoadBalancerNodePorts: true } : {}),
    });
  }),
  prepareCreate: withAddress,
  prepareUpdate: (next, previous, context) => withAddress(keepAddress(next, previous), context),
  validate: (object, previous, context) => {
    const spec = objectOf(object["spec"]);
    const address = textOf(spec["clusterIP"]);
    if (address !== "" && address !== "None" && !isAddress(address)) {
      return [wrong("spec.clusterIPs[0]", address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];
    }
    const needsPorts = spec["type"] !== "ExternalName" && spec["clusterIP"] !== "None";
    return [
      ...(needsPorts && listOf(spec["ports"]).length === 0 ? [required("spec.ports")] : []),
      ...(address === "None" && isOutside(spec)
        ? [wrong("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${textOf(spec["type"])} services`)]
        : []),
      ...(spec["type"] === "ExternalName" && textOf(spec["externalName"]) === ""
        ? [required("spec.externalName")]
        : []),
      ...portErrors(listOf(spec["ports"]).map(objectOf), spec),
      ...labelErrors(spec["selector"], "spec.selector"),
      ...affinityErrors(spec),
      ...notOneOf("spec.type", spec["type"], types),
      ...(spec["externalTrafficPolicy"] !== undefined && !isOutside(spec)
        ? [
            wrong(
              "spec.externalTrafficPolicy",
              spec["externalTrafficPolicy"],
              "may only be set for externally-accessible services",
            ),
          ]
        : []),
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

const isOutside = ({ type }: JsonObject): boolean => type === "NodePort" || type === "LoadBalancer";

/** The most seconds that a client stays with its pod. */
const longestAffinity = 86_400;

function affinityErrors(spec: JsonObject): readonly FieldError[] {
  const seconds = at(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds");
  const isBad = typeof seconds === "number" && (seconds <= 0 || seconds > longestAffinity);
  const field = "spec.sessionAffinityConfig.clientIP.timeoutSeconds";
  return [
    ...notOneOf("spec.sessionAffinity", spec["sessionAffinity"], ["ClientIP", "None"]),
    ...(spec["sessionAffinity"] === "ClientIP" && isBad
      ? [wrong(field, seconds, `must be greater than 0 and less than ${longestAffinity}`)]
      : []),
  ];
}

function portErrors(ports: readonly JsonObject[], spec: JsonObject): readonly FieldError[] {
  const places = ports.map((port) => `${textOf(port["protocol"])} ${String(port["port"])}`);
  return [
    ...eachPortErrors(ports, spec),
    ...ports.flatMap(({ port, protocol }, index) => {
      if (places.indexOf(places[index] ?? "") === index) return [];
      const value = { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
      return [duplicate(`spec.ports[${index}]`, value)];
    }),
  ];
}

function eachPortErrors(ports: readonly JsonObject[], spec: JsonObject): readonly FieldError[] {
  const names = ports.map((port) => textOf(port["name"]));
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
      ...(typeof target === "string"
        ? portNameProblems(target).map((problem) => wrong(`${field}.targetPort`, target, problem))
        : []),
      ...(spec["type"] === "ClusterIP" && typeof port["nodePort"] === "number" && port["nodePort"] !== 0
        ? [forbiddenField(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
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
      isUnset(at(left, "spec", field)) ? withAt(left, ["spec", field], at(previous, "spec", field)) : left,
    next,
  );
}

const isUnset = (value: unknown): boolean => value === undefined || value === "";

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
  if (!isOutside(spec) || spec["allocateLoadBalancerNodePorts"] === false) return spec;
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
