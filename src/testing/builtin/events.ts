/** The two Events: one stored object, told in the words of core/v1 and of events.k8s.io/v1. */

import { compact, type JsonObject, objectOf, without } from "../json.js";

/** An Event of core/v1 as one of events.k8s.io/v1. */
export function eventsFromCore(object: JsonObject): JsonObject {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } = object;
  return compact({
    ...rest,
    apiVersion: "events.k8s.io/v1",
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
    reportingController: reportingComponent,
  });
}

/** An Event of events.k8s.io/v1 as it is stored. */
export function eventsToCore(object: JsonObject): JsonObject {
  const {
    regarding,
    note,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    ...rest
  } = object;
  return compact({
    ...without(rest, "reportingController"),
    apiVersion: "v1",
    involvedObject: objectOf(regarding),
    message: note,
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    count: deprecatedCount,
    reportingComponent: rest["reportingController"],
  });
}
