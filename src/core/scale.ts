/** The Scale that every scalable kind serves under `/scale`. */

import type { ObjectMeta } from "./meta.js";

/** How many replicas are wanted and how many there are. @see https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/scale-v1/ */
export interface Scale {
  apiVersion: "autoscaling/v1";
  kind: "Scale";
  metadata: ObjectMeta;
  spec: { replicas?: number };
  status?: { replicas: number; selector?: string };
}
