/** What each built-in kind does besides what all kinds do, by `plural.group`. */

import { crdHooks } from "../crd/crd-hooks.js";
import { at, objectOf } from "../json.js";
import { annotationErrors, labelErrors } from "../object-meta.js";
import type { Hooks } from "../resource.js";
import { cronJob, job } from "./batch.js";
import { configMap, secret } from "./data.js";
import { coreEvent, event } from "./events.js";
import { changed } from "./field-errors.js";
import { endpointSlice, ingress, networkPolicy } from "./networking.js";
import { limitRange, resourceQuota } from "./limits.js";
import { defaultsTo, mapAt, mapItems, templateDefaults } from "./pod-defaults.js";
import { podSpecErrors } from "./pod-spec-errors.js";
import { pod } from "./pods.js";
import { clusterRole, clusterRoleBinding, role, roleBinding } from "./roles.js";
import { autoscaler, disruptionBudget } from "./scaling.js";
import { service } from "./services.js";
import { claim, storageClass, volume } from "./storage.js";
import { lease, namespace, priorityClass, webhooks } from "./system.js";
import { daemonSet, deployment, replicaSet, replicationController, statefulSet } from "./workloads.js";

const podTemplate: Hooks = {
  defaults: (object) => mapAt(object, ["template"], templateDefaults),
  validate: ({ template }) => [
    ...labelErrors(at(template, "metadata", "labels"), "template.labels"),
    ...annotationErrors(at(template, "metadata", "annotations"), "template.annotations"),
    ...podSpecErrors(objectOf(at(template, "spec")), "template.spec"),
  ],
};

const endpoints: Hooks = {
  defaults: (object) =>
    mapItems(object, "subsets", (subset) => mapItems(subset, "ports", (port) => defaultsTo(port, { protocol: "TCP" }))),
};

const controllerRevision: Hooks = {
  validate: (object, previous) => (previous === undefined ? [] : changed("data", object["data"], previous["data"])),
};

export const builtinHooks: Readonly<Record<string, Hooks>> = {
  "clusterrolebindings.rbac.authorization.k8s.io": clusterRoleBinding,
  "clusterroles.rbac.authorization.k8s.io": clusterRole,
  configmaps: configMap,
  "controllerrevisions.apps": controllerRevision,
  "cronjobs.batch": cronJob,
  "customresourcedefinitions.apiextensions.k8s.io": crdHooks,
  "daemonsets.apps": daemonSet,
  "deployments.apps": deployment,
  endpoints,
  "endpointslices.discovery.k8s.io": endpointSlice,
  events: coreEvent,
  "events.events.k8s.io": event,
  "horizontalpodautoscalers.autoscaling": autoscaler,
  "ingresses.networking.k8s.io": ingress,
  "jobs.batch": job,
  "leases.coordination.k8s.io": lease,
  limitranges: limitRange,
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": webhooks,
  namespaces: namespace,
  "networkpolicies.networking.k8s.io": networkPolicy,
  persistentvolumeclaims: claim,
  persistentvolumes: volume,
  "poddisruptionbudgets.policy": disruptionBudget,
  pods: pod,
  podtemplates: podTemplate,
  "priorityclasses.scheduling.k8s.io": priorityClass,
  "replicasets.apps": replicaSet,
  replicationcontrollers: replicationController,
  resourcequotas: resourceQuota,
  "rolebindings.rbac.authorization.k8s.io": roleBinding,
  "roles.rbac.authorization.k8s.io": role,
  secrets: secret,
  services: service,
  "statefulsets.apps": statefulSet,
  "storageclasses.storage.k8s.io": storageClass,
  "validatingwebhookconfigurations.admissionregistration.k8s.io": webhooks,
};

/** What Go writes of a status that is empty. */
export const emptyStatus: Readonly<Record<string, object>> = {
  "daemonsets.apps": { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  "horizontalpodautoscalers.autoscaling": { desiredReplicas: 0, currentMetrics: null },
  "ingresses.networking.k8s.io": { loadBalancer: {} },
  "poddisruptionbudgets.policy": { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
  "replicasets.apps": { replicas: 0 },
  replicationcontrollers: { replicas: 0 },
  services: { loadBalancer: {} },
  "statefulsets.apps": { replicas: 0, availableReplicas: 0 },
};
