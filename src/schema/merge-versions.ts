/** Several versions of one kind in one CustomResourceDefinition. */

import { compareVersionPriority, KindredError } from "../core/index.js";
import type { CrdManifest, CrdVersion } from "./crd.js";
import { frozenCopy, isEqual } from "./record.js";

/** What is merged: the kinds that {@link customResource} returns are such. */
export interface Versioned<V extends string = string> {
  readonly version: V;
  crd(): CrdManifest;
}

/**
 * Merges the versions of one kind into one CustomResourceDefinition, the preferred version first.
 *
 * The API server converts between them by changing `apiVersion` alone: a field that only one version has is lost in the other,
 * unless a conversion webhook is added to the result.
 *
 * @param options.stored the one version that the API server writes to its store.
 * @example
 * ```ts
 * const crd = mergeVersions([WidgetV1Beta1, WidgetV1], { stored: "v1" });
 * ```
 * @throws KindredError `SCHEMA` if the versions are not of one kind, or two are the same.
 */
export function mergeVersions<const V extends string>(
  versions: readonly Versioned<V>[],
  options: { readonly stored: NoInfer<V> },
): CrdManifest {
  const { stored } = options;
  const manifests = versions.map((version) => version.crd());
  const root = manifests.find(({ spec }) => spec.versions.some(({ name }) => name === stored));
  const names = manifests.flatMap(({ spec }) => spec.versions.map(({ name }) => name));
  if (root === undefined) {
    throw refusal(`there is no version ${stored} to store`, `Store one of: ${names.join(", ") || "none is given"}.`);
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw refusal(`${root.metadata.name} has two versions ${twice}`, "Give each a version of its own.");
  const facts = factsOf(root);
  for (const manifest of manifests) {
    const other = factsOf(manifest);
    const difference = Object.keys(facts).find((fact) => !isEqual(facts[fact], other[fact]));
    if (difference === undefined) continue;
    const [wanted, found] = [facts[difference], other[difference]].map((fact) => JSON.stringify(fact) ?? "none");
    const version = manifest.spec.versions[0]?.name ?? "";
    throw refusal(
      `${difference} is ${wanted} in ${stored} and ${found} in ${version}`,
      "Define it alike in all versions: it belongs to the kind.",
    );
  }
  const merged = manifests
    .flatMap(({ spec }) => spec.versions)
    .map((version): CrdVersion => Object.assign({}, version, { storage: version.name === stored }))
    .toSorted((a, b) => compareVersionPriority(a.name, b.name));
  return frozenCopy<CrdManifest>({ ...root, spec: { ...root.spec, versions: merged } });
}

/** What the versions of a kind share. */
function factsOf({ metadata, spec }: CrdManifest): { readonly [fact: string]: unknown } {
  const { group, scope, names } = spec;
  return {
    group,
    scope,
    ...names,
    shortNames: names.shortNames,
    categories: names.categories,
    labels: metadata.labels,
    annotations: metadata.annotations,
  };
}

function refusal(problem: string, cure: string): KindredError<"SCHEMA"> {
  return new KindredError("SCHEMA", `the versions cannot be merged: ${problem}. ${cure}`);
}
