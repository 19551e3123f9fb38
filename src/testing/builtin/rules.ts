/** What discovery and OpenAPI do not say of the built-in kinds, by `plural.group`. From apiserver.md, and from watching a real server. */

import type { NameRule, ScalePaths } from "../resource.js";

/** Short names as kubectl knows them, and the categories that a kind is in. */
export const shortNames: Readonly<Record<string, string>> = {
  configmaps: "cm",
  "customresourcedefinitions.apiextensions.k8s.io": "crd,crds",
  "certificatesigningrequests.certificates.k8s.io": "csr",
  componentstatuses: "cs",
  "cronjobs.batch": "cj",
  "daemonsets.apps": "ds",
  "deployments.apps": "deploy",
  endpoints: "ep",
  events: "ev",
  "events.events.k8s.io": "ev",
  "horizontalpodautoscalers.autoscaling": "hpa",
  "ingresses.networking.k8s.io": "ing",
  "ipaddresses.networking.k8s.io": "ip",
  limitranges: "limits",
  namespaces: "ns",
  "networkpolicies.networking.k8s.io": "netpol",
  nodes: "no",
  persistentvolumeclaims: "pvc",
  persistentvolumes: "pv",
  "poddisruptionbudgets.policy": "pdb",
  pods: "po",
  "priorityclasses.scheduling.k8s.io": "pc",
  "replicasets.apps": "rs",
  replicationcontrollers: "rc",
  resourcequotas: "quota",
  serviceaccounts: "sa",
  services: "svc",
  "statefulsets.apps": "sts",
  "storageclasses.storage.k8s.io": "sc",
  "volumeattributesclasses.storage.k8s.io": "vac",
};

/** Kinds of `kubectl get all`. */
export const inAll = new Set([
  "cronjobs.batch",
  "daemonsets.apps",
  "deployments.apps",
  "horizontalpodautoscalers.autoscaling",
  "jobs.batch",
  "pods",
  "replicasets.apps",
  "replicationcontrollers",
  "services",
  "statefulsets.apps",
]);

/** Groups whose kinds extend the API. */
export const extensionGroups = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
]);

/** Kinds that PUT creates. */
export const createdOnUpdate = new Set([
  "clusterrolebindings.rbac.authorization.k8s.io",
  "clusterroles.rbac.authorization.k8s.io",
  "endpoints",
  "events",
  "events.events.k8s.io",
  "leases.coordination.k8s.io",
  "limitranges",
  "rolebindings.rbac.authorization.k8s.io",
  "roles.rbac.authorization.k8s.io",
  "runtimeclasses.node.k8s.io",
  "services",
]);

/** Kinds that are replaced only with the version that was read. */
export const conditionalUpdate = new Set([
  "csidrivers.storage.k8s.io",
  "customresourcedefinitions.apiextensions.k8s.io",
  "leases.coordination.k8s.io",
  "mutatingadmissionpolicies.admissionregistration.k8s.io",
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
  "mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "poddisruptionbudgets.policy",
  "validatingadmissionpolicies.admissionregistration.k8s.io",
  "validatingadmissionpolicybindings.admissionregistration.k8s.io",
  "validatingwebhookconfigurations.admissionregistration.k8s.io",
]);

/** Kinds whose generation counts changes of the spec. */
export const specGeneration = new Set([
  "cronjobs.batch",
  "customresourcedefinitions.apiextensions.k8s.io",
  "daemonsets.apps",
  "deployments.apps",
  "horizontalpodautoscalers.autoscaling",
  "flowschemas.flowcontrol.apiserver.k8s.io",
  "ingressclasses.networking.k8s.io",
  "ingresses.networking.k8s.io",
  "jobs.batch",
  "mutatingadmissionpolicies.admissionregistration.k8s.io",
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
  "networkpolicies.networking.k8s.io",
  "poddisruptionbudgets.policy",
  "pods",
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
  "replicasets.apps",
  "replicationcontrollers",
  "resourceslices.resource.k8s.io",
  "statefulsets.apps",
  "validatingadmissionpolicies.admissionregistration.k8s.io",
  "validatingadmissionpolicybindings.admissionregistration.k8s.io",
]);

/** Kinds without a spec whose generation counts changes of everything but metadata. */
export const contentGeneration = new Set([
  "endpointslices.discovery.k8s.io",
  "mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "podtemplates",
  "priorityclasses.scheduling.k8s.io",
  "validatingwebhookconfigurations.admissionregistration.k8s.io",
]);

const returned = new Set([
  "customresourcedefinitions.apiextensions.k8s.io",
  "namespaces",
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "podtemplates",
  "resourcequotas",
  "serviceaccounts",
  "services",
]);

/** Whether a deletion answers with the object. */
export function returnsDeleted(name: string, group: string): boolean {
  return returned.has(name) || group === "storage.k8s.io" || group === "resource.k8s.io";
}

/** Kinds whose dependents stay when a deletion does not say. */
export const orphaning = new Set(["jobs.batch", "replicationcontrollers"]);

/** Fields that field selectors may name. */
export const selectable: Readonly<Record<string, readonly string[]>> = {
  "certificatesigningrequests.certificates.k8s.io": ["spec.signerName"],
  events: [
    ...["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"].map(
      (field) => `involvedObject.${field}`,
    ),
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  "jobs.batch": ["status.successful"],
  namespaces: ["status.phase"],
  nodes: ["spec.unschedulable"],
  pods: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
  ],
  "replicasets.apps": ["status.replicas"],
  replicationcontrollers: ["status.replicas"],
  secrets: ["type"],
  services: ["spec.clusterIP", "spec.type"],
};

/** How names of a kind are checked. */
export function nameRuleOf(name: string, group: string): NameRule {
  if (group === "rbac.authorization.k8s.io") return "path";
  if (name === "namespaces") return "label";
  return name === "services" ? "label" : "subdomain";
}

/** Where the built-in scalable kinds keep their replicas. */
export const builtinScale: ScalePaths = {
  spec: ["spec", "replicas"],
  status: ["status", "replicas"],
  selector: ["spec", "selector"],
};

/** What subresources answer with, where it is not the kind itself. */
export const subresourceKinds: Readonly<
  Record<string, { readonly group: string; readonly version: string; readonly kind: string }>
> = {
  scale: { group: "autoscaling", version: "v1", kind: "Scale" },
  eviction: { group: "policy", version: "v1", kind: "Eviction" },
  binding: { group: "", version: "v1", kind: "Binding" },
  token: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
};

/** What can be done with subresources; `get`, `patch` and `update` if they are not listed. */
export const subresourceVerbs: Readonly<Record<string, readonly string[]>> = {
  binding: ["create"],
  eviction: ["create"],
  finalize: ["update"],
  token: ["create"],
  log: ["get"],
  attach: ["create", "get"],
  exec: ["create", "get"],
  portforward: ["create", "get"],
  proxy: ["create", "delete", "get", "patch", "update"],
};

/** What is told to everyone who uses a kind. */
export const deprecations: Readonly<Record<string, string>> = {
  componentstatuses: "v1 ComponentStatus is deprecated in v1.19+",
  endpoints: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
};
