/** Ingresses, network policies, and slices of endpoints. */

import type { FieldError } from "../failure.js";
import { at, type JsonObject, listOf, objectOf, textOf } from "../json.js";
import { nameProblems } from "../names.js";
import type { Hooks } from "../resource.js";
import { changed, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapItems } from "./pod-defaults.js";

const wildcard =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

export const ingress: Hooks = {
  validate: (object) => {
    const spec = objectOf(object["spec"]);
    const rules = listOf(spec["rules"]).map(objectOf);
    const isEmpty = spec["defaultBackend"] === undefined && rules.length === 0;
    return [
      ...(isEmpty ? [wrong("spec", spec, "either `defaultBackend` or `rules` must be specified")] : []),
      ...(spec["defaultBackend"] === undefined ? [] : backendErrors(spec["defaultBackend"], "spec.defaultBackend")),
      ...rules.flatMap((rule, index) => ruleErrors(rule, `spec.rules[${index}]`)),
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
    ...backendErrors(path["backend"], `${field}.backend`),
  ];
}

function backendErrors(backend: unknown, field: string): readonly FieldError[] {
  const service = at(backend, "service");
  const isResource = at(backend, "resource") !== undefined;
  if (service === undefined) return isResource ? [] : [required(field, "resource or service backend is required")];
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
  validate: (object) =>
    listOf(at(object, "spec", "policyTypes")).flatMap((type, index) =>
      notOneOf(`spec.policyTypes[${index}]`, type, ["Egress", "Ingress"]),
    ),
};

export const endpointSlice: Hooks = {
  defaults: (object) => mapItems(object, "ports", (port) => defaultsTo(port, { name: "", protocol: "TCP" })),
  validate: (object, previous) => [
    ...notOneOf("addressType", object["addressType"], ["FQDN", "IPv4", "IPv6"]),
    ...(previous === undefined ? [] : changed("addressType", object["addressType"], previous["addressType"])),
    ...listOf(object["endpoints"]).flatMap((endpoint, index) =>
      listOf(at(endpoint, "addresses")).length === 0
        ? [required(`endpoints[${index}].addresses`, "must contain at least 1 address")]
        : [],
    ),
  ],
};
