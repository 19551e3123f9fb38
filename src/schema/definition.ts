/** What the author of a kind says of it. */

import type { Scope } from "../core/index.js";
import type { ColumnType, ScalePaths } from "./crd.js";
import type { ColumnPath, FieldPath, NumberPath, SelectablePath, TextPath } from "./paths.js";
import type { Schema } from "./standard.js";
import type { ListType, MapType, ValidationRule } from "./structural.js";

/** The definition of a custom kind: what its CustomResourceDefinition, its types and its validation follow from. */
export interface KindOptions<Spec extends Schema, Status extends Schema | undefined> extends Names {
  /** The fields that its users write. */
  readonly spec: Spec;
  /** The fields that its controller writes; turns the status subresource on. */
  readonly status?: Status;
  /** What the kind is for: `kubectl explain` shows it. */
  readonly description?: string;
  /** Columns of `kubectl get`, after the name. Without any, `kubectl` shows the age. */
  readonly printerColumns?: readonly PrinterColumn<ColumnPath<Spec, Status>>[];
  /** Fields, besides name and namespace, that field selectors may use; at most eight. */
  readonly selectableFields?: readonly SelectablePath<Spec, Status>[];
  /** What JSON Schema cannot say of single fields. `[*]` stands for each element: `.spec.ports[*]`. */
  readonly fields?: { readonly [P in FieldPath<Spec, Status>]?: FieldOptions };
  /** Rules for the whole object: `self.spec.min <= self.spec.max`. */
  readonly validations?: readonly ValidationRule[];
  /** Labels of the CustomResourceDefinition. */
  readonly labels?: { readonly [key: string]: string };
  /** Annotations of the CustomResourceDefinition. */
  readonly annotations?: { readonly [key: string]: string };
  /** Whether the API server answers for this version. Default: true. */
  readonly served?: boolean;
  /** Warns whoever uses this version, in these words if they are given. */
  readonly deprecated?: boolean | string;
}

interface Names {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly scope: Scope;
  /** Default: the lower-case kind in the plural, by {@link pluralOf}. */
  readonly plural?: string;
  /** Default: the lower-case kind. */
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  /** Groups of kinds that kubectl knows as one, such as `all`. */
  readonly categories?: readonly string[];
}

/** The scale of a kind, its paths checked against the schemas. */
export type ScaleOf<Spec extends Schema, Status extends Schema | undefined> = ScalePaths<
  NumberPath<"spec", Spec, Status>,
  NumberPath<"status", Spec, Status>,
  TextPath<Spec, Status>
>;

/** A column of `kubectl get`. */
export interface PrinterColumn<P extends string = string> {
  readonly name: string;
  readonly jsonPath: P;
  /** Default: what the schema says the path leads to. */
  readonly type?: ColumnType;
  readonly format?: string;
  readonly description?: string;
  /** Columns above 0 are shown by `kubectl get -o wide` only. */
  readonly priority?: number;
}

/** What JSON Schema cannot say of a field. */
export interface FieldOptions {
  /** How server-side apply merges the list. */
  readonly listType?: ListType;
  /** With `listType: "map"`: the fields that tell its objects apart. */
  readonly listMapKeys?: readonly string[];
  /** How server-side apply merges the object. */
  readonly mapType?: MapType;
  readonly validations?: readonly ValidationRule[];
  /** The API server takes any JSON here, and the schema library alone checks it: for what contains itself. */
  readonly preserveUnknownFields?: true;
  /** The field is a whole Kubernetes object: the API server checks its apiVersion, kind and metadata. */
  readonly embeddedResource?: true;
}
