/** Claims of volumes, volumes, and their classes. */

import { compareQuantities } from "../../core/index.js";
import type { FieldError } from "../failure.js";
import { at, isEqual, type JsonObject, listOf, objectOf, textsOf, withAt } from "../json.js";
import type { Hooks } from "../resource.js";
import { changed, forbiddenField, notOneOf, required } from "./field-errors.js";
import { defaultsTo, inSpec } from "./pod-defaults.js";

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
      ...accessModes.flatMap((mode, index) => notOneOf(`spec.accessModes[${index}]`, mode, modes)),
      ...(at(spec, "resources", "requests", "storage") === undefined ? [required("spec.resources[storage]")] : []),
      ...(previous === undefined ? [] : claimChangeErrors(spec, objectOf(previous["spec"]))),
    ];
  },
};

function claimChangeErrors(spec: JsonObject, before: JsonObject): readonly FieldError[] {
  const place = ["resources", "requests", "storage"];
  const [size, old] = [at(spec, ...place), at(before, ...place)];
  const shrinks = typeof size === "string" && typeof old === "string" && compareQuantities(size, old) < 0;
  // A volume and a class are given to a claim that has none.
  const rest = (value: JsonObject) => ({
    ...value,
    resources: undefined,
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

export const volume: Hooks = {
  defaults: inSpec((spec) => defaultsTo(spec, { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" })),
  prepareCreate: (object) => ({ ...protectedBy("kubernetes.io/pv-protection")(object), status: { phase: "Pending" } }),
  validate: (object) => {
    const spec = objectOf(object["spec"]);
    const accessModes = listOf(spec["accessModes"]);
    return [
      ...(accessModes.length === 0 ? [required("spec.accessModes")] : []),
      ...accessModes.flatMap((mode, index) => notOneOf(`spec.accessModes[${index}]`, mode, modes)),
      ...(Object.keys(objectOf(spec["capacity"])).length === 0 ? [required("spec.capacity")] : []),
    ];
  },
};

export const storageClass: Hooks = {
  defaults: (object) => defaultsTo(object, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" }),
  validate: (object, previous) => [
    ...(object["provisioner"] === undefined || object["provisioner"] === "" ? [required("provisioner")] : []),
    ...notOneOf("reclaimPolicy", object["reclaimPolicy"], ["Delete", "Retain"]),
    ...notOneOf("volumeBindingMode", object["volumeBindingMode"], ["Immediate", "WaitForFirstConsumer"]),
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
