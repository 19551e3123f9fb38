/** Which kinds are Kubernetes' own: some things only they can do. */

/** The API groups that every API server has; the core group is the empty one. */
export type BuiltInGroup =
  | ""
  | "admissionregistration.k8s.io"
  | "apiextensions.k8s.io"
  | "apiregistration.k8s.io"
  | "apps"
  | "authentication.k8s.io"
  | "authorization.k8s.io"
  | "autoscaling"
  | "batch"
  | "certificates.k8s.io"
  | "coordination.k8s.io"
  | "discovery.k8s.io"
  | "events.k8s.io"
  | "flowcontrol.apiserver.k8s.io"
  | "networking.k8s.io"
  | "node.k8s.io"
  | "policy"
  | "rbac.authorization.k8s.io"
  | "resource.k8s.io"
  | "scheduling.k8s.io"
  | "storage.k8s.io"
  | "storagemigration.k8s.io";

/** Whether the objects `T` may be of a built-in kind: false only if their `apiVersion` says that they are not. */
export type IsBuiltIn<T> = T extends { apiVersion: infer A extends string }
  ? string extends A
    ? true
    : GroupOf<A> extends BuiltInGroup
      ? true
      : false
  : true;

type GroupOf<A extends string> = A extends `${infer G}/${string}` ? G : "";
