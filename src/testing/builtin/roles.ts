/** Roles, and who has them. */

import type { FieldError } from "../failure.js";
import { type JsonObject, isEqual, listOf, objectOf } from "../json.js";
import type { Hooks } from "../resource.js";
import { missing, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, mapAt, mapItems } from "./pod-defaults.js";

const group = "rbac.authorization.k8s.io";

export const role: Hooks = {
  validate: (object) => listOf(object["rules"]).flatMap((rule, index) => ruleErrors(objectOf(rule), `rules[${index}]`)),
};

function ruleErrors(rule: JsonObject, field: string): readonly FieldError[] {
  const has = (name: string) => listOf(rule[name]).length > 0;
  const isPath = has("nonResourceURLs");
  return [
    ...(has("verbs") ? [] : [required(`${field}.verbs`)]),
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
    return [
      ...(previous !== undefined && !isEqual(ref, previous["roleRef"])
        ? [wrong("roleRef", ref, "cannot change roleRef")]
        : []),
      ...notOneOf("roleRef.apiGroup", ref["apiGroup"], [group]),
      ...notOneOf("roleRef.kind", ref["kind"], kinds),
      ...listOf(object["subjects"]).flatMap((subject, index) => subjectErrors(objectOf(subject), `subjects[${index}]`)),
      ...missing("roleRef.name", ref["name"]),
    ];
  },
});

function subjectErrors(subject: JsonObject, field: string): readonly FieldError[] {
  const isKnown = ["ServiceAccount", "User", "Group"].includes(String(subject["kind"]));
  return [
    ...missing(`${field}.name`, subject["name"]),
    ...(isKnown ? [] : notOneOf(`${field}.kind`, subject["kind"], ["ServiceAccount", "User", "Group"])),
    ...(subject["kind"] === "ServiceAccount" ? missing(`${field}.namespace`, subject["namespace"]) : []),
  ];
}

export const roleBinding = binding(["Role", "ClusterRole"]);
export const clusterRoleBinding = binding(["ClusterRole"]);
