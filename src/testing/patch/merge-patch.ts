/** JSON merge patch. @see https://www.rfc-editor.org/rfc/rfc7386 */

import { isObject } from "../json.js";

/** Lays a patch over a value: objects merge, lists are replaced, `null` removes. */
export function applyMergePatch(value: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(value) ? Object.entries(value) : []);
  for (const [key, inner] of Object.entries(patch)) {
    if (inner === null) merged.delete(key);
    else merged.set(key, applyMergePatch(merged.get(key), inner));
  }
  return Object.fromEntries(merged);
}
