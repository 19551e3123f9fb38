/** Requests as data: one pure builder per verb, and the mapping from kinds to URLs. */
export * from "./path.js";
export { defaultWatchTimeoutSeconds, getRequest, listRequest, watchRequest } from "./read.js";
export * from "./request.js";
export { bindRequest, evictRequest, tokenRequest } from "./subresource.js";
export {
  applyRequest,
  createRequest,
  createSubresourceRequest,
  deleteCollectionRequest,
  deleteRequest,
  patchRequest,
  replaceRequest,
  type WrittenObject,
} from "./write.js";
