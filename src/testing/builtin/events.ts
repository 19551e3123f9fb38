/** The two Events: one stored object, told in the words of core/v1 and of events.k8s.io/v1. */

import { at, compact, type JsonObject, objectOf, textOf } from "../json.js";
import type { Hooks } from "../resource.js";
import { wrong } from "./field-errors.js";
import { defaultsTo } from "./pod-defaults.js";

/** Events of core/v1. Go writes these fields always. */
export const coreEvent: Hooks = {
  defaults: (object) =>
    defaultsTo(object, {
      source: {},
      firstTimestamp: null,
      lastTimestamp: null,
      eventTime: null,
      reportingComponent: "",
      reportingInstance: "",
    }),
  validate: (object) => namespaceErrors(object, "involvedObject"),
};

/** Events of events.k8s.io/v1. */
export const event: Hooks = {
  defaults: (object) =>
    defaultsTo(object, {
      eventTime: null,
      deprecatedSource: {},
      deprecatedFirstTimestamp: null,
      deprecatedLastTimestamp: null,
    }),
  validate: (object) => namespaceErrors(object, "regarding"),
};

/** What an event is about lies in the event's namespace; what has none is told of in the default one. */
function namespaceErrors(object: JsonObject, field: string) {
  const about = textOf(at(object, field, "namespace"));
  const own = textOf(at(object, "metadata", "namespace"));
  const isRight = about === own || (about === "" && own === "default");
  return isRight ? [] : [wrong("involvedObject.namespace", about, "does not match event.namespace")];
}

/** An Event of core/v1 as one of events.k8s.io/v1. */
export function eventsFromCore(object: JsonObject): JsonObject {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, ...rest } = object;
  const { reportingComponent, reportingInstance, ...others } = rest;
  const given = (value: unknown) => (value === "" ? undefined : value);
  return compact({
    ...others,
    apiVersion: "events.k8s.io/v1",
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
    reportingController: given(reportingComponent),
    reportingInstance: given(reportingInstance),
  });
}

/** An Event of events.k8s.io/v1 as it is stored. */
export function eventsToCore(object: JsonObject): JsonObject {
  const { regarding, note, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, ...rest } = object;
  const { deprecatedCount, reportingController, reportingInstance, ...others } = rest;
  return compact({
    ...others,
    apiVersion: "v1",
    involvedObject: objectOf(regarding),
    message: note,
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    reportingComponent: reportingController ?? "",
    reportingInstance: reportingInstance ?? "",
  });
}
