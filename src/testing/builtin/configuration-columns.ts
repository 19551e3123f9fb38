/** The columns of `kubectl get` for the kinds that configure a cluster: network, storage, access, policy. */

import { at, type JsonObject, listOf, objectOf, textOf, textsOf, plainText } from "../json.js";
import type { Column } from "../resource.js";
import { age, createdAt, formatLabels, nameColumn, number, text } from "./column.js";

const none = "<none>";

const named = (name: string, ...path: readonly string[]): Column => text(name, (object) => at(object, ...path) ?? none);

const flag = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: "boolean",
  value: (object) => at(object, ...path) === true,
});

/** Several texts as one; `+ n more...` after the third. */
function several(texts: readonly string[]): string {
  if (texts.length === 0) return none;
  return texts.length <= 3 ? texts.join(",") : `${texts.slice(0, 3).join(",")} + ${texts.length - 3} more...`;
}

const subjects = (name: string, kind: string): Column =>
  text(
    name,
    (object) =>
      listOf(object["subjects"])
        .map(objectOf)
        .filter((subject) => subject["kind"] === kind)
        .map((subject) =>
          kind === "ServiceAccount"
            ? `${textOf(subject["namespace"])}/${textOf(subject["name"])}`
            : textOf(subject["name"]),
        )
        .join(", "),
    1,
  );

const binding: readonly Column[] = [
  nameColumn,
  text("Role", (object) => `${textOf(at(object, "roleRef", "kind"))}/${textOf(at(object, "roleRef", "name"))}`),
  age,
  subjects("Users", "User"),
  subjects("Groups", "Group"),
  subjects("ServiceAccounts", "ServiceAccount"),
];

function hosts(object: JsonObject): string {
  const found = listOf(at(object, "spec", "rules")).map((rule) => textOf(at(rule, "host")));
  const all = found.filter((host) => host !== "");
  return all.length === 0 ? "*" : several(all);
}

function addresses(object: JsonObject): string {
  return listOf(at(object, "status", "loadBalancer", "ingress"))
    .map((entry) => textOf(at(entry, "ip")) || textOf(at(entry, "hostname")))
    .join(",");
}

function accessModes(object: JsonObject, ...path: readonly string[]): string {
  const short: Readonly<Record<string, string>> = {
    ReadWriteOnce: "RWO",
    ReadOnlyMany: "ROX",
    ReadWriteMany: "RWX",
    ReadWriteOncePod: "RWOP",
  };
  return textsOf(at(object, ...path))
    .map((mode) => short[mode] ?? mode)
    .join(",");
}

function scaleTarget(object: JsonObject): string {
  return `${textOf(at(object, "spec", "scaleTargetRef", "kind"))}/${textOf(at(object, "spec", "scaleTargetRef", "name"))}`;
}

/** `cpu: <unknown>/80%` for each metric; nobody measures here. */
function targets(object: JsonObject): string {
  const found = listOf(at(object, "spec", "metrics")).map((metric) => {
    const name = textOf(at(metric, "resource", "name"));
    const percent = at(metric, "resource", "target", "averageUtilization");
    return percent === undefined ? "<unknown>/<auto>" : `${name}: <unknown>/${plainText(percent)}%`;
  });
  return found.length === 0 ? none : several(found);
}

const count = (name: string, field: readonly string[]): Column => ({
  name,
  type: "integer",
  value: (object) => listOf(at(object, ...field)).length,
});

/** By `plural.group`. */
export const configurationColumns: Readonly<Record<string, readonly Column[]>> = {
  "clusterrolebindings.rbac.authorization.k8s.io": binding,
  "clusterroles.rbac.authorization.k8s.io": [nameColumn, createdAt],
  "csidrivers.storage.k8s.io": [
    nameColumn,
    flag("AttachRequired", "spec", "attachRequired"),
    flag("PodInfoOnMount", "spec", "podInfoOnMount"),
    flag("StorageCapacity", "spec", "storageCapacity"),
    text("TokenRequests", () => "<unset>"),
    flag("RequiresRepublish", "spec", "requiresRepublish"),
    text("Modes", (object) => textsOf(at(object, "spec", "volumeLifecycleModes")).join(",")),
    age,
  ],
  "endpointslices.discovery.k8s.io": [
    nameColumn,
    text("AddressType", (object) => object["addressType"]),
    text("Ports", (object) =>
      several(listOf(object["ports"]).map((port) => plainText(at(port, "port") ?? "*"))).replace(none, "<unset>"),
    ),
    text("Endpoints", (object) =>
      several(listOf(object["endpoints"]).flatMap((one) => textsOf(at(one, "addresses")))).replace(none, "<unset>"),
    ),
    age,
  ],
  "horizontalpodautoscalers.autoscaling": [
    nameColumn,
    text("Reference", scaleTarget),
    text("Targets", targets),
    text("MinPods", (object) => plainText(at(object, "spec", "minReplicas") ?? "<unset>")),
    text("MaxPods", (object) => plainText(at(object, "spec", "maxReplicas") ?? 0)),
    text("Replicas", (object) => plainText(at(object, "status", "currentReplicas") ?? 0)),
    age,
  ],
  "ingressclasses.networking.k8s.io": [
    nameColumn,
    text("Controller", (object) => at(object, "spec", "controller")),
    named("Parameters", "spec", "parameters", "name"),
    age,
  ],
  "ingresses.networking.k8s.io": [
    nameColumn,
    named("Class", "spec", "ingressClassName"),
    text("Hosts", hosts),
    text("Address", addresses),
    text("Ports", (object) => (listOf(at(object, "spec", "tls")).length > 0 ? "80, 443" : "80")),
    age,
  ],
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": [nameColumn, count("Webhooks", ["webhooks"]), age],
  "networkpolicies.networking.k8s.io": [
    nameColumn,
    text("Pod-Selector", (object) => formatLabels(at(object, "spec", "podSelector", "matchLabels"))),
    age,
  ],
  persistentvolumeclaims: [
    nameColumn,
    text("Status", (object) => at(object, "status", "phase")),
    text("Volume", (object) => at(object, "spec", "volumeName")),
    text("Capacity", (object) => at(object, "status", "capacity", "storage")),
    text("Access Modes", (object) => accessModes(object, "status", "accessModes")),
    text("StorageClass", (object) => at(object, "spec", "storageClassName")),
    text("VolumeAttributesClass", (object) => at(object, "spec", "volumeAttributesClassName") ?? "<unset>"),
    age,
    text("VolumeMode", (object) => at(object, "spec", "volumeMode") ?? "<unset>", 1),
  ],
  persistentvolumes: [
    nameColumn,
    text("Capacity", (object) => at(object, "spec", "capacity", "storage")),
    text("Access Modes", (object) => accessModes(object, "spec", "accessModes")),
    text("Reclaim Policy", (object) => at(object, "spec", "persistentVolumeReclaimPolicy")),
    text("Status", (object) => at(object, "status", "phase")),
    text("Claim", (object) => {
      const claim = objectOf(at(object, "spec", "claimRef"));
      return claim["name"] === undefined ? "" : `${textOf(claim["namespace"])}/${textOf(claim["name"])}`;
    }),
    text("StorageClass", (object) => at(object, "spec", "storageClassName")),
    text("VolumeAttributesClass", (object) => at(object, "spec", "volumeAttributesClassName") ?? "<unset>"),
    text("Reason", (object) => at(object, "status", "reason")),
    age,
    text("VolumeMode", (object) => at(object, "spec", "volumeMode") ?? "<unset>", 1),
  ],
  "poddisruptionbudgets.policy": [
    nameColumn,
    text("Min Available", (object) => plainText(at(object, "spec", "minAvailable") ?? "N/A")),
    text("Max Unavailable", (object) => plainText(at(object, "spec", "maxUnavailable") ?? "N/A")),
    number("Allowed Disruptions", "status", "disruptionsAllowed"),
    age,
  ],
  "priorityclasses.scheduling.k8s.io": [
    nameColumn,
    number("Value", "value"),
    flag("Global-Default", "globalDefault"),
    age,
    text("PreemptionPolicy", (object) => object["preemptionPolicy"]),
  ],
  "rolebindings.rbac.authorization.k8s.io": binding,
  "runtimeclasses.node.k8s.io": [nameColumn, text("Handler", (object) => object["handler"]), age],
  "storageclasses.storage.k8s.io": [
    nameColumn,
    text("Provisioner", (object) => object["provisioner"]),
    text("ReclaimPolicy", (object) => object["reclaimPolicy"]),
    text("VolumeBindingMode", (object) => object["volumeBindingMode"]),
    text("AllowVolumeExpansion", (object) => String(object["allowVolumeExpansion"] === true)),
    age,
  ],
  "validatingwebhookconfigurations.admissionregistration.k8s.io": [nameColumn, count("Webhooks", ["webhooks"]), age],
};
