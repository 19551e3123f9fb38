/** Manifests: what their texts say, to whoever takes them. */
export { itemsOf, parseManifests, type PlacedManifest, readManifests } from "./parse-manifests.js";
export { type PlacedValue, readDocuments, type ReadOptions } from "./read-documents.js";
