/** Descriptors: one value per Kubernetes kind, from which every type and every URL of that kind is computed. */

/** What the API server lets a client do with a kind, in discovery's own words (`update` is PUT). */
export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

/** Whether objects of a kind live in a namespace, as a CustomResourceDefinition spells it. */
export type Scope = "Namespaced" | "Cluster";

/** The eight verbs that stored kinds serve, in discovery's order: the default of {@link defineKind}. */
export const standardVerbs = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
] as const satisfies readonly Verb[];

/** The facts about a kind that its URL and its verbs follow from. */
export interface KindDefinition {
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The lower-case name in the URL, as discovery reports it: never guessed. */
  readonly plural: string;
  readonly scope: Scope;
  /** Default: {@link standardVerbs}. */
  readonly verbs?: readonly Verb[];
  /** Names of the subresources that the API server serves, such as `status` and `scale`. Default: none. */
  readonly subresources?: readonly string[];
}

/**
 * A descriptor: plain data, with the type of the kind's objects as a phantom.
 *
 * `T` is an object as it is read, `D` the literal facts, `N` what {@link https://kubernetes.io/docs/reference/using-api/api-concepts/ | create}
 * takes where that differs from `T` (a custom kind whose schema has defaults).
 */
export type Kind<T = unknown, D extends KindDefinition = KindDefinition, N = T> = Readonly<D> & {
  readonly verbs: VerbsOf<D>;
  readonly subresources: SubresourcesOf<D>;
  /** Never set: carries the object's type for the compiler. */
  readonly "~object"?: T;
  /** Never set: carries the type of a new object for the compiler. */
  readonly "~new"?: N;
};

/** Any kind at all: what generic code is bounded by. */
export interface AnyKind extends KindDefinition {
  readonly verbs: readonly Verb[];
  readonly subresources: readonly string[];
  readonly "~object"?: unknown;
  readonly "~new"?: unknown;
}

/** What is known only at run time, because `D` may have the property, may be anything. */
type VerbsOf<D extends KindDefinition> = D extends { readonly verbs: infer V extends readonly Verb[] }
  ? V
  : "verbs" extends keyof D
    ? readonly Verb[]
    : typeof standardVerbs;

type SubresourcesOf<D extends KindDefinition> = D extends {
  readonly subresources: infer S extends readonly string[];
}
  ? S
  : "subresources" extends keyof D
    ? readonly string[]
    : readonly [];

/** The type of a kind's objects as they are read: `Infer<typeof Pod>` is `Pod`. */
export type Infer<K extends AnyKind> = K extends { readonly "~object"?: infer T } ? T : never;

/** The type that a new object of a kind may be built from before {@link https://kubernetes.io/docs/reference/using-api/api-concepts/ | defaults} apply. */
export type InferNew<K extends AnyKind> = K extends { readonly "~new"?: infer N } ? N : never;

/**
 * Describes a kind that kindred does not ship.
 *
 * @example
 * ```ts
 * interface Widget extends NamespacedObject<"example.dev/v1", "Widget"> { spec: { size: number } }
 * const Widget = defineKind<Widget>()({
 *   group: "example.dev", version: "v1", kind: "Widget", plural: "widgets", scope: "Namespaced",
 * });
 * ```
 *
 * @returns a function of the literal facts, so that `T` is given and the rest inferred.
 */
export function defineKind<T, N = T>() {
  return <const D extends KindDefinition>(definition: D): Kind<T, D, N> =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the defaults are those of VerbsOf and SubresourcesOf, which the compiler cannot resolve for an open D
    Object.freeze({ verbs: standardVerbs, subresources: [], ...definition }) as Kind<T, D, N>;
}

/** `group/version`, or the version alone in the core group. */
export function apiVersionOf(kind: Pick<KindDefinition, "group" | "version">): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

/** `plural.group`, as kubectl and RBAC write it, or the plural alone in the core group. */
export function resourceNameOf(kind: Pick<KindDefinition, "group" | "plural">): string {
  return kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
}
