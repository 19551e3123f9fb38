/** Manifests: what their texts say, to whoever takes them. */
export { itemsOf, parseManifests, readManifests } from "./parse-manifests.js";
export { readDocuments } from "./read-documents.js";
