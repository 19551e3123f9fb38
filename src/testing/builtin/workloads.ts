/** Deployments and their kin: a template, and a selector that matches it. */

import type { FieldError } from "../failure.js";
import { at, isObject, type JsonObject, objectOf, textOf, withAt } from "../json.js";
import type { Hooks } from "../resource.js";
import { changed, countErrors, forbiddenField, negative, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapAt, mapItems, templateDefaults } from "./pod-defaults.js";
import { podSpecErrors } from "./pod-spec-errors.js";
import { isEmptySelector, labelSelectorErrors, selects } from "./selectors.js";
import { claimSpecDefaults } from "./storage.js";

/** What kinds of workloads differ in. */
interface Workload {
  /** How messages name the kind. */
  readonly word: string;
  readonly defaults: (spec: JsonObject) => JsonObject;
  /** What is told before the replicas, after the template, and last. */
  readonly first?: (spec: JsonObject) => readonly FieldError[];
  readonly errors?: (spec: JsonObject) => readonly FieldError[];
  readonly last?: (spec: JsonObject) => readonly FieldError[];
  /** Fields of the spec that are fixed, besides the selector. */
  readonly fixed?: (spec: JsonObject, before: JsonObject) => readonly FieldError[];
}

function workload({ word, defaults, first, errors, last, fixed }: Workload): Hooks {
  return {
    defaults: inSpec((spec) => defaults(mapAt(spec, ["template"], templateDefaults))),
    validate: (object, previous) => {
      const spec = objectOf(object["spec"]);
      const before = objectOf(at(previous, "spec"));
      return [
        ...(previous === undefined ? [] : changed("spec.selector", spec["selector"], before["selector"])),
        ...(previous === undefined ? [] : (fixed?.(spec, before) ?? [])),
        ...(first?.(spec) ?? []),
        ...negative("spec.replicas", spec["replicas"]),
        ...selectorErrors(spec, word),
        ...templateErrors(spec),
        ...(errors?.(spec) ?? []),
        ...negative("spec.minReadySeconds", spec["minReadySeconds"]),
        ...negative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"]),
        ...(last?.(spec) ?? []),
      ];
    },
    validateStatus: ({ status }) =>
      Object.entries(objectOf(status)).flatMap(([field, value]) => negative(`status.${field}`, value)),
  };
}

function selectorErrors(spec: JsonObject, word: string): readonly FieldError[] {
  const selector = spec["selector"];
  const labels = at(spec, "template", "metadata", "labels");
  const mismatch = wrong(
    "spec.template.metadata.labels",
    labels ?? null,
    "`selector` does not match template `labels`",
  );
  if (!isObject(selector)) return [required("spec.selector"), mismatch];
  // It selects everything, the template's labels too.
  if (isEmptySelector(selector)) return [wrong("spec.selector", selector, `empty selector is invalid for ${word}`)];
  const errors = labelSelectorErrors(selector, "spec.selector");
  if (errors.length > 0) return [...errors, wrong("spec.selector", selector, "invalid label selector")];
  return selects(selector, labels) ? [] : [mismatch];
}

function templateErrors(spec: JsonObject): readonly FieldError[] {
  const pod = objectOf(at(spec, "template", "spec"));
  const field = "spec.template.spec";
  const errors = podSpecErrors(pod, field);
  const isKnown = !errors.some((error) => error.field === `${field}.restartPolicy`);
  return [...errors, ...(isKnown ? notOneOf(`${field}.restartPolicy`, pod["restartPolicy"], ["Always"]) : [])];
}

export const deployment = workload({
  word: "deployment",
  defaults: (spec) =>
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
  errors: ({ strategy }) => [
    ...(at(strategy, "type") === "Recreate" && at(strategy, "rollingUpdate") !== undefined
      ? [forbiddenField("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")]
      : []),
    ...strategyErrors(objectOf(strategy)),
    ...(isZero(at(strategy, "rollingUpdate", "maxSurge")) && isZero(at(strategy, "rollingUpdate", "maxUnavailable"))
      ? [
          wrong(
            "spec.strategy.rollingUpdate.maxUnavailable",
            at(strategy, "rollingUpdate", "maxUnavailable"),
            "may not be 0 when `maxSurge` is 0",
          ),
        ]
      : []),
  ],
  last: ({ progressDeadlineSeconds, minReadySeconds }) =>
    Number(progressDeadlineSeconds) <= Number(minReadySeconds ?? 0)
      ? [wrong("spec.progressDeadlineSeconds", progressDeadlineSeconds, "must be greater than minReadySeconds")]
      : [],
});

function strategyErrors(strategy: JsonObject): readonly FieldError[] {
  const { type, rollingUpdate } = strategy;
  if (type === "Recreate" || type === "RollingUpdate") {
    const counts = ["maxUnavailable", "maxSurge"].flatMap((field) =>
      countErrors(`spec.strategy.rollingUpdate.${field}`, at(rollingUpdate, field)).map((error) => ({ field, error })),
    );
    const isExcess = (error: FieldError) => error.detail.startsWith("must not be greater");
    // More than all of them may be added, but not taken away.
    return [
      ...counts.flatMap(({ error }) => (isExcess(error) ? [] : [error])),
      ...counts.flatMap(({ field, error }) => (isExcess(error) && field === "maxUnavailable" ? [error] : [])),
    ];
  }
  const detail = 'supported values: "Recreate", "RollingUpdate"';
  return [{ type: "FieldValueNotSupported", field: "spec.strategy", value: goStrategy(strategy), detail }];
}

/** A strategy as Go prints it: without the names of JSON. */
function goStrategy({ type, rollingUpdate }: JsonObject): JsonObject {
  return { Type: type ?? "", RollingUpdate: rollingUpdate ?? null };
}

const isZero = (value: unknown): boolean => value === 0 || value === "0%" || value === "0";

export const replicaSet = workload({ word: "ReplicaSet", defaults: (spec) => defaultsTo(spec, { replicas: 1 }) });

/** Its labels and its selector are those of its pods, if it does not say. */
export const replicationController: Hooks = {
  defaults: (object) => {
    const filled = mapAt(object, ["spec"], (spec) => {
      const replicated = defaultsTo(mapAt(spec, ["template"], templateDefaults), { replicas: 1 });
      const labels = at(replicated, "template", "metadata", "labels");
      return isObject(labels) ? defaultsTo(replicated, { selector: labels }) : replicated;
    });
    const labels = at(filled, "spec", "template", "metadata", "labels");
    const hasOwn = Object.keys(objectOf(at(filled, "metadata", "labels"))).length > 0;
    return isObject(labels) && !hasOwn ? withAt(filled, ["metadata", "labels"], labels) : filled;
  },
  validate: ({ spec }) => [
    ...negative("spec.replicas", at(spec, "replicas")),
    ...podSpecErrors(objectOf(at(spec, "template", "spec")), "spec.template.spec"),
  ],
};

const generationNote = "deprecated.daemonset.template.generation";

const anyDaemonSet = workload({
  word: "daemonset",
  defaults: (spec) =>
    mapAt(defaultsTo(spec, { revisionHistoryLimit: 10, updateStrategy: {} }), ["updateStrategy"], (strategy) => {
      const typed = defaultsTo(strategy, { type: "RollingUpdate" });
      if (typed["type"] !== "RollingUpdate") return typed;
      return mapAt(defaultsTo(typed, { rollingUpdate: {} }), ["rollingUpdate"], (update) =>
        defaultsTo(update, { maxSurge: 0, maxUnavailable: 1 }),
      );
    }),
  errors: ({ updateStrategy }) => [
    ...notOneOf("spec.updateStrategy.type", at(updateStrategy, "type"), ["RollingUpdate", "OnDelete"]),
    ...(isZero(at(updateStrategy, "rollingUpdate", "maxSurge")) &&
    isZero(at(updateStrategy, "rollingUpdate", "maxUnavailable"))
      ? [required("spec.updateStrategy.rollingUpdate.maxUnavailable", "cannot be 0 when maxSurge is 0")]
      : []),
  ],
});

export const daemonSet: Hooks = {
  ...anyDaemonSet,
  defaults: (object) => {
    const place = ["metadata", "annotations", generationNote];
    const done = anyDaemonSet.defaults?.(object) ?? object;
    return at(done, ...place) === undefined ? withAt(done, place, "1") : done;
  },
};

/** Fields of a StatefulSet that are faulted each by itself. */
const fixedOfSets = ["serviceName", "podManagementPolicy"];

const changeableOfSets: ReadonlySet<string> = new Set([
  ...fixedOfSets,
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
]);

export const statefulSet = workload({
  word: "statefulset",
  defaults: (spec) =>
    mapAt(
      defaultsTo(mapItems(spec, "volumeClaimTemplates", claimTemplateDefaults), {
        podManagementPolicy: "OrderedReady",
        replicas: 1,
        revisionHistoryLimit: 10,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        updateStrategy: {},
      }),
      ["updateStrategy"],
      (strategy) => {
        const typed = defaultsTo(strategy, { type: "RollingUpdate" });
        if (typed["type"] !== "RollingUpdate") return typed;
        return mapAt(defaultsTo(typed, { rollingUpdate: {} }), ["rollingUpdate"], (update) =>
          defaultsTo(update, { partition: 0, maxUnavailable: 1 }),
        );
      },
    ),
  first: ({ podManagementPolicy, updateStrategy }) => [
    ...(podManagementPolicy === "OrderedReady" || podManagementPolicy === "Parallel"
      ? []
      : [wrong("spec.podManagementPolicy", podManagementPolicy, "must be 'OrderedReady' or 'Parallel'")]),
    ...(["RollingUpdate", "OnDelete"].includes(textOf(at(updateStrategy, "type")))
      ? []
      : [wrong("spec.updateStrategy", goStrategy(objectOf(updateStrategy)), "must be 'RollingUpdate' or 'OnDelete'")]),
  ],
  fixed: (spec, before) => {
    const isFixed = (field: string) => !changeableOfSets.has(field) && field !== "selector";
    const fields = [...new Set([...Object.keys(spec), ...Object.keys(before)])].filter(isFixed);
    const isSame = fields.every((field) => changed(field, spec[field], before[field]).length === 0);
    const names =
      "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
    const each = fixedOfSets.flatMap((field) => changed(`spec.${field}`, spec[field], before[field]));
    return isSame
      ? each
      : [...each, forbiddenField("spec", `updates to statefulset spec for fields other than ${names} are forbidden`)];
  },
});

function claimTemplateDefaults(claim: JsonObject): JsonObject {
  const spec = mapAt(claim, ["spec"], claimSpecDefaults);
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", ...spec, status: { phase: "Pending" } };
}
