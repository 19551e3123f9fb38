/** Regular expressions: JavaScript's say more than those of the API server, which are Go's. */

/** What a Kubernetes quantity looks like, for the regular expression of any schema library: `z.string().regex(quantityPattern)`. */
export const quantityPattern = /^[+-]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/;

/**
 * What in a JavaScript pattern the API server cannot compile, or undefined.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function problemInPattern(pattern: string): string | undefined {
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const rest = pattern.slice(i);
    const escape = /^\\(?:[1-9]|k<|u|c[A-Za-z])/.exec(rest);
    if (escape !== null) return `${nameOfEscape(escape[0])} \`${escape[0]}\``;
    if (rest.startsWith("\\")) i++;
    else if (inClass) inClass = rest[0] !== "]";
    else if (/^\[\^?\]/.test(rest)) return "the empty class `[]`";
    else if (rest.startsWith("[")) inClass = true;
    else {
      const look = /^\(\?<?[=!]/.exec(rest);
      if (look !== null) return `lookaround \`${look[0]}\``;
      const repeat = /^\{(\d+)(?:,(\d*))?\}/.exec(rest);
      if (Number(repeat?.[1] ?? 0) > 1000 || Number(repeat?.[2] ?? 0) > 1000) return "more than 1000 repetitions";
    }
  }
  return undefined;
}

function nameOfEscape(escape: string): string {
  return /^\\[1-9k]/.test(escape) ? "the back reference" : "the escape";
}

/**
 * Formats that the API server checks, and means as JSON Schema does. `duration` is not one of them: to the server it is Go's
 * `1h30m`, to JSON Schema `PT1H30M`.
 *
 * @see https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/validation/formats.go
 */
export const checkedFormats: ReadonlySet<string> = new Set([
  "byte",
  "date",
  "date-time",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "mac",
  "password",
  "uri",
  "uuid",
]);
