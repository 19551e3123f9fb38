/** Roles, and who has them. */

import type { FieldError } from "../failure.js";
import { type JsonObject, isEqual, listOf, objectOf, textOf } from "../json.js";
import { nameProblems } from "../names.js";
import type { Hooks } from "../resource.js";
import { missing, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, mapAt, mapItems } from "./pod-defaults.js";

const group = "rbac.authorization.k8s.io";

const roleOf = (isNamespaced: boolean): Hooks => ({
  validate: (object) => {
    const rules = listOf(object["rules"]).map(objectOf);
    return [
      ...rules.flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`, isNamespaced)),
      ...rules.flatMap((rule, index) => (listOf(rule["verbs"]).length > 0 ? [] : [required(`rules[${index}].verbs`)])),
    ];
  },
});

export const role = roleOf(true);
export const clusterRole = roleOf(false);

function ruleErrors(rule: JsonObject, field: string, isNamespaced: boolean): readonly FieldError[] {
  const has = (name: string) => listOf(rule[name]).length > 0;
  const isPath = has("nonResourceURLs");
  return [
    ...(isPath && isNamespaced
      ? [
          wrong(
            `${field}.nonResourceURLs`,
            rule["nonResourceURLs"],
            "namespaced rules cannot apply to non-resource URLs",
          ),
        ]
      : []),
    ...(isPath && (has("apiGroups") || has("resources") || has("resourceNames"))
      ? [
          wrong(
            `${field}.nonResourceURLs`,
            rule["nonResourceURLs"],
            "rules cannot apply to both regular resources and non-resource URLs",
          ),
        ]
      : []),
    ...(isPath || has("apiGroups")
      ? []
      : [required(`${field}.apiGroups`, "resource rules must supply at least one api group")]),
    ...(isPath || has("resources")
      ? []
      : [required(`${field}.resources`, "resource rules must supply at least one resource")]),
  ];
}

/** A binding to a role; `kinds` are those of roles that it may be to. */
const binding = (kinds: readonly string[]): Hooks => ({
  defaults: (object) =>
    mapItems(
      mapAt(object, ["roleRef"], (ref) => defaultsTo(ref, { apiGroup: group })),
      "subjects",
      (subject) => (subject["kind"] === "ServiceAccount" ? subject : defaultsTo(subject, { apiGroup: group })),
    ),
  validate: (object, previous) => {
    const ref = objectOf(object["roleRef"]);
    const subjects = listOf(object["subjects"]).map(objectOf);
    return [
      ...(previous !== undefined && !isEqual(ref, previous["roleRef"])
        ? [wrong("roleRef", { APIGroup: ref["apiGroup"], Kind: ref["kind"], Name: ref["name"] }, "field is immutable")]
        : []),
      ...notOneOf("roleRef.apiGroup", ref["apiGroup"], [group]),
      ...notOneOf("roleRef.kind", ref["kind"], kinds),
      ...subjects.flatMap((subject, index) => subjectErrors(subject, `subjects[${index}]`)),
      ...subjects.flatMap((subject, index) => missing(`subjects[${index}].name`, subject["name"])),
      ...missing("roleRef.name", ref["name"]),
    ];
  },
});

function subjectErrors(subject: JsonObject, field: string): readonly FieldError[] {
  const { kind, name, apiGroup } = subject;
  if (kind === "ServiceAccount") {
    const text = textOf(name);
    return text === "" ? [] : nameProblems("subdomain", text).map((problem) => wrong(`${field}.name`, text, problem));
  }
  if (kind === "User" || kind === "Group") return notOneOf(`${field}.apiGroup`, apiGroup, [group]);
  return notOneOf(`${field}.kind`, kind, ["ServiceAccount", "User", "Group"]);
}

export const roleBinding = binding(["Role", "ClusterRole"]);
export const clusterRoleBinding = binding(["ClusterRole"]);
