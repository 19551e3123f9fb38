/** Defaults and checks of the built-in kinds that controllers write. */

import { matchesLabels, fromLabelSelector, type LabelSelector } from "../../core/index.js";
import type { FieldError } from "../failure.js";
import { at, isEqual, isObject, type JsonObject, listOf, objectOf, textOf, withAt, without } from "../json.js";
import type { HookContext, Hooks } from "../resource.js";
import { crdHooks } from "../crd/crd-hooks.js";
import { defaultsTo, hasContainers, mapAt, mapItems, podDefaults, templateDefaults } from "./pod-defaults.js";

const required = (field: string, detail = ""): FieldError => ({ type: "FieldValueRequired", field, detail });
const wrong = (field: string, value: unknown, detail: string): FieldError => ({
  type: "FieldValueInvalid",
  field,
  value,
  detail,
});
const immutable = (field: string, value: unknown): FieldError => wrong(field, value, "field is immutable");

const inSpec = (change: (spec: JsonObject) => JsonObject) => (object: JsonObject) => mapAt(object, ["spec"], change);

/** A Deployment and its kin: a template, a selector that matches it, and defaults. */
function workload(defaults: (spec: JsonObject) => JsonObject, extra: Partial<Hooks> = {}): Hooks {
  return {
    defaults: inSpec((spec) => defaults(mapAt(spec, ["template"], templateDefaults))),
    validate: (object, previous) => {
      const spec = objectOf(object["spec"]);
      return [
        ...selectorErrors(spec),
        ...(hasContainers(at(spec, "template", "spec")) ? [] : [required("spec.template.spec.containers")]),
        ...(previous !== undefined && !isEqual(spec["selector"], at(previous, "spec", "selector"))
          ? [immutable("spec.selector", spec["selector"])]
          : []),
      ];
    },
    ...extra,
  };
}

function selectorErrors(spec: JsonObject): readonly FieldError[] {
  const selector = spec["selector"];
  const labels = at(spec, "template", "metadata", "labels");
  const mismatch = wrong("spec.template.metadata.labels", labels ?? null, "`selector` does not match template `labels`");
  if (!isObject(selector)) return [required("spec.selector"), mismatch];
  if (Object.keys(selector).length === 0) {
    return [wrong("spec.selector", selector, "empty selector is invalid for deployment"), mismatch];
  }
  return matches(selector, labels) ? [] : [mismatch];
}

function matches(selector: JsonObject, labels: unknown): boolean {
  const texts = Object.fromEntries(Object.entries(objectOf(labels)).map(([key, value]) => [key, textOf(value)]));
  return isSelector(selector) && matchesLabels(fromLabelSelector(selector), texts);
}

function isSelector(value: JsonObject): value is JsonObject & LabelSelector {
  return isObject(value["matchLabels"] ?? {}) && Array.isArray(value["matchExpressions"] ?? []);
}

const deployment = workload((spec) =>
  mapAt(
    defaultsTo(spec, { progressDeadlineSeconds: 600, replicas: 1, revisionHistoryLimit: 10, strategy: {} }),
    ["strategy"],
    (strategy) => {
      const typed = defaultsTo(strategy, { type: "RollingUpdate" });
      if (typed["type"] !== "RollingUpdate") return typed;
      return mapAt(defaultsTo(typed, { rollingUpdate: {} }), ["rollingUpdate"], (update) =>
        defaultsTo(update, { maxSurge: "25%", maxUnavailable: "25%" }),
      );
    },
  ),
);

const replicaSet = workload((spec) => defaultsTo(spec, { replicas: 1 }));

const daemonSet = workload((spec) =>
  mapAt(defaultsTo(spec, { revisionHistoryLimit: 10 }), ["updateStrategy"], (strategy) =>
    defaultsTo(strategy, { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }),
  ),
);

const statefulSet = workload((spec) =>
  mapAt(
    defaultsTo(mapItems(spec, "volumeClaimTemplates", claimDefaults), {
      podManagementPolicy: "OrderedReady",
      replicas: 1,
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    }),
    ["updateStrategy"],
    (strategy) => defaultsTo(strategy, { type: "RollingUpdate", rollingUpdate: { partition: 0 } }),
  ),
);

function claimDefaults(claim: JsonObject): JsonObject {
  return mapAt(claim, ["spec"], (spec) => defaultsTo(spec, { volumeMode: "Filesystem" }));
}

const jobSpecDefaults = (spec: JsonObject): JsonObject => {
  const parallel = spec["parallelism"] === undefined && spec["completions"] === undefined;
  return defaultsTo(mapAt(spec, ["template"], templateDefaults), {
    backoffLimit: 6,
    completionMode: "NonIndexed",
    completions: parallel ? 1 : undefined,
    parallelism: 1,
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: "TerminatingOrFailed",
  });
};

const job: Hooks = {
  defaults: inSpec(jobSpecDefaults),
  prepareCreate: (object) => {
    const uid = textOf(at(object, "metadata", "uid"));
    if (at(object, "spec", "manualSelector") === true || at(object, "spec", "selector") !== undefined) return object;
    const name = textOf(at(object, "metadata", "name"));
    const labels = {
      "batch.kubernetes.io/controller-uid": uid,
      "batch.kubernetes.io/job-name": name,
      "controller-uid": uid,
      "job-name": name,
    };
    const place = ["spec", "template", "metadata", "labels"];
    const labelled = withAt(object, place, { ...objectOf(at(object, ...place)), ...labels });
    const own = withAt(labelled, ["metadata", "labels"], { ...objectOf(at(object, "metadata", "labels")), ...labels });
    return withAt(own, ["spec", "selector"], { matchLabels: { "batch.kubernetes.io/controller-uid": uid } });
  },
  validate: (object, previous) => {
    const template = at(object, "spec", "template");
    const policy = at(template, "spec", "restartPolicy");
    return [
      ...(hasContainers(at(template, "spec")) ? [] : [required("spec.template.spec.containers")]),
      ...(policy === "Never" || policy === "OnFailure"
        ? []
        : [
            policy === "Always"
              ? ({ type: "FieldValueNotSupported", field: "spec.template.spec.restartPolicy", value: policy, detail: 'supported values: "OnFailure", "Never"' } as const)
              : required("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"'),
          ]),
      ...(previous !== undefined && !isEqual(template, at(previous, "spec", "template"))
        ? [immutable("spec.template", template)]
        : []),
    ];
  },
};

const cronJob: Hooks = {
  defaults: inSpec((spec) =>
    mapAt(
      defaultsTo(spec, {
        concurrencyPolicy: "Allow",
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      }),
      ["jobTemplate"],
      inSpec((inner) => mapAt(inner, ["template"], templateDefaults)),
    ),
  ),
  validate: (object) => [
    ...(textOf(at(object, "spec", "schedule")) === "" ? [required("spec.schedule")] : []),
    ...(hasContainers(at(object, "spec", "jobTemplate", "spec", "template", "spec"))
      ? []
      : [required("spec.jobTemplate.spec.template.spec.containers")]),
  ],
};

const pod: Hooks = {
  defaults: podDefaults,
  prepareCreate: (object) => ({ ...object, status: { phase: "Pending", qosClass: qosOf(object) } }),
  validate: (object, previous) => [
    ...(hasContainers(object["spec"]) ? [] : [required("spec.containers")]),
    ...listOf(at(object, "spec", "containers")).flatMap((container, index) =>
      textOf(at(container, "image")) === "" ? [required(`spec.containers[${index}].image`)] : [],
    ),
    ...(previous === undefined ? [] : podChangeErrors(object, previous)),
  ],
};

/** Of a pod's spec, images and a few others may change. */
function podChangeErrors(object: JsonObject, previous: JsonObject): readonly FieldError[] {
  const frozen = (pod: JsonObject) => {
    const spec = objectOf(pod["spec"]);
    const fixed = ["activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations", "nodeName", "ephemeralContainers", "schedulingGates"];
    const bare = fixed.reduce<JsonObject>((left, field) => without(left, field), spec);
    return ["containers", "initContainers"].reduce((left, field) => mapItems(left, field, (item) => without(item, "image")), bare);
  };
  if (isEqual(frozen(object), frozen(previous))) return [];
  return [
    {
      type: "FieldValueForbidden",
      field: "spec",
      detail:
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    },
  ];
}

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

const service: Hooks = {
  defaults: inSpec((spec) => {
    const ports = mapItems(spec, "ports", (port) => defaultsTo(defaultsTo(port, { protocol: "TCP" }), { targetPort: port["port"] }));
    const typed = defaultsTo(ports, { sessionAffinity: "None", type: "ClusterIP" });
    return typed["type"] === "ExternalName" ? typed : defaultsTo(typed, { internalTrafficPolicy: "Cluster" });
  }),
  prepareCreate: (object, context) => withAddress(object, context),
  prepareUpdate: (next, previous, context) =>
    withAddress(
      ["clusterIP", "clusterIPs"].reduce(
        (left, field) => (at(left, "spec", field) === undefined ? withAt(left, ["spec", field], at(previous, "spec", field)) : left),
        next,
      ),
      context,
    ),
  validate: (object, previous) => {
    const spec = objectOf(object["spec"]);
    const needsPorts = spec["type"] !== "ExternalName" && spec["clusterIP"] !== "None";
    const address = at(previous, "spec", "clusterIP");
    return [
      ...(needsPorts && listOf(spec["ports"]).length === 0 ? [required("spec.ports")] : []),
      ...(address !== undefined && address !== spec["clusterIP"] && spec["type"] !== "ExternalName"
        ? [wrong("spec.clusterIPs[0]", listOf(spec["clusterIPs"]), "may not change once set")]
        : []),
    ];
  },
};

/** The addresses that the server gives to Services: 10.0.0.0/24, as the reference does. */
function withAddress(object: JsonObject, context: HookContext): JsonObject {
  const spec = objectOf(object["spec"]);
  if (spec["type"] === "ExternalName") return object;
  const given = textOf(spec["clusterIP"]);
  const taken = new Set(context.list("services").map((other) => at(other, "spec", "clusterIP")));
  const free = Array.from({ length: 244 }, (_, i) => `10.0.0.${i + 10}`).find((address) => !taken.has(address));
  const address = given === "" ? (free ?? "10.0.0.254") : given;
  return {
    ...object,
    spec: defaultsTo({ ...spec, clusterIP: address }, {
      clusterIPs: [address],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    }),
    status: defaultsTo(objectOf(object["status"]), { loadBalancer: {} }),
  };
}

const secret: Hooks = {
  defaults: (object) => {
    const { stringData, ...rest } = object;
    const added = Object.entries(objectOf(stringData)).map(([key, value]) => [key, toBase64(textOf(value))]);
    const merged = added.length === 0 ? rest : { ...rest, data: { ...objectOf(rest["data"]), ...Object.fromEntries(added) } };
    return defaultsTo(merged, { type: "Opaque" });
  },
  validate: (object, previous) => [
    ...(previous !== undefined && object["type"] !== previous["type"] ? [immutable("type", object["type"])] : []),
    ...frozenDataErrors(object, previous, ["data"]),
  ],
};

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

const configMap: Hooks = { validate: (object, previous) => frozenDataErrors(object, previous, ["data", "binaryData"]) };

function frozenDataErrors(
  object: JsonObject,
  previous: JsonObject | undefined,
  fields: readonly string[],
): readonly FieldError[] {
  if (previous?.["immutable"] !== true) return [];
  const detail = "field is immutable when `immutable` is set";
  return [
    ...(object["immutable"] === true ? [] : [{ type: "FieldValueForbidden", field: "immutable", detail } as const]),
    ...fields
      .filter((field) => !isEqual(object[field], previous[field]))
      .map((field) => ({ type: "FieldValueForbidden", field, detail }) as const),
  ];
}

const namespace: Hooks = {
  defaults: (object) => {
    const name = textOf(at(object, "metadata", "name"));
    return name === "" ? object : withAt(object, ["metadata", "labels", "kubernetes.io/metadata.name"], name);
  },
  prepareCreate: (object) => ({ ...object, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } }),
  // Finalizers of the spec change under `finalize` only.
  prepareUpdate: (next, previous) => withAt(next, ["spec", "finalizers"], at(previous, "spec", "finalizers")),
};

const lease: Hooks = {
  validate: (object) => {
    const seconds = at(object, "spec", "leaseDurationSeconds");
    return typeof seconds === "number" && seconds <= 0
      ? [wrong("spec.leaseDurationSeconds", seconds, "must be greater than 0")]
      : [];
  },
};

const roleBinding: Hooks = {
  defaults: (object) =>
    mapItems(
      mapAt(object, ["roleRef"], (ref) => defaultsTo(ref, { apiGroup: "rbac.authorization.k8s.io" })),
      "subjects",
      (subject) => (subject["kind"] === "ServiceAccount" ? subject : defaultsTo(subject, { apiGroup: "rbac.authorization.k8s.io" })),
    ),
  validate: (object, previous) =>
    previous !== undefined && !isEqual(object["roleRef"], previous["roleRef"])
      ? [wrong("roleRef", object["roleRef"], "cannot change roleRef")]
      : [],
};

const claim: Hooks = {
  defaults: claimDefaults,
  prepareCreate: (object) => ({ ...object, status: { phase: "Pending" } }),
};

const autoscaler: Hooks = {
  defaults: inSpec((spec) => defaultsTo(spec, { minReplicas: 1 })),
  validate: (object) => {
    const most = at(object, "spec", "maxReplicas");
    return typeof most === "number" && most > 0
      ? []
      : [wrong("spec.maxReplicas", most ?? 0, "must be greater than 0")];
  },
};

const podTemplate: Hooks = { defaults: (object) => mapAt(object, ["template"], templateDefaults) };

const ingress: Hooks = {
  validate: (object) =>
    at(object, "spec", "defaultBackend") === undefined && listOf(at(object, "spec", "rules")).length === 0
      ? [wrong("spec", object["spec"], "either `defaultBackend` or `rules` must be specified")]
      : [],
};

const networkPolicy: Hooks = {
  defaults: inSpec((spec) =>
    defaultsTo(spec, { policyTypes: listOf(spec["egress"]).length > 0 ? ["Ingress", "Egress"] : ["Ingress"] }),
  ),
};

const storageClass: Hooks = {
  defaults: (object) => defaultsTo(object, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" }),
};

/** Hooks by `plural.group`. */
export const builtinHooks: Readonly<Record<string, Hooks>> = {
  "clusterrolebindings.rbac.authorization.k8s.io": roleBinding,
  configmaps: configMap,
  "cronjobs.batch": cronJob,
  "customresourcedefinitions.apiextensions.k8s.io": crdHooks,
  "daemonsets.apps": daemonSet,
  "deployments.apps": deployment,
  "horizontalpodautoscalers.autoscaling": autoscaler,
  "ingresses.networking.k8s.io": ingress,
  "jobs.batch": job,
  "leases.coordination.k8s.io": lease,
  namespaces: namespace,
  "networkpolicies.networking.k8s.io": networkPolicy,
  persistentvolumeclaims: claim,
  pods: pod,
  podtemplates: podTemplate,
  "replicasets.apps": replicaSet,
  "rolebindings.rbac.authorization.k8s.io": roleBinding,
  secrets: secret,
  services: service,
  "statefulsets.apps": statefulSet,
  "storageclasses.storage.k8s.io": storageClass,
};
