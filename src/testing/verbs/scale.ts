/** The scale subresource: a small object of its own over two fields of its parent. */

import { decodeObject, readRaw } from "../body/read-body.js";
import { at, isObject, type JsonObject, objectOf, textOf, withAt } from "../json.js";
import { badRequest, internalError, invalid, invalidPatch, notFound, stale } from "../messages.js";
import { writeOptions } from "../options.js";
import { nameOf } from "../request.js";
import type { Resource, ScalePaths } from "../resource.js";
import { formatLabelSelector, fromLabelSelector, type LabelSelector } from "../../core/index.js";
import { type Answer, type Call, liveObject, metaOf } from "./call.js";
import { patchedValue, patchOptions, patchTypeOf } from "./patch.js";
import { updateObject } from "./update.js";

/** Gets, replaces or patches the scale of an object. */
export function scale(call: Call, verb: "get" | "update" | "patch"): Answer {
  const { resource } = call;
  const paths = resource.scale;
  const live = liveObject(call);
  if (paths === undefined || live === undefined) throw notFound(resource, call.name);
  const current = scaleOf(resource, paths, live);
  if (verb === "get") return { type: "plain", code: 200, object: current };
  const { options, wanted } = verb === "update" ? replacement(call) : patched(call, current);
  const version = textOf(metaOf(wanted)["resourceVersion"]);
  if (version !== "" && version !== metaOf(live)["resourceVersion"]) throw stale(resource, call.name);
  const replicas = objectOf(wanted["spec"])["replicas"] ?? 0;
  if (typeof replicas !== "number" || !Number.isInteger(replicas)) {
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  }
  if (replicas < 0) {
    throw invalid({ group: "autoscaling", kind: "Scale" }, nameOf(live), [
      {
        type: "FieldValueInvalid",
        field: "spec.replicas",
        value: replicas,
        detail: "must be greater than or equal to 0",
      },
    ]);
  }
  const next = decodeObject(withAt(live, paths.spec, replicas), resource, { validation: "Ignore", warn: call.warn });
  const answer = updateObject(call, options, { live, next });
  return answer.type === "object"
    ? { type: "plain", code: 200, object: scaleOf(resource, paths, answer.object) }
    : answer;
}

function replacement(call: Call) {
  const options = writeOptions("UpdateOptions", call.request, call.query);
  const { value } = readRaw(call.request, call.formats, (why) =>
    badRequest(
      `the object provided is unrecognized (must be of type Scale): couldn't get version/kind; json parse error: ${why}`,
    ),
  );
  const wanted = objectOf(value);
  if (nameOf(wanted) !== "" && nameOf(wanted) !== call.name) {
    throw badRequest(`the name of the object (${nameOf(wanted)}) does not match the name on the URL (${call.name})`);
  }
  return { options, wanted };
}

function patched(call: Call, current: JsonObject) {
  const type = patchTypeOf(call);
  const options = patchOptions(call, type);
  const { value } = patchedValue(
    call,
    type === "application/apply-patch+yaml" ? "application/merge-patch+json" : type,
    current,
  );
  if (!isObject(value)) throw invalidPatch(JSON.stringify(value), "json: cannot unmarshal into a Scale");
  return { options, wanted: value };
}

function scaleOf(resource: Resource, paths: ScalePaths, live: JsonObject): JsonObject {
  const replicas = at(live, ...paths.spec);
  if (replicas === undefined && resource.custom) {
    throw internalError(`the spec replicas field ".${paths.spec.join(".")}" does not exist`);
  }
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metaOf(live);
  const selector = selectorText(paths, live);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === undefined || replicas === 0 ? {} : { replicas },
    status: { replicas: at(live, ...paths.status) ?? 0, ...(selector === "" ? {} : { selector }) },
  };
}

function selectorText({ selector: path }: ScalePaths, live: JsonObject): string {
  const selector = path === undefined ? undefined : at(live, ...path);
  if (typeof selector === "string") return selector;
  if (!isObject(selector)) return "";
  const form = "matchLabels" in selector || "matchExpressions" in selector ? selector : { matchLabels: selector };
  return isLabelSelector(form) ? formatLabelSelector(fromLabelSelector(form)) : "";
}

function isLabelSelector(value: JsonObject): value is JsonObject & LabelSelector {
  return Object.keys(value).every((key) => key === "matchLabels" || key === "matchExpressions");
}
