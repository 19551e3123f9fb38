/** Jobs and CronJobs. */

import type { FieldError } from "../failure.js";
import { at, listOf, type JsonObject, objectOf, textOf, withAt } from "../json.js";
import type { Hooks } from "../resource.js";
import { changed, forbiddenField, missing, negative, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapAt, templateDefaults } from "./pod-defaults.js";
import { podSpecErrors } from "./pod-spec-errors.js";
import { selects } from "./selectors.js";

const jobSpecDefaults = (spec: JsonObject): JsonObject => {
  const isSingle = spec["parallelism"] === undefined && spec["completions"] === undefined;
  return defaultsTo(mapAt(spec, ["template"], templateDefaults), {
    backoffLimit: spec["backoffLimitPerIndex"] === undefined ? 6 : 2 ** 31 - 1,
    completionMode: "NonIndexed",
    completions: isSingle ? 1 : undefined,
    parallelism: 1,
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec["podFailurePolicy"] === undefined ? "TerminatingOrFailed" : "Failed",
  });
};

export const job: Hooks = {
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
    const add = (left: JsonObject, place: readonly string[]) =>
      withAt(left, place, { ...objectOf(at(left, ...place)), ...labels });
    const labelled = add(add(object, ["spec", "template", "metadata", "labels"]), ["metadata", "labels"]);
    return withAt(labelled, ["spec", "selector"], { matchLabels: { "batch.kubernetes.io/controller-uid": uid } });
  },
  validate: (object, previous) => {
    const spec = objectOf(object["spec"]);
    return [
      ...jobSpecErrors(spec, "spec"),
      ...ownSelectorErrors(spec),
      ...(previous === undefined ? [] : jobChangeErrors(spec, objectOf(previous["spec"]))),
    ];
  },
};

function jobSpecErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const pod = objectOf(at(spec, "template", "spec"));
  const policy = pod["restartPolicy"];
  const place = `${field}.template.spec.restartPolicy`;
  const values = ["OnFailure", "Never"];
  return [
    ...["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"].flatMap(
      (name) => negative(`${field}.${name}`, spec[name]),
    ),
    ...(spec["completionMode"] === "Indexed" && spec["completions"] === undefined
      ? [required(`${field}.completions`, "when completion mode is Indexed")]
      : []),
    ...notOneOf(`${field}.completionMode`, spec["completionMode"] ?? "NonIndexed", ["NonIndexed", "Indexed"]),
    ...notOneOf(`${field}.podReplacementPolicy`, spec["podReplacementPolicy"] ?? "Failed", [
      "Failed",
      "TerminatingOrFailed",
    ]),
    ...failurePolicyErrors(spec["podFailurePolicy"], `${field}.podFailurePolicy`),
    ...podSpecErrors(pod, `${field}.template.spec`),
    // The default is the one that is of no use here.
    ...(policy === "Always"
      ? [required(place, `valid values: ${values.map((value) => JSON.stringify(value)).join(", ")}`)]
      : []),
  ];
}

function failurePolicyErrors(policy: unknown, field: string): readonly FieldError[] {
  return listOf(at(policy, "rules")).flatMap((value, index) => {
    const rule = objectOf(value);
    const place = `${field}.rules[${index}]`;
    const codes = rule["onExitCodes"];
    const hasNone = codes === undefined && listOf(rule["onPodConditions"]).length === 0;
    return [
      ...notOneOf(`${place}.action`, rule["action"], ["Count", "FailIndex", "FailJob", "Ignore"]),
      ...(hasNone ? [wrong(place, undefined, "specifying one of OnExitCodes and OnPodConditions is required")] : []),
      ...(codes !== undefined && listOf(at(codes, "values")).length === 0
        ? [wrong(`${place}.onExitCodes.values`, [], "at least one value is required")]
        : []),
    ];
  });
}

/** A job's selector, its own or the one that it was given, selects its pods. */
function ownSelectorErrors(spec: JsonObject): readonly FieldError[] {
  const { selector } = spec;
  const labels = at(spec, "template", "metadata", "labels");
  if (selector === undefined ? spec["manualSelector"] !== true : selects(selector, labels)) return [];
  return [
    ...(selector === undefined ? [required("spec.selector")] : []),
    wrong("spec.template.metadata.labels", labels ?? null, "`selector` does not match template `labels`"),
  ];
}

function jobChangeErrors(spec: JsonObject, before: JsonObject): readonly FieldError[] {
  const isSuspended = before["suspend"] === true;
  return [
    ...(spec["completionMode"] === "Indexed"
      ? []
      : changed("spec.completions", spec["completions"], before["completions"])),
    ...changed("spec.selector", spec["selector"], before["selector"]),
    ...(isSuspended ? [] : changed("spec.template", spec["template"], before["template"])),
    ...changed("spec.completionMode", spec["completionMode"], before["completionMode"]),
  ];
}

export const cronJob: Hooks = {
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
  validate: (object) => {
    const spec = objectOf(object["spec"]);
    const name = textOf(at(object, "metadata", "name"));
    return [
      ...scheduleErrors(textOf(spec["schedule"])),
      ...zoneErrors(spec["timeZone"]),
      ...negative("spec.startingDeadlineSeconds", spec["startingDeadlineSeconds"]),
      ...notOneOf("spec.concurrencyPolicy", spec["concurrencyPolicy"], ["Allow", "Forbid", "Replace"]),
      ...["successfulJobsHistoryLimit", "failedJobsHistoryLimit"].flatMap((field) =>
        negative(`spec.${field}`, spec[field]),
      ),
      ...(at(spec, "jobTemplate", "spec", "manualSelector") === true
        ? [forbiddenField("spec.jobTemplate.spec.manualSelector", "`manualSelector` is not supported for cron jobs")]
        : []),
      ...jobSpecErrors(objectOf(at(spec, "jobTemplate", "spec")), "spec.jobTemplate.spec"),
      ...(name.length > 52 ? [wrong("metadata.name", name, "must be no more than 52 characters")] : []),
    ];
  },
};

function zoneErrors(zone: unknown): readonly FieldError[] {
  if (typeof zone !== "string") return [];
  try {
    Intl.DateTimeFormat("en", { timeZone: zone });
    return [];
  } catch {
    return [wrong("spec.timeZone", zone, `unknown time zone ${zone}`)];
  }
}

const macros = new Set(["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"]);

function scheduleErrors(schedule: string): readonly FieldError[] {
  if (schedule === "") return missing("spec.schedule", schedule);
  if (macros.has(schedule) || /^@every \S+$/.test(schedule)) return [];
  if (schedule.startsWith("@")) return [wrong("spec.schedule", schedule, `unrecognized descriptor: ${schedule}`)];
  const fields = schedule.trim().split(/\s+/);
  if (fields.length !== 5) {
    return [
      wrong("spec.schedule", schedule, `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`),
    ];
  }
  const bad = fields.flatMap((field, index) =>
    field.split(/[,/-]/).filter((part) => !/^(?:\d+|\*|\?)$/.test(part) && !isNamed(part, index)),
  )[0];
  if (bad === undefined) return [];
  const why = `failed to parse int from ${bad}: strconv.Atoi: parsing ${JSON.stringify(bad)}: invalid syntax`;
  return [wrong("spec.schedule", schedule, why)];
}

/** Months and days of the week have names too. */
function isNamed(part: string, index: number): boolean {
  if (index === 3) return /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$/i.test(part);
  return index === 4 && /^(?:sun|mon|tue|wed|thu|fri|sat)$/i.test(part);
}
