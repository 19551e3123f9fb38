/** The plural of a kind's name, by the rule that Kubernetes' own kinds follow. */

/**
 * The lower-case plural of a kind: `-es` after s, x, z, ch and sh, `-ies` for a consonant and y, else `-s`. Kinds that are
 * plurals themselves must say so: `Endpoints` would become `endpointses`.
 */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/(?:s|x|z|ch|sh)$/.test(word)) return `${word}es`;
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return `${word}s`;
}
