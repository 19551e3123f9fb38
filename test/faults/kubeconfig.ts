/** The kubeconfig of an administrator who reaches the API server by another URL. */

import type { ControlPlane } from "../control-plane/control-plane.js";

export function kubeconfigOf({ ca, token }: Pick<ControlPlane, "ca" | "token">, server: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "faulty", cluster: { server, "certificate-authority": ca } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "faulty", context: { cluster: "faulty", user: "admin" } }],
    "current-context": "faulty",
  });
}
