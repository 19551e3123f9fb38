/** Defaults of pods and of the templates they are made from. */

import { at, isObject, type JsonObject, objectOf, textOf, withAt } from "../json.js";

/** Adds what is not there; nothing that is there changes. */
export function defaultsTo(object: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.entries(defaults).filter(
    ([key, value]) => value !== undefined && (object[key] ?? undefined) === undefined,
  );
  return missing.length === 0 ? object : { ...object, ...Object.fromEntries(missing) };
}

/** The object with a function applied to what is at a path, if that is an object. */
export function mapAt(
  object: JsonObject,
  path: readonly string[],
  change: (inner: JsonObject) => JsonObject,
): JsonObject {
  const inner = at(object, ...path);
  return isObject(inner) ? withAt(object, path, change(inner)) : object;
}

/** The object with a function applied to every object of a list. */
export function mapItems(object: JsonObject, field: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const items = object[field];
  return Array.isArray(items)
    ? { ...object, [field]: items.map((item) => (isObject(item) ? change(item) : item)) }
    : object;
}

/** A function of a spec as one of its object. */
export const inSpec = (change: (spec: JsonObject) => JsonObject) => (object: JsonObject) =>
  mapAt(object, ["spec"], change);

/** Defaults of a pod's spec. */
function podSpecDefaults(spec: JsonObject): JsonObject {
  const withContainers = ["containers", "initContainers"].reduce(
    (left, field) => mapItems(left, field, containerDefaults),
    mapItems(spec, "volumes", volumeDefaults),
  );
  return defaultsTo(withContainers, {
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    // One name, given in either of two fields.
    ...(textOf(spec["serviceAccountName"]) === "" ? {} : { serviceAccount: spec["serviceAccountName"] }),
    ...(textOf(spec["serviceAccount"]) === "" ? {} : { serviceAccountName: spec["serviceAccount"] }),
  });
}

/** Defaults of a template that makes pods. */
export function templateDefaults(template: JsonObject): JsonObject {
  return mapAt(template, ["spec"], podSpecDefaults);
}

/** What a pod has besides what its template had. */
export function podDefaults(pod: JsonObject): JsonObject {
  return mapAt(pod, ["spec"], (spec) =>
    defaultsTo(podSpecDefaults(spec), {
      enableServiceLinks: true,
      preemptionPolicy: "PreemptLowerPriority",
      priority: 0,
      serviceAccountName: "default",
      serviceAccount: textOf(spec["serviceAccountName"]) || "default",
      tolerations: standingTolerations,
    }),
  );
}

const standingTolerations = ["not-ready", "unreachable"].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 300,
}));

function containerDefaults(container: JsonObject): JsonObject {
  const image = textOf(container["image"]);
  const isLatest = /(?::latest|^[^:@]+(?::\d+\/[^:@]*)?)$/.test(image) && !image.includes("@");
  const ports = mapItems(container, "ports", (port) => defaultsTo(port, { protocol: "TCP" }));
  const probed = ["livenessProbe", "readinessProbe", "startupProbe"].reduce(
    (left, field) => mapAt(left, [field], probeDefaults),
    mapItems(ports, "env", envDefaults),
  );
  return defaultsTo(probed, {
    imagePullPolicy: image === "" ? "IfNotPresent" : isLatest ? "Always" : "IfNotPresent",
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
  });
}

function envDefaults(variable: JsonObject): JsonObject {
  return mapAt(variable, ["valueFrom", "fieldRef"], (ref) => defaultsTo(ref, { apiVersion: "v1" }));
}

function probeDefaults(probe: JsonObject): JsonObject {
  const http = mapAt(probe, ["httpGet"], (action) => defaultsTo(action, { path: "/", scheme: "HTTP" }));
  return defaultsTo(http, { failureThreshold: 3, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 1 });
}

function volumeDefaults(volume: JsonObject): JsonObject {
  const sources = ["configMap", "secret", "downwardAPI", "projected"];
  const moded = sources.reduce(
    (left, field) => mapAt(left, [field], (source) => defaultsTo(source, { defaultMode: 420 })),
    volume,
  );
  const isBare = Object.keys(objectOf(moded)).every((key) => key === "name");
  return isBare ? { ...moded, emptyDir: {} } : mapAt(moded, ["hostPath"], (path) => defaultsTo(path, { type: "" }));
}
