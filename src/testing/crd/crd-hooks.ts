/** Defaults and checks of CustomResourceDefinitions themselves. */

import { at, isEqual, type JsonObject, listOf, objectOf, textOf, textsOf, withAt } from "../json.js";
import type { Hooks } from "../resource.js";
import { versionsOf } from "./definition.js";
import { definitionErrors } from "./definition-errors.js";
import { uncheckedFunctions } from "./rules.js";
import { subschemas } from "./schema.js";

/** The rules of CustomResourceDefinitions. */
export const crdHooks: Hooks = {
  defaults: (object) => {
    const kind = textOf(at(object, "spec", "names", "kind"));
    const names = objectOf(at(object, "spec", "names"));
    const named = withAt(object, ["spec", "names"], {
      ...names,
      singular: textOf(names["singular"]) || kind.toLowerCase(),
      listKind: textOf(names["listKind"]) || `${kind}List`,
    });
    return at(named, "spec", "conversion") === undefined
      ? withAt(named, ["spec", "conversion"], { strategy: "None" })
      : named;
  },
  prepareCreate: (object) => ({
    ...object,
    status: { conditions: null, acceptedNames: { plural: "", kind: "" }, storedVersions: storageVersions(object) },
  }),
  prepareUpdate: (next) => {
    const stored = textsOf(at(next, "status", "storedVersions"));
    const wanted = [...new Set([...stored, ...storageVersions(next)])];
    return isEqual(wanted, stored) ? next : withAt(next, ["status", "storedVersions"], wanted);
  },
  validate: definitionErrors,
  warnings: (object) => {
    const unknown = versionsOf(object).flatMap((version) => {
      const schema = objectOf(at(version, "schema", "openAPIV3Schema"));
      return [...subschemas(schema)].flatMap((inner) =>
        listOf(inner["x-kubernetes-validations"]).flatMap((rule) => uncheckedFunctions(textOf(at(rule, "rule")))),
      );
    });
    return [...new Set(unknown)].map(
      (name) => `spec.versions: rules that call ${name} are not checked: this server does not have that function`,
    );
  },
};

function storageVersions(object: JsonObject): readonly string[] {
  return versionsOf(object)
    .filter((version) => version["storage"] === true)
    .map((version) => textOf(version["name"]));
}
