/** Frozen to the bottom: an edit of a cached object throws where it is made. */

import { unreadManagedFields } from "../core/managed-fields.js";

/** Freezes `value` and all it holds; a value that is frozen is taken to be frozen throughout. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  // What came as JSON has nothing inherited; a list of its values would only be thrown away.
  for (const key in value) {
    const unread = key === "managedFields" ? unreadManagedFields(value) : undefined;
    if (unread === undefined) deepFreeze(value[key]);
    else unread.whenRead = deepFreeze;
  }
  return value;
}
