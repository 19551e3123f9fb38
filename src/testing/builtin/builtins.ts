/** The built-in kinds as descriptors: the generated ones, with the rules that they do not carry. */

import { type AnyKind, resourceNameOf } from "../../core/index.js";
import { HorizontalPodAutoscaler } from "../../resources/autoscaling/v1.js";
import * as kinds from "../../resources/index.js";
import { decodeAs } from "../body/decode.js";
import type { Registry } from "../registry.js";
import { at, type JsonObject, objectOf, withAt } from "../json.js";
import type { Hooks, Resource } from "../resource.js";
import { autoscalerFromV2, autoscalerToV2 } from "./autoscalers.js";
import { builtinHooks, emptyStatus } from "./hooks.js";
import { shapeOfKind } from "./parse-types.js";
import { reviews } from "./reviews.js";
import * as rules from "./rules.js";
import { columnsOf } from "./columns.js";
import { eventsFromCore, eventsToCore } from "./events.js";

/** Registers every built-in kind. */
export function addBuiltins(registry: Registry): void {
  described ??= describeAll();
  for (const resource of described) registry.add(resource);
}

/** The same for every server: they are never changed. */
let described: readonly Resource[] | undefined;

function describeAll(): readonly Resource[] {
  return [
    ...Object.values(kinds).map(describe),
    {
      ...describe(HorizontalPodAutoscaler),
      // The rules of v2 are for what is stored.
      hooks: { defaults: (object) => withDefault(object, ["spec", "minReplicas"], 1) },
      fromStored: autoscalerFromV2,
      toStored: autoscalerToV2,
    },
  ];
}

function withDefault(object: JsonObject, path: readonly string[], value: unknown): JsonObject {
  return at(object, ...path) === undefined ? withAt(object, path, value) : object;
}

function describe(kind: AnyKind): Resource {
  const name = resourceNameOf(kind);
  const shape = shapeOfKind(kind.group, kind.version, kind.kind);
  if (shape === undefined) throw new Error(`${name} is not in builtin/types.ts; generate it anew`);
  const isEvent = name === "events.events.k8s.io";
  const same = <T>(object: T): T => object;
  return {
    group: kind.group,
    version: kind.version,
    kind: kind.kind,
    plural: kind.plural,
    scope: kind.scope,
    verbs: kind.verbs,
    singular: kind.kind.toLowerCase(),
    listKind: `${kind.kind}List`,
    shortNames: rules.shortNames[name]?.split(",") ?? [],
    categories: rules.inAll.has(name) ? ["all"] : rules.extensionGroups.has(kind.group) ? ["api-extensions"] : [],
    subresources: kind.subresources.map((subresource) => ({
      name: subresource,
      verbs: rules.subresourceVerbs[subresource] ?? ["get", "patch", "update"],
      ...(rules.subresourceKinds[subresource] === undefined ? {} : { kind: rules.subresourceKinds[subresource] }),
    })),
    collection: isEvent ? "events" : name,
    custom: false,
    nameRule: rules.nameRuleOf(name, kind.group),
    generation: rules.specGeneration.has(name) ? "spec" : rules.contentGeneration.has(name) ? "content" : "none",
    hasStatus: kind.subresources.includes("status"),
    scale: kind.subresources.includes("scale") ? rules.builtinScale : undefined,
    createOnUpdate: rules.createdOnUpdate.has(name),
    unconditionalUpdate: !rules.conditionalUpdate.has(name),
    returnsDeleted: rules.returnsDeleted(name, kind.group),
    orphansByDefault: rules.orphaning.has(name),
    selectable: rules.selectable[name] ?? [],
    columns: columnsOf(name),
    shape,
    decode: (value) => decodeAs(shape, value),
    hooks: hooksOf(name),
    fromStored: isEvent ? eventsFromCore : same,
    toStored: isEvent ? eventsToCore : same,
    deprecation: rules.deprecations[name],
    review: reviews[name],
    closed: false,
  };
}

/** The hooks of a kind, whose new objects have the status that Go writes. */
function hooksOf(name: string): Hooks {
  const hooks = builtinHooks[name] ?? {};
  const empty = emptyStatus[name];
  if (empty === undefined) return hooks;
  return {
    ...hooks,
    prepareCreate: (object, context) => {
      const prepared = hooks.prepareCreate?.(object, context) ?? object;
      return { ...prepared, status: { ...empty, ...objectOf(prepared["status"]) } };
    },
  };
}
