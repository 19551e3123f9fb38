/** The Scale that every scalable kind serves under `/scale`. */

import type { ObjectMeta } from "./meta.js";

/** How many replicas are wanted and how many there are. @see https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/scale-v1/ */
export interface Scale {
  apiVersion: "autoscaling/v1";
  kind: "Scale";
  metadata: ObjectMeta;
  /** No `replicas` is 0: the server leaves zeros out. */
  spec: { replicas?: number };
  status?: { replicas: number; selector?: string };
}
