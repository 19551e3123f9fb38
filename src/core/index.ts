/** Every rule of the Kubernetes API that needs no clock, socket or disk. */
export * from "./apply-conflicts.js";
export * from "./built-in.js";
export * from "./conditions.js";
export {
  type DiscoveredKind,
  type GroupVersion,
  joinServedApis,
  parseAggregatedDiscovery,
  parseGroupVersions,
  parseResourceList,
  type ServedApis,
  type UnavailableApi,
} from "./discovery.js";
export * from "./duration.js";
export * from "./errors.js";
export { type FieldRequirement, matchesFields, parseFieldSelector } from "./field-selector.js";
export * from "./json.js";
export { type JsonPointer, jsonPointer, type JsonPointerStep, pointerInto } from "./json-pointer.js";
export * from "./kind.js";
export * from "./kind-names.js";
export { parseLabelSelector } from "./label-parser.js";
export {
  fromLabelSelector,
  type LabelRequirement,
  type LabelSelector,
  type LabelSelectorExpression,
  type Labels,
  matchesLabels,
  toLabelSelector,
} from "./label-requirement.js";
export * from "./lines.js";
export * from "./manifest.js";
export * from "./meta.js";
export * from "./options.js";
export {
  type JsonPatchOperation,
  jsonPatch,
  mergePatch,
  type MergePatchBody,
  type Patch,
  type PatchOf,
  strategicPatch,
  type StrategicPatchBody,
} from "./patch.js";
export * from "./parse-objects.js";
export * from "./quantity.js";
export * from "./resource-version.js";
export * from "./scale.js";
export * from "./selector.js";
export * from "./status.js";
export * from "./subresource.js";
export * from "./table.js";
export { type Span, traced, type Tracer } from "./tracing.js";
export * from "./version.js";
export * from "./watch-event.js";
export * from "./watch-machine.js";
