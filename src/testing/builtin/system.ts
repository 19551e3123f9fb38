/** Namespaces, leases, priorities, webhooks: what the cluster itself runs by. */

import { at, isEqual, listOf, objectOf, textOf, withAt } from "../json.js";
import type { Hooks } from "../resource.js";
import { forbiddenField, negative, wrong } from "./field-errors.js";
import { defaultsTo, mapAt, mapItems } from "./pod-defaults.js";

export const namespace: Hooks = {
  defaults: (object) => {
    const name = textOf(at(object, "metadata", "name"));
    return name === "" ? object : withAt(object, ["metadata", "labels", "kubernetes.io/metadata.name"], name);
  },
  prepareCreate: (object) => ({ ...object, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } }),
  // Finalizers of the spec change under `finalize` only.
  prepareUpdate: (next, previous) => withAt(next, ["spec", "finalizers"], at(previous, "spec", "finalizers")),
};

export const lease: Hooks = {
  validate: (object) => {
    const seconds = at(object, "spec", "leaseDurationSeconds");
    return [
      ...(typeof seconds === "number" && seconds <= 0
        ? [wrong("spec.leaseDurationSeconds", seconds, "must be greater than 0")]
        : []),
      ...negative("spec.leaseTransitions", at(object, "spec", "leaseTransitions")),
    ];
  },
};

/** From here on, priorities are the system's. */
const systemPriority = 1_000_000_000;

export const priorityClass: Hooks = {
  defaults: (object) => defaultsTo(object, { preemptionPolicy: "PreemptLowerPriority" }),
  validate: (object, previous) => {
    const value = object["value"];
    const isSystem = textOf(at(object, "metadata", "name")).startsWith("system-");
    return [
      ...(typeof value === "number" && value > systemPriority && !isSystem
        ? [forbiddenField("value", `maximum allowed value of a user defined priority is ${systemPriority}`)]
        : []),
      ...(previous !== undefined && previous["value"] !== value
        ? [forbiddenField("value", "may not be changed in an update.")]
        : []),
      ...(previous !== undefined && !isEqual(previous["preemptionPolicy"], object["preemptionPolicy"])
        ? [wrong("preemptionPolicy", object["preemptionPolicy"], "field is immutable")]
        : []),
    ];
  },
};

/** Configurations of webhooks, which this server keeps and does not call. */
export const webhooks: Hooks = {
  defaults: (object) =>
    mapItems(object, "webhooks", (webhook) => {
      const ruled = mapItems(webhook, "rules", (rule) => defaultsTo(rule, { scope: "*" }));
      const reached = mapAt(ruled, ["clientConfig", "service"], (service) => defaultsTo(service, { port: 443 }));
      return defaultsTo(reached, {
        failurePolicy: "Fail",
        matchPolicy: "Equivalent",
        namespaceSelector: {},
        objectSelector: {},
        timeoutSeconds: 10,
        ...(object["kind"] === "MutatingWebhookConfiguration" ? { reinvocationPolicy: "Never" } : {}),
      });
    }),
  validate: (object) =>
    listOf(object["webhooks"]).flatMap((webhook, index) => {
      const seconds = objectOf(webhook)["timeoutSeconds"];
      return typeof seconds === "number" && (seconds < 1 || seconds > 30)
        ? [wrong(`webhooks[${index}].timeoutSeconds`, seconds, "the timeout value must be between 1 and 30 seconds")]
        : [];
    }),
};
