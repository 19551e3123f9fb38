/** A custom kind from one schema: its types, its CustomResourceDefinition and its validation. */

import {
  defineKind,
  type Kind,
  type NamespacedObjectMeta,
  type NewMeta,
  type ObjectMeta,
  type Scope,
} from "../core/index.js";
import type { CrdManifest, ScalePaths } from "./crd.js";
import type { KindOptions, ScaleOf } from "./definition.js";
import { type Definition, manifestOf } from "./manifest.js";
import { parseObject, parseSpec } from "./parse.js";
import type { InputOf, OutputOf, Schema } from "./standard.js";

/** The facts that a custom kind's URL and handles follow from. */
export interface CustomKindDefinition<
  G extends string,
  V extends string,
  K extends string,
  P extends string,
  Sc extends Scope,
  Sub extends readonly string[],
> {
  readonly group: G;
  readonly version: V;
  readonly kind: K;
  readonly plural: P;
  readonly scope: Sc;
  readonly subresources: Sub;
}

/** An object of a custom kind as it is read. */
export type CustomObject<
  A extends string,
  K extends string,
  Sc extends Scope,
  Spec,
  Status extends Schema | undefined,
> = Status extends Schema
  ? { apiVersion: A; kind: K; metadata: MetaOf<Sc>; spec: Spec; status?: OutputOf<Status> }
  : { apiVersion: A; kind: K; metadata: MetaOf<Sc>; spec: Spec };

type MetaOf<Sc extends Scope> = Sc extends "Namespaced" ? NamespacedObjectMeta : ObjectMeta;

type SubresourcesOf<Status, Scale> = readonly [
  ...(Status extends Schema ? ["status"] : []),
  ...(Scale extends ScalePaths ? ["scale"] : []),
];

/** What a custom kind can do besides being a kind. */
export interface CustomKindMethods<A extends string, K extends string, Spec extends Schema, T> {
  /** The kind's CustomResourceDefinition, for `client.api(CustomResourceDefinition).apply(...)`. */
  crd(): CrdManifest;
  /**
   * A new object, validated, with defaults filled in; nothing is sent.
   *
   * @throws KindredError `VALIDATION` with the path and the message of everything that is wrong.
   */
  build<const M extends NewMeta>(object: {
    readonly apiVersion?: A;
    readonly kind?: K;
    readonly metadata: M;
    readonly spec: InputOf<Spec>;
  }): { apiVersion: A; kind: K; metadata: M; spec: OutputOf<Spec> };
  /**
   * Checks an object that was read, which kindred does not do by itself. Defaults are filled in, unknown fields are kept.
   *
   * @throws KindredError `VALIDATION` with the path and the message of everything that is wrong.
   */
  parse(value: unknown): T;
}

/** A custom kind: a descriptor like any other, for `client.api(kind)`, that knows its CustomResourceDefinition. */
export type CustomKind<
  G extends string,
  V extends string,
  K extends string,
  P extends string,
  Sc extends Scope,
  Spec extends Schema,
  Status extends Schema | undefined,
  Scale,
> = Kind<
  CustomObject<`${G}/${V}`, K, Sc, OutputOf<Spec>, Status>,
  CustomKindDefinition<G, V, K, P, Sc, SubresourcesOf<Status, Scale>>,
  CustomObject<`${G}/${V}`, K, Sc, InputOf<Spec>, Status>
> &
  CustomKindMethods<`${G}/${V}`, K, Spec, CustomObject<`${G}/${V}`, K, Sc, OutputOf<Spec>, Status>>;

/**
 * Defines a custom kind. One schema, of zod, valibot, arktype or any library that speaks Standard Schema and Standard JSON Schema,
 * gives the static type, the structural schema of the CustomResourceDefinition, and local validation.
 *
 * A field with a default is optional in what is written and there in what is read; an optional field may be missing from both; a
 * nullable one may be null. Text with a pattern, such as {@link quantityPattern}, and a union of integer and text (Kubernetes'
 * IntOrString) need no more than the schema; the rest is said in `fields`, or by keywords `x-kubernetes-…` in the schema's metadata.
 *
 * Caveats: checks in code (`refine`, `check`, `narrow`) run locally only: say them to the API server as rules. It prunes fields that
 * the schema does not name, and counts a text's length in code points, JavaScript in UTF-16. It drops null where null is not
 * allowed and the field is optional; local validation refuses it.
 *
 * @example
 * ```ts
 * const ConfigMapGenerator = customResource({
 *   group: "example.dev", version: "v1", kind: "ConfigMapGenerator", scope: "Namespaced", shortNames: ["cmg"],
 *   spec: z.object({ content: z.string() }),
 *   status: z.object({ observedGeneration: z.number().int() }),
 *   printerColumns: [{ name: "Content", jsonPath: ".spec.content" }],
 * });
 * type ConfigMapGenerator = Infer<typeof ConfigMapGenerator>;
 * ```
 *
 * @throws KindredError `SCHEMA` if the schema cannot be a structural schema (recursion, tuples, transforms, unions of different
 * shapes), or if a path or a name is wrong: with the path and the cure of each problem.
 */
export function customResource<
  const G extends string,
  const V extends string,
  const K extends string,
  const Sc extends Scope,
  Spec extends Schema,
  Status extends Schema | undefined = undefined,
  const P extends string = string,
  const Scale extends ScaleOf<Spec, Status> | undefined = undefined,
>(
  definition: KindOptions<Spec, Status> & {
    readonly group: G;
    readonly version: V;
    readonly kind: K;
    readonly scope: Sc;
    readonly plural?: P;
    /** Where the kind keeps its number of replicas; turns the scale subresource on. */
    readonly scale?: Scale;
  },
): CustomKind<G, V, K, P, Sc, Spec, Status, Scale> {
  type A = `${G}/${V}`;
  type T = CustomObject<A, K, Sc, OutputOf<Spec>, Status>;
  type N = CustomObject<A, K, Sc, InputOf<Spec>, Status>;
  const facts: Definition = definition;
  const { group, version, kind, scope, spec, status } = definition;
  const apiVersion: A = `${group}/${version}`;
  const manifest = manifestOf(facts);
  const methods: CustomKindMethods<A, K, Spec, T> = {
    crd: () => manifest,
    build: (object) => ({
      apiVersion,
      kind,
      metadata: object.metadata,
      spec: parseSpec(spec, object.spec, { kind, metadata: object.metadata }),
    }),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field of T has just been checked
    parse: (value) => parseObject(value, { apiVersion, kind, scope, spec, status }) as T,
  };
  const subresources = [...(status === undefined ? [] : ["status"]), ...(facts.scale === undefined ? [] : ["scale"])];
  const descriptor = defineKind<T, N>()({
    group,
    version,
    kind,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- P is string unless the definition has a plural, which is this one then
    plural: manifest.spec.names.plural as P,
    scope,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the tuple follows from what is defined, which the compiler cannot resolve for open types
    subresources: Object.freeze(subresources) as unknown as SubresourcesOf<Status, Scale>,
  } satisfies CustomKindDefinition<G, V, K, P, Sc, SubresourcesOf<Status, Scale>>);
  return Object.freeze(Object.assign({}, descriptor, methods));
}
