/** The descriptor of one kind in one version: data that every verb works from. A CustomResourceDefinition compiles to the same. */

import type { User } from "./access.js";
import type { Scope, Verb } from "../core/index.js";
import type { Decoded } from "./body/decode.js";
import type { FieldError } from "./failure.js";
import type { JsonObject } from "./json.js";
import type { Named } from "./messages.js";
import type { StructShape } from "./shape.js";

/** Where a kind keeps its replicas. */
export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  readonly selector: readonly string[] | undefined;
}

/** A subresource, as discovery lists it. */
export interface Subresource {
  readonly name: string;
  /** `group/version/Kind`, where it is not the kind itself. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly verbs: readonly string[];
}

/** A column of the table that `kubectl get` prints. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** 0 is always shown; more only with `-o wide`. */
  readonly priority?: number;
  readonly value: (object: JsonObject, now: number) => unknown;
}

/** What hooks may know. */
export interface HookContext {
  /** RFC 3339. */
  readonly now: string;
  readonly warn: (text: string) => void;
  /** Other objects, where a kind's rules ask for them. */
  readonly get: (collection: string, key: string) => JsonObject | undefined;
  readonly list: (collection: string) => readonly JsonObject[];
  /** Whether nothing will be stored. */
  readonly dryRun: boolean;
  /** Five random characters, for generated names. */
  readonly suffix: () => string;
}

/** What a kind does besides what all kinds do. Every function returns a new object or errors; none has effects. */
export interface Hooks {
  readonly defaults?: (object: JsonObject) => JsonObject;
  /** After ownership of fields is settled: what the server decides, such as addresses. */
  readonly prepareCreate?: (object: JsonObject, context: HookContext) => JsonObject;
  readonly prepareUpdate?: (next: JsonObject, previous: JsonObject, context: HookContext) => JsonObject;
  readonly validate?: (
    object: JsonObject,
    previous: JsonObject | undefined,
    context: HookContext,
  ) => readonly FieldError[];
  readonly validateStatus?: (object: JsonObject, previous: JsonObject) => readonly FieldError[];
  readonly warnings?: (object: JsonObject) => readonly string[];
}

/** How names are checked. */
export type NameRule = "subdomain" | "label" | "label1035" | "path" | "crd";

/** A kind that is served. */
export interface Resource extends Named {
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: Scope;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  /** The collection that all versions of the kind share. */
  readonly collection: string;
  /** Whether a CustomResourceDefinition brought it. */
  readonly custom: boolean;
  readonly nameRule: NameRule;
  /** What raises `metadata.generation`: a change of the spec, of everything but metadata and status, or nothing. */
  readonly generation: "none" | "spec" | "content";
  readonly hasStatus: boolean;
  readonly scale: ScalePaths | undefined;
  /** Whether PUT creates. */
  readonly createOnUpdate: boolean;
  /** Whether PUT goes without a resourceVersion. */
  readonly unconditionalUpdate: boolean;
  /** Whether DELETE answers with the object. */
  readonly returnsDeleted: boolean;
  readonly orphansByDefault: boolean;
  /** Paths that field selectors may name besides the name and the namespace. */
  readonly selectable: readonly string[];
  readonly columns: readonly Column[] | undefined;
  readonly shape: StructShape;
  /** What a definition says of a custom kind, for OpenAPI. */
  readonly schema?: JsonObject;
  /** Checks types, drops what is unknown. Throws DecodeError. */
  readonly decode: (value: JsonObject) => Decoded;
  readonly hooks: Hooks;
  /** From what is stored to this version, and back. */
  readonly fromStored: (object: JsonObject) => JsonObject;
  readonly toStored: (object: JsonObject) => JsonObject;
  /** Told to everyone who uses this version. */
  readonly deprecation: string | undefined;
  /** Kinds that are answered at once and never stored. */
  readonly review: ((object: JsonObject, user: User, now: string) => JsonObject) | undefined;
  /** Set while the definition of a custom kind is being deleted. */
  readonly closed: boolean;
}

/** `apps/v1`, or `v1`. */
export function groupVersionOf({ group, version }: Pick<Named, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The key of an object in its collection. */
export function keyOf(resource: Pick<Resource, "scope">, namespace: string, name: string): string {
  return resource.scope === "Namespaced" ? `${namespace}/${name}` : name;
}
