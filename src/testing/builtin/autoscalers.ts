/** The two HorizontalPodAutoscalers: stored as autoscaling/v2, told in the words of autoscaling/v1 too. */

import { parseJson } from "../../core/index.js";
import { formatJson } from "../core-json.js";
import { at, compact, isObject, type JsonObject, listOf, objectOf, without, withAt } from "../json.js";

/** Where v1 carries the metrics that it has no words for. */
const metricsNote = ["metadata", "annotations", "autoscaling.alpha.kubernetes.io/metrics"];

/** An autoscaler of v2 as one of v1. */
export function autoscalerFromV2(object: JsonObject): JsonObject {
  const { metrics, behavior: _behavior, ...spec } = objectOf(object["spec"]);
  const { currentMetrics: _metrics, conditions: _conditions, ...status } = objectOf(object["status"]);
  const cpu = listOf(metrics).find(isCpu);
  const others = listOf(metrics).filter((metric) => metric !== cpu);
  const target = cpu === undefined ? undefined : at(cpu, "resource", "target", "averageUtilization");
  const told = {
    ...object,
    apiVersion: "autoscaling/v1",
    spec: compact({ ...spec, targetCPUUtilizationPercentage: target }),
    status,
  };
  return others.length === 0 ? told : withAt(told, metricsNote, formatJson(others));
}

/** An autoscaler of v1 as it is stored. */
export function autoscalerToV2(object: JsonObject): JsonObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = objectOf(object["spec"]);
  const others = notedMetrics(object);
  const cpu = {
    type: "Resource",
    resource: { name: "cpu", target: { type: "Utilization", averageUtilization: target ?? 80 } },
  };
  const metrics = target === undefined && others.length > 0 ? others : [...others, cpu];
  return withoutNote({ ...object, apiVersion: "autoscaling/v2", spec: { ...spec, metrics } });
}

function isCpu(metric: unknown): boolean {
  return (
    at(metric, "resource", "name") === "cpu" &&
    typeof at(metric, "resource", "target", "averageUtilization") === "number"
  );
}

function notedMetrics(object: JsonObject): readonly JsonObject[] {
  const note = at(object, ...metricsNote);
  if (typeof note !== "string") return [];
  try {
    return listOf(parseJson(note)).filter(isObject);
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function withoutNote(object: JsonObject): JsonObject {
  if (at(object, ...metricsNote) === undefined) return object;
  const annotations = without(objectOf(at(object, "metadata", "annotations")), metricsNote.at(-1) ?? "");
  return withAt(object, ["metadata", "annotations"], Object.keys(annotations).length === 0 ? undefined : annotations);
}
