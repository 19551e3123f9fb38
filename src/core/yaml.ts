/**
 * How the YAML library of kubectl and of the API server reads: as YAML 1.1, but numbers to the base of 60 and dates are texts, and `0o17`
 * is a number.
 */

/** A kind of scalar, as the package `yaml` takes them. */
export interface PlainScalar {
  readonly tag: string;
  readonly default: true;
  readonly test: RegExp;
  readonly resolve: (text: string) => null | boolean | number | bigint | string;
}

/** All of them; with a tag before it, a text in quotes too is read so. */
const plainScalars: PlainScalar[] = [
  {
    tag: "tag:yaml.org,2002:null",
    default: true,
    test: /^(?:~|null|Null|NULL|)$/,
    resolve: () => null,
  },
  {
    tag: "tag:yaml.org,2002:bool",
    default: true,
    test: /^(?:[yYnN]|[yY]es|YES|[nN]o|NO|[tT]rue|TRUE|[fF]alse|FALSE|[oO]n|ON|[oO]ff|OFF)$/,
    resolve: (text) => /^(?:y|t|on)/i.test(text),
  },
  ...["int", "float"].map(
    (name): PlainScalar => ({
      tag: `tag:yaml.org,2002:${name}`,
      default: true,
      test: /^[-+.0-9]/,
      resolve: numberOf,
    }),
  ),
];

/** Options for the package `yaml`, which tells of what it finds wrong in the document alone. */
export const yamlOptions = {
  schema: "failsafe",
  resolveKnownTags: false,
  merge: true,
  customTags: plainScalars,
  logLevel: "error",
} as const;

/** The number that a text is, or the text. */
function numberOf(text: string): number | bigint | string {
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN;
  const plain = text.startsWith(".") ? text : text.replaceAll("_", "");
  const [, sign, digits = ""] = /^([-+]?)(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|[1-9][0-9]*|0)$/.exec(plain) ?? [];
  if (digits !== "") {
    const magnitude = BigInt(digits.replace(/^0(?=[0-7])/, "0o"));
    const value = sign === "-" ? -magnitude : magnitude;
    if (value >= -(2n ** 63n) && value < 2n ** 64n) return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  const number = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain) ? Number(plain) : Infinity;
  return Number.isFinite(number) ? number : text;
}
