/** Ingresses, network policies, and slices of endpoints. */

import type { FieldError } from "../failure.js";
import { at, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { isAddress, nameProblems } from "../names.js";
import type { Hooks } from "../resource.js";
import { portNameProblems } from "./container-errors.js";
import { badPort, duplicate, forbiddenField, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapItems } from "./pod-defaults.js";
import { labelSelectorErrors } from "./selectors.js";

const wildcard =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

export const ingress: Hooks = {
  validate: (object) => {
    const spec = objectOf(object["spec"]);
    const rules = listOf(spec["rules"]).map(objectOf);
    const isEmpty = spec["defaultBackend"] === undefined && rules.length === 0;
    return [
      ...(isEmpty ? [wrong("spec", null, "either `defaultBackend` or `rules` must be specified")] : []),
      ...(spec["defaultBackend"] === undefined ? [] : backendErrors(spec["defaultBackend"], "spec.defaultBackend")),
      ...rules.flatMap((rule, index) => ruleErrors(rule, `spec.rules[${index}]`)),
      ...listOf(spec["tls"]).flatMap((tls, index) =>
        listOf(at(tls, "hosts")).flatMap((host, i) => hostErrors(textOf(host), `spec.tls[${index}].hosts[${i}]`)),
      ),
    ];
  },
};

function ruleErrors(rule: JsonObject, field: string): readonly FieldError[] {
  const host = textOf(rule["host"]);
  const paths = at(rule, "http", "paths");
  return [
    ...(host === "" ? [] : hostErrors(host, `${field}.host`)),
    ...(rule["http"] !== undefined && listOf(paths).length === 0 ? [required(`${field}.http.paths`)] : []),
    ...listOf(paths).flatMap((path, index) => pathErrors(objectOf(path), `${field}.http.paths[${index}]`)),
  ];
}

function hostErrors(host: string, field: string): readonly FieldError[] {
  if (isAddress(host)) return [wrong(field, host, "must be a DNS name, not an IP address")];
  if (!host.includes("*")) return nameProblems("subdomain", host).map((problem) => wrong(field, host, problem));
  const isWildcard = host.startsWith("*.") && nameProblems("subdomain", host.slice(2)).length === 0;
  return isWildcard ? [] : [wrong(field, host, wildcard)];
}

const pathTypes = ["Exact", "ImplementationSpecific", "Prefix"];

function pathErrors(path: JsonObject, field: string): readonly FieldError[] {
  const text = textOf(path["path"]);
  const type = path["pathType"];
  const isAbsolute = text.startsWith("/") || (type === "ImplementationSpecific" && text === "");
  return [
    ...(type === undefined
      ? [required(`${field}.pathType`, "pathType must be specified")]
      : notOneOf(`${field}.pathType`, type, pathTypes)),
    ...(isAbsolute ? [] : [wrong(`${field}.path`, text, "must be an absolute path")]),
    ...(type === "Exact" || type === "Prefix" ? partErrors(text, `${field}.path`) : []),
    ...backendErrors(path["backend"], `${field}.backend`),
  ];
}

/** Parts of a path that could mean another one. */
function partErrors(path: string, field: string): readonly FieldError[] {
  if (!path.startsWith("/")) return [];
  return [
    ...["//", "/./", "/../", "%2f", "%2F"]
      .filter((part) => path.includes(part))
      .map((part) => wrong(field, path, `must not contain '${part}'`)),
    ...["/..", "/."]
      .filter((part) => path.endsWith(part))
      .map((part) => wrong(field, path, `cannot end with '${part}'`)),
  ];
}

function backendErrors(backend: unknown, field: string): readonly FieldError[] {
  const service = at(backend, "service");
  const isResource = at(backend, "resource") !== undefined;
  if (service === undefined) return isResource ? [] : [wrong(field, "", "resource or service backend is required")];
  if (isResource) return [wrong(field, "", "cannot set both resource and service backends")];
  const { name, number } = objectOf(at(service, "port"));
  return [
    ...(textOf(at(service, "name")) === "" ? [required(`${field}.service.name`)] : []),
    ...(name === undefined && number === undefined ? [required(field, "port name or number is required")] : []),
  ];
}

const peers = ["ingress", "egress"];

export const networkPolicy: Hooks = {
  defaults: inSpec((spec) => {
    const ported = peers.reduce(
      (left, field) =>
        mapItems(left, field, (rule) => mapItems(rule, "ports", (port) => defaultsTo(port, { protocol: "TCP" }))),
      spec,
    );
    return defaultsTo(ported, { policyTypes: listOf(spec["egress"]).length > 0 ? ["Ingress", "Egress"] : ["Ingress"] });
  }),
  validate: (object) => {
    const spec = objectOf(object["spec"]);
    return [
      ...labelSelectorErrors(spec["podSelector"], "spec.podSelector"),
      ...listOf(spec["ingress"]).flatMap((rule, index) => trafficErrors(rule, `spec.ingress[${index}]`, "from")),
      ...listOf(spec["egress"]).flatMap((rule, index) => trafficErrors(rule, `spec.egress[${index}]`, "to")),
      ...listOf(spec["policyTypes"]).flatMap((type, index) =>
        notOneOf(`spec.policyTypes[${index}]`, type, ["Ingress", "Egress"]),
      ),
    ];
  },
};

function trafficErrors(rule: unknown, field: string, side: "from" | "to"): readonly FieldError[] {
  return [
    ...listOf(at(rule, "ports")).flatMap((port, index) =>
      trafficPortErrors(objectOf(port), `${field}.ports[${index}]`),
    ),
    ...listOf(at(rule, side)).flatMap((peer, index) => peerErrors(objectOf(peer), `${field}.${side}[${index}]`)),
  ];
}

function trafficPortErrors({ port, endPort, protocol }: JsonObject, field: string): readonly FieldError[] {
  const isBelow = typeof endPort === "number" && typeof port === "number" && endPort < port;
  return [
    ...notOneOf(`${field}.protocol`, protocol, ["TCP", "UDP", "SCTP"]),
    ...(typeof port === "number" ? badPort(`${field}.port`, port) : []),
    ...(typeof port === "string" ? portNameProblems(port).map((problem) => wrong(`${field}.port`, port, problem)) : []),
    ...(isBelow ? [wrong(`${field}.endPort`, endPort, "must be greater than or equal to `port`")] : []),
    ...(endPort !== undefined && port === undefined
      ? [wrong(`${field}.endPort`, endPort, "may not be specified when `port` is not specified")]
      : []),
  ];
}

function peerErrors(peer: JsonObject, field: string): readonly FieldError[] {
  const { ipBlock, podSelector, namespaceSelector } = peer;
  const given = [ipBlock, podSelector, namespaceSelector].filter((part) => part !== undefined);
  if (given.length === 0) return [required(field, "must specify a peer")];
  return [
    ...labelSelectorErrors(podSelector, `${field}.podSelector`),
    ...labelSelectorErrors(namespaceSelector, `${field}.namespaceSelector`),
    ...(ipBlock === undefined ? [] : blockErrors(objectOf(ipBlock), `${field}.ipBlock`)),
    ...(ipBlock !== undefined && given.length > 1
      ? [forbiddenField(field, "may not specify both ipBlock and another peer")]
      : []),
  ];
}

function blockErrors({ cidr, except }: JsonObject, field: string): readonly FieldError[] {
  const whole = blockOf(textOf(cidr));
  const wanted = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
  if (whole === undefined) return [wrong(`${field}.cidr`, cidr ?? "", wanted)];
  return listOf(except).flatMap((value, index) => {
    const place = `${field}.except[${index}]`;
    const part = blockOf(textOf(value));
    if (part === undefined) return [wrong(place, value, wanted)];
    const isInside = part.bits > whole.bits && isSame(part.address, whole.address, whole.bits);
    return isInside ? [] : [wrong(place, value, "must be a strict subset of `cidr`")];
  });
}

/** A block of IPv4 addresses; those of IPv6 are taken as they are. */
function blockOf(cidr: string): { readonly address: number; readonly bits: number } | undefined {
  const [address = "", bits = ""] = cidr.split("/");
  if (!isAddress(address) || !/^\d{1,3}$/.test(bits)) return undefined;
  const parts = address.includes(":") ? [] : address.split(".").map(Number);
  return { address: parts.reduce((sum, part) => sum * 256 + part, 0), bits: Number(bits) };
}

function isSame(a: number, b: number, bits: number): boolean {
  const size = 2 ** Math.max(32 - bits, 0);
  return Math.floor(a / size) === Math.floor(b / size);
}

export const endpointSlice: Hooks = {
  defaults: (object) => mapItems(object, "ports", (port) => defaultsTo(port, { name: "", protocol: "TCP" })),
  validate: (object, previous) => [
    ...notOneOf("addressType", object["addressType"], ["FQDN", "IPv4", "IPv6"]),
    ...slicePortErrors(listOf(object["ports"]).map(objectOf)),
    ...listOf(object["endpoints"]).flatMap((endpoint, index) =>
      object["addressType"] === "FQDN"
        ? []
        : listOf(at(endpoint, "addresses")).flatMap((address, i) =>
            isAddress(textOf(address)) ? [] : [wrong(`endpoints[${index}].addresses[${i}]`, address, notAddress)],
          ),
    ),
    ...listOf(object["endpoints"]).flatMap((endpoint, index) =>
      listOf(at(endpoint, "addresses")).length === 0 ? [required(`endpoints[${index}].addresses`)] : [],
    ),
    ...(previous === undefined ? [] : addressTypeErrors(object, previous)),
  ],
};

/** Upstream does not tell the value. */
function addressTypeErrors(object: JsonObject, previous: JsonObject): readonly FieldError[] {
  return object["addressType"] === previous["addressType"] ? [] : [wrong("addressType", null, "field is immutable")];
}

const notAddress = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

function slicePortErrors(ports: readonly JsonObject[]): readonly FieldError[] {
  const names = ports.map((port) => textOf(port["name"]));
  return ports.flatMap((port, index) => {
    const field = `ports[${index}]`;
    const name = names[index] ?? "";
    const problems = name === "" ? [] : nameProblems("label", name);
    return [
      ...problems.map((problem) => wrong(`${field}.name`, name, problem)),
      ...(names.indexOf(name) < index ? [duplicate(`${field}.name`, name)] : []),
      ...notOneOf(`${field}.protocol`, port["protocol"], ["SCTP", "TCP", "UDP"]),
    ];
  });
}
