/** Claims of volumes, volumes, and their classes. */

import { compareQuantities } from "../../core/index.js";
import type { FieldError } from "../failure.js";
import { at, isEqual, isObject, type JsonObject, listOf, objectOf, textOf, textsOf, withAt } from "../json.js";
import { nameProblems } from "../names.js";
import type { Hooks } from "../resource.js";
import { changed, forbiddenField, notOneOf, required, wrong } from "./field-errors.js";
import { defaultsTo, inSpec, mapAt } from "./pod-defaults.js";

const modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** Defaults of a claim's spec. */
export function claimSpecDefaults(spec: JsonObject): JsonObject {
  return defaultsTo(spec, { volumeMode: "Filesystem" });
}

/** Adds a finalizer that keeps what is in use. */
const protectedBy =
  (finalizer: string) =>
  (object: JsonObject): JsonObject => {
    const place = ["metadata", "finalizers"];
    const present = textsOf(at(object, ...place));
    return present.includes(finalizer) ? object : withAt(object, place, [...present, finalizer]);
  };

export const claim: Hooks = {
  defaults: inSpec(claimSpecDefaults),
  prepareCreate: (object) => ({ ...protectedBy("kubernetes.io/pvc-protection")(object), status: { phase: "Pending" } }),
  validate: (object, previous) => {
    const spec = objectOf(object["spec"]);
    const accessModes = listOf(spec["accessModes"]);
    return [
      ...(accessModes.length === 0 ? [required("spec.accessModes", "at least 1 access mode is required")] : []),
      ...accessModes.flatMap((mode) => notOneOf("spec.accessModes", mode, modes)),
      ...sizeErrors(at(spec, "resources", "requests", "storage")),
      ...(textOf(spec["storageClassName"]) === ""
        ? []
        : nameProblems("subdomain", textOf(spec["storageClassName"])).map((problem) =>
            wrong("spec.storageClassName", spec["storageClassName"], problem),
          )),
      ...notOneOf("spec.volumeMode", spec["volumeMode"], ["Block", "Filesystem"]),
      ...(previous === undefined ? [] : claimChangeErrors(object, previous)),
    ];
  },
};

function sizeErrors(size: unknown): readonly FieldError[] {
  if (size === undefined) return [required("spec.resources[storage]")];
  const isSome = typeof size !== "string" || compareQuantities(size, "0") > 0;
  return isSome ? [] : [wrong("spec.resources[storage]", size, "must be greater than zero")];
}

function claimChangeErrors(object: JsonObject, previous: JsonObject): readonly FieldError[] {
  const [spec, before] = [objectOf(object["spec"]), objectOf(previous["spec"])];
  const isBound = at(previous, "status", "phase") === "Bound";
  const place = ["resources", "requests", "storage"];
  const [size, old] = [at(spec, ...place), at(before, ...place)];
  const shrinks = typeof size === "string" && typeof old === "string" && compareQuantities(size, old) < 0;
  // A volume and a class are given to a claim that has none.
  const rest = (value: JsonObject) => ({
    ...value,
    // Only what is bound grows.
    resources: isBound ? undefined : value["resources"],
    volumeName: before["volumeName"] === undefined ? undefined : value["volumeName"],
    storageClassName: before["storageClassName"] === undefined ? undefined : value["storageClassName"],
    volumeAttributesClassName: undefined,
  });
  return [
    ...(isEqual(rest(spec), rest(before))
      ? []
      : [
          forbiddenField(
            "spec",
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
          ),
        ]),
    ...(shrinks
      ? [forbiddenField("spec.resources.requests.storage", "field can not be less than status.capacity")]
      : []),
  ];
}

const noCapacity: readonly FieldError[] = [
  required("spec.capacity"),
  { type: "FieldValueNotSupported", field: "spec.capacity", value: null, detail: 'supported values: "storage"' },
];

/** Objects in a volume's spec that are not what it is made of. */
const plainFields: ReadonlySet<string> = new Set(["capacity", "claimRef", "nodeAffinity"]);

export const volume: Hooks = {
  defaults: inSpec((given) => {
    const spec = isObject(given["hostPath"])
      ? mapAt(given, ["hostPath"], (path) => defaultsTo(path, { type: "" }))
      : given;
    return defaultsTo(spec, { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" });
  }),
  prepareCreate: (object, { now }) => ({
    ...protectedBy("kubernetes.io/pv-protection")(object),
    status: { phase: "Pending", lastPhaseTransitionTime: now },
  }),
  validate: (object) => {
    const spec = objectOf(object["spec"]);
    const accessModes = listOf(spec["accessModes"]);
    return [
      ...(accessModes.length === 0 ? [required("spec.accessModes")] : []),
      ...accessModes.flatMap((mode) => notOneOf("spec.accessModes", mode, modes)),
      ...(Object.keys(objectOf(spec["capacity"])).length === 0 ? noCapacity : []),
      ...(Object.keys(spec).some((field) => isObject(spec[field]) && !plainFields.has(field))
        ? []
        : [required("spec", "must specify a volume type")]),
    ];
  },
};

export const storageClass: Hooks = {
  defaults: (object) => defaultsTo(object, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" }),
  validate: (object, previous) => [
    ...notOneOf("reclaimPolicy", object["reclaimPolicy"], ["Delete", "Retain"]),
    ...notOneOf("volumeBindingMode", object["volumeBindingMode"], ["Immediate", "WaitForFirstConsumer"]),
    ...(object["provisioner"] === undefined || object["provisioner"] === "" ? [required("provisioner")] : []),
    ...(previous === undefined
      ? []
      : [
          ...(isEqual(object["parameters"], previous["parameters"])
            ? []
            : [forbiddenField("parameters", "updates to parameters are forbidden.")]),
          ...(object["provisioner"] === previous["provisioner"]
            ? []
            : [forbiddenField("provisioner", "updates to provisioner are forbidden.")]),
          ...(object["reclaimPolicy"] === previous["reclaimPolicy"]
            ? []
            : [forbiddenField("reclaimPolicy", "updates to reclaimPolicy are forbidden.")]),
          ...changed("volumeBindingMode", object["volumeBindingMode"], previous["volumeBindingMode"]),
        ]),
  ],
};
