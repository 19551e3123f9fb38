/** What kubectl does with some kinds alone: restart, cordon, uncordon. */

import { apiVersionOf, invalidArgument, mergePatch, type Patch, type WriteOptions } from "../core/index.js";
import type { Target } from "../core/requests/index.js";
import type { HelperMethods, Helpers } from "./subresources.js";
import type { CallOptions } from "./transport.js";

/** Options of a restart. */
export interface RestartOptions extends WriteOptions {
  /** What the pods' template is marked with. Default: now. */
  readonly restartedAt?: Date | undefined;
}

/** What the helpers need of a handle. */
export interface PatchedHandle {
  readonly target: Target;
  get(name: string, options?: CallOptions): Promise<unknown>;
  patch(name: string, patch: Patch, options?: WriteOptions & CallOptions): Promise<unknown>;
}

/** Marks the template of the pods with a time, so that all of them are replaced. */
export async function restart(
  handle: PatchedHandle,
  name: string,
  { restartedAt = new Date(), ...options }: RestartOptions & CallOptions = {},
): Promise<unknown> {
  requireHelper(handle.target, "restart");
  // The server would take the mark, and start nothing before somebody resumes the rollout.
  if (isPaused(await handle.get(name, { signal: options.signal }))) {
    throw invalidArgument(
      `a restart of ${handle.target.kind.plural} ${JSON.stringify(name)}: it is paused: resume it first, with spec.paused false`,
    );
  }
  const annotations = { "kubectl.kubernetes.io/restartedAt": restartedAt.toISOString().replace(/\.\d+Z$/, "Z") };
  return handle.patch(name, mergePatch({ spec: { template: { metadata: { annotations } } } }), options);
}

/** Says whether a node takes new pods. */
export async function setUnschedulable(
  handle: PatchedHandle,
  name: string,
  { unschedulable, ...options }: { readonly unschedulable: boolean } & WriteOptions & CallOptions,
): Promise<unknown> {
  requireHelper(handle.target, unschedulable ? "cordon" : "uncordon");
  return handle.patch(name, mergePatch({ spec: { unschedulable: unschedulable ? true : null } }), options);
}

const kindsByHelper: { readonly [H in keyof Helpers<unknown>]: readonly KindWith<H>[] } = {
  restart: ["apps/v1 Deployment", "apps/v1 StatefulSet", "apps/v1 DaemonSet"],
  cordon: ["v1 Node"],
  uncordon: ["v1 Node"],
};

type KindWith<H> = { [K in keyof HelperMethods]: H extends HelperMethods[K] ? K : never }[keyof HelperMethods];

/** For kinds that the compiler does not know. */
function requireHelper({ kind }: Target, helper: keyof Helpers<unknown>): void {
  const asked = `${apiVersionOf(kind)} ${kind.kind}`;
  if (kindsByHelper[helper].some((one) => one === asked)) return;
  throw invalidArgument(`${asked} has no ${helper}: only ${kindsByHelper[helper].join(", ")}`);
}

function isPaused(object: unknown): boolean {
  if (typeof object !== "object" || object === null || !("spec" in object)) return false;
  const { spec } = object;
  return typeof spec === "object" && spec !== null && "paused" in spec && spec.paused === true;
}
