/** One autoscaler in two versions: nothing is lost on the way there and back. */

import { expect, test } from "vitest";
import { autoscalerFromV2, autoscalerToV2 } from "./autoscalers.js";

const spec = { maxReplicas: 3, minReplicas: 1, scaleTargetRef: { kind: "Deployment", name: "web" } };
const resource = (name: string, averageUtilization: number) => ({
  type: "Resource",
  resource: { name, target: { type: "Utilization", averageUtilization } },
});

test("a target for the CPU is a metric in v2, and a percentage in v1", () => {
  const v1 = { apiVersion: "autoscaling/v1", spec: { ...spec, targetCPUUtilizationPercentage: 60 }, status: {} };
  const v2 = { apiVersion: "autoscaling/v2", spec: { ...spec, metrics: [resource("cpu", 60)] }, status: {} };
  expect(autoscalerToV2(v1)).toEqual(v2);
  expect(autoscalerFromV2(v2)).toEqual(v1);
});

test("other metrics go through v1 in an annotation", () => {
  const v2 = {
    apiVersion: "autoscaling/v2",
    metadata: { name: "a", annotations: { mine: "1" } },
    spec: { ...spec, metrics: [resource("memory", 50), resource("cpu", 60)] },
    status: {},
  };
  const v1 = autoscalerFromV2(v2);
  expect(v1["spec"]).toEqual({ ...spec, targetCPUUtilizationPercentage: 60 });
  expect(autoscalerToV2(v1)).toEqual(v2);
});

test("an autoscaler of v1 without any target gets that of v2", () => {
  expect(autoscalerToV2({ apiVersion: "autoscaling/v1", spec })["spec"]).toEqual({
    ...spec,
    metrics: [resource("cpu", 80)],
  });
});
