/** CustomResourceDefinitions as customResource writes them. */

import type { Scope } from "../core/index.js";
import type { StructuralSchema } from "./structural.js";

/** A CustomResourceDefinition, ready to be applied. */
export interface CrdManifest {
  readonly apiVersion: "apiextensions.k8s.io/v1";
  readonly kind: "CustomResourceDefinition";
  readonly metadata: {
    readonly name: string;
    readonly labels?: { readonly [key: string]: string };
    readonly annotations?: { readonly [key: string]: string };
  };
  readonly spec: {
    readonly group: string;
    readonly names: CrdNames;
    readonly scope: Scope;
    readonly versions: readonly CrdVersion[];
  };
}

/** What a kind is called. */
export interface CrdNames {
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** One version of a kind. */
export interface CrdVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: true;
  readonly deprecationWarning?: string;
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
  readonly subresources?: {
    readonly status?: { readonly [field: string]: never };
    readonly scale?: ScalePaths;
  };
  readonly additionalPrinterColumns?: readonly CrdColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

/** Where a kind keeps its number of replicas. */
export interface ScalePaths<N extends string = string, S extends string = string, T extends string = string> {
  /** Where the wanted number is, under `.spec`. */
  readonly specReplicasPath: N;
  /** Where the actual number is, under `.status`. */
  readonly statusReplicasPath: S;
  /** Where the selector of the pods is, as text: an autoscaler needs it. */
  readonly labelSelectorPath?: T;
}

/** The types that a column of `kubectl get` may have. */
export type ColumnType = "boolean" | "date" | "integer" | "number" | "string";

/** A column of `kubectl get`. */
export interface CrdColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}
