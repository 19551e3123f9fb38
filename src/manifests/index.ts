/** Manifests: what their texts say, to whoever takes them. */
export { parseManifests } from "./parse-manifests.js";
