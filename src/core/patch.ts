/** The kinds of patch: one tagged value for each content type that the API server takes. */

/** One step of a JSON patch. @see https://www.rfc-editor.org/rfc/rfc6902 */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };

/** A patch and how the server is to read it. */
export type Patch<Body = unknown> =
  | { readonly type: "json"; readonly body: readonly JsonPatchOperation[] }
  | { readonly type: "merge"; readonly body: Body }
  | { readonly type: "strategic"; readonly body: Body }
  | { readonly type: "apply"; readonly body: Body };

/** `T` as a merge patch: any part of it, with `null` for what is to be removed. */
export type MergePatchBody<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [P in keyof T]?: MergePatchBody<T[P]> | null }
    : T;

/** A JSON patch: operations in order, all or none. */
export function jsonPatch(operations: readonly JsonPatchOperation[]): Patch<never> {
  return { type: "json", body: operations };
}

/** A JSON merge patch: lists are replaced whole, `null` removes. @see https://www.rfc-editor.org/rfc/rfc7386 */
export function mergePatch<Body>(body: Body): { readonly type: "merge"; readonly body: Body } {
  return { type: "merge", body };
}

/** A strategic merge patch: lists merge by their key. Built-in kinds only; the server refuses it on custom kinds with 415. */
export function strategicPatch<Body>(body: Body): { readonly type: "strategic"; readonly body: Body } {
  return { type: "strategic", body };
}
