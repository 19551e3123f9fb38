/** Namespaces, leases, priorities, webhooks: what the cluster itself runs by. */

import type { FieldError } from "../failure.js";
import { at, isEqual, type JsonObject, listOf, objectOf, textOf, withAt } from "../json.js";
import { isSubdomain } from "../names.js";
import type { Hooks } from "../resource.js";
import { forbiddenField, missing, negative, notOneOf, required, wrong } from "./field-errors.js";
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

const systemClasses: ReadonlySet<string> = new Set(["system-cluster-critical", "system-node-critical"]);

export const priorityClass: Hooks = {
  defaults: (object) => defaultsTo(object, { preemptionPolicy: "PreemptLowerPriority" }),
  validate: (object, previous) => {
    const value = object["value"];
    const name = textOf(at(object, "metadata", "name"));
    const isSystem = name.startsWith("system-");
    return [
      ...(typeof value === "number" && value > systemPriority && !isSystem
        ? [forbiddenField("value", `maximum allowed value of a user defined priority is ${systemPriority}`)]
        : []),
      ...(isSystem && !systemClasses.has(name)
        ? [
            forbiddenField(
              "metadata.name",
              `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`,
            ),
          ]
        : []),
      ...notOneOf("preemptionPolicy", object["preemptionPolicy"], ["PreemptLowerPriority", "Never"]),
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
    listOf(object["webhooks"]).flatMap((webhook, index) => webhookErrors(objectOf(webhook), `webhooks[${index}]`)),
};

function webhookErrors(webhook: JsonObject, field: string): readonly FieldError[] {
  const name = textOf(webhook["name"]);
  const seconds = webhook["timeoutSeconds"];
  const { url, service } = objectOf(webhook["clientConfig"]);
  const isOne = (url === undefined) !== (service === undefined);
  const full = isSubdomain(name) && name.split(".").length >= 3;
  return [
    ...(full
      ? []
      : [wrong(`${field}.name`, name, "should be a domain with at least three segments separated by dots")]),
    ...listOf(webhook["rules"]).flatMap((rule, index) =>
      ["operations", "apiGroups", "apiVersions", "resources"].flatMap((part) =>
        listOf(at(rule, part)).length === 0 ? [required(`${field}.rules[${index}].${part}`)] : [],
      ),
    ),
    ...notOneOf(`${field}.failurePolicy`, webhook["failurePolicy"], ["Fail", "Ignore"]),
    ...missing(`${field}.sideEffects`, webhook["sideEffects"], "must specify one of None, NoneOnDryRun"),
    ...(typeof seconds === "number" && (seconds < 1 || seconds > 30)
      ? [wrong(`${field}.timeoutSeconds`, seconds, "the timeout value must be between 1 and 30 seconds")]
      : []),
    ...(isOne ? [] : [required(`${field}.clientConfig`, "exactly one of url or service is required")]),
    ...(listOf(webhook["admissionReviewVersions"]).length === 0
      ? [required(`${field}.admissionReviewVersions`, "must specify one of v1, v1beta1")]
      : []),
  ];
}
