/** JSON pointers: where in an object a step of a JSON patch acts. */

import { invalidArgument } from "./errors.js";

/** The path to a value within an object; `""` is the object itself. @see https://www.rfc-editor.org/rfc/rfc6901 */
export type JsonPointer = "" | `/${string}`;

/** One step into an object or a list; `-` is the place after the last element. */
export type JsonPointerStep = string | number;

/**
 * The pointer along these steps, each escaped: a slash in the key of an annotation is no new step.
 *
 * @example `jsonPointer("metadata", "annotations", "example.dev/note")` is `/metadata/annotations/example.dev~1note`
 */
export function jsonPointer(...steps: readonly JsonPointerStep[]): JsonPointer {
  const pointer = steps.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each part begins with a slash, and no part is the empty pointer
  return pointer as JsonPointer;
}

/**
 * As {@link jsonPointer}, with every step checked against a type.
 *
 * @example `pointerInto<Pod>()("spec", "containers", 0, "image")`
 */
export function pointerInto<T>() {
  return <const P extends readonly JsonPointerStep[]>(
    ...steps: P extends CheckedSteps<T, P> ? P : CheckedSteps<T, P>
  ): JsonPointer => jsonPointer(...steps);
}

/** `P` as far as it leads into `T`; at the first wrong step, what it may be instead. */
type CheckedSteps<T, P extends readonly JsonPointerStep[]> = P extends readonly [
  infer Step extends JsonPointerStep,
  ...infer Rest extends readonly JsonPointerStep[],
]
  ? Step extends StepsInto<T>
    ? readonly [Step, ...CheckedSteps<ValueAt<NonNullable<T>, Step>, Rest>]
    : readonly [StepsInto<T>, ...Rest]
  : readonly [];

/** What comes next: anything if nobody knows. */
type StepsInto<T> = unknown extends T ? JsonPointerStep : StepsOf<NonNullable<T>>;

type StepsOf<T> = T extends readonly unknown[] ? number | "-" : T extends object ? Extract<keyof T, string> : never;

type ValueAt<T, Step> = T extends readonly (infer E)[]
  ? E
  : Step extends keyof T
    ? T[Step]
    : string extends keyof T
      ? T[string & keyof T]
      : unknown;

/** @throws KindredError `INVALID_ARGUMENT` for text that is no pointer; `what` says whose it is. */
export function checkJsonPointer(pointer: unknown, what: string): void {
  if (typeof pointer !== "string") throw invalidArgument(`${what} must be a JSON pointer, but is ${typeof pointer}`);
  const shown = JSON.stringify(pointer);
  if (pointer !== "" && !pointer.startsWith("/")) {
    throw invalidArgument(
      `${what} must be a JSON pointer, which begins with "/", but is ${shown}: jsonPointer("metadata", "labels", key) makes one`,
    );
  }
  if (/~(?![01])/.test(pointer)) {
    throw invalidArgument(
      `${what} has a "~" that is neither "~0" nor "~1", in ${shown}: jsonPointer("metadata", "labels", key) escapes its steps`,
    );
  }
}
