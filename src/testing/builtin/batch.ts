/** Jobs and CronJobs. */

import type { FieldError } from "../failure.js";
import { at, type JsonObject, objectOf, textOf, withAt } from "../json.js";
import type { Hooks } from "../resource.js";
import { changed, forbiddenField, missing, negative, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapAt, templateDefaults } from "./pod-defaults.js";
import { podSpecErrors } from "./pod-spec-errors.js";

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
    ...podSpecErrors(pod, `${field}.template.spec`),
    // The default is the one that is of no use here.
    ...(policy === "Always"
      ? [required(place, `valid values: ${values.map((value) => JSON.stringify(value)).join(", ")}`)]
      : []),
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
      ...notOneOf("spec.concurrencyPolicy", spec["concurrencyPolicy"], ["Allow", "Forbid", "Replace"]),
      ...["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"].flatMap((field) =>
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
  const bad = fields.find((field) => !/^[\d*/,\-A-Za-z?]+$/.test(field));
  return bad === undefined
    ? []
    : [
        wrong(
          "spec.schedule",
          schedule,
          `failed to parse int from ${bad}: strconv.Atoi: parsing ${JSON.stringify(bad)}: invalid syntax`,
        ),
      ];
}
