/** From an API description to declarations: which types exist, in which file, with which fields. */

import type { ApiDescription, KindName, Problem, ResourceFacts } from "./api-description.js";
import { formatKind } from "./api-description.js";
import type { Declaration, Descriptor, Field, Module, TypeNode } from "./declaration.js";
import { createDeclarer } from "./declare.js";
import { isObject, objectAt } from "./json.js";
import { kindsOf, metaModule, moduleOf } from "./names.js";
import { compareText } from "./order.js";
import { aliasDeclaration, coreType, embeddedMeta } from "./well-known.js";

/** The files' content, and what had to be left unknown. */
export interface Conversion {
  readonly modules: readonly Module[];
  readonly problems: readonly Problem[];
}

/** Declares every kind of the description, and every type that these need. */
export function convert(description: ApiDescription): Conversion {
  const components = componentsByKind(description.schemas);
  const kinds = [...description.resources, ...description.bodies].flatMap(
    (kind) => components.get(formatKind(kind)) ?? [],
  );
  const declarer = createDeclarer(description.schemas, new Set(kinds));
  const problems: Problem[] = [...description.problems];
  const descriptors: { readonly module: string; readonly descriptor: Descriptor }[] = [];
  const bodies: { readonly module: string; readonly name: string }[] = [];

  for (const [rank, facts] of description.resources.entries()) {
    const component = components.get(formatKind(facts));
    if (component === undefined) {
      problems.push({ path: formatKind(facts), message: "no schema describes it: left out" });
      continue;
    }
    const { name, newName } = declarer.declareKind(component, headerOf(facts, metadataOf(facts)));
    descriptors.push({ module: moduleOf(facts), descriptor: { facts, name, newName, rank } });
  }
  for (const body of description.bodies) {
    const component = components.get(formatKind(body));
    if (component === undefined) continue;
    const { name } = declarer.declareKind(
      component,
      headerOf(body, body.readable ? coreType("ObjectMeta") : embeddedMeta),
    );
    bodies.push({ module: moduleOf(body), name });
  }

  const declared = declarer.finish();
  const modules = [...declared.declarations].map(
    ([path, declarations]): Module => ({
      path,
      declarations: (path === metaModule ? [...declarations, ...aliasesIn(declared.aliases)] : declarations).toSorted(
        (a, b) => compareText(a.name, b.name),
      ),
      descriptors: descriptors
        .filter((entry) => entry.module === path)
        .map((entry) => entry.descriptor)
        .toSorted((a, b) => compareText(a.name, b.name)),
      bodies: bodies
        .filter((entry) => entry.module === path)
        .map((entry) => entry.name)
        .toSorted(),
    }),
  );
  return Object.freeze({
    modules: modules.toSorted((a, b) => compareText(a.path, b.path)),
    problems: [...problems, ...declared.problems],
  });
}

/** What nothing can read back, such as an access review, has no name and no uid either. */
function metadataOf(facts: ResourceFacts): TypeNode {
  const isStored = facts.verbs.includes("get") || facts.verbs.includes("list");
  if (!isStored) return embeddedMeta;
  return coreType(facts.scope === "Namespaced" ? "NamespacedObjectMeta" : "ObjectMeta");
}

function headerOf(kind: KindName, metadata: TypeNode): readonly Field[] {
  const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
  return [
    { name: "apiVersion", required: true, type: { type: "literal", value: apiVersion }, doc: "" },
    { name: "kind", required: true, type: { type: "literal", value: kind.kind }, doc: "" },
    { name: "metadata", required: true, type: metadata, doc: "" },
  ];
}

function aliasesIn(names: ReadonlySet<string>): readonly Declaration[] {
  return [...names].map(aliasDeclaration).filter((declaration) => declaration !== undefined);
}

function componentsByKind(schemas: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  const components = new Map<string, string>();
  for (const [component, schema] of schemas) {
    const [only, ...others] = kindsOf(schema);
    if (only === undefined || others.length > 0 || !isObject(schema)) continue;
    const isList = only.kind.endsWith("List") && objectAt(schema, "properties")["items"] !== undefined;
    if (!isList) components.set(formatKind(only), component);
  }
  return components;
}
