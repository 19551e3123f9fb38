/** Pods: what is admitted, what is added, and what may change. */

import { failure, type FieldError } from "../failure.js";
import { at, isEqual, type JsonObject, listOf, objectOf, textOf, without } from "../json.js";
import { nameOf, namespaceOf } from "../request.js";
import type { HookContext, Hooks } from "../resource.js";
import { forbiddenField } from "./field-errors.js";
import { mapItems, podDefaults } from "./pod-defaults.js";
import { podSpecErrors } from "./pod-spec-errors.js";

export const pod: Hooks = {
  defaults: podDefaults,
  prepareCreate: (object, context) => ({
    ...withServiceAccount(object, context),
    status: { phase: "Pending", qosClass: qosOf(object) },
  }),
  validate: (object, previous) => [
    ...podSpecErrors(objectOf(object["spec"]), "spec"),
    ...(previous === undefined ? [] : podChangeErrors(object, previous)),
  ],
};

/** A pod has a service account, whose token it is given. @throws Failure 403 if the account does not exist. */
function withServiceAccount(pod: JsonObject, context: HookContext): JsonObject {
  const spec = objectOf(pod["spec"]);
  const name = textOf(spec["serviceAccountName"]) || "default";
  const key = `${namespaceOf(pod)}/${name}`;
  const account = context.get("serviceaccounts", key);
  if (account === undefined) throw noAccount(pod, key);
  const named = { ...pod, spec: { ...spec, serviceAccountName: name, serviceAccount: name } };
  const isWanted = spec["automountServiceAccountToken"] ?? account["automountServiceAccountToken"] ?? true;
  return isWanted === true ? withToken(named, context) : named;
}

function noAccount(pod: JsonObject, key: string): Error {
  const name = nameOf(pod) || textOf(at(pod, "metadata", "generateName"));
  const [, account = ""] = key.split("/");
  return failure({
    code: 403,
    reason: "Forbidden",
    message: `pods ${JSON.stringify(name)} is forbidden: error looking up service account ${key}: serviceaccount ${JSON.stringify(account)} not found`,
    details: { name, kind: "pods" },
  });
}

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

function withToken(pod: JsonObject, context: HookContext): JsonObject {
  const spec = objectOf(pod["spec"]);
  const isMounted = (container: unknown) =>
    listOf(at(container, "volumeMounts")).some((mount) => at(mount, "mountPath") === tokenPath);
  const containers = ["containers", "initContainers"].flatMap((field) => listOf(spec[field]));
  if (containers.every(isMounted)) return pod;
  const name = `kube-api-access-${context.suffix()}`;
  const mount = (container: JsonObject): JsonObject =>
    isMounted(container)
      ? container
      : {
          ...container,
          volumeMounts: [...listOf(container["volumeMounts"]), { name, readOnly: true, mountPath: tokenPath }],
        };
  const mounted = ["containers", "initContainers"].reduce((left, field) => mapItems(left, field, mount), spec);
  return { ...pod, spec: { ...mounted, volumes: [...listOf(spec["volumes"]), tokenVolume(name)] } };
}

function tokenVolume(name: string): JsonObject {
  const namespace = { path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } };
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
    { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    { downwardAPI: { items: [namespace] } },
  ];
  return { name, projected: { sources, defaultMode: 420 } };
}

const changeable = [
  "activeDeadlineSeconds",
  "ephemeralContainers",
  "nodeName",
  "schedulingGates",
  "terminationGracePeriodSeconds",
  "tolerations",
];

/** Of a pod's spec, images and a few others may change. */
function podChangeErrors(object: JsonObject, previous: JsonObject): readonly FieldError[] {
  const resized = ["containers", "initContainers"].filter(
    (field) => listOf(at(object, "spec", field)).length !== listOf(at(previous, "spec", field)).length,
  );
  if (resized.length > 0) {
    return resized.map((field) => forbiddenField(`spec.${field}`, "pod updates may not add or remove containers"));
  }
  if (isEqual(fixedPart(object), fixedPart(previous))) return [];
  const detail =
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
  return [forbiddenField("spec", detail)];
}

function fixedPart({ spec }: JsonObject): JsonObject {
  const bare = changeable.reduce<JsonObject>((left, field) => without(left, field), objectOf(spec));
  return ["containers", "initContainers"].reduce(
    (left, field) => mapItems(left, field, (item) => without(without(item, "image"), "resources")),
    bare,
  );
}

/** The class by which a node decides whom to end first. */
function qosOf(object: JsonObject): string {
  const resources = listOf(at(object, "spec", "containers")).map((container) => objectOf(at(container, "resources")));
  const limits = resources.map((found) => objectOf(found["limits"]));
  const requests = resources.map((found, index) => ({ ...limits[index], ...objectOf(found["requests"]) }));
  if (requests.every((found) => Object.keys(found).length === 0)) return "BestEffort";
  const isGuaranteed = limits.every(
    (found, index) => "cpu" in found && "memory" in found && isEqual(found, requests[index]),
  );
  return isGuaranteed ? "Guaranteed" : "Burstable";
}
