/** What a CustomResourceDefinition says, read from its JSON. */

import { at, type JsonObject, listOf, objectOf } from "../json.js";

/** The versions of a definition. */
export function versionsOf(definition: JsonObject): readonly JsonObject[] {
  return listOf(at(definition, "spec", "versions")).map(objectOf);
}

/** Whether a definition has a condition. */
export function hasCondition(definition: JsonObject, type: string, status = "True"): boolean {
  return listOf(at(definition, "status", "conditions")).some(
    (condition) => at(condition, "type") === type && at(condition, "status") === status,
  );
}
