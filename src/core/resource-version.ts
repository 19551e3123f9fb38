/** Comparing resource versions of one kind: decimal numbers of any length. */

/**
 * Which of two versions of one kind is newer: negative if `a` is older, 0 if they are the same, positive if `a` is newer.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions (comparable since 1.35)
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a === b ? 0 : a < b ? -1 : 1;
}
