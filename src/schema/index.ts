/** Custom kinds from schemas: descriptor, types, CustomResourceDefinition and validation. */
export type { CrdColumn, CrdManifest, CrdNames, CrdVersion, ColumnType, ScalePaths } from "./crd.js";
export { type CustomKind, type CustomObject, customResource } from "./custom-resource.js";
export type { FieldOptions, KindOptions, PrinterColumn } from "./definition.js";
export { mergeVersions, type Versioned } from "./merge-versions.js";
export { quantityPattern } from "./pattern.js";
export { pluralOf } from "./plural.js";
export type { InputOf, OutputOf, Schema, ValidationIssue, ValidationResult } from "./standard.js";
export type { ListType, MapType, StructuralSchema, ValidationRule } from "./structural.js";
