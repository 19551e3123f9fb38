/** Subresources of single kinds: finalizing namespaces, binding and evicting pods, tokens. */

import { readObject, readRaw } from "../body/read-body.js";
import { formatTime } from "../clock.js";
import { failure } from "../failure.js";
import { at, isEqual, type JsonObject, listOf, objectOf, textOf, withAt, plainText } from "../json.js";
import { badRequest, methodNotAllowed, notFound } from "../messages.js";
import { deletionOptions, writeOptions } from "../options.js";
import { nameOf } from "../request.js";
import { labelsOf } from "../selectors.js";
import { selects } from "../builtin/selectors.js";
import { type Answer, type Call, callKey, liveObject, nowOf, spanOf } from "./call.js";
import { deleteObject } from "./delete.js";
import { checkName } from "./update.js";

const created: Answer = {
  type: "plain",
  code: 201,
  object: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
};

/** PUT of `namespaces/x/finalize`: takes the finalizers of the spec, and lets the namespace go when none is left. */
export function finalize(call: Call): Answer {
  const { resource, store } = call;
  const options = writeOptions("UpdateOptions", call.request, call.query);
  const given = readObject(call.request, resource, { formats: call.formats, validation: "Ignore", warn: call.warn });
  checkName(call, given);
  const live = liveObject(call);
  if (live === undefined) throw notFound(resource, call.name);
  const finalizers = at(given, "spec", "finalizers");
  const next = withAt(live, ["spec", "finalizers"], finalizers);
  const isDeleted = at(live, "metadata", "deletionTimestamp") !== undefined;
  const isFree = !Array.isArray(finalizers) || finalizers.length === 0;
  if (options.dryRun || isEqual(next, live)) return { type: "object", code: 200, resource, object: next };
  if (isDeleted && isFree && at(live, "metadata", "finalizers") === undefined) {
    return { type: "object", code: 200, resource, object: store.remove(resource.collection, call.name) ?? next };
  }
  return { type: "object", code: 200, resource, object: store.put(resource.collection, call.name, next) };
}

/** POST of `pods/x/binding`: says on which node the pod runs. */
export function bind(call: Call): Answer {
  const pod = podOf(call);
  const node = textOf(at(bodyOf(call), "target", "name"));
  if (node === "") throw badRequest("target.name: Required value");
  if (textOf(at(pod, "spec", "nodeName")) !== "") {
    throw failure({
      code: 409,
      reason: "Conflict",
      message: `Operation cannot be fulfilled on pods/binding ${JSON.stringify(call.name)}: pod ${call.name} is already assigned to node ${JSON.stringify(textOf(at(pod, "spec", "nodeName")))}`,
      details: { name: call.name, kind: "pods/binding" },
    });
  }
  if (!call.query.has("dryRun")) call.store.put("pods", callKey(call), scheduled(pod, node, nowOf(call)));
  return created;
}

function scheduled(pod: JsonObject, node: string, now: string): JsonObject {
  const others = listOf(at(pod, "status", "conditions")).filter(
    (condition) => at(condition, "type") !== "PodScheduled",
  );
  const observedGeneration = at(pod, "metadata", "generation");
  const condition = {
    type: "PodScheduled",
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: now,
    observedGeneration,
  };
  const placed = withAt(pod, ["spec", "nodeName"], node);
  return withAt(placed, ["status", "conditions"], [...others, condition]);
}

/** POST of `pods/x/eviction`: deletes the pod, unless a disruption budget has nothing left. */
export function evict(call: Call): Answer {
  const pod = podOf(call);
  const wish = deletionOptions(objectOf(at(bodyOf(call), "deleteOptions")), call.query);
  // What has ended, or has not begun, needs no budget.
  const isCounted = !["Pending", "Succeeded", "Failed"].includes(textOf(at(pod, "status", "phase")));
  const budgets = isCounted ? budgetsOf(call, pod) : [];
  if (budgets.length > 1) {
    throw failure({
      code: 500,
      reason: "InternalError",
      message:
        "Internal error occurred: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    });
  }
  const [budget] = budgets;
  if (budget !== undefined && Number(at(budget, "status", "disruptionsAllowed") ?? 0) <= 0) {
    throw failure({
      code: 429,
      reason: "TooManyRequests",
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          {
            reason: "DisruptionBudget",
            message: `The disruption budget ${nameOf(budget)} needs ${plainText(at(budget, "status", "desiredHealthy") ?? 0)} healthy pods and has ${plainText(at(budget, "status", "currentHealthy") ?? 0)} currently`,
          },
        ],
      },
    });
  }
  deleteObject(call, wish, pod);
  return created;
}

function budgetsOf(call: Call, pod: JsonObject): readonly JsonObject[] {
  const { store, namespace } = call;
  const snapshot = store.snapshot("poddisruptionbudgets.policy");
  const { first, end } = spanOf({ resource: { scope: "Namespaced" }, namespace }, snapshot.keys);
  return Array.from(snapshot.keys.between(first, end), (key) => snapshot.get(key))
    .filter((budget) => budget !== undefined)
    .filter((budget) => selects(at(budget, "spec", "selector"), labelsOf(pod)));
}

/**
 * POST of `serviceaccounts/x/token`: a token that looks like the real one and proves nothing. This server asks nobody who they are.
 */
export function issueToken(call: Call): Answer {
  const account = liveObject(call);
  if (account === undefined) throw notFound(call.resource, call.name);
  const given = bodyOf(call);
  const seconds = Number(at(given, "spec", "expirationSeconds") ?? 3600);
  const end = call.clock.now() + seconds * 1000;
  const subject = `system:serviceaccount:${call.namespace}:${call.name}`;
  const part = (value: JsonObject) =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const claims = {
    sub: subject,
    iss: "kindred",
    aud: at(given, "spec", "audiences") ?? ["kindred"],
    exp: Math.floor(end / 1000),
  };
  const token = `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.${part({ unsigned: true })}`;
  return {
    type: "plain",
    code: 201,
    object: {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name: call.name, namespace: call.namespace },
      spec: {
        audiences: claims.aud,
        expirationSeconds: seconds,
        boundObjectRef: at(given, "spec", "boundObjectRef") ?? null,
      },
      status: { token, expirationTimestamp: formatTime(end) },
    },
  };
}

/** What needs a kubelet. */
export function withoutBackend(call: Call): Answer {
  podOf(call);
  if (call.subresource === "log") return { type: "text", text: "" };
  throw badRequest(`pod ${call.name} does not have a host assigned`);
}

/** What this server does not do yet. */
export function notServed(): never {
  throw methodNotAllowed();
}

function podOf(call: Call): JsonObject {
  const pod = liveObject(call);
  if (pod === undefined) throw notFound(call.resource, call.name);
  return pod;
}

function bodyOf(call: Call): JsonObject {
  const { value } = readRaw(call.request, call.formats, (why) => badRequest(`json parse error: ${why}`));
  return objectOf(value);
}
