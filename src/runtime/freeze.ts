/** Frozen to the bottom: an edit of a cached object throws where it is made. */

/** Freezes `value` and all it holds; a value that is frozen is taken to be frozen throughout. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
