/** What is there before anyone asks: the system's namespaces, the service of the API, and the priorities of the system. */

import type { JsonObject } from "./json.js";

/** An object that the server begins with, at the path of its collection. */
export interface Initial {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string;
  readonly object: JsonObject;
}

const namespace = (name: string): Initial => ({
  group: "",
  version: "v1",
  plural: "namespaces",
  namespace: "",
  object: { apiVersion: "v1", kind: "Namespace", metadata: { name } },
});

const priority = (name: string, value: number, description: string): Initial => ({
  group: "scheduling.k8s.io",
  version: "v1",
  plural: "priorityclasses",
  namespace: "",
  object: { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value, description },
});

/** In the order of their creation. */
export const initialObjects: readonly Initial[] = [
  ...["kube-system", "kube-public", "kube-node-lease", "default"].map(namespace),
  {
    group: "",
    version: "v1",
    plural: "services",
    namespace: "default",
    object: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kubernetes", labels: { component: "apiserver", provider: "kubernetes" } },
      spec: {
        clusterIP: "10.0.0.1",
        type: "ClusterIP",
        ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 6443 }],
      },
    },
  },
  priority(
    "system-cluster-critical",
    2_000_000_000,
    "For what the whole cluster depends on; other pods make room for it.",
  ),
  priority("system-node-critical", 2_000_001_000, "For what a node depends on; comes before everything else."),
];
