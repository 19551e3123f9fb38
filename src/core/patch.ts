/** The kinds of patch: one tagged value for each content type that the API server takes. */

import type { IsBuiltIn } from "./built-in.js";
import { invalidArgument } from "./errors.js";
import { checkJsonPointer, type JsonPointer } from "./json-pointer.js";
import type { DeepReadonly } from "./meta.js";

/** One step of a JSON patch; {@link jsonPointer} makes paths. @see https://www.rfc-editor.org/rfc/rfc6902 */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: JsonPointer; readonly value: unknown }
  | { readonly op: "remove"; readonly path: JsonPointer }
  | { readonly op: "move" | "copy"; readonly path: JsonPointer; readonly from: JsonPointer };

/** A patch and how the server is to read it. */
export type Patch<Body = unknown> =
  | { readonly type: "json"; readonly body: readonly JsonPatchOperation[] }
  | { readonly type: "merge"; readonly body: Body }
  | { readonly type: "strategic"; readonly body: Body }
  | { readonly type: "apply"; readonly body: Body };

/** A patch of a `T`, whose content the compiler knows. Strategic ones are for built-in kinds alone: elsewhere the server answers 415. */
export type PatchOf<T> =
  | Extract<Patch, { type: "json" }>
  | { readonly type: "merge"; readonly body: MergePatchBody<T> }
  | (IsBuiltIn<T> extends true
      ? { readonly type: "strategic"; readonly body: StrategicPatchBody<T> }
      : NoStrategicPatch);

/** Where a strategic patch is refused, what the compiler says. */
interface NoStrategicPatch {
  readonly type: "strategic";
  readonly body: "custom kinds take mergePatch, jsonPatch and apply, but no strategicPatch";
}

/** `T` as a merge patch: any part of it, with `null` for what is to be removed. */
export type MergePatchBody<T> = T extends readonly unknown[]
  ? DeepReadonly<T>
  : T extends object
    ? { readonly [P in keyof T]?: MergePatchBody<T[P]> | null }
    : T;

/** `T` as a strategic merge patch: elements of lists are partial too, and directives say what merging cannot. */
export type StrategicPatchBody<T> = T extends readonly (infer E)[]
  ? readonly StrategicPatchBody<E>[]
  : T extends object
    ? { readonly [P in keyof T]?: StrategicPatchBody<T[P]> | null } & StrategicDirectives & ListDirectives<T>
    : T;

/** @see https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/ */
interface StrategicDirectives {
  readonly $patch?: "replace" | "merge" | "delete";
  readonly $retainKeys?: readonly string[];
}

type ListDirectives<T> = {
  readonly [P in ListsOf<T> as `$setElementOrder/${P}`]?: readonly unknown[];
} & {
  readonly [P in ListsOf<T> as `$deleteFromPrimitiveList/${P}`]?: readonly unknown[];
};

type ListsOf<T> = { [P in keyof T & string]-?: NonNullable<T[P]> extends readonly unknown[] ? P : never }[keyof T &
  string];

/** A JSON patch: operations in order, all or none. */
export function jsonPatch(operations: readonly JsonPatchOperation[]): Extract<Patch, { type: "json" }> {
  return { type: "json", body: operations };
}

/** A JSON merge patch: lists are replaced whole, `null` removes. @see https://www.rfc-editor.org/rfc/rfc7386 */
export function mergePatch<const Body>(body: Body): { readonly type: "merge"; readonly body: Body } {
  return { type: "merge", body };
}

/** A strategic merge patch: lists merge by their key. For built-in kinds only: custom ones take merge patches and apply. */
export function strategicPatch<const Body>(body: Body): { readonly type: "strategic"; readonly body: Body } {
  return { type: "strategic", body };
}

/**
 * Checks the operations of a JSON patch; the server says of any mistake in them no more than that there is one.
 *
 * @param what the patch, for the message: `a json patch of pods "web"`.
 * @throws KindredError `INVALID_ARGUMENT` that names the operation.
 */
export function checkJsonPatch(operations: readonly JsonPatchOperation[], what: string): void {
  for (const [index, operation] of operations.entries()) {
    const at = `${what}: operation ${index}`;
    if (!operationNames.has(operation.op)) {
      throw invalidArgument(
        `${at} is ${JSON.stringify(operation.op)}, but must be one of ${[...operationNames].join(", ")}`,
      );
    }
    checkJsonPointer(operation.path, `${at} (${operation.op}): path`);
    if ("from" in operation) checkJsonPointer(operation.from, `${at} (${operation.op}): from`);
    if ("value" in operation && operation.value === undefined) {
      throw invalidArgument(
        `${at} (${operation.op} ${operation.path}): the value is undefined, which JSON cannot hold: give null, or use remove`,
      );
    }
  }
}

const operationNames: ReadonlySet<string> = new Set<JsonPatchOperation["op"]>([
  "add",
  "remove",
  "replace",
  "move",
  "copy",
  "test",
]);
