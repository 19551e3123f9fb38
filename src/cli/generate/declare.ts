/** From schemas to declarations, following references as they come. */

import type { Problem } from "./api-description.js";
import { formatKind } from "./api-description.js";
import { type Declaration, type Field, type TypeNode, unionOf } from "./declaration.js";
import { isObject, type JsonObject, objectAt, textAt, textsAt } from "./json.js";
import { assignHomes, type Home, kindsOf, metaModule, pascalCase, uniqueName } from "./names.js";
import { compareText } from "./order.js";
import {
  allowsEmpty,
  hasDefaults,
  isCustom,
  isDefaulted,
  isGoStruct,
  isOpen,
  isStruct,
  referenceOf,
} from "./schema.js";
import { type Place, type TypeContext, typeOf } from "./type-of.js";
import {
  type AliasName,
  aliasType,
  embeddedMeta,
  isGoTime,
  isNullWhenEmpty,
  nothing,
  schemaOf,
  unknown,
  wellKnown,
} from "./well-known.js";

/** Declares kinds one by one, then hands out everything. */
export interface Declarer {
  /** Declares a kind and all it refers to; `header` are its first three fields. */
  declareKind(
    component: string,
    header: readonly Field[],
  ): { readonly name: string; readonly newName: string | undefined };
  finish(): {
    readonly declarations: ReadonlyMap<string, readonly Declaration[]>;
    /** The aliases that were referred to. */
    readonly aliases: ReadonlySet<string>;
    readonly problems: readonly Problem[];
  };
}

/** A {@link Declarer} over the components of an API; `kinds` are the components that will be declared as kinds. */
export function createDeclarer(schemas: ReadonlyMap<string, unknown>, kinds: ReadonlySet<string>): Declarer {
  const homes = assignHomes(schemas);
  const taken = namesIn(homes);
  const declarations = new Map<string, Declaration[]>();
  const aliases = new Set<string>();
  const problems: Problem[] = [];
  const inlineNames = new Map<string, string>();
  const embeddedNames = new Map<string, string>();
  const started = new Set<string>();
  const queue: string[] = [];
  const context: TypeContext = { inline, referTo, alias, unusable };

  return { declareKind, finish };

  function declareKind(component: string, header: readonly Field[]) {
    const home = homeOf(component);
    const schema = schemaOf(schemas, component);
    const custom = isCustom(schema);
    const base = { component, module: home.module, name: home.name, path: pathOf(component), custom };
    const fields = rootFields(schema, { ...base, view: "read" });
    const open = isOpen(schema);
    declare(home.module, {
      type: "interface",
      name: home.name,
      doc: docOf(schema),
      fields: [...header, ...fields],
      open,
    });
    if (!differsWhenNew(schema, custom)) return { name: home.name, newName: undefined };
    const newName = uniqueName(takenIn(home.module), `New${home.name}`);
    declare(home.module, {
      type: "interface",
      name: newName,
      doc: "",
      note: noteOfNew(home.name),
      fields: [...header, ...rootFields(schema, { ...base, view: "new" })],
      open,
    });
    return { name: home.name, newName };
  }

  function finish() {
    for (let component = queue.shift(); component !== undefined; component = queue.shift()) declareComponent(component);
    if (aliases.size > 0 && !declarations.has(metaModule)) declarations.set(metaModule, []);
    return { declarations, aliases, problems };
  }

  function declareComponent(component: string): void {
    const { module, name } = homeOf(component);
    const schema = schemaOf(schemas, component);
    const place: Place = { component, module, name, path: pathOf(component), custom: false, view: "read" };
    if (kinds.has(component)) declareStruct(schema, place, embeddedName(component));
    else if (isStruct(schema) && schema["enum"] === undefined) declareStruct(schema, place, name);
    else
      declare(module, {
        type: "alias",
        name,
        doc: docOf(schema),
        target: typeOf({ ...schema, nullable: false }, place, context),
      });
  }

  function declareStruct(schema: JsonObject, place: Place, name: string): void {
    const all = fieldsOf(schema, place, () => true);
    const fields = schema["x-kubernetes-embedded-resource"] === true ? [...embeddedHeader(schema), ...all] : all;
    const text = place.view === "read" ? { doc: docOf(schema) } : { doc: "", note: noteOfNew(place.name) };
    declare(place.module, { type: "interface", name, ...text, fields, open: isOpen(schema) });
  }

  function rootFields(schema: JsonObject, place: Place): readonly Field[] {
    const isContent = (name: string) => !headerNames.has(name) && !(place.view === "new" && name === "status");
    const properties = objectAt(schema, "properties");
    return fieldsOf(schema, place, isContent).map((field): Field => {
      const always = !place.custom && field.name !== "status" && isGoStruct(properties[field.name]);
      const required = field.required || (always && (place.view === "read" || !mayBeLeftOut(schema, field.name)));
      return { name: field.name, required, type: field.type, doc: field.doc };
    });
  }

  /** Whether a struct that reads always have can be left out on create: only if nothing in it is required. */
  function mayBeLeftOut(schema: JsonObject, name: string): boolean {
    const field = asObject(objectAt(schema, "properties")[name]);
    return !textsAt(schema, "required").includes(name) && allowsEmpty(schemas.get(referenceOf(field) ?? ""));
  }

  function differsWhenNew(schema: JsonObject, custom: boolean): boolean {
    return Object.entries(objectAt(schema, "properties")).some(([name, field]) => {
      if (headerNames.has(name) || name === "status") return false;
      return custom ? isDefaulted(field) || hasDefaults(field) : isGoStruct(field) && mayBeLeftOut(schema, name);
    });
  }

  function fieldsOf(schema: JsonObject, place: Place, include: (name: string) => boolean): readonly Field[] {
    const required = textsAt(schema, "required");
    return Object.entries(objectAt(schema, "properties"))
      .filter(
        ([name]) => include(name) && !(schema["x-kubernetes-embedded-resource"] === true && headerNames.has(name)),
      )
      .toSorted(([a], [b]) => compareText(a, b))
      .map(([name, field]): Field => {
        const at = { ...place, name: place.name + pascalCase(name), path: joinPath(place.path, name) };
        const isRequired = place.custom && isDefaulted(field) ? place.view === "read" : required.includes(name);
        const type = typeOf(field, at, context);
        // Go writes an unset time as null, and OpenAPI does not say which times are pointers.
        const isUnset = !isRequired && isObject(field) && isGoTime(referenceOf(field) ?? "");
        const isNullable = isUnset || isNullWhenEmpty(place.component, name);
        return {
          name,
          required: isRequired,
          type: isNullable ? unionOf([type, nothing]) : type,
          doc: isObject(field) ? docOf(field) : "",
        };
      });
  }

  function inline(schema: JsonObject, place: Place): TypeNode {
    const isNew = place.view === "new" && hasDefaults(schema);
    const key = `${isNew ? "new" : "read"} ${place.path}`;
    const known = inlineNames.get(key);
    if (known !== undefined) return { type: "reference", module: place.module, name: known };
    const name = uniqueName(takenIn(place.module), isNew ? `New${place.name}` : place.name);
    inlineNames.set(key, name);
    declareStruct(schema, { ...place, view: isNew ? "new" : "read" }, name);
    return { type: "reference", module: place.module, name };
  }

  function referTo(component: string, place: Place): TypeNode {
    const known = wellKnown(component);
    if (known?.type === "reference" && known.module === metaModule) aliases.add(known.name);
    if (known !== undefined) return known;
    const home = homes.get(component);
    if (home === undefined) {
      return unusable(
        place,
        component === "" ? "$ref has to point to #/components/schemas/" : `$ref to ${component}, which is not there`,
      );
    }
    if (!started.has(component)) {
      started.add(component);
      queue.push(component);
    }
    return { type: "reference", module: home.module, name: kinds.has(component) ? embeddedName(component) : home.name };
  }

  /** A kind inside another kind, such as the claims in a StatefulSet, has nothing that the API server gives to stored objects. */
  function embeddedName(component: string): string {
    const known = embeddedNames.get(component);
    if (known !== undefined) return known;
    const { module, name } = homeOf(component);
    const embedded = uniqueName(takenIn(module), `Embedded${name}`);
    embeddedNames.set(component, embedded);
    return embedded;
  }

  function alias(name: AliasName): TypeNode {
    aliases.add(name);
    return aliasType(name);
  }

  function unusable(place: Place, message: string): TypeNode {
    if (!problems.some((problem) => problem.path === place.path)) problems.push({ path: place.path, message });
    return unknown;
  }

  function homeOf(component: string): Home {
    return homes.get(component) ?? { module: metaModule, name: pascalCase(component) };
  }

  function takenIn(module: string): Set<string> {
    const names = taken.get(module) ?? new Set<string>();
    taken.set(module, names);
    return names;
  }

  function declare(module: string, declaration: Declaration): void {
    declarations.set(module, [...(declarations.get(module) ?? []), declaration]);
  }

  function pathOf(component: string): string {
    const [only, ...others] = kindsOf(schemas.get(component));
    return only !== undefined && others.length === 0 ? formatKind(only) : component;
  }
}

const headerNames = new Set(["apiVersion", "kind", "metadata"]);
const text: TypeNode = { type: "keyword", name: "string" };

function embeddedHeader(schema: JsonObject): readonly Field[] {
  const hasMetadata = textsAt(schema, "required").includes("metadata");
  return [
    { name: "apiVersion", required: true, type: text, doc: "" },
    { name: "kind", required: true, type: text, doc: "" },
    { name: "metadata", required: hasMetadata, type: embeddedMeta, doc: "" },
  ];
}

function namesIn(homes: ReadonlyMap<string, Home>): Map<string, Set<string>> {
  const taken = new Map<string, Set<string>>();
  for (const { module, name } of homes.values()) taken.set(module, (taken.get(module) ?? new Set<string>()).add(name));
  return taken;
}

function noteOfNew(name: string): string {
  return `A {@link ${name}} as create takes it: without what the API server fills in.`;
}

function docOf(schema: JsonObject): string {
  return textAt(schema, "description").trim();
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The kind and the first field are apart by a space: `Widget.example.dev/v1 spec.size`, `… spec["a.b"]`. */
function joinPath(path: string, name: string): string {
  const isRoot = !path.includes(" ");
  const step = /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  return isRoot ? `${path} ${step.replace(/^\./, "")}` : path + step;
}
