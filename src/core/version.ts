/** Versions of Kubernetes APIs, such as `v1` and `v2beta3`: what they say, and which is preferred. */

/** A version by its stability; what follows no rule of Kubernetes is `nonconformant`, and never an error. */
export type KubeVersion =
  | { readonly type: "stable"; readonly major: number }
  /** Without `minor` for `v1beta`. */
  | { readonly type: "beta" | "alpha"; readonly major: number; readonly minor?: number }
  | { readonly type: "nonconformant"; readonly text: string };

/**
 * Reads a version; a text that is none, such as `v1beta1x`, comes back as `nonconformant`.
 *
 * The number after `alpha` and `beta` is optional, as Kubernetes documents it; its own code insists on it, and takes `v1beta` for
 * nonconformant.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
 */
export function parseVersion(text: string): KubeVersion {
  const [, major = "", type, minor = ""] = /^v(\d+)(?:(alpha|beta)(\d*))?$/.exec(text) ?? [];
  if (major === "" || !isExact(major) || !isExact(minor)) return Object.freeze({ type: "nonconformant", text });
  if (type !== "alpha" && type !== "beta") return Object.freeze({ type: "stable", major: Number(major) });
  return Object.freeze({ type, major: Number(major), ...(minor === "" ? {} : { minor: Number(minor) }) });
}

/** Writes a version as it is in a URL. */
export function formatVersion(version: KubeVersion): string {
  switch (version.type) {
    case "stable":
      return `v${version.major}`;
    case "alpha":
    case "beta":
      return `v${version.major}${version.type}${version.minor ?? ""}`;
    case "nonconformant":
      return version.text;
    default:
      return version satisfies never;
  }
}

/**
 * Orders versions as the API server does, the preferred first: stable before beta before alpha, within these the higher number
 * first, then the nonconformant by the alphabet.
 *
 * @example
 * ```ts
 * ["v1beta1", "v2", "foo", "v1"].sort(compareVersionPriority); // v2, v1, v1beta1, foo
 * ```
 */
export function compareVersionPriority(a: string, b: string): number {
  const left = parseVersion(a);
  const right = parseVersion(b);
  return (
    stability[right.type] - stability[left.type] ||
    majorOf(right) - majorOf(left) ||
    minorOf(right) - minorOf(left) ||
    compareText(a, b)
  );
}

/**
 * Orders versions by age, the newest first: by the major number whatever the stability, so that `v3alpha2` comes before `v2`;
 * then as {@link compareVersionPriority}, the nonconformant last.
 */
export function compareVersionGeneration(a: string, b: string): number {
  return majorOf(parseVersion(b)) - majorOf(parseVersion(a)) || compareVersionPriority(a, b);
}

const stability = { stable: 3, beta: 2, alpha: 1, nonconformant: 0 } as const satisfies Record<
  KubeVersion["type"],
  number
>;

function majorOf(version: KubeVersion): number {
  return version.type === "nonconformant" ? -1 : version.major;
}

function minorOf(version: KubeVersion): number {
  return "minor" in version ? version.minor : -1;
}

/** Whether digits can be held as a number without loss. */
function isExact(digits: string): boolean {
  return Number.isSafeInteger(Number(digits));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
